"""The ILP reaches what trying everything reaches, and says truthfully how it ended."""

from __future__ import annotations

import common
import numpy as np
import pytest
import reference.exact as oracle
from common import pair_scores
from hypothesis import given
from hypothesis import strategies as st
from strategies import LIMITS, limits
from test_exact import TOLERANCE, close, dense, make_pairs, problems

from xproj_fast.arrays import Outcome, PairScores, Proof, Spans, Status
from xproj_fast.errors import InputError
from xproj_fast.matching.ilp import ilp


@given(problem=problems(), limit=limits, forbid_adjacent=st.booleans(), batch=st.sampled_from([1, 3, 50]))
def test_nothing_is_better(problem: tuple, limit: str, forbid_adjacent: bool, batch: int) -> None:
    words, candidates, scores = problem
    pairs = make_pairs([len(rows) for rows in scores], words)
    spans = common.given(pairs, candidates)
    lo, hi = LIMITS[limit]
    got = ilp(pairs, spans, pair_scores(scores), limit=limit, forbid_adjacent=forbid_adjacent, batch=batch, threads=1)
    satisfied = oracle.check_solution(got, candidates, scores, lo, hi, forbid_adjacent)
    for s in range(len(words)):
        best = oracle.best(candidates[s], scores[s], lo, hi, forbid_adjacent)
        assert satisfied[s] == best.satisfied
        assert close(got.objective[s], float(best.objective), scores[s])
        assert got.status[s] == (Status.OPTIMAL if best.feasible else Status.INFEASIBLE)


@pytest.mark.parametrize("kind", ["uniform", "near-identical"])
def test_models_of_many_sentences_reach_the_same(kind: str) -> None:
    parts = [dense(kind, 4, 15, seed) for seed in range(12)]
    count = len(parts[0][0].start)
    pairs = make_pairs([4] * 12, [15] * 12)
    spans = Spans(
        np.arange(13) * count,
        np.concatenate([part.start for part, _ in parts]),
        np.concatenate([part.end for part, _ in parts]),
    )
    scores = PairScores(np.arange(13) * 4 * count, np.concatenate([values.values for _, values in parts]))
    one = ilp(pairs, spans, scores)
    assert (one.proof == Proof.ILP).all()
    for batch, threads in ((5, 1), (200, 2)):
        many = ilp(pairs, spans, scores, batch=batch, threads=threads)
        assert np.allclose(many.objective, one.objective, rtol=0, atol=TOLERANCE)
        assert many.status.tolist() == one.status.tolist()


def test_a_time_limit_that_is_hit_is_said() -> None:
    pairs = make_pairs([32], [200])
    spans, scores = dense("near-identical", 32, 200, 0)
    got = ilp(pairs, spans, scores, time_limit=1e-4)
    assert got.status.tolist() == [Status.LIMIT]
    assert got.proof is not None
    assert got.proof.tolist() == [Proof.NONE]


def test_nothing_to_solve() -> None:
    empty = Spans(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
    none = PairScores(np.zeros(1, np.int64), np.zeros(0, np.float32))
    assert len(ilp(make_pairs([], []), empty, none).status) == 0
    pairs = make_pairs([2, 0], [0, 3])
    got = ilp(
        pairs, Spans(np.zeros(3, np.int64), empty.start, empty.end), PairScores(np.zeros(3, np.int64), none.values)
    )
    assert got.status.tolist() == [Status.OPTIMAL] * 2
    assert got.outcome.tolist() == [Outcome.UNSCORED] * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": "<=-1"}, "limit: expected"),
        ({"batch": 0}, "batch: expected at least 1 sentence, got 0"),
        ({"time_limit": 0}, "time_limit: expected seconds above 0"),
        ({"time_limit": -1.0}, "time_limit: expected seconds above 0"),
        ({"threads": 0}, "threads: expected at least 1"),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    spans = Spans(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.int32))
    scores = PairScores(np.array([0, 1]), np.ones(1, np.float32))
    with pytest.raises(InputError, match=message):
        ilp(make_pairs([1], [1]), spans, scores, **options)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_no_numbers(bad: float) -> None:
    spans = Spans(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.int32))
    with pytest.raises(InputError, match="scores: sentence 0: expected finite scores"):
        ilp(make_pairs([1], [1]), spans, PairScores(np.array([0, 1]), np.array([bad], np.float32)))
