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
    LabelId,
    Links,
    Mask,
    Offsets,
    Pieces,
    Score,
    Spans,
    WordIndex,
    WordProbabilities,
)
from xproj_fast.kernels.protocol import NerRules


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


class PieceColumns(NamedTuple):
    """Sub-tokens and the word each belongs to."""

    offsets: Offsets
    word: WordIndex


class ProbabilityColumns(NamedTuple):
    """Probabilities of labels, row-major (words x labels)."""

    offsets: Offsets
    values: NDArray[np.float32]


class RuleColumns(NamedTuple):
    """How probabilities become scores; see ``NerRules``."""

    first_column: LabelId
    inside_column: LabelId
    weight: NDArray[np.float64]
    predicted_weight: NDArray[np.float64]
    threshold: np.float32
    spans_only: bool


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
    return _view(array, dtype, 1)


def _view(array: NDArray[Any], dtype: type[np.generic], dimensions: int) -> NDArray[Any]:
    if array.dtype != dtype or array.ndim != dimensions or not array.flags.c_contiguous:
        layout = "" if array.flags.c_contiguous else ", not contiguous"
        shape = "[n]" if dimensions == 1 else f" in {dimensions} dimensions"
        raise TypeError(f"expected a contiguous {np.dtype(dtype)}{shape}, got {array.dtype}{list(array.shape)}{layout}")
    view = array.view()
    view.flags.writeable = False
    return view


def offset_column(offsets: Offsets) -> Offsets:
    """Return int64 offsets for a kernel."""
    return column(offsets, np.int64)


def mask_column(mask: Mask) -> Mask:
    """Return a uint8 mask for a kernel."""
    return column(mask, np.uint8)


def label_column(labels: LabelId) -> LabelId:
    """Return int32 label or tag ids for a kernel."""
    return column(labels, np.int32)


def span_columns(spans: Spans) -> SpanColumns:
    """Return spans for a kernel."""
    return SpanColumns(column(spans.offsets, np.int64), column(spans.start, np.int32), column(spans.end, np.int32))


def link_columns(links: Links) -> LinkColumns:
    """Return links for a kernel."""
    return LinkColumns(column(links.offsets, np.int64), column(links.source, np.int32), column(links.target, np.int32))


def piece_columns(pieces: Pieces) -> PieceColumns:
    """Return sub-tokens for a kernel."""
    return PieceColumns(column(pieces.offsets, np.int64), column(pieces.word, np.int32))


def probability_columns(probabilities: WordProbabilities) -> ProbabilityColumns:
    """Return word probabilities for a kernel."""
    return ProbabilityColumns(column(probabilities.offsets, np.int64), _view(probabilities.values, np.float32, 2))


def rule_columns(rules: NerRules) -> RuleColumns:
    """Return the rules of the NER score for a kernel."""
    return RuleColumns(
        column(rules.first_column, np.int32),
        column(rules.inside_column, np.int32),
        column(rules.weight, np.float64),
        column(rules.predicted_weight, np.float64),
        np.float32(rules.threshold),
        bool(rules.spans_only),
    )
