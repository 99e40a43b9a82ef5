"""What a projection adds to a batch: columns whose types are always the same, and never dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xproj_fast import _core
from xproj_fast.arrays import Offsets, Proof, Spans
from xproj_fast.arrow_arrays import numbers
from xproj_fast.arrow_columns import OUTCOMES, PROOFS, STATUSES
from xproj_fast.arrow_pairs import emptied
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.projection import Projection
from xproj_fast.ragged import Rows

SPAN = pa.struct(
    [
        ("entity", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),
        ("confidence", pa.float32()),
    ]
)
ADDED = {
    "tags": pa.list_(pa.string()),
    "spans": pa.list_(SPAN),
    "outcomes": pa.list_(pa.string()),
    "objective": pa.float64(),
    "status": pa.string(),
    "proof": pa.string(),
    "error": pa.string(),
}


def added_columns(result: Projection, rows: Rows, errors: Sequence[str]) -> list[pa.Array]:
    """Return the columns of ``ADDED`` for a batch.

    Args:
        result: of the batch.
        rows: those at fault, in order, in which all but ``error`` is null.
        errors: what is wrong with each of these.

    Raises:
        InputError: for more text or spans than 32-bit offsets can count.
    """
    pairs, matches = result.pairs, result.matches
    valid = valid_bits(len(pairs), rows)
    proof = np.full(len(pairs), Proof.NONE, np.uint8) if matches.proof is None else matches.proof
    spans = [
        numbers(matches.entity),
        numbers(matches.start),
        numbers(matches.end),
        name_array(result.label, pairs.labels),
        numbers(matches.score),
        _floats(result.confidence, len(matches.score)),
    ]
    (words,) = emptied(pairs.target.offsets, rows)  # those at fault have no tags
    return [
        list_array(ADDED["tags"], words, _tags(result, words), valid),
        list_array(ADDED["spans"], matches.offsets, _structs(spans, len(matches.score)), valid),
        list_array(ADDED["outcomes"], pairs.entities.offsets, name_array(matches.outcome, OUTCOMES), valid),
        pa.Array.from_buffers(pa.float64(), len(pairs), [valid, pa.py_buffer(matches.objective)]),
        name_array(matches.status, STATUSES, valid),
        name_array(proof, PROOFS, valid),
        error_array(len(pairs), rows, errors),
    ]


def valid_bits(count: int, rows: Rows) -> pa.Buffer | None:
    """Return Arrow's bitmap of the rows that are not at fault; None where none is."""
    if not len(rows):
        return None
    good = np.ones(count, np.bool_)
    good[rows] = False
    return pa.py_buffer(np.packbits(good, bitorder="little"))


def labelled_columns(found: LabelledSentences, rows: Rows, errors: Sequence[str]) -> list[pa.Array]:
    """Return the columns of ``ADDED`` where nothing was projected, as with a tagger's own labels.

    What tells of a projection is null: outcomes, objective, status, proof, and of a span the entity; its score is the
    tagger's.
    """
    count, spans = len(found), found.entities
    valid = valid_bits(count, rows)
    (words,), offsets = emptied(found.words.offsets, rows), spans.offsets
    places = Spans(offsets, spans.start, spans.end)
    tags = _spelt(int(words[-1]), None, _core.spell_tags, words, places, spans.label, found.tag_names)
    size = len(spans.start)
    columns = [
        pa.nulls(size, pa.int32()),
        numbers(spans.start),
        numbers(spans.end),
        name_array(spans.label, found.labels),
        _floats(found.scores, size),
        _floats(found.confidences, size),
    ]
    return [
        list_array(ADDED["tags"], words, tags, valid),
        list_array(ADDED["spans"], offsets, _structs(columns, size), valid),
        *(pa.nulls(count, ADDED[name]) for name in ("outcomes", "objective", "status", "proof")),
        error_array(count, rows, errors),
    ]


def list_array(
    kind: pa.DataType, offsets: NDArray[np.int64], values: pa.Array, valid: pa.Buffer | None = None
) -> pa.Array:
    """Return lists of a type, int32 offsets and all; ``valid``: the bits of those that are not null."""
    short = pa.py_buffer(offsets.astype(np.int32))  # there is text of less than 2 GiB
    return pa.Array.from_buffers(kind, len(offsets) - 1, [valid, short], children=[values])


def _floats(values: NDArray[np.float32] | None, count: int) -> pa.Array:
    """Return float32 values; nulls where nobody knows them."""
    return pa.nulls(count, pa.float32()) if values is None else numbers(values)


def _structs(columns: list[pa.Array], count: int) -> pa.Array:
    return pa.Array.from_buffers(SPAN, count, [None], children=columns)


def _tags(result: Projection, words: Offsets) -> pa.Array:
    matches = result.matches
    spans = Spans(matches.offsets, matches.start, matches.end)
    return _spelt(int(words[-1]), None, _core.spell_tags, words, spans, result.label, result.tag_names)


def name_array(ids: NDArray[Any], names: Sequence[str], valid: pa.Buffer | None = None) -> pa.Array:
    """Return ids as the strings that they stand for."""
    return _spelt(len(ids), valid, _core.spell_names, ids.astype(np.int32, copy=False), names)


def _spelt(count: int, valid: pa.Buffer | None, kernel: Callable[..., tuple[Any, Any]], *columns: Any) -> pa.Array:
    try:
        buffers = kernel(*columns, pa.allocate_buffer)
    except OverflowError as error:
        raise InputError(f"batch: expected one of fewer rows: {error}", field="batch") from None
    return pa.Array.from_buffers(pa.string(), count, [valid, *buffers])


def error_array(count: int, rows: Rows, errors: Sequence[str]) -> pa.Array:
    """Return a message for some rows, null for all others."""
    if not len(rows):
        return pa.nulls(count, pa.string())
    text = [error.encode() for error in errors]
    sizes = np.zeros(count, np.int64)
    sizes[rows] = [len(each) for each in text]
    offsets = np.append(0, np.cumsum(sizes)).astype(np.int32)
    wrong = np.zeros(count, np.bool_)
    wrong[rows] = True
    bitmap = pa.py_buffer(np.packbits(wrong, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), count, [bitmap, pa.py_buffer(offsets), pa.py_buffer(b"".join(text))])
