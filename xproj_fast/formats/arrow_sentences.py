"""Parquet and Arrow IPC files of sentences of one language: the hub's datasets, and what this package writes.

Columns: ``tokens``, ``words`` or ``target_words`` (lists of strings), or the raw ``text`` alone, which is cut;
``ner_tags`` or ``tags`` (lists of strings, or of numbers that the hub's metadata or ``--tag-names`` names); ``id``, and
the raw ``text`` beside the words, where they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Offsets, TagId, Words, sentence_of
from xproj_fast.arrow_labelled import WORDS_COLUMNS
from xproj_fast.arrow_layouts import column_of, is_string, list_column, strings
from xproj_fast.arrow_spans import holds_spans, span_confidences
from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES, arrow_writer, read_batches, read_table, row_error
from xproj_fast.formats.json_words import token_spans
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.sentences import Sentences, concat_sentences, error_at
from xproj_fast.formats.streams import format_suffix
from xproj_fast.hub_features import names_of_numbers
from xproj_fast.pairs import SentencePairs
from xproj_fast.row_faults import RowFaults
from xproj_fast.tag_columns import TAGS_KEYS, appeared, entities_of_tags, resolved_names, tag_name, unnamed
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import words_at

BATCH = 65_536  # rows in memory at a time
MOST_ROWS = 1 << 30  # that Arrow may be asked for at once


class ArrowReader:
    """Reads words and entities batch by batch.

    Attributes:
        path: the file.
        share_read: how much of the file was read, 0 to 1.
    """

    def __init__(
        self,
        path: Path,
        options: JsonlOptions | None = None,
        *,
        entities: bool = True,
        scheme: str = "iob2",
        batches: Generator[tuple[Any, float], None, None] | None = None,
    ) -> None:
        """Open a file.

        Args:
            path: the file.
            options: where texts are and what numbers for tags mean.
            entities: read the entities, too; they must be there.
            scheme: of tags.
            batches: record batches from elsewhere, each with the share read so far, which ``path`` then names.
        """
        self.path = path
        self.share_read = 0.0
        self._options = options or JsonlOptions()
        self._entities = entities
        self._scheme = scheme
        self._labels: list[str] = []
        self._has_confidences: bool | None = None  # nobody has said
        self._in_file = batches is None
        self._batches = batches or read_batches(path, format_suffix(path), BATCH)
        self._rest: Any = None  # of the batch that was read last
        self._done = 0

    def close(self) -> None:
        """Close the file before its end."""
        self._batches.close()

    def left_out(self) -> list[str]:
        """Return nothing: nothing is left out."""
        return []

    def read(self, count: int) -> Sentences:
        """Return the next ``count`` sentences, fewer at the end of the file."""
        try:
            parts = [self._sentences(self._rows(count))]
            while (missing := count - sum(map(len, parts))) and len(rows := self._rows(missing)):
                parts.append(self._sentences(rows))
        except BaseException:
            self.close()
            raise
        whole = [part for part in parts if len(part)]
        return concat_sentences(whole or parts[-1:])

    def _rows(self, count: int) -> Any:
        """Return the next rows, at most ``count``; none at the end."""
        if self._rest is None or not len(self._rest):
            batch, self.share_read = next(self._batches, (None, 1.0))
            self._rest = self._rest if batch is None else batch
        rows, self._rest = self._rest.slice(0, count), self._rest.slice(min(count, len(self._rest)))
        return rows

    def _sentences(self, rows: Any) -> Sentences:
        try:
            words = self._words(rows)
            entities, sure = self._read_entities(rows, words) if self._entities else (None, None)
        except InputError as error:
            raise self._placed(error, rows) from None
        first = self._done + self._in_file  # sentences of files are counted from 1, as lines are
        self._done += len(words)
        lines = np.arange(first, first + len(words), dtype=np.int64)
        ids = column_of(rows, "id") if "id" in rows.schema.names else None
        return Sentences(words, entities, tuple(self._labels), ids, lines, sure)

    def _placed(self, error: InputError, rows: Any) -> InputError:
        """Return the error of rows with their place in the file, or in all that was given, where there is no file."""
        if self._in_file:
            return row_error(self.path, error, self._done)
        s = error.sentence
        if s is not None and f"sentence {s}" not in str(error):
            error = InputError(f"sentence {s}: {error}", field=error.field, sentence=s)
        ids = rows.column("id") if rows.schema.names.count("id") == 1 else None
        return error_at(str(self.path), with_id(error, ids), self._done)

    def _words(self, rows: Any) -> Words:
        import pyarrow as pa

        names = rows.schema.names
        listed = ", ".join(names)
        if {"source_words", "target_words"} <= set(names) and "tags" not in names:  # with tags, the target is labelled
            raise InputError(
                f"expected sentences of one language ({' or '.join(WORDS_COLUMNS)}), got sentence pairs ({listed}): "
                "xproj-fast project reads them, without --target"
            )
        there = [name for name in WORDS_COLUMNS if name in names]
        if len(there) > 1:
            raise InputError(f"expected one column of words, got {' and '.join(there)}: leave out those not meant")
        column = there[0] if there else None
        text_key = self._options.text_key
        texts = column_of(rows, text_key) if text_key in names else None
        texts = texts.cast(pa.large_string()) if texts is not None and is_string(texts.type) else None
        if column is None and texts is not None:
            return _cut(texts, text_key, self._options.split)
        if column is None:
            expected = f"{' or '.join(map(repr, WORDS_COLUMNS))}, or raw texts under {text_key!r}"
            raise InputError(f"expected a column of words, {expected}, got {listed}")
        offsets, values = list_column(rows, column)
        words = _strings(values, column, offsets)
        return Words(offsets, words) if texts is None else _in_texts(Words(offsets, words), texts, text_key, column)

    def _read_entities(self, rows: Any, words: Words) -> tuple[Entities, NDArray[np.float32] | None]:
        names = rows.schema.names
        wanted = TAGS_KEYS if self._options.entities_key == "auto" else (self._options.entities_key,)
        column = next((name for name in wanted if name in names), None)
        if column is None:
            raise InputError(
                f"expected a column of tags, {' or '.join(map(repr, wanted))}, got {', '.join(names)}", field="entities"
            )
        offsets, values = list_column(rows, column)
        differ = np.diff(offsets) != np.diff(words.offsets)
        if differ.any():
            s = int(np.argmax(differ))
            got, expected = np.diff(offsets)[s], np.diff(words.offsets)[s]
            raise InputError(f"expected as many {column} as words, {expected}, got {got}", field="entities", sentence=s)
        ids, tags = self._tags(values, column, offsets, rows.schema)
        found = entities_of_tags(offsets, *appeared(ids, tags), self._labels, self._scheme)
        if column == "tags" and "spans" in names and _are_ours(rows):
            sure = span_confidences(column_of(rows, "spans"), found, self._labels)
            return found, self._as_before(found, sure)
        return found, None

    def _as_before(self, found: Entities, sure: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        """Return confidences, where those of the file so far are known, too: all of its entities have one or none."""
        if not len(found.start):  # of none they say nothing
            return sure if self._has_confidences is not False else None
        has = sure is not None
        if self._has_confidences not in (None, has):
            expected, got = ("a", "null") if self._has_confidences else ("no", "some")
            raise InputError(
                f"spans: expected {expected} confidence, as with the entities before, got {got}",
                field="confidences",
                sentence=sentence_of(found.offsets, 0),
            )
        self._has_confidences = has
        return sure

    def _tags(self, values: Any, column: str, offsets: Offsets, schema: Any) -> tuple[TagId, Sequence[str]]:
        import pyarrow as pa

        # With a null of its own, or of anything but strings, it is no dictionary of tags.
        if pa.types.is_dictionary(values.type) and not (
            is_string(values.type.value_type) and values.dictionary.null_count == 0
        ):
            values = values.dictionary_decode()
        if values.null_count:
            s = sentence_of(offsets, values.is_null().index(True).as_py())
            raise InputError(f"expected tags under {column!r}, got null", field="entities", sentence=s)
        if pa.types.is_integer(values.type):
            numbers = values.to_numpy(zero_copy_only=False)
            names = resolved_names(self._options.tag_names) or names_of_numbers(schema, column)
            for word in sorted(np.unique(numbers, return_index=True)[1].tolist()):
                number = int(numbers[word])
                try:
                    if names is None:
                        raise unnamed(column, number)
                    tag_name(number, names)
                except InputError as error:
                    raise InputError(str(error), field="entities", sentence=sentence_of(offsets, word)) from None
            return numbers.astype(np.int32), names or ()
        if not pa.types.is_dictionary(values.type):
            values = _strings(values, column, offsets).dictionary_encode()
        return values.indices.to_numpy(zero_copy_only=False).astype(np.int32), values.dictionary.to_pylist()


def with_id(error: InputError, ids: Any) -> InputError:
    """Return the error of a row that also names its id, where there are ids: that is what its owner looks for."""
    s = error.sentence
    if s is None or ids is None:
        return error
    message = str(error).replace(f"sentence {s}", f"sentence {s} (id {ids[s].as_py()!r})", 1)
    return InputError(message, field=error.field, sentence=s)


def _strings(values: Any, column: str, offsets: Offsets) -> Any:
    import pyarrow as pa

    no_items = pa.types.is_null(values.type) and not len(values)  # pandas does not know of what
    if not (is_string(values.type) or no_items):
        raise InputError(f"expected lists of strings under {column!r}, got {values.type}")
    nulls = RowFaults()
    found = strings(values, column, offsets, nulls)
    for s in nulls.rows[:1].tolist():
        raise InputError(f"expected strings under {column!r}, got null", sentence=s)
    return found


def _cut(texts: Any, text_key: str, split: Callable[[str], list[Span]]) -> Words:
    """Return the words of raw texts, in them."""
    found: list[str] = texts.to_pylist()
    if texts.null_count:
        raise InputError(f"expected a string under {text_key!r}, got null", sentence=found.index(None))  # type: ignore[arg-type]
    return words_at(found, [split(text) for text in found])


def _in_texts(words: Words, texts: Any, text_key: str, column: str) -> Words:
    """Return words with the raw texts that they stand in."""
    spans: list[Span] = []
    for s, (text, tokens) in enumerate(zip(texts.to_pylist(), words.to_lists(), strict=True)):
        try:
            if text is None:
                raise InputError(f"expected a string under {text_key!r}, got null")
            spans += token_spans(text, tokens, column)
        except InputError as error:
            raise InputError(str(error), sentence=s) from None
    starts, ends = np.array(spans, np.int32).reshape(-1, 2).T.copy()
    return Words(words.offsets, words.strings, texts, starts, ends)


def _are_ours(rows: Any) -> bool:
    """Whether a file with the column ``spans`` is one that this package writes, not one that has others under it."""
    return "target_words" in rows.schema.names or holds_spans(rows.schema.field("spans").type)


def iter_arrow_pairs(path: Path, nested: bool, chunk: int | None) -> Iterator[tuple[SentencePairs, float]]:
    """Yield the sentence pairs of a file that holds all columns of them; see ``Format.pairs``."""
    done, suffix = 0, format_suffix(path)
    whole = [(read_table(path, suffix), 1.0)] if chunk is None else None
    for rows, share in whole or read_batches(path, suffix, min(chunk or BATCH, MOST_ROWS)):
        try:
            yield SentencePairs.from_arrow(rows, nested=nested), share
        except InputError as error:
            raise row_error(path, error, done) from None
        done += rows.num_rows


FORMATS.add(
    "arrow",
    Format(
        suffixes=ARROW_SUFFIXES,
        about="Parquet or Arrow, a row per sentence or sentence pair",
        sentences=lambda path, how: ArrowReader(path, how.jsonl, entities=how.entities, scheme=how.scheme),
        labelled=True,
        pairs=iter_arrow_pairs,
        tables=arrow_writer,
        confidences=True,
        columns=True,
    ),
)
