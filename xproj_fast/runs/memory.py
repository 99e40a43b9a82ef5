"""Sentences that are in memory already, as the parts that pipelines read from files: lazily, and named in errors."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.arrow_layouts import as_table
from xproj_fast.errors import InputError
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.labelled import LabelledSentences
from xproj_fast.lists import word_columns
from xproj_fast.runs.inputs import Part, parts_of
from xproj_fast.runs.text_columns import DEFAULT_TEXT, Cut, TextColumns, sentences_of
from xproj_fast.text.words import splitter, words_at
from xproj_fast.wording import brief

NAME = "source"  # of what has no file name, in errors


def parts_from(
    source: Any,
    language: str | None = None,
    *,
    chunk: int,
    skip: int = 0,
    ids: Iterable[Any] | None = None,
    chinese: str = "jieba",
    columns: TextColumns = DEFAULT_TEXT,
    entities: bool = False,
) -> Generator[Part, None, None]:
    """Cut what is in memory into the parts of a pipeline; no more of it is read than is worked on.

    >>> parts = list(parts_from(["Awa sang.", "She left."], chunk=1))
    >>> [part.sentences.words.to_lists() for part in parts][:2]
    [[['Awa', 'sang', '.']], [['She', 'left', '.']]]

    Args:
        source: texts, lists of words (which stay as they are), Arrow data (anything with ``__arrow_c_stream__`` or
            ``__arrow_c_array__``), batches of such, or ``LabelledSentences``; iterators are read once.
        language: decides how raw text is cut into words, see ``words.splitter``.
        chunk: sentences per part.
        skip: sentences that are read and dropped first.
        ids: one id per sentence, for texts and lists of words; None = none. Arrow data has a column for them.
        chinese: see ``words.splitter``.
        columns: where Arrow data has what.
        entities: read the labels, too: of Arrow data, or of ``LabelledSentences``.

    Raises:
        InputError: for anything else; from the iteration, for a sentence at fault, by its number from 0 and its id.
        MissingDependencyError: for Chinese without jieba, where it is asked for.
    """
    reader = open_memory(source, language, ids=ids, chinese=chinese, columns=columns, entities=entities)
    return parts_of(reader, chunk, skip)


def open_memory(
    source: Any,
    language: str | None,
    *,
    ids: Iterable[Any] | None = None,
    chinese: str = "jieba",
    columns: TextColumns = DEFAULT_TEXT,
    entities: bool = False,
) -> MemoryReader:
    """Return a reader of what is in memory; see ``parts_from``."""
    cut = splitter(language, chinese)
    if isinstance(source, LabelledSentences):
        _no_ids(ids)
        return MemoryReader(_Labelled(source))
    if _is_arrow(source):
        source = [source]
    if isinstance(source, (str, bytes)) or not isinstance(source, Iterable):
        raise InputError(
            f"{NAME}: expected texts, lists of words, or Arrow data, got {brief(repr(source))}", field=NAME
        )
    items = iter(source)
    first = list(islice(items, 1))
    items = chain(first, items)
    if first and _is_arrow(first[0]):
        _no_ids(ids)
        return MemoryReader(_Batches(items, columns, cut, entities))
    if entities:
        got = brief(repr(first[0])) if first else "nothing"
        raise InputError(f"{NAME}: expected Arrow data with labels, or LabelledSentences, got {got}", field=NAME)
    return MemoryReader(_Items(items, None if ids is None else iter(ids), cut, bool(first) and _is_text(first[0])))


class MemoryReader:
    """Reads consecutive sentences; see ``SentenceReader``.

    Attributes:
        path: what it is called.
        share_read: 0 until all was read: nobody knows how much there will be.
    """

    path = Path(NAME)

    def __init__(self, source: _Labelled | _Batches | _Items) -> None:
        self.share_read = 0.0
        self._source = source
        self._done = 0

    def close(self) -> None:
        """Leave an iterator to its owner, who may go on with it."""

    def left_out(self) -> list[str]:
        """Return nothing: nothing is left out."""
        return []

    def read(self, count: int) -> Sentences:
        """Return the next ``count`` sentences, fewer at the end."""
        found = self._source.read(count, self._done)
        self._done += len(found)
        if len(found) < count:
            self.share_read = 1.0
        return found


class _Labelled:
    def __init__(self, sentences: LabelledSentences) -> None:
        self._all = sentences

    def read(self, count: int, done: int) -> Sentences:
        some = self._all[done : done + count]
        lines = np.arange(done + 1, done + 1 + len(some), dtype=np.int64)
        return Sentences(some.words, some.entities, some.labels, some.ids, lines, some.confidences)


class _Items:
    """Texts, or lists of words."""

    def __init__(self, items: Iterator[Any], ids: Iterator[Any] | None, cut: Cut, texts: bool) -> None:
        self._items, self._ids, self._cut, self._texts = items, ids, cut, texts

    def read(self, count: int, done: int) -> Sentences:
        items = list(islice(self._items, count))
        ids = self._next_ids(len(items), count, done)
        for s, item in enumerate(items):
            if _is_text(item) != self._texts or not isinstance(item, Iterable):
                expected = "a text" if self._texts else "a list of words"
                raise _error(f"expected {expected}, as before, got {brief(repr(item))}", done + s, ids, s)
        if self._texts:
            words = words_at(items, [self._cut(text) for text in items])
        else:
            try:
                words = word_columns([list(item) for item in items])
            except InputError as error:
                raise placed(error, done, ids) from None
        lines = np.arange(done + 1, done + 1 + len(items), dtype=np.int64)
        return Sentences(words, None, (), ids, lines)

    def _next_ids(self, found: int, count: int, done: int) -> Any:
        if self._ids is None:
            return None
        import pyarrow as pa

        ids = list(islice(self._ids, found if found == count else found + 1))
        if len(ids) != found:
            got = f"{done + len(ids):,}" if len(ids) < found else "more"
            raise InputError(f"ids: expected one per sentence, {done + found:,}, got {got}", field="ids")
        try:
            return pa.array(ids)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise InputError(f"ids: expected ids of one type: {error}", field="ids") from None


class _Batches:
    """Arrow data, batch by batch."""

    def __init__(self, items: Iterator[Any], columns: TextColumns, cut: Cut, entities: bool) -> None:
        self._rows = _record_batches(items)
        self._columns, self._cut, self._entities = columns, cut, entities
        self._rest: Any = None  # of the batch that was read last
        self._labels: list[str] = []  # so far: a label keeps its number

    def read(self, count: int, done: int) -> Sentences:
        parts: list[Sentences] = []
        while (missing := count - sum(map(len, parts))) > 0:
            if self._rest is None or not len(self._rest):
                batch = next(self._rows, None)
                if batch is None:
                    break
                self._rest = batch
            rows, self._rest = self._rest.slice(0, missing), self._rest.slice(missing)
            if len(rows) or not parts:
                parts.append(self._sentences(rows, done + sum(map(len, parts))))
        if not parts:
            return _none(self._entities)
        whole = [part for part in parts if len(part)] or parts[:1]
        return concat_sentences([replace(part, labels=tuple(self._labels)) for part in whole])

    def _sentences(self, rows: Any, done: int) -> Sentences:
        try:
            found = sentences_of(rows, self._columns, self._cut, first=done, entities=self._entities)
        except InputError as error:
            name = self._columns.id
            raise placed(error, done, rows.column(name) if name in rows.schema.names else None) from None
        if found.entities is None:
            return found
        self._labels += [name for name in found.labels if name not in self._labels]
        ids = np.array([self._labels.index(name) for name in found.labels], np.int32)
        label = ids[found.entities.label] if len(ids) else found.entities.label
        return replace(found, entities=replace(found.entities, label=label))


def _record_batches(items: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa

    for item in items:
        if isinstance(item, pa.Table | pa.RecordBatch) or not hasattr(item, "__arrow_c_stream__"):
            table = as_table(item, NAME)
            yield from table.to_batches() if isinstance(table, pa.Table) else [table]
            if not table.num_rows:
                yield pa.RecordBatch.from_arrays(
                    [pa.nulls(0, field.type) for field in table.schema], schema=table.schema
                )
        else:
            yield from pa.RecordBatchReader.from_stream(item)


def _none(entities: bool) -> Sentences:
    """Return no sentences."""
    words = word_columns([])
    found = LabelledSentences.from_lists([], []).entities if entities else None
    return Sentences(words, found, (), None, np.zeros(0, np.int64))


def placed(error: InputError, done: int, ids: Any) -> InputError:
    """Return the error of a sentence of a part with its number among all, and its id."""
    s = error.sentence
    if s is None:
        return InputError(f"{NAME}: {error}", field=error.field)
    message = str(error).replace(f": sentence {s}", "", 1)
    return _error(message, done + s, ids, s, error.field)


def _error(message: str, number: int, ids: Any, row: int, field: str | None = NAME) -> InputError:
    which = "" if ids is None else f" (id {ids[row].as_py()!r})"
    return InputError(f"{NAME}: sentence {number}{which}: {message}", field=field, sentence=number)


def _no_ids(ids: Any) -> None:
    if ids is not None:
        raise InputError("ids: expected None, as the data has ids of its own, got some", field="ids")


def _is_arrow(item: Any) -> bool:
    return hasattr(item, "__arrow_c_stream__") or hasattr(item, "__arrow_c_array__")


def _is_text(item: Any) -> bool:
    return isinstance(item, str)


def is_in_memory(source: Any) -> bool:
    """Return whether a source is data, not the name of a file."""
    return not isinstance(source, (str, Path))
