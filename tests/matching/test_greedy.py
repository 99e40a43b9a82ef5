"""Greedy matching equals the reference on every backend."""

from __future__ import annotations

import common
import numpy as np
import pytest
import reference.greedy as reference
from common import assert_matches, pair_scores
from hypothesis import given
from hypothesis import strategies as st
from strategies import LIMITS, Batch, batches, candidates_of, limits, scores_of

from xproj_fast.arrays import Matches, Outcome, PairScores, Status
from xproj_fast.errors import InputError
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.limit import Limit
from xproj_fast.pairs import SentencePairs

f32 = np.float32
SPANS = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]


def block(*rows: tuple[float, ...]) -> list[list[np.float32]]:
    return [[f32(score) for score in row] for row in rows]


def match(backend: str, scores: list[list[np.float32]], limit: str = "<=1") -> Matches:
    """Match entities of one sentence with the candidates of ``SPANS``."""
    entities = [(e, e + 1, "PER") for e in range(len(scores))]
    pairs = SentencePairs.from_lists([["s"] * len(scores)], [["t"] * 3], [entities])
    spans = common.given(pairs, [SPANS])
    return greedy(pairs, spans, pair_scores([scores]), limit=limit, backend=backend)


# scores of SPANS, a row per entity, limit -> chosen (entity, start, end), status, outcomes; worked by hand
HAND = {
    "largest first": (
        block((0.5, 0.75, 0.25, 0, 0), (0, 0.875, 0, 0, 0.5)),
        "<=1",
        [(1, 0, 2)],
        Status.FEASIBLE,
        [Outcome.OVERLAP, Outcome.PROJECTED],
    ),
    "tie: the lower entity": (
        block((0, 0, 0.5, 0, 0), (0, 0, 0.5, 0, 0)),
        "<=1",
        [(0, 1, 2)],
        Status.FEASIBLE,
        [Outcome.PROJECTED, Outcome.OVERLAP],
    ),
    "tie: the earlier start": (
        block((0, 0, 0, 0.5, 0.5)),
        "<=1",
        [(0, 1, 3)],
        Status.FEASIBLE,
        [Outcome.PROJECTED],
    ),
    "tie: the shorter span": (
        block((0.5, 0.5, 0, 0, 0)),
        "<=1",
        [(0, 0, 1)],
        Status.FEASIBLE,
        [Outcome.PROJECTED],
    ),
    "several spans, ordered by start": (
        block((0.25, 0, 0.5, 0, 1.0)),
        ">=1",
        [(0, 0, 1), (0, 1, 2), (0, 2, 3)],
        Status.FEASIBLE,
        [Outcome.PROJECTED],
    ),
    "a quota ends it": (
        block((0.25, 0, 0.5, 0, 1.0)),
        "<3",
        [(0, 1, 2), (0, 2, 3)],
        Status.FEASIBLE,
        [Outcome.PROJECTED],
    ),
    "below the quota": (
        block((0, 1.0, 0.5, 0, 0)),
        "=2",
        [(0, 0, 2)],
        Status.INFEASIBLE,
        [Outcome.PROJECTED],
    ),
    "no positive score is no quota": (
        block((0, -1, 0, 0, 0), (1, 0, 0, 0, 0)),
        "=1",
        [(1, 0, 1)],
        Status.FEASIBLE,
        [Outcome.UNSCORED, Outcome.PROJECTED],
    ),
    "robbed of its only span": (
        block((0, 1.0, 0, 0, 0), (0, 0, 0.5, 0, 0)),
        ">0",
        [(0, 0, 2)],
        Status.INFEASIBLE,
        [Outcome.PROJECTED, Outcome.OVERLAP],
    ),
    "float32 knows no difference": (
        [[f32(0.1), f32(0), f32(0.1 + 1e-9), f32(0), f32(0)]],
        "<=1",
        [(0, 0, 1)],
        Status.FEASIBLE,
        [Outcome.PROJECTED],
    ),
    "the smallest positive score": (
        block((0, 0, 1e-45, 0, 0)),
        "<=1",
        [(0, 1, 2)],
        Status.FEASIBLE,
        [Outcome.PROJECTED],
    ),
}


@pytest.mark.parametrize("case", HAND)
def test_reference(case: str) -> None:
    scores, limit, chosen, status, outcomes = HAND[case]
    result = reference.greedy(SPANS, scores, *LIMITS.get(limit, Limit.parse(limit)))
    assert [span[:3] for span in result.spans] == chosen
    assert (result.status, result.outcomes) == (status, outcomes)


@pytest.mark.parametrize("case", HAND)
def test_by_hand(backend: str, case: str) -> None:
    scores, limit, chosen, status, outcomes = HAND[case]
    got = match(backend, scores, limit)
    rows = zip(got.entity.tolist(), got.start.tolist(), got.end.tolist(), strict=True)
    assert list(rows) == chosen
    assert got.status.tolist() == [status]
    assert got.outcome.tolist() == outcomes


@given(batch=batches(), limit=limits, data=st.data())
def test_greedy(backend: str, batch: Batch, limit: str, data: st.DataObject) -> None:
    pairs = batch.pairs()
    spans = [data.draw(candidates_of(len(words))) for words in batch.target]
    scores = [data.draw(scores_of(len(batch.entities[s]), len(spans[s]))) for s in range(len(batch))]
    got = greedy(pairs, common.given(pairs, spans), pair_scores(scores), limit=limit, backend=backend)
    lo, hi = LIMITS[limit]
    assert_matches(got, [reference.greedy(*args, lo, hi) for args in zip(spans, scores, strict=True)])


def test_objective_is_a_float64_sum_in_output_order(backend: str) -> None:
    scores = block((1e-9, 0, 1.0, 0, 3e38))
    assert match(backend, scores, ">=1").objective.tolist() == [float(f32(1e-9)) + float(f32(1.0)) + float(f32(3e38))]
    tiny = block((2.0**-53, 0, 2.0**-53, 0, 1.0))  # (a + a) + 1 > 1 = (1 + a) + a
    assert match(backend, tiny, ">=1").objective.tolist() == [1.0 + 2.0**-52]


def test_no_sentences(backend: str) -> None:
    pairs = SentencePairs.from_lists([], [], [])
    assert_matches(greedy(pairs, common.given(pairs, []), pair_scores([]), backend=backend), [])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers(bad: float) -> None:
    pairs = SentencePairs.from_lists([["s"], ["s"]], [["t"], ["t", "t"]], [[(0, 1, "PER")]] * 2)
    spans = common.given(pairs, [[(0, 1)], [(0, 1), (1, 2)]])
    scores = PairScores(np.array([0, 1, 3]), np.array([1, 1, bad], np.float32))
    message = rf"scores: sentence 1: expected finite scores, got {f32(bad)} \(flat position 2\)"
    with pytest.raises(InputError, match=message) as caught:
        greedy(pairs, spans, scores)
    assert (caught.value.field, caught.value.sentence) == ("scores", 1)


BAD_SCORES = {
    "offsets": (
        [0, 2],
        [1.0, 1.0],
        "expected offsets that give each sentence its entities x candidates values",
    ),
    "offsets of other sentences": ([0, 3, 3], [1.0] * 3, "expected offsets that give each sentence"),
    "too few": ([0, 3], [1.0] * 2, "expected 3 values, got 2"),
    "too many": ([0, 3], [1.0] * 4, "expected 3 values, got 4"),
    "strings": ([0, 3], ["a", "b", "c"], "expected numbers, got dtype <U1"),
    "bools": ([0, 3], [True, False, True], "expected numbers, got dtype bool"),
    "2-d": ([0, 3], [[1.0, 2.0, 3.0]], r"expected a 1-d array, got shape \(1, 3\)"),
    "float offsets": ([0.0, 3.0], [1.0] * 3, "expected integers, got dtype float64"),
    "beyond float32": ([0, 3], [1.0, 1e300, 1.0], "expected .* got (inf|1e[+]300)"),
}


@pytest.mark.parametrize("case", BAD_SCORES)
def test_bad_scores(case: str) -> None:
    offsets, values, message = BAD_SCORES[case]
    pairs = SentencePairs.from_lists([["s"]], [["t"] * 2], [[(0, 1, "PER")]])
    spans = common.given(pairs, [[(0, 1), (0, 2), (1, 2)]])
    with pytest.raises(InputError, match="scores: .*" + message) as caught:
        greedy(pairs, spans, PairScores(np.array(offsets), np.array(values)))
    assert caught.value.field == "scores"


def test_scores_of_other_dtypes_are_converted(backend: str) -> None:
    pairs = SentencePairs.from_lists([["s"]], [["t"] * 2], [[(0, 1, "PER")]])
    spans = common.given(pairs, [[(0, 1), (0, 2), (1, 2)]])
    for values in ([0, 1, 2], [0.0, 1.0, 2.0], np.array([0, 1, 2], np.float16)):
        got = greedy(pairs, spans, PairScores(np.array([0, 3], np.int32), np.array(values)), backend=backend)
        assert got.score.tolist() == [2.0]


def test_candidates_out_of_order() -> None:
    pairs = SentencePairs.from_lists([["s"]], [["t"] * 2], [[(0, 1, "PER")]])
    spans = common.given(pairs, [[(0, 1), (1, 2)]])
    turned = type(spans)(spans.offsets, spans.start[::-1].copy(), spans.end[::-1].copy())
    with pytest.raises(InputError, match="candidates: sentence 0, span 1: expected spans ordered by start and end"):
        greedy(pairs, turned, pair_scores([block((1, 1))]))
