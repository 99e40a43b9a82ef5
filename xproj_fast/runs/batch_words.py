"""The words of a batch, the text's own: as they are, cut from raw text, or standing in it; rows at fault have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xproj_fast import checks
from xproj_fast.arrays import Entities, Words
from xproj_fast.arrow_labelled import WORDS_COLUMNS
from xproj_fast.arrow_layouts import column_of, is_string, list_column, strings
from xproj_fast.arrow_pairs import Columns, emptied, pairs_from_arrow
from xproj_fast.errors import InputError
from xproj_fast.formats.json_words import token_spans
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.kernels import get
from xproj_fast.row_faults import RowFaults
from xproj_fast.tag_columns import TAGS_KEYS, resolved_names
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import words_at


def words_column(schema: Any, name: str | None = None) -> str | None:
    """Return the column of words that is meant, None where a schema has none.

    Args:
        schema: of a batch.
        name: of the column; None = the one of ``WORDS_COLUMNS`` that is there.

    Raises:
        InputError: where several may be meant: labels of the wrong words would look like any others.
    """
    there = [each for each in WORDS_COLUMNS if each in schema.names]
    if name is None and len(there) > 1:
        got = f"{', '.join(there)}: words={there[0]!r} says that this one is meant"
        raise InputError(f"words: expected one column of words, got {got}", field="words")
    return name or next(iter(there), None)


def read_words(
    batch: Any, name: str | None, text_key: str, split: Callable[[str], list[Span]], faults: RowFaults
) -> Words:
    """Return the words of a batch; those of rows at fault have none.

    Args:
        batch: with a column of words, or of raw text, which is cut.
        name: see ``words_column``.
        text_key: the column of raw text; beside words it says where they stand.
        split: cuts it.
        faults: gathers what is wrong with rows.

    Raises:
        InputError: for no such column, another type, a broken one.
    """
    column, texts = words_column(batch.schema, name), None
    if text_key in batch.schema.names and is_string(batch.schema.field(text_key).type):
        found = column_of(batch, text_key)
        for row in np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False)).tolist():
            faults(InputError(f"{text_key}: sentence {row}: expected a string, got null", field=text_key, sentence=row))
        texts = [text or "" for text in strings(found, text_key, np.arange(len(found) + 1), faults).to_pylist()]
    if column is None and texts is None:
        expected = f"{' or '.join(map(repr, WORDS_COLUMNS))}, or raw texts under {text_key!r}"
        raise InputError(f"expected a column of words, {expected}, got {', '.join(batch.schema.names)}", field="words")
    if column is None:
        assert texts is not None
        return words_at(texts, [split(text) for text in texts])
    offsets, values = list_column(batch, column, report=faults)
    words = Words(offsets, strings(values, column, offsets, faults))
    checks.check_words(get(), words, column)
    if texts is not None:
        return in_texts(words, texts, column, faults)
    return without_words(words, faults)


def read_labelled_words(
    batch: Any, jsonl: JsonlOptions, scheme: str, faults: RowFaults
) -> tuple[Words, Entities, tuple[str, ...], NDArray[np.float32] | None]:
    """Return words, entities, the names of their labels, and how sure each is; rows at fault have none.

    Args:
        batch: with words, and with tags or entities of them; raw text beside them says where they stand.
        jsonl: where the raw text is, and what numbers for tags mean.
        scheme: how tags are read, see ``Columns``.
        faults: gathers what is wrong with rows.

    Raises:
        InputError: for a missing column, another type, a broken one.
    """
    there = batch.schema.names
    words = next((name for name in ("source_words", *WORDS_COLUMNS) if name in there), None)
    tags = next((name for name in TAGS_KEYS if name in there), None)
    if words is None or (tags is None and "entities" not in there):
        expected = f"words ({', '.join(WORDS_COLUMNS)}) and their tags ({', '.join(TAGS_KEYS)}) or entities"
        raise InputError(f"expected columns of {expected}, got {', '.join(there)}", field="words")
    names = resolved_names(jsonl.tag_names) or ()
    columns = Columns(words, words, "entities", tags, alignments=None, id=None, names=tuple(names), scheme=scheme)
    pairs = pairs_from_arrow(batch, columns, faults=faults)
    found = without_words(pairs.source, faults)
    text = jsonl.text_key
    if text in there and is_string(batch.schema.field(text).type):
        column = column_of(batch, text)
        texts = ["" if t is None else t for t in column.cast(pa.large_string()).to_pylist()]
        if column.null_count < len(column):
            found = in_texts(found, texts, words, faults)
    return found, pairs.entities, pairs.labels, pairs.source_confidence


def without_words(words: Words, faults: RowFaults) -> Words:
    """Return words, none of rows at fault."""
    if not len(faults):
        return words
    offsets, kept = emptied(words.offsets, faults.rows, np.arange(words.offsets[-1]))
    return Words(offsets, words.strings.take(pa.array(kept)))  # type: ignore[union-attr]


def in_texts(words: Words, texts: list[str], column: str, faults: RowFaults) -> Words:
    """Return words in the raw texts that they stand in; of a row at fault there are none."""
    places: list[list[Span]] = []
    for s, (text, tokens) in enumerate(zip(texts, words.to_lists(), strict=True)):
        places.append([])
        if s in faults:
            continue
        try:
            places[s] = token_spans(text, tokens, column)
        except InputError as error:
            faults(InputError(f"{column}: sentence {s}: {error}", field=column, sentence=s))
    return words_at(texts, places)
