"""JSON Lines with character offsets: the shapes of spaCy, Prodigy and doccano.

Offsets count Unicode code points, as Python's do, and are half-open.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Words, sentence_of
from xproj_fast.errors import InputError
from xproj_fast.formats.reader import TextReader, counted
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.formats.splitter import Span, after_blanks, is_blank, split_words
from xproj_fast.projection import Projection

ENTITIES_KEYS = ("entities", "spans", "label", "labels")
ENTITY_KEYS = (("start", "end", "label"), ("start_offset", "end_offset", "label"))
ENTITY_SHAPES = "[start, end, label] or an object with " + " or ".join("/".join(keys) for keys in ENTITY_KEYS)

_WHOLE_LINE = re.compile(rb"[^\n]*\n")
_LAST_LINE = re.compile(rb"[^\n]*\n|[^\n]+")  # at the end of the file a line needs no line break


@dataclass(frozen=True, slots=True)
class JsonlOptions:
    """How records are read.

    Attributes:
        text_key: where the raw sentence is.
        entities_key: where its entities are; ``"auto"`` = the first there is of entities, spans, label, labels.
        tokens_key: where its words are; a record without them is cut by ``split``. None = always cut.
        id_key: where its id is, a string or whole number; None = do not read ids.
        snap: widen an entity that ends inside a word to the whole word, and count it; False = that is an error.
        split: cuts a text without tokens into half-open code point spans.
    """

    text_key: str = "text"
    entities_key: str = "auto"
    tokens_key: str | None = "tokens"
    id_key: str | None = "id"
    snap: bool = False
    split: Callable[[str], list[Span]] = split_words


@dataclass(slots=True)
class _Columns:
    """Records on their way into arrays."""

    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    words_of: list[int] = field(default_factory=list)  # number of words of each record
    word_spans: list[Span] = field(default_factory=list)  # characters
    entities: list[tuple[int, int, int]] = field(default_factory=list)  # first word, end word, label id
    entities_of: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class JsonlReader(TextReader[Sentences]):
    """Reads texts, words and entities record by record; blank lines are skipped.

    Attributes:
        path: the file.
        snapped: entities widened to whole words so far.
    """

    def __init__(self, path: Path, options: JsonlOptions | None = None, *, entities: bool = True) -> None:
        super().__init__(path)
        self._options = options or JsonlOptions()
        self._entities = entities
        self._labels: dict[str, int] = {}
        self._has_ids: bool | None = None  # None until the first record
        self._sentences = 0
        self.snapped = 0

    def left_out(self) -> list[str]:
        """See ``TextReader``."""
        return counted((self.snapped, "entity widened to whole words", "entities widened to whole words"))

    def _parse(self, count: int) -> Sentences:
        columns = _Columns()
        view = self._blocks.view()
        next_line = (_LAST_LINE if self._blocks.at_end else _WHOLE_LINE).match
        size = lines = 0
        # match, not finditer: searching would scan an incomplete last line once from each of its bytes.
        while len(columns.texts) < count and (match := next_line(view, size)):
            size, lines = match.end(), lines + 1
            line = match.group().rstrip()
            if not line:
                continue
            columns.lines.append(self._blocks.lines + lines)
            try:
                self._add(line.decode(), columns)
            except InputError as error:
                where = f"{self.path}:{columns.lines[-1]}"
                raise InputError(f"{where}: {error}", field=error.field, sentence=self._sentences) from None
            self._sentences += 1
        self._blocks.consume(size, lines)
        return self._arrays(columns)

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)

    def _add(self, line: str, columns: _Columns) -> None:
        options = self._options
        record = _object(line)
        text = record.get(options.text_key)
        if not isinstance(text, str):
            raise InputError(f"expected a string under {options.text_key!r}, got {_found(record, options.text_key)}")
        _check_characters(text, options.text_key)
        if options.tokens_key is not None and options.tokens_key in record:
            spans = _token_spans(text, record[options.tokens_key], options.tokens_key)
        else:
            spans = options.split(text)
        if self._entities:
            found = sorted(self._read_entities(record, text, spans), key=lambda entity: entity[:2])
            columns.entities.extend((a, b, self._label_id(label)) for a, b, label in found)
            columns.entities_of.append(len(found))
        if options.id_key is not None:
            self._add_id(record.get(options.id_key), options.id_key, columns)
        columns.texts.append(text)
        columns.words.extend([text[a:b] for a, b in spans])
        columns.words_of.append(len(spans))
        columns.word_spans.extend(spans)

    def _add_id(self, value: Any, key: str, columns: _Columns) -> None:
        if isinstance(value, str):
            _check_characters(value, key)
        elif value is not None and type(value) is not int:  # True is an int to isinstance
            raise InputError(f"expected a string or whole number under {key!r}, got {_shown(value)}", field="ids")
        has_id = value is not None
        if self._has_ids is not None and self._has_ids is not has_id:
            expected = f"an id under {key!r}" if self._has_ids else f"no id under {key!r}"
            got = _shown(value) if has_id else "none"
            raise InputError(f"expected {expected} as in the records before, got {got}", field="ids")
        self._has_ids = has_id
        if has_id:
            columns.ids.append(str(value))

    def _read_entities(self, record: dict[str, Any], text: str, words: list[Span]) -> list[tuple[int, int, str]]:
        """Return (first word, end word, label), in the order of the record."""
        wanted = self._options.entities_key
        key = next((k for k in ENTITIES_KEYS if k in record), "entities") if wanted == "auto" else wanted
        items = record.get(key)
        if not isinstance(items, list):
            expected = f"a list of entities under {key!r}"
            if wanted == "auto" and key not in record:
                expected = f"a list of entities under one of {', '.join(ENTITIES_KEYS)}"
            raise InputError(f"expected {expected}, got {_found(record, key)}", field="entities")
        starts, ends = [a for a, _ in words], [b for _, b in words]
        entities = []
        for i, item in enumerate(items):
            start, end, label = _entity(item, f"{key}[{i}]", text)
            first, last = bisect_right(ends, start), bisect_left(starts, end) - 1
            shown = f"{key}[{i}] [{start}, {end}) {_shown(text[start:end])}"
            if first > last or not (is_blank(text[start : starts[first]]) and is_blank(text[ends[last] : end])):
                raise InputError(
                    f"expected an entity of whole words, got {shown}, where no words are", field="entities"
                )
            if starts[first] < start or end < ends[last]:
                cut = {w: None for w in (first, last) if starts[w] < start < ends[w] or starts[w] < end < ends[w]}
                if not self._options.snap:
                    listed = " and ".join(f"{_shown(text[starts[w] : ends[w]])} [{starts[w]}, {ends[w]})" for w in cut)
                    raise InputError(
                        f"expected entities that start and end with a word, got {shown}, which cuts {listed} "
                        "(snap=True widens it to whole words)",
                        field="entities",
                    )
                self.snapped += 1
            entities.append((first, last + 1, label))
        return entities

    def _label_id(self, label: str) -> int:
        if label not in self._labels:
            _check_characters(label, "label")
            if not label or any(c.isspace() for c in label):
                raise InputError(f"expected a label without white space, got {_shown(label)}", field="entities")
            self._labels[label] = len(self._labels)
        return self._labels[label]

    def _arrays(self, columns: _Columns) -> Sentences:
        import pyarrow as pa

        wide = pa.large_string()  # no 2 GiB limit
        spans = np.array(columns.word_spans, np.int32).reshape(-1, 2).T.copy()
        words = Words(
            _offsets(columns.words_of), pa.array(columns.words, wide), pa.array(columns.texts, wide), spans[0], spans[1]
        )
        entities = None
        if self._entities:
            flat = np.array(columns.entities, np.int32).reshape(-1, 3).T.copy()
            entities = Entities(_offsets(columns.entities_of), *flat)
        ids = pa.array(columns.ids, wide) if columns.ids else None
        return Sentences(words, entities, tuple(self._labels), ids, np.array(columns.lines, np.int64))


def _token_spans(text: str, tokens: Any, key: str) -> list[Span]:
    if not isinstance(tokens, list):
        raise InputError(f"expected a list of words under {key!r}, got {_shown(tokens)}")
    spans: list[Span] = []
    at = 0
    for i, token in enumerate(tokens):
        if isinstance(token, str):
            # Nothing visible may be skipped to find a word: that would find "a" inside "bar".
            start = at if text.startswith(token, at) else after_blanks(text, at)
            end = start + len(token)
            if not token or not text.startswith(token, start):
                raise InputError(
                    f"expected {key}[{i}] to be next in the text, {_shown(text[start:])}, got {_shown(token)}"
                )
        elif isinstance(token, dict) and type(token.get("start")) is int and type(token.get("end")) is int:
            start, end = token["start"], token["end"]
            if not at <= start < end <= len(text):
                raise InputError(
                    f"expected {key}[{i}] to be a part of characters [{at}, {len(text)}), got [{start}, {end})"
                )
            if token.get("text", text[start:end]) != text[start:end]:
                raise InputError(
                    f"expected {key}[{i}] to be characters [{start}, {end}) of the text, {_shown(text[start:end])}, "
                    f"got {_shown(token['text'])} (offsets count Unicode code points)"
                )
        else:
            raise InputError(
                f"expected {key}[{i}] to be a string or an object with text/start/end, got {_shown(token)}"
            )
        spans.append((start, end))
        at = end
    if not is_blank(text[at:]) and not (tokens and isinstance(tokens[-1], dict)):
        raise InputError(f"expected {key} to reach the end of the text, got none for {_shown(text[at:])}")
    return spans


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        got = f"invalid JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets nested as deep
        got = f"JSON that cannot be read: {error}"
    else:
        if isinstance(record, dict):
            return record
        got = _shown(record)
    raise InputError(f"expected one JSON object a line, got {got}")


def _entity(item: Any, name: str, text: str) -> tuple[int, int, str]:
    values = item if isinstance(item, list) else []
    if isinstance(item, dict):
        values = next(([item[k] for k in keys] for keys in ENTITY_KEYS if all(k in item for k in keys)), [])
    if len(values) != 3 or type(values[0]) is not int or type(values[1]) is not int or not isinstance(values[2], str):
        raise InputError(f"expected {name} to be {ENTITY_SHAPES}, got {_shown(item)}", field="entities")
    start, end, label = values
    if not 0 <= start < end <= len(text):
        raise InputError(
            f"expected {name} to have 0 <= start < end <= {len(text)} characters, got [{start}, {end})",
            field="entities",
        )
    return start, end, label


def _check_characters(text: str, key: str) -> None:
    """Escapes can bring in what is no text: NUL, and half of a character beyond U+FFFF."""
    if "\0" in text:
        raise InputError(f"expected text under {key!r}, got a NUL at character {text.index(chr(0))}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise InputError(
            f"expected text under {key!r}, got the lone surrogate U+{code:04X} at character {error.start}"
        ) from None


def _found(record: dict[str, Any], key: str) -> str:
    return _shown(record[key]) if key in record else f"an object with the keys {_shown(list(record))}"


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _offsets(counts: list[int]) -> Any:
    return np.cumsum([0, *counts], dtype=np.int64)


def jsonl_bytes(projection: Projection) -> bytes:
    """Return one JSON object a target sentence: id (where there are ids), text, entities and tokens.

    Offsets are characters of the raw target text, or of its words joined by spaces where it came without one;
    entities are ordered by start. ``JsonlReader`` reads the same words and entities back.

    Args:
        projection: N sentences.

    Returns:
        N lines of UTF-8.

    Raises:
        InputError: for targets without strings, an empty word, or a score that JSON cannot hold.
    """
    pairs, matches, words = projection.pairs, projection.matches, projection.pairs.target
    lists = words.to_lists()
    texts, starts, ends = _text_columns(words, lists)
    _check_writable(starts < ends, words.offsets, "target_words", "words that are not empty")
    _check_writable(np.isfinite(matches.score), matches.offsets, "scores", "finite scores")
    first_word = np.repeat(words.offsets[:-1], np.diff(matches.offsets))
    order = np.lexsort((matches.end, matches.start, first_word))
    columns = (
        starts[(first_word + matches.start)[order]].tolist(),
        ends[(first_word + matches.end - 1)[order]].tolist(),
        [pairs.labels[label] for label in projection.label[order].tolist()],
        # The shortest decimal that gives the float32 back: 0.6666667, not 0.6666666865348816.
        matches.score[order].astype(str).astype(np.float64).tolist(),
    )
    entities = iter(
        [dict(zip(("start", "end", "label", "score"), row, strict=True)) for row in zip(*columns, strict=True)]
    )
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    ids = [None] * len(lists) if pairs.ids is None else pairs.ids.to_pylist()
    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines = []
    for name, text, sentence, count in zip(ids, texts, lists, np.diff(matches.offsets).tolist(), strict=True):
        record: dict[str, Any] = {} if name is None else {"id": name if type(name) is int else str(name)}
        record["text"] = text
        record["entities"] = list(islice(entities, count))
        record["tokens"] = [
            {"text": word, "start": start, "end": end, "id": i}
            for i, (word, (start, end)) in enumerate(zip(sentence, islice(spans, len(sentence)), strict=True))
        ]
        lines.append(encode(record) + "\n")
    return "".join(lines).encode()


def _text_columns(words: Words, lists: list[list[str]]) -> tuple[list[str], NDArray[Any], NDArray[Any]]:
    """Return the texts, and the first character and the end of each word in its text."""
    if words.texts is not None and words.text_start is not None and words.text_end is not None:
        return words.texts.to_pylist(), words.text_start, words.text_end
    lengths = np.array([len(word) for sentence in lists for word in sentence], np.int64)
    ends = np.cumsum(lengths + 1) - 1  # as if all sentences were one, a space after each word
    starts = ends - lengths
    first = np.repeat(np.append(starts, 0)[words.offsets[:-1]], np.diff(words.offsets))
    return [" ".join(sentence) for sentence in lists], starts - first, ends - first


def _check_writable(fine: NDArray[np.bool_], offsets: NDArray[np.int64], name: str, expected: str) -> None:
    if not fine.all():
        s = sentence_of(offsets, int(np.argmin(fine)))
        raise InputError(f"{name}: sentence {s}: JSONL output needs {expected}", field=name, sentence=s)
