"""Sentences in memory as a pipeline reads them: texts, words, records, Arrow data or labelled sentences, lazily.

A reader of these has the methods of one of files (``SentenceReader``), so that everything behind it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from xproj_fast.arrays import Words
from xproj_fast.arrow_checks import validate
from xproj_fast.arrow_layouts import gives_arrow, is_dataset, no_rows
from xproj_fast.errors import InputError
from xproj_fast.formats.arrow_sentences import ArrowReader, with_id
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.registry import SentenceReader
from xproj_fast.formats.sentences import Sentences, error_at
from xproj_fast.labelled import LabelledSentences
from xproj_fast.lists import id_column, word_columns
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import words_at
from xproj_fast.wording import brief

NAME = Path("source")  # of what has no file name
AT_ONCE = 1024  # records that become an Arrow table together
EXPECTED = "texts, lists of words, dicts, Arrow data or LabelledSentences"


def is_path(source: Any) -> TypeGuard[str | Path]:
    """Return whether a source is the name of a file, rather than the sentences themselves."""
    return isinstance(source, str | Path)


def iter_again(source: Any) -> bool:
    """Return whether a source can be read twice: a file, a list, a table, but no iterator."""
    return is_path(source) or hasattr(source, "__len__")


def open_memory(
    source: Any,
    jsonl: JsonlOptions,
    *,
    entities: bool,
    split: Callable[[str], list[Span]],
    ids: Iterable[Any] | None = None,
) -> SentenceReader:
    """Return a reader of sentences in memory.

    Args:
        source: an iterable of texts, of lists of words, of records (dicts such as ``{"id": 7, "tokens": [...]}``) or of
            Arrow data; Arrow data itself, whatever has ``__arrow_c_stream__`` or ``__arrow_c_array__``;
            ``LabelledSentences``, or a projection. No more of it is read than is asked for.
        jsonl: where records and Arrow data have their text, and what numbers for tags mean.
        entities: read the entities, too: of what has tags.
        split: cuts raw text into words.
        ids: of texts, or of lists of words, one each; everything else has its own.

    Raises:
        InputError: for anything else; from reading, for items that are something else than the first one.
    """
    if callable(getattr(source, "labelled", None)):
        need_no_ids(ids)
        return _Held(source.labelled())
    if is_dataset(source):
        need_no_ids(ids)
        return _rows(source.with_format("arrow").iter(AT_ONCE), jsonl, entities, _size(source))
    if gives_arrow(source):
        need_no_ids(ids)
        return _rows([source], jsonl, entities, _size(source))
    if isinstance(source, bytes | Mapping) or not isinstance(source, Iterable):
        raise InputError(f"source: expected a file, or {EXPECTED}, got {brief(repr(source))}", field="source")
    size = _size(source)
    items = iter(source)
    first = next(items, None)
    items = items if first is None else chain([first], items)
    if gives_arrow(first):
        need_no_ids(ids)
        return _rows(items, jsonl, entities, None)
    if isinstance(first, Mapping):
        need_no_ids(ids)
        return _rows(_tables(items), jsonl, entities, size)
    if entities and first is not None:
        raise InputError(
            f"source: expected sentences with entities (Arrow data or dicts with tags, or LabelledSentences), got "
            f"{brief(repr(first))}",
            field="source",
        )
    return _Lists(items, split, size, None if ids is None else iter(ids))


def need_no_ids(ids: Iterable[Any] | None) -> None:
    """Check that nobody gives ids to what has its own.

    Raises:
        InputError: where somebody does.
    """
    if ids is not None:
        raise InputError("ids: expected them for texts or lists of words, got some for what has its own", field="ids")


def _size(source: Any) -> int | None:
    return len(source) if hasattr(source, "__len__") else None


def _rows(tables: Iterable[Any], jsonl: JsonlOptions, entities: bool, size: int | None) -> ArrowReader:
    return ArrowReader(NAME, jsonl, entities=entities, batches=_batches(tables, size))


def _batches(tables: Iterable[Any], size: int | None) -> Generator[tuple[Any, float], None, None]:
    """Yield record batches, each checked, with the share of the rows so far, where their number is known."""
    import pyarrow as pa

    done, schema = 0, None
    for table in tables:
        try:
            # Not pa.table: of a reader, no more may be read than is asked for.
            reader = (
                pa.RecordBatchReader.from_stream(table)
                if hasattr(table, "__arrow_c_stream__")
                else [pa.record_batch(table)]
            )
        except (pa.ArrowException, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"source: expected {EXPECTED}, got {type(table).__name__}: {error}", field="source"
            ) from None
        for batch in reader:
            batch.validate()
            for column in batch:
                validate(column)
            schema = batch.schema
            done += batch.num_rows
            yield batch, min(done / size, 1.0) if size else 0.0
        if schema is None and hasattr(reader, "schema"):
            yield no_rows(reader.schema), 1.0  # the words' column must be there all the same


def _tables(records: Iterator[Any]) -> Iterator[Any]:
    """Yield records as Arrow tables."""
    import pyarrow as pa

    done = 0
    while chunk := list(islice(records, AT_ONCE)):
        for i, record in enumerate(chunk):
            if not isinstance(record, Mapping):
                raise _other(done + i, "a dict, as the first one is", record)
        try:
            yield pa.Table.from_pylist(chunk)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            where = f"source: sentences {done} to {done + len(chunk) - 1}"
            raise InputError(
                f"{where}: expected dicts whose values have one type a key: {error}", field="source"
            ) from None
        done += len(chunk)


def _other(sentence: int, expected: str, got: Any, ids: Any = None, row: int = 0) -> InputError:
    which = "" if ids is None else f" (id {ids[row].as_py()!r})"
    message = f"source: sentence {sentence}{which}: expected {expected}, got {brief(repr(got))}"
    return InputError(message, field="source", sentence=sentence)


class _Lists:
    """Reads texts, or lists of words."""

    path = NAME

    def __init__(
        self, items: Iterator[Any], split: Callable[[str], list[Span]], size: int | None, ids: Iterator[Any] | None
    ) -> None:
        self._items, self._split, self._size, self._ids = items, split, size, ids
        self._done = 0
        self._texts: bool | None = None  # the first one tells
        self.share_read = 0.0

    def close(self) -> None:
        """Let go of the items."""
        self._items = iter(())

    def left_out(self) -> list[str]:
        """Return nothing: nothing is left out."""
        return []

    def read(self, count: int) -> Sentences:
        """Return the next ``count`` sentences, fewer at the end."""
        chunk = list(islice(self._items, count))
        if self._texts is None and chunk:
            self._texts = isinstance(chunk[0], str)
        ids = None if self._ids is None else self._next_ids(self._ids, len(chunk), count)
        words = self._cut(chunk, ids) if self._texts else self._columns(chunk, ids)
        lines = np.arange(self._done, self._done + len(chunk), dtype=np.int64)
        self._done += len(chunk)
        self.share_read = 1.0 if len(chunk) < count or not self._size else min(self._done / self._size, 1.0)
        return Sentences(words, None, (), ids, lines)

    def _next_ids(self, left: Iterator[Any], found: int, asked: int) -> Any:
        """Return an id for each sentence; behind the last sentence there may be none left."""
        ids = list(islice(left, found + (found < asked)))
        if len(ids) != found:
            got = "more" if len(ids) > found else f"{self._done + len(ids):,}"
            raise InputError(f"ids: expected one a sentence, {self._done + found:,}, got {got}", field="ids")
        return id_column(ids)

    def _cut(self, texts: Sequence[Any], ids: Any) -> Words:
        for i, text in enumerate(texts):
            if not isinstance(text, str):
                raise _other(self._done + i, "a text, as the first one is", text, ids, i)
        try:
            return words_at(texts, [self._split(text) for text in texts])
        except UnicodeEncodeError:  # half of a surrogate pair
            for i, text in enumerate(texts):
                if any("\ud800" <= c <= "\udfff" for c in text):
                    raise _other(self._done + i, "characters of Unicode", text, ids, i) from None
            raise

    def _columns(self, sentences: Sequence[Any], ids: Any) -> Words:
        for i, words in enumerate(sentences):
            if isinstance(words, str) or not isinstance(words, Sequence | np.ndarray):
                raise _other(self._done + i, f"{EXPECTED}, all as the first one is", words, ids, i)
        try:
            return word_columns(sentences, "source")
        except InputError as error:
            raise error_at("", with_id(error, ids), self._done) from None


class _Held:
    """Reads labelled sentences."""

    path = NAME

    def __init__(self, sentences: LabelledSentences) -> None:
        self._all = sentences
        self._done = 0

    def close(self) -> None:
        """Nothing is open."""

    def left_out(self) -> list[str]:
        """Return nothing: nothing is left out."""
        return []

    @property
    def share_read(self) -> float:
        """How much was read, 0 to 1."""
        return self._done / len(self._all) if len(self._all) else 1.0

    def read(self, count: int) -> Sentences:
        """Return the next ``count`` sentences, fewer at the end."""
        chunk = self._all[self._done : self._done + min(count, len(self._all))]
        lines = np.arange(self._done, self._done + len(chunk), dtype=np.int64)
        self._done += len(chunk)
        return Sentences(chunk.words, chunk.entities, chunk.labels, chunk.ids, lines, chunk.confidences)
