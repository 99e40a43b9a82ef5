"""Weighted sums of scores: the arithmetic to the bit, the presets, bad numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SCORES

from xproj_fast.arrays import PairScores
from xproj_fast.errors import InputError
from xproj_fast.scores import fuse as module
from xproj_fast.scores.fuse import PRESETS, fuse

NAMES = ("a", "b", "c")
VALUES = st.one_of(st.sampled_from(SCORES[:-2]), st.floats(-10, 10, width=32))
NUMBERS = st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.5, 0.7, 1.0, 2.5])


def pair_scores(values: Any, offsets: Any = None) -> PairScores:
    array = np.array(values, np.float32)
    return PairScores(np.array([0, len(array)] if offsets is None else offsets, np.int64), array)


def plain(rows: dict[str, list[float]], weights: dict[str, float], least: dict[str, float], minimum: float) -> list:
    fused = []
    for i in range(len(rows["a"])):
        total = 0.0
        for name, weight in weights.items():
            score = np.float32(rows[name][i])
            total += weight * (0.0 if name in least and score < np.float32(least[name]) else float(score))
        value = np.float32(total)
        fused.append(float(value) if value >= np.float32(minimum) else 0.0)
    return fused


@given(
    data=st.data(),
    size=st.integers(0, 9),
    weights=st.dictionaries(st.sampled_from(NAMES), NUMBERS, min_size=1),
    minimum=NUMBERS,
    block=st.sampled_from([1, 4, 1 << 16]),
)
def test_fuse(data: st.DataObject, size: int, weights: dict[str, float], minimum: float, block: int) -> None:
    rows = {name: data.draw(st.lists(VALUES, min_size=size, max_size=size)) for name in NAMES}
    thresholds = data.draw(st.dictionaries(st.sampled_from(sorted(weights)), NUMBERS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        got = fuse({name: pair_scores(row) for name, row in rows.items()}, weights, thresholds, minimum)
    assert got.values.dtype == np.float32
    assert got.offsets.tolist() == [0, size]
    assert got.values.tolist() == plain(rows, weights, thresholds, minimum)


def test_one_score_with_weight_one_is_itself() -> None:
    random = np.random.default_rng(0).random(100_000, np.float32)
    assert fuse({"a": pair_scores(random)}, {"a": 1.0}).values.tobytes() == random.tobytes()


def test_the_order_of_the_weights_is_the_order_of_the_sum() -> None:
    scores = {"a": pair_scores([1.0]), "b": pair_scores([1.0]), "c": pair_scores([1.0])}
    one = fuse(scores, {"a": 1e16, "b": 1.0, "c": 1.0}).values[0]
    other = fuse(scores, {"b": 1.0, "c": 1.0, "a": 1e16}).values[0]
    assert (one, other) == (np.float32(1e16), np.float32(1e16 + 2))


def test_by_hand() -> None:
    scores = {"alignment": pair_scores([1.0, 0.5, 0.25]), "ner": pair_scores([0.0, 0.5, 0.75])}
    weights = {"alignment": 0.5, "ner": 1.0}
    assert fuse(scores, weights).values.tolist() == [0.5, 0.75, 0.875]
    assert fuse(scores, weights, {"ner": 0.75}).values.tolist() == [0.5, 0.25, 0.875]
    assert fuse(scores, weights, {"ner": 0.75}, 0.5).values.tolist() == [0.5, 0.0, 0.875]


def test_thresholds_are_compared_as_float32() -> None:
    # 0.7 is more in double than in float32: a score of 0.7 still reaches a threshold of 0.7
    assert fuse({"a": pair_scores([0.7])}, {"a": 1.0}, {"a": 0.7}, 0.7).values[0] == np.float32(0.7)


def test_presets() -> None:
    """methods.md: weights of (align, ner, ner_spans, nmt)."""
    weights = {
        "align": (1, 0, 0, 0),
        "ner": (0, 1, 0, 0),
        "nmt": (0, 0, 0, 1),
        "align_ner": (0.5, 0.5, 0, 0),
        "align_ner_spans": (0.5, 0, 0.5, 0),
        "align_nmt": (0.5, 0, 0, 1),
        "ner_spans_nmt": (0, 0, 0.5, 1),
        "all_fusion": (0.5, 0, 0.5, 1),
    }
    names = ("alignment", "ner", "ner_spans", "mt")
    assert {key: tuple(preset.get(name, 0) for name in names) for key, preset in PRESETS.items()} == weights


ONE = pair_scores([1.0])
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no weights": ({"weights": {}}, "weights: expected at least one, got none"),
    "negative": ({"weights": {"a": -1.0}}, "weights: expected a number of 0 or more for 'a', got -1.0"),
    "NaN": ({"weights": {"a": float("nan")}}, "weights: expected a number of 0 or more for 'a', got nan"),
    "text": ({"weights": {"a": "1"}}, "weights: expected a number of 0 or more for 'a', got '1'"),
    "bool": ({"weights": {"a": True}}, "weights: expected a number of 0 or more for 'a', got True"),
    "no score": ({"weights": {"a": 1.0, "x": 1.0}}, "scores: expected one for each weight, got none for 'x'"),
    "threshold": ({"thresholds": {"a": -0.5}}, "thresholds: expected a number of 0 or more for 'a', got -0.5"),
    "threshold name": ({"thresholds": {"b": 0.5}}, "thresholds: expected names that have a weight, a, got 'b'"),
    "minimum": ({"minimum": float("inf")}, "minimum: expected a number of 0 or more, got inf"),
    "other pairs": (
        {"weights": {"a": 1.0, "b": 1.0}, "scores": {"a": ONE, "b": pair_scores([1.0], [0, 0, 1])}},
        "scores: expected 'b' to have the offsets of 'a', got others",
    ),
    "too few": ({"scores": {"a": pair_scores([1.0], [0, 2])}}, "scores: expected as many values .* 'a' says, got 1"),
    "not scores": ({"scores": {"a": np.ones(1)}}, "scores: expected PairScores for 'a', got ndarray"),
    "NaN score": (
        {"scores": {"a": pair_scores([1.0, np.nan], [0, 1, 2])}},
        r"scores: sentence 1: expected finite scores for 'a', got nan \(flat position 1\)",
    ),
    "overflow": ({"scores": {"a": pair_scores([3e38])}, "weights": {"a": 9.0}}, "expected finite .* 'fused', got inf"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments(case: str) -> None:
    arguments, message = BAD[case]
    with pytest.raises(InputError, match=message) as caught:
        fuse(**{"scores": {"a": ONE, "b": ONE}, "weights": {"a": 1.0}, **arguments})
    assert caught.value.field in ("weights", "thresholds", "minimum", "scores")
