"""Sentences of one language from a batch of Arrow data: raw text, or words, with an id each, and maybe labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xproj_fast import checks
from xproj_fast.arrays import Words
from xproj_fast.arrow_labelled import WORDS_COLUMNS, spans_beside
from xproj_fast.arrow_layouts import column_of, is_string, strings
from xproj_fast.arrow_pairs import Columns, read_entities, read_words
from xproj_fast.errors import InputError
from xproj_fast.formats.json_words import token_spans
from xproj_fast.formats.sentences import Sentences
from xproj_fast.kernels import get
from xproj_fast.row_faults import Report, raise_it
from xproj_fast.tag_columns import TAGS_KEYS
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import words_at

Cut = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class TextColumns:
    """Where Arrow data of sentences of one language has what.

    >>> columns = TextColumns(words="tokens")
    >>> columns.text
    'text'

    Attributes:
        words: lists of strings; None = the one of ``tokens``, ``words`` and ``target_words`` that is there, if any.
        text: raw sentences: beside words, what they stand in; without words they are cut from it.
        id: need not be there.
        tags: of labelled sentences, a tag per word; None = ``ner_tags`` or ``tags``, the first that is there, or else
            ``entities``, see ``xproj_fast.arrow_pairs``.
        names: what whole numbers for tags mean, in order; () = what the schema's metadata says.
        scheme: how tags are read, see ``Columns``.
    """

    words: str | None = None
    text: str = "text"
    id: str | None = "id"
    tags: str | None = None
    names: tuple[str, ...] = ()
    scheme: str = "iob2"

    def words_in(self, names: Sequence[str]) -> str | None:
        """Return the column of words among some columns; None where raw text is all there is.

        Raises:
            InputError: where several may be meant, and where there is neither.
        """
        there = [name for name in WORDS_COLUMNS if name in names]
        if self.words is not None:
            return self.words
        if len(there) > 1:
            got = f"{' and '.join(there)} (TextColumns(words=...) says which)"
            raise InputError(f"words: expected one column of words, got {got}", field="words")
        if not there and self.text not in names:
            expected = f"a column of words, {' or '.join(map(repr, WORDS_COLUMNS))}, or of raw text, {self.text!r}"
            raise InputError(f"words: expected {expected}, got columns {', '.join(names) or 'none'}", field="words")
        return there[0] if there else None

    def tags_in(self, names: Sequence[str]) -> str | None:
        """Return the column of tags among some columns; None = there are entities instead."""
        return self.tags or next((name for name in TAGS_KEYS if name in names), None)


DEFAULT_TEXT = TextColumns()


def sentences_of(
    rows: Any, columns: TextColumns, cut: Cut, *, first: int = 0, report: Report = raise_it, entities: bool = False
) -> Sentences:
    """Return the sentences of a table or record batch.

    Args:
        rows: it.
        columns: where it has what.
        cut: cuts raw text into words.
        first: number of its first row in all that was given.
        report: called with the error of each row at fault, whose words mean nothing.
        entities: read the labels, too.

    Raises:
        InputError: for a missing column, another type, a broken array.
    """
    words = _words(rows, columns, cut, report)
    checks.check_words(get(), words, columns.words or "words")
    there = columns.id is not None and columns.id in rows.schema.names
    ids = column_of(rows, columns.id or "") if there else None
    lines = np.arange(first + 1, first + 1 + len(words), dtype=np.int64)
    if not entities:
        return Sentences(words, None, (), ids, lines)
    tags = columns.tags_in(rows.schema.names)
    where = Columns(tags=tags, names=columns.names, scheme=columns.scheme)
    found, labels, sure = read_entities(rows, where, words, report)
    if tags == "tags":
        sure = spans_beside(rows, found, labels)
    checks.check_names(labels)
    checks.check_entities(get(), found, words, len(labels), nested=False, report=report)
    return Sentences(words, found, labels, ids, lines, sure)


def _words(rows: Any, columns: TextColumns, cut: Cut, report: Report) -> Words:
    names = rows.schema.names
    name = columns.words_in(names)
    words = None if name is None else read_words(rows, name, report)
    if words is not None and (columns.text not in names or not is_string(rows.schema.field(columns.text).type)):
        return words
    texts = _texts(rows, columns.text, report)
    if words is None:
        return words_at(texts, [cut(text) for text in texts])
    spans: list[Span] = []
    for s, (text, tokens) in enumerate(zip(texts, words.to_lists(), strict=True)):
        try:
            spans += token_spans(text, tokens, name or "")
        except InputError as error:
            report(InputError(f"{name}: sentence {s}: {error}", field=name, sentence=s))
            spans += [(0, 0)] * len(tokens)
    start, end = np.array(spans, np.int32).reshape(-1, 2).T.copy()
    return Words(words.offsets, words.strings, _large(texts), start, end)


def _texts(rows: Any, name: str, report: Report) -> list[str]:
    column = column_of(rows, name)
    if not is_string(column.type):
        raise InputError(f"{name}: expected strings, got {column.type}", field=name)
    nulls = column.is_null().to_numpy(zero_copy_only=False)
    for s in np.flatnonzero(nulls).tolist():
        report(InputError(f"{name}: sentence {s}: expected a string, got null", field=name, sentence=s))
    if column.null_count:
        return [text or "" for text in column.to_pylist()]
    texts: list[str] = strings(column, name, np.arange(len(column) + 1)).to_pylist()
    return texts


def _large(texts: list[str]) -> Any:
    import pyarrow as pa

    return pa.array(texts, pa.large_string())
