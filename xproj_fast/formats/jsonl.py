"""JSON Lines in: the shapes of spaCy, Prodigy, doccano and the hub's datasets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.formats.json_entities import EntityReader, RecordWords
from xproj_fast.formats.json_offsets import UNITS
from xproj_fast.formats.json_records import check_characters, found, parse_record, shown
from xproj_fast.formats.json_words import plain_words, token_spans
from xproj_fast.formats.jsonl_writer import jsonl_bytes
from xproj_fast.formats.reader import TextReader
from xproj_fast.formats.registry import FORMATS, Format, Reading
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.ragged import offsets_of
from xproj_fast.tag_columns import resolved_names
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import split_words
from xproj_fast.wording import count

ANSWERS = ("accept", "reject", "ignore")  # Prodigy's: only what was accepted is data

_WHOLE_LINE = re.compile(rb"[^\n]*\n")
_LAST_LINE = re.compile(rb"[^\n]*\n|[^\n]+")  # at the end of the file a line needs no line break


@dataclass(frozen=True, slots=True)
class JsonlOptions:
    """How records are read.

    >>> import xproj_fast as xp
    >>> how = JsonlOptions(text_key="sentence", entities_key="ents", offsets="utf16", snap=True)
    >>> options = xp.ReadOptions(source_jsonl=how)

    Attributes:
        text_key: where the raw sentence is.
        entities_key: where its entities are; ``"auto"`` = under entities, spans, label, labels, ents, ner_tags or
            tags: where several of them hold entities, they must say the same.
        tokens_key: where its words are; a record without them is cut by ``split``. None = always cut.
        id_key: where its id is, a string or whole number; None = do not read ids.
        snap: widen an entity that ends inside a word to the whole word, and count it; False = that is an error.
        split: cuts a text without tokens into half-open code point spans.
        offsets: what start and end of entities and tokens count: ``"characters"`` (Unicode code points), ``"utf16"``
            (code units, as browsers do) or ``"bytes"`` (of UTF-8).
        tag_names: what whole numbers for tags mean (JSONL, Parquet and Arrow): the names in order, or one of
            ``wikiann``, ``masakhaner2``, ``conll2003``. None = as a Parquet file says in its metadata.

    >>> import xproj_fast as xp
    >>> with open("notes.jsonl", "w") as file:
    ...     _ = file.write('{"body": "Maria sang.", "spans": [[0, 5, "PER"]]}')
    >>> xp.read_labelled("notes.jsonl", jsonl=JsonlOptions(text_key="body")).tags()
    [['B-PER', 'O', 'O']]
    """

    text_key: str = "text"
    entities_key: str = "auto"
    tokens_key: str | None = "tokens"
    id_key: str | None = "id"
    snap: bool = False
    split: Callable[[str], list[Span]] = split_words
    offsets: str = "characters"
    tag_names: str | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.offsets not in UNITS:
            raise InputError(f"offsets: expected one of {', '.join(UNITS)}, got {self.offsets!r}")
        resolved_names(self.tag_names)


@dataclass(slots=True)
class RecordColumns:
    """Records on their way into arrays."""

    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    words_of: list[int] = field(default_factory=list)  # number of words of each record
    word_spans: list[Span] = field(default_factory=list)  # characters
    entities: list[tuple[int, int, int]] = field(default_factory=list)  # first word, end word, label id
    entities_of: list[int] = field(default_factory=list)
    confidences: list[float | None] = field(default_factory=list)  # of the entities
    ids: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class JsonlReader(TextReader[Sentences]):
    """Reads texts, words and entities record by record; blank lines are skipped.

    Attributes:
        path: the file.
        snapped: entities widened to whole words so far.
        rejected: records left out so far, by their answer.
        relations: between entities, left out so far.
    """

    def __init__(
        self, path: Path, options: JsonlOptions | None = None, *, entities: bool = True, scheme: str = "iob2"
    ) -> None:
        super().__init__(path)
        self._options = chosen = options or JsonlOptions()
        self._entities: EntityReader | None = None
        if entities:
            names = resolved_names(chosen.tag_names)
            self._entities = EntityReader(chosen.entities_key, chosen.offsets, chosen.snap, scheme, names)
        self._labels: dict[str, int] = {}
        self._has_ids: bool | None = None  # None until the first record
        self._has_text: bool | None = None
        self._has_confidences: bool | None = None  # until the first entity
        self._sentences = 0
        self.snapped = 0
        self.rejected: Counter[str] = Counter()
        self.relations = 0

    def left_out(self) -> list[str]:
        """See ``TextReader``."""
        told = [f"{count(self.snapped, 'entity')} widened to whole words"] if self.snapped else []
        if self.rejected:
            answers = ", ".join(f"{answer} {n:,}" for answer, n in sorted(self.rejected.items(), reverse=True))
            told.append(f"{count(self.rejected.total(), 'record')} left out: answer {answers}")
        if self.relations:
            told.append(f"{count(self.relations, 'relation')} left out: only entities are read")
        return told

    def _parse(self, count: int) -> Sentences:
        columns = RecordColumns()
        view = self._blocks.view()
        next_line = (_LAST_LINE if self._blocks.at_end else _WHOLE_LINE).match
        size = lines = 0
        # match, not finditer: searching would scan an incomplete last line once from each of its bytes.
        while len(columns.lines) < count and (match := next_line(view, size)):
            size, lines = match.end(), lines + 1
            line = match.group().rstrip()
            if not line:
                continue
            number = self._blocks.lines + lines
            with self._errors_at(number):
                self._take(parse_record(line.decode()), number, columns)
        self._blocks.consume(size, lines)
        return self._arrays(columns)

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)

    @contextmanager
    def _errors_at(self, line: int, what: str = "") -> Iterator[None]:
        """Say in which line of the file, and in what of it, an error is."""
        try:
            yield
        except InputError as error:
            raise InputError(
                f"{self.path}:{line}: {what}{error}", field=error.field, sentence=self._sentences
            ) from None

    def _take(self, record: dict[str, Any], line: int, columns: RecordColumns) -> None:
        """Add what a record says, unless it is left out."""
        found = self._found(record)
        if found is not None:
            self._add(found, columns)
            columns.lines.append(line)
            self._sentences += 1

    def _found(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """Return a record as one of JSON Lines; None, counted, where it is left out."""
        if not self._is_accepted(record):
            return None
        if self._entities is not None and isinstance(record.get("relations"), list):
            self.relations += len(record["relations"])
        return record

    def _is_accepted(self, record: dict[str, Any]) -> bool:
        answer = record.get("answer", "accept")
        if answer not in ANSWERS:
            raise InputError(f"expected an 'answer' of {', '.join(ANSWERS)}, got {shown(answer)}")
        if answer != "accept":
            self.rejected[answer] += 1
        return bool(answer == "accept")

    def _add(self, record: dict[str, Any], columns: RecordColumns) -> None:
        options = self._options
        words, strings = self._words(record)
        if self._entities is not None:
            entities, widened = self._entities.read(record, words)
            self.snapped += widened
            columns.entities.extend([(a, b, self._label_id(label)) for a, b, label, _ in entities])
            columns.entities_of.append(len(entities))
            if entities:
                self._add_confidences([entity[3] for entity in entities], columns)
        if options.id_key is not None:
            self._add_id(record.get(options.id_key), options.id_key, columns)
        if words.text is not None:
            columns.texts.append(words.text)
            columns.word_spans.extend(words.spans)
        columns.words.extend(strings)
        columns.words_of.append(len(strings))

    def _words(self, record: dict[str, Any]) -> tuple[RecordWords, list[str]]:
        options, tokens = self._options, self._options.tokens_key
        given = tokens is not None and tokens in record
        has_text = options.text_key in record or not given
        if self._has_text not in (None, has_text):
            expected = "a text" if self._has_text else "no text"
            raise InputError(
                f"expected {expected} under {options.text_key!r}, as in the records before, got "
                f"{found(record, options.text_key)}"
            )
        self._has_text = has_text
        if tokens is not None and not has_text:
            strings = plain_words(record[tokens], tokens)
            return RecordWords(None, [(0, 0)] * len(strings), given=True), strings
        text = record.get(options.text_key)
        if not isinstance(text, str):
            hint = "" if options.text_key in record or tokens is None else f" (or words under {tokens!r})"
            raise InputError(
                f"expected a string under {options.text_key!r}{hint}, got {found(record, options.text_key)}"
            )
        check_characters(text, options.text_key)
        if tokens is not None and given:
            spans = token_spans(text, record[tokens], tokens, options.offsets)
        else:
            spans = options.split(text)
        return RecordWords(text, spans, given), [text[a:b] for a, b in spans]

    def _add_id(self, value: Any, key: str, columns: RecordColumns) -> None:
        if isinstance(value, str):
            check_characters(value, key)
        elif value is not None and type(value) is not int:  # True is an int to isinstance
            raise InputError(f"expected a string or whole number under {key!r}, got {shown(value)}", field="ids")
        has_id = value is not None
        if self._has_ids is not None and self._has_ids is not has_id:
            expected = f"an id under {key!r}" if self._has_ids else f"no id under {key!r}"
            got = shown(value) if has_id else "none"
            raise InputError(f"expected {expected} as in the records before, got {got}", field="ids")
        self._has_ids = has_id
        if has_id:
            columns.ids.append(str(value))

    def _add_confidences(self, values: list[float | None], columns: RecordColumns) -> None:
        columns.confidences += values
        if self._has_confidences is None:
            self._has_confidences = values[0] is not None
        without = values.count(None)
        if self._has_confidences and without:
            raise InputError("expected a confidence with every entity, as before, got none", field="confidences")
        if not self._has_confidences and without < len(values):
            got = next(value for value in values if value is not None)
            raise InputError(f"expected no confidence, as with the entities before, got {got}", field="confidences")

    def _label_id(self, label: str) -> int:
        if label not in self._labels:
            check_characters(label, "label")
            if not label or any(c.isspace() for c in label):
                raise InputError(f"expected a label without white space, got {shown(label)}", field="entities")
            self._labels[label] = len(self._labels)
        return self._labels[label]

    def _arrays(self, columns: RecordColumns) -> Sentences:
        import pyarrow as pa

        wide = pa.large_string()  # no 2 GiB limit
        words = Words(offsets_of(columns.words_of), pa.array(columns.words, wide))
        if self._has_text is not False:
            spans = np.array(columns.word_spans, np.int32).reshape(-1, 2).T.copy()
            words = Words(words.offsets, words.strings, pa.array(columns.texts, wide), spans[0], spans[1])
        entities = None
        if self._entities is not None:
            flat = np.array(columns.entities, np.int32).reshape(-1, 3).T.copy()
            entities = Entities(offsets_of(columns.entities_of), *flat)
        ids = pa.array(columns.ids, wide) if columns.ids else None
        sure = np.array(columns.confidences, np.float32) if self._has_confidences else None
        return Sentences(words, entities, tuple(self._labels), ids, np.array(columns.lines, np.int64), sure)


def open_jsonl(path: Path, how: Reading) -> JsonlReader:
    """Open a file of records; see ``Reading``."""
    return JsonlReader(path, how.jsonl, entities=how.entities, scheme=how.scheme)


FORMATS.add(
    "jsonl",
    Format(
        suffixes=("jsonl", "ndjson"),
        about="a JSON object a sentence, entities as character spans or tags",
        sentences=open_jsonl,
        labelled=True,
        encode=jsonl_bytes,
        confidences=True,
    ),
)
