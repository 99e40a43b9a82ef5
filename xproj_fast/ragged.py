"""Arithmetic on ragged data: rows of different lengths, as ``offsets`` over flat items.

>>> offsets = offsets_of([2, 0, 3])  # three rows; the second is empty
>>> offsets.tolist()
[0, 2, 2, 5]
>>> row_numbers(offsets).tolist()
[0, 0, 2, 2, 2]
>>> gather(offsets, np.array([2, 0]))[1].tolist()  # where the items of rows 2 and 0 lie
[2, 3, 4, 0, 1]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xproj_fast.arrays import Entities, Links, Matches, Offsets, PairScores, Spans, WordProbabilities, Words

Rows = NDArray[np.int64]  # row numbers
T = TypeVar("T")
R = TypeVar("R", Words, Spans, Entities, Links, WordProbabilities, PairScores)

OF_ROWS = frozenset({"texts"})  # columns of the records above with one value per row, not an item
OF_ALL = frozenset({"tags"})  # and those that say something of the record as a whole


def offsets_of(counts: ArrayLike) -> Offsets:
    """Return the offsets of rows with so many items each; of a mask, how many are set before each item."""
    counts = np.asarray(counts)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def offsets_of_lists(rows: Iterable[Any]) -> Offsets:
    """Return the offsets of a list of lists."""
    return offsets_of(np.fromiter(map(len, rows), np.int64))


def row_numbers(offsets: Offsets) -> Rows:
    """Return the row of each item."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def per_item(values: NDArray[Any], offsets: Offsets) -> NDArray[Any]:
    """Return, for each item, the value of its row."""
    return np.repeat(values, np.diff(offsets))


def flat(within: NDArray[Any], items: Offsets, offsets: Offsets) -> NDArray[np.int64]:
    """Return where what is named by its place in its row lies in flat data.

    Args:
        within: places inside a row, one an item of ``items``: the first words of spans, say.
        items: the rows of those items: the offsets of the spans.
        offsets: the rows that the places count in: the offsets of the words.
    """
    found: NDArray[np.int64] = per_item(offsets[:-1], items) + within
    return found


def ranges(first: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """Return ``first[i]``, ``first[i] + 1``, ... (``counts[i]`` of them) for each i, joined."""
    offsets = offsets_of(counts)
    return np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], counts)


def gather(offsets: Offsets, rows: Rows) -> tuple[Offsets, NDArray[np.int64]]:
    """Return the offsets of some rows alone, and where their items lie."""
    counts = np.diff(offsets)[rows]
    return offsets_of(counts), ranges(offsets[:-1][rows], counts)


def spread(offsets: Offsets, rows: Rows, count: int) -> Offsets:
    """Return the offsets of some rows as those of ``count``, of which all others are empty."""
    counts = np.zeros(count, np.int64)
    counts[rows] = np.diff(offsets)
    return offsets_of(counts)


def joined(parts: Sequence[Offsets]) -> Offsets:
    """Return the offsets of consecutive parts as one's."""
    return parts[0] if len(parts) == 1 else offsets_of(np.concatenate([np.diff(part) for part in parts]))


def cut(items: list[T], offsets: Offsets) -> list[list[T]]:
    """Return the rows of a flat list."""
    return [items[a:b] for a, b in pairwise(offsets.tolist())]


def row_of(key: Any, count: int) -> int | None:
    """Return the row, of ``count``, that a row number names, a negative one from the end; None for any other key.

    Raises:
        IndexError: for a row that is not there.
    """
    if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
        return None
    if not -count <= key < count:
        raise IndexError(f"expected a row below {count:,}, got {key:,}")
    return int(key) % count


def rows_of(key: Any, count: int) -> Rows:
    """Return the rows, of ``count``, that a slice, a mask or a list of row numbers names; negative ones count back.

    Raises:
        TypeError: for anything else.
        IndexError: for a mask of another length, or a row that is not there.
    """
    if isinstance(key, slice):
        return np.arange(*key.indices(count))
    rows = np.asarray(key)
    if rows.ndim != 1 or (rows.dtype.kind not in "biu" and rows.size):
        raise TypeError(f"expected a row number, a slice, a mask or a list of row numbers, got {key!r}")
    if rows.dtype == np.bool_:
        if len(rows) != count:
            raise IndexError(f"expected a mask of {count:,} values, got {len(rows):,}")
        return np.flatnonzero(rows)
    rows = rows.astype(np.int64)
    wrong = rows[(rows < -count) | (rows >= count)]
    if len(wrong):
        raise IndexError(f"expected rows below {count:,}, got {wrong[0]:,}")
    return np.where(rows < 0, rows + count, rows)


def take(record: R, rows: Rows) -> R:
    """Return some rows of a record, in the order named, with arrays of their own."""
    offsets, items = gather(record.offsets, rows)
    columns: dict[str, Any] = {"offsets": offsets}
    for name in record.__dataclass_fields__:
        values = getattr(record, name)
        if name == "offsets":
            continue
        if values is None or name in OF_ALL:
            columns[name] = values
        elif isinstance(values, np.ndarray):
            columns[name] = values[items]
        else:
            columns[name] = values.take(rows if name in OF_ROWS else items)
    return type(record)(**columns)


def take_matches(matches: Matches, entities: Offsets, rows: Rows) -> Matches:
    """Return what was chosen in some sentences.

    Args:
        matches: of N sentences.
        entities: int64[N + 1], the offsets of their source entities.
        rows: which sentences.
    """
    offsets, items = gather(matches.offsets, rows)
    return Matches(
        offsets,
        matches.entity[items],
        matches.start[items],
        matches.end[items],
        matches.score[items],
        matches.objective[rows],
        matches.status[rows],
        matches.outcome[gather(entities, rows)[1]],
        None if matches.proof is None else matches.proof[rows],
    )


def keep(entities: Entities, mask: NDArray[np.bool_]) -> Entities:
    """Return some entities, bool[entities], in their sentences; label ids stay as they are."""
    if mask.all():
        return entities
    before = offsets_of(mask)
    return Entities(before[entities.offsets], entities.start[mask], entities.end[mask], entities.label[mask])
