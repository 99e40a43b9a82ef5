"""Several scores of the same pairs as one: a weighted sum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from xproj_fast.arrays import PairScores, as_array, sentence_of
from xproj_fast.errors import InputError, unknown_name

# The thesis's eight, by its names; "mt" is its NMTScore.
PRESETS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "align": {"alignment": 1.0},
        "ner": {"ner": 1.0},
        "nmt": {"mt": 1.0},
        "align_ner": {"alignment": 0.5, "ner": 0.5},
        "align_ner_spans": {"alignment": 0.5, "ner_spans": 0.5},
        "align_nmt": {"alignment": 0.5, "mt": 1.0},
        "ner_spans_nmt": {"ner_spans": 0.5, "mt": 1.0},
        "all_fusion": {"alignment": 0.5, "ner_spans": 0.5, "mt": 1.0},
    }
)
NO_THRESHOLDS: Mapping[str, float] = MappingProxyType({})
BLOCK = 1 << 16  # pairs at a time: the sums in double stay in the cache


def fuse(
    scores: Mapping[str, PairScores],
    weights: Mapping[str, float],
    thresholds: Mapping[str, float] = NO_THRESHOLDS,
    minimum: float = 0.0,
) -> PairScores:
    """Add up scores: the sum of weight * score over the names in ``weights``.

    A score below its threshold counts 0, and so does a sum below ``minimum``; both comparisons are of float32. The
    sum is made in double, in the order of ``weights``, and rounded once to float32.

    >>> a, b = (PairScores(np.array([0, 2]), np.array(values, np.float32)) for values in ([1.0, 0.5], [0.0, 0.8]))
    >>> fuse({"a": a, "b": b}, {"a": 1.0, "b": 0.5}, thresholds={"b": 0.5}, minimum=0.95).values
    array([1., 0.], dtype=float32)

    Args:
        scores: by name, all of the same pairs.
        weights: by name, finite numbers of 0 or more.
        thresholds: by name; only of scores that have a weight.
        minimum: the least sum.

    Returns:
        One sum per pair, float32.

    Raises:
        InputError: for a name without scores, scores of other pairs, NaN or infinite scores, a bad number.
    """
    check_weights(weights, thresholds, minimum)
    missing = [name for name in weights if name not in scores]
    if missing:
        raise InputError(f"scores: expected one for each weight, got none for {missing[0]!r}", field="scores")
    parts = [(name, _checked(name, scores[name])) for name in weights]
    first_name, first = parts[0]
    for name, part in parts[1:]:
        if not np.array_equal(part.offsets, first.offsets):
            raise InputError(
                f"scores: expected {name!r} to have the offsets of {first_name!r}, got others: they are scores of "
                "other pairs",
                field="scores",
            )
    values = np.empty(len(first.values), np.float32)
    least = np.float32(minimum)
    for begin in range(0, len(values), BLOCK):
        block = slice(begin, begin + BLOCK)
        total = np.zeros(len(values[block]))
        for name, part in parts:
            score = part.values[block].astype(np.float64)
            if name in thresholds:
                score[part.values[block] < np.float32(thresholds[name])] = 0.0
            score *= weights[name]
            total += score
        with np.errstate(over="ignore"):  # refused below
            values[block] = total
        values[block][values[block] < least] = 0
    return _checked("fused", PairScores(first.offsets, values))


def check_weights(weights: Mapping[str, float], thresholds: Mapping[str, float], minimum: float) -> None:
    """Check the numbers that ``fuse`` takes.

    Raises:
        InputError: for no weight at all, a number that is negative or not finite, a threshold without a weight.
    """
    if not weights:
        raise InputError("weights: expected at least one, got none", field="weights")
    for field, numbers in (("weights", weights), ("thresholds", thresholds), ("minimum", {"minimum": minimum})):
        for name, value in numbers.items():
            number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or value < 0:
                of = "" if field == "minimum" else f" for {name!r}"
                raise InputError(f"{field}: expected a number of 0 or more{of}, got {value!r}", field=field)
    for name in thresholds:
        if name not in weights:
            raise unknown_name("thresholds", name, weights, "names that have a weight,")


def _checked(name: str, scores: PairScores) -> PairScores:
    """Return finite scores with the right dtypes."""
    if not isinstance(scores, PairScores):
        raise InputError(f"scores: expected PairScores for {name!r}, got {type(scores).__name__}", field="scores")
    offsets = as_array(scores.offsets, np.int64, "scores")
    values = as_array(scores.values, np.float32, "scores")
    if len(offsets) == 0 or len(values) != offsets[-1]:
        raise InputError(
            f"scores: expected as many values as the last offset of {name!r} says, got {len(values)}", field="scores"
        )
    finite = np.isfinite(values)
    if not finite.all():
        item = int(np.argmin(finite))
        s = sentence_of(offsets, item)
        raise InputError(
            f"scores: sentence {s}: expected finite scores for {name!r}, got {values[item]} (flat position {item})",
            field="scores",
            sentence=s,
        )
    return PairScores(offsets, values)
