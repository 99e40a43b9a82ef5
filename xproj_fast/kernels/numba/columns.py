"""The arrays of ``xproj_fast.arrays`` as named tuples, which compiled code can take.

Inputs become read-only views: then a kernel compiles once, for read-only arrays, and not again for each mixture of
frozen and writable arrays that callers come with.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import (
    EntityIndex,
    Links,
    Mask,
    Offsets,
    Score,
    Spans,
    WordIndex,
)


class SpanColumns(NamedTuple):
    """Half-open word spans: source entities or target candidates."""

    offsets: Offsets
    start: WordIndex
    end: WordIndex


class LinkColumns(NamedTuple):
    """Links between source and target words; order and repeats do not matter."""

    offsets: Offsets
    source: WordIndex
    target: WordIndex


class MatchColumns(NamedTuple):
    """What a matcher writes; see ``xproj_fast.arrays.Matches``. Chunks leave gaps in the span columns."""

    offsets: Offsets
    entity: EntityIndex
    start: WordIndex
    end: WordIndex
    score: Score
    objective: NDArray[np.float64]
    status: NDArray[np.uint8]
    outcome: NDArray[np.uint8]


def column(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """Return a read-only view.

    Raises:
        TypeError: for another dtype or layout; a silent copy would hide a caller's mistake.
    """
    if array.dtype != dtype or array.ndim != 1 or not array.flags.c_contiguous:
        layout = "" if array.flags.c_contiguous else ", not contiguous"
        raise TypeError(f"expected a contiguous {np.dtype(dtype)}[n], got {array.dtype}{list(array.shape)}{layout}")
    view = array.view()
    view.flags.writeable = False
    return view


def offset_column(offsets: Offsets) -> Offsets:
    """Return int64 offsets for a kernel."""
    return column(offsets, np.int64)


def mask_column(mask: Mask) -> Mask:
    """Return a uint8 mask for a kernel."""
    return column(mask, np.uint8)


def span_columns(spans: Spans) -> SpanColumns:
    """Return spans for a kernel."""
    return SpanColumns(column(spans.offsets, np.int64), column(spans.start, np.int32), column(spans.end, np.int32))


def link_columns(links: Links) -> LinkColumns:
    """Return links for a kernel."""
    return LinkColumns(column(links.offsets, np.int64), column(links.source, np.int32), column(links.target, np.int32))
