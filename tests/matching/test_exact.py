"""Exact matching: equal to trying everything, to the ILP, and to greedy wherever greedy is optimal."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import common
import numpy as np
import pytest
import reference.exact as oracle
from common import assert_same, by_sentence, pair_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LIMITS, Batch, batches, candidates_of, large_batch, limits, scores_of

from xproj_fast.arrays import UNLIMITED, Entities, Matches, Outcome, PairScores, Proof, Spans, Status, Words
from xproj_fast.errors import InputError
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.ilp import ilp
from xproj_fast.matching.limit import Limit
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project

TOLERANCE = 2e-6  # of the objective: what counts as equal, with room for the sum of float32 scores


def make_pairs(entities: list[int], words: list[int]) -> SentencePairs:
    """Return pairs of which only the numbers of entities and target words matter."""
    offsets = np.cumsum([0, *entities]).astype(np.int64)
    start = np.concatenate([np.arange(k) for k in entities] or [[]]).astype(np.int32)
    return SentencePairs.from_columns(
        Words(offsets),
        Words(np.cumsum([0, *words]).astype(np.int64)),
        Entities(offsets, start, start + 1, np.zeros(len(start), np.int32)),
        ["X"],
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[int], list[list[tuple[int, int]]], list[list[list[np.float32]]]]:
    """Draw sentences of up to 4 entities and 8 words: words, candidates and scores of each."""
    words = draw(st.lists(st.integers(0, 8), max_size=4))
    candidates = [draw(candidates_of(n)) for n in words]
    ordinary = st.sampled_from((-1.0, 0.0, 0.25, 0.5, 0.5, 2 / 3, 1.0, 1.5)).map(np.float32)
    extreme = draw(st.integers(0, 3)) == 0
    scores = []
    for spans in candidates:
        entities = draw(st.integers(0, 4))
        if extreme:
            rows = draw(scores_of(entities, len(spans)))
        else:
            rows = [draw(st.lists(ordinary, min_size=len(spans), max_size=len(spans))) for _ in range(entities)]
        for e in range(1, len(rows)):
            if draw(st.booleans()):
                rows[e] = rows[0]  # identical rows are merged
        scores.append(rows)
    return words, candidates, scores


def close(a: float, b: float, scores: list[list[np.float32]] | None = None) -> bool:
    """Return whether two objectives are equal as far as sums with the largest score among them can tell."""
    largest = max((float(score) for row in scores or [] for score in row), default=0.0)
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b), largest)


@settings(max_examples=300)
@given(problem=problems(), limit=limits, forbid_adjacent=st.booleans())
def test_nothing_is_better(problem: tuple, limit: str, forbid_adjacent: bool) -> None:
    words, candidates, scores = problem
    pairs = make_pairs([len(rows) for rows in scores], words)
    spans = common.given(pairs, candidates)
    lo, hi = LIMITS[limit]
    got = exact(pairs, spans, pair_scores(scores), limit=limit, forbid_adjacent=forbid_adjacent, threads=1)
    satisfied = oracle.check_solution(got, candidates, scores, lo, hi, forbid_adjacent)
    plain = greedy(pairs, spans, pair_scores(scores), limit=limit, threads=1)
    rows = [by_sentence(m.offsets, m.entity, m.start, m.end) for m in (got, plain)]
    for s in range(len(words)):
        best = oracle.best(candidates[s], scores[s], lo, hi, forbid_adjacent)
        assert satisfied[s] == best.satisfied
        assert close(got.objective[s], float(best.objective), scores[s])
        assert got.status[s] == (Status.OPTIMAL if best.feasible else Status.INFEASIBLE)
        optimal = close(plain.objective[s], float(best.objective)) and plain.status[s] == Status.FEASIBLE
        exactly = abs(plain.objective[s] - float(best.objective)) < 1e-7
        if optimal and exactly and not forbid_adjacent:
            assert rows[0][s] == rows[1][s], "greedy's solution, wherever that is optimal"


@given(batch=batches(), limit=limits, forbid_adjacent=st.booleans(), most=st.sampled_from([1, 3, None]))
def test_fused_equals_staged(batch: Batch, limit: str, forbid_adjacent: bool, most: int | None) -> None:
    from xproj_fast.candidates import ngrams
    from xproj_fast.scores.alignment import alignment_scores

    pairs = batch.pairs()
    method = {"limit": limit, "forbid_adjacent": forbid_adjacent, "threads": 1}
    fused = project(pairs, matcher="exact", max_words=most, **method).matches
    spans = ngrams(pairs, max_words=most)
    staged = exact(pairs, spans, alignment_scores(pairs, spans), **method)
    for s, (a, b) in enumerate(zip(fused.objective, staged.objective, strict=True)):
        assert close(a, b), s
    assert fused.status.tolist() == staged.status.tolist()
    least = greedy(pairs, spans, alignment_scores(pairs, spans), limit=limit)
    if not forbid_adjacent:
        better = (fused.objective >= least.objective - TOLERANCE) | (least.status == Status.INFEASIBLE)
        assert better.all()


def dense(kind: str, entities: int, words: int, seed: int) -> tuple[Spans, PairScores]:
    """Return all n-grams of up to 10 words of one sentence, with scores that make entities compete."""
    rng = np.random.default_rng(seed)
    spans = [(i, j) for i in range(words) for j in range(i + 1, min(words, i + 10) + 1)]
    start, end = np.array(spans, np.int32).T.copy()
    scores = rng.random((entities, len(spans)))
    if kind == "near-identical":
        scores = scores[:1] + rng.normal(0, 1e-3, scores.shape)
    elif kind == "identical":
        scores = np.repeat(scores[:2], (entities + 1) // 2, axis=0)[:entities]
    elif kind == "sparse":
        scores[rng.random(scores.shape) > 0.1] = 0
    offsets = np.array([0, len(spans)], np.int64)
    values = scores.astype(np.float32).ravel()
    return Spans(offsets, start, end), PairScores(np.array([0, len(values)], np.int64), values)


@pytest.mark.parametrize("kind", ["uniform", "identical", "near-identical", "sparse"])
@pytest.mark.parametrize(("entities", "words"), [(3, 12), (6, 20), (8, 30)])
@pytest.mark.parametrize("limit", ["<=1", "<=2", "=2", ">=1"])
def test_exact_equals_ilp(kind: str, entities: int, words: int, limit: str) -> None:
    pairs = make_pairs([entities], [words])
    for seed in range(3):
        spans, scores = dense(kind, entities, words, seed)
        got = exact(pairs, spans, scores, limit=limit)
        checked = ilp(pairs, spans, scores, limit=limit)
        assert got.status[0] == checked.status[0]
        assert close(got.objective[0], checked.objective[0])
        plain = greedy(pairs, spans, scores, limit=limit)
        assert got.objective[0] >= plain.objective[0] - TOLERANCE or plain.status[0] == Status.INFEASIBLE


def test_real_sentences_where_greedy_falls_short(
    europarl_de_gdfa: object, bambara: object, translate_test_de: object
) -> None:
    short = 0
    for data in (europarl_de_gdfa, bambara, translate_test_de):
        for limit in ("<=1", "<=2", "=1"):
            plain = project(data.pairs, limit=limit)
            best = project(data.pairs, matcher="exact", limit=limit)
            checked = project(data.pairs, matcher="ilp", limit=limit)
            better = best.matches.objective - plain.matches.objective
            assert (better >= -TOLERANCE).all() or limit == "=1"
            assert np.allclose(best.matches.objective, checked.matches.objective, rtol=0, atol=TOLERANCE)
            assert np.array_equal(best.matches.status, checked.matches.status)
            assert not (best.matches.status == Status.LIMIT).any()
            short += int((better > TOLERANCE).sum())
            spans = [by_sentence(p.matches.offsets, p.matches.entity, p.matches.start) for p in (plain, best)]
            for s in np.flatnonzero((np.abs(better) < 1e-7) & (plain.matches.status != Status.INFEASIBLE)):
                assert spans[0][s] == spans[1][s]
    assert short > 20


def test_threads_agree_to_the_bit() -> None:
    pairs = large_batch(5000, seed=3).pairs()
    for limit in ("<=1", "<=2", "=2", ">=1"):
        found = [project(pairs, matcher="exact", limit=limit, threads=t).matches for t in (1, 2, 3)]
        for other in found[1:]:
            assert_same(found[0], other)


def test_what_the_search_gives_up_on_goes_to_highs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xproj_fast.matching.exact.MAX_LABELS", 3)
    pairs = make_pairs([2, 6, 0, 6], [8, 20, 3, 20])
    parts = [dense("near-identical", k, n, 1) for k, n in ((2, 8), (6, 20), (6, 20))]
    none = (Spans(np.zeros(2, np.int64), *(np.zeros(0, np.int32),) * 2), None)
    spans = [parts[0], parts[1], none, parts[2]]
    counts = [len(part[0].start) for part in spans]
    candidates = Spans(
        np.cumsum([0, *counts]).astype(np.int64),
        np.concatenate([part[0].start for part in spans]),
        np.concatenate([part[0].end for part in spans]),
    )
    values = np.concatenate([part[1].values for part in parts])
    sizes = [2 * counts[0], 6 * counts[1], 0, 6 * counts[3]]
    scores = PairScores(np.cumsum([0, *sizes]).astype(np.int64), values)
    got = exact(pairs, candidates, scores)
    assert Proof.ILP in got.proof.tolist()
    assert (got.status == Status.OPTIMAL).all()
    checked = ilp(pairs, candidates, scores)
    assert np.allclose(got.objective, checked.objective, atol=TOLERANCE)
    rows = by_sentence(got.offsets, got.entity, got.start, got.end)
    assert [len(r) for r in rows] == [len(r) for r in by_sentence(checked.offsets, checked.entity)]


def test_a_time_limit_that_is_hit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xproj_fast.matching.exact.MAX_LABELS", 3)
    pairs = make_pairs([24], [120])
    spans, scores = dense("near-identical", 24, 120, 0)
    got = exact(pairs, spans, scores, time_limit=1e-3)
    assert got.status.tolist() == [Status.LIMIT]
    assert got.proof.tolist() == [Proof.NONE]
    plain = greedy(pairs, spans, scores)
    assert got.objective[0] >= plain.objective[0] - TOLERANCE, "the best found"


def test_many_entities_and_words() -> None:
    pairs = make_pairs([64], [500])
    rng = np.random.default_rng(0)
    spans = [(i, j) for i in range(500) for j in range(i + 1, min(500, i + 4) + 1)]
    start, end = np.array(spans, np.int32).T.copy()
    values = np.where(rng.random((64, len(spans))) < 0.01, rng.random((64, len(spans))), 0).astype(np.float32)
    candidates = Spans(np.array([0, len(spans)], np.int64), start, end)
    scores = PairScores(np.array([0, values.size], np.int64), values.ravel())
    got = exact(pairs, candidates, scores)
    assert got.objective[0] >= greedy(pairs, candidates, scores).objective[0] - TOLERANCE
    assert got.status[0] in (Status.OPTIMAL, Status.LIMIT)


def test_nothing_to_choose_from() -> None:
    pairs = make_pairs([2, 0], [3, 0])
    spans = Spans(np.zeros(3, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
    got = exact(pairs, spans, PairScores(np.zeros(3, np.int64), np.zeros(0, np.float32)))
    assert got.outcome.tolist() == [Outcome.UNSCORED] * 2
    assert got.status.tolist() == [Status.OPTIMAL] * 2


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers(bad: float) -> None:
    pairs = make_pairs([1], [1])
    spans = Spans(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.int32))
    scores = PairScores(np.array([0, 1]), np.array([bad], np.float32))
    with pytest.raises(InputError, match="scores: sentence 0: expected finite scores"):
        exact(pairs, spans, scores)


@pytest.mark.parametrize("bad", [0, -1, float("nan")])
def test_bad_time_limit(bad: float) -> None:
    pairs = make_pairs([], [])
    with pytest.raises(InputError, match="time_limit: expected seconds above 0"):
        project(pairs, matcher="exact", time_limit=bad)


def test_limit_below_zero_and_options_of_other_matchers() -> None:
    pairs = make_pairs([], [])
    with pytest.raises(InputError, match="limit: expected"):
        project(pairs, matcher="exact", limit="<=-1")
    with pytest.raises(InputError, match="forbid_adjacent: expected False with the matcher 'greedy'"):
        project(pairs, forbid_adjacent=True)
    assert Limit.parse(">=1") == Limit(1, UNLIMITED)


INTERRUPTED = """
import sys, threading, time, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts with the signal ignored
sys.path[:0] = {tests!r}
from test_exact import dense, make_pairs
import numpy as np
from xproj_fast.arrays import PairScores, Spans
from xproj_fast.matching.exact import exact
part, scores = dense("uniform", 12, 60, 0)
n = 4000
k, c, v = n, len(part.start), len(scores.values)
pairs = make_pairs([12] * n, [60] * n)
spans = Spans(np.arange(n + 1) * c, np.tile(part.start, n), np.tile(part.end, n))
many = PairScores(np.arange(n + 1) * v, np.tile(scores.values, n))
exact(make_pairs([12], [60]), part, scores)  # loaded
started = time.process_time()  # of the CPU: others may keep it busy
for _ in range(10):
    exact(make_pairs([12], [60]), part, scores)
whole = (time.process_time() - started) * n / 10
threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
started = time.process_time()
try:
    exact(pairs, spans, many, threads=2)
    print("finished before the interrupt")
except KeyboardInterrupt:
    print("stopped", time.process_time() - started < whole / 2)
print(exact(make_pairs([12], [60]), part, scores).status.tolist())  # the process is usable
"""


def test_an_interrupt_stops_a_long_batch(tmp_path: Path) -> None:
    code = textwrap.dedent(INTERRUPTED).format(
        tests=[os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))]
    )
    # From another folder: beside this repository's root, the source tree would hide the installed package.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path
    )
    assert done.stdout.splitlines() == ["stopped True", "[0]"], done.stdout + done.stderr
    assert done.returncode == 0


def test_matches_carry_their_proof() -> None:
    result = project(large_batch(50).pairs(), matcher="exact")
    assert isinstance(result.matches, Matches)
    assert result.matches.proof is not None
    assert (result.matches.proof > 0).all()
    assert "proof" in result.to_arrow().schema.names
