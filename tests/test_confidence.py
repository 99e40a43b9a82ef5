"""Every span projected by a score that is a probability says how sure it is, and what is unsure can be dropped."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import probable
import pytest
from common import assert_same
from strategies import large_batch

from xproj_fast.arrays import Matches, Outcome, PairScores, Spans
from xproj_fast.calibration import SURE, Calibration
from xproj_fast.confidence import summable, summed
from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.ragged import row_numbers
from xproj_fast.scores.evidence import Evidence

PAIRS = large_batch(80).pairs()
HALF = {"alignment": 0.5, "sure": 0.5}
BESIDE = {"alignment": 1.0, "sure": 0.0}


@pytest.fixture(autouse=True)
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    probable.register(monkeypatch)


def by_hand(result: Projection) -> Any:
    """Return the probability of each span, by what it is a span of."""
    m, entities = result.matches, result.pairs.entities
    entity = entities.offsets[row_numbers(m.offsets)] + m.entity
    return probable.probability(entities.label[entity], entities.start[entity], m.start, m.end)


@pytest.mark.parametrize("matcher", ["greedy", "exact", "ilp"])
@pytest.mark.parametrize("options", [{}, {"limit": "<=3"}, {"candidates": "aligned"}, {"max_words": 2}], ids=str)
@pytest.mark.parametrize("scores", ["sure", HALF, BESIDE], ids=str)
def test_a_span_has_the_probability_of_its_pair(matcher: str, options: dict[str, Any], scores: Any) -> None:
    result = project(PAIRS, matcher=matcher, scores=scores, **options)
    assert result.confidence is not None
    assert result.confidence.dtype == np.float32
    assert len(result.confidence) == len(result.matches.start) > 20
    np.testing.assert_array_equal(result.confidence, by_hand(result))


def test_the_probability_says_nothing_where_it_has_no_weight() -> None:
    plain, beside = project(PAIRS, min_words=1), project(PAIRS, scores=BESIDE)
    assert_same(beside.matches, plain.matches)
    assert plain.confidence is None


def test_the_threshold_is_of_the_score_alone() -> None:
    confidence = project(PAIRS, scores="sure").confidence
    assert confidence is not None
    assert confidence.min() >= probable.THRESHOLD
    beside = project(PAIRS, scores=BESIDE).confidence
    assert beside is not None
    assert 0 < np.count_nonzero(beside < probable.THRESHOLD) < len(beside)
    higher = project(PAIRS, scores="sure", thresholds={"sure": 0.75}).confidence
    assert higher is not None
    assert higher.min() >= 0.75
    assert len(higher) < len(confidence)
    lower = project(PAIRS, scores="sure", thresholds={"sure": 0.0}).confidence
    assert lower is not None
    assert lower.min() < probable.THRESHOLD


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"matcher": "heuristic"},
        {"scores": "string"},
        {"candidates": Spans(np.zeros(81, np.int64), *(np.zeros(0, np.int32),) * 2)},
    ],
    ids=["alignment", "heuristic", "string", "own candidates"],
)
def test_no_score_no_confidence(how: dict[str, Any]) -> None:
    result = project(PAIRS, **how)
    assert result.confidence is None
    assert "expected_precision" not in result.counts()
    assert all(span.confidence is None for row in result.spans() for span in row)


def test_what_is_unsure_is_dropped_and_counted() -> None:
    every, sure = (project(PAIRS, scores=HALF, limit="<=2", min_confidence=least) for least in (0.0, 0.6))
    assert every.confidence is not None
    assert sure.confidence is not None
    kept = every.confidence >= np.float32(0.6)
    assert 0 < kept.sum() < len(kept)
    for name in ("entity", "start", "end", "score"):
        np.testing.assert_array_equal(getattr(sure.matches, name), getattr(every.matches, name)[kept])
    np.testing.assert_array_equal(sure.confidence, every.confidence[kept])
    assert [len(row) for row in sure.spans()] == [
        sum(span.confidence is not None and span.confidence >= np.float32(0.6) for span in row) for row in every.spans()
    ]
    counts, before = sure.counts(), every.counts()
    assert counts["unsure"] == before["projected"] - counts["projected"] > 0
    assert counts["entities"] == sum(counts[name.name.lower()] for name in Outcome)
    entity = PAIRS.entities.offsets[row_numbers(sure.matches.offsets)] + sure.matches.entity
    assert set(np.flatnonzero(sure.matches.outcome == Outcome.PROJECTED)) == set(entity)
    sums = [sum(span.score for span in row) for row in sure.spans()]
    np.testing.assert_allclose(sure.matches.objective, sums)
    np.testing.assert_array_equal(sure.matches.status, every.matches.status)


def test_a_span_that_is_just_sure_enough_stays() -> None:
    every = project(PAIRS, scores=HALF)
    assert every.confidence is not None
    least = float(np.sort(every.confidence)[len(every.confidence) // 2])
    sure = project(PAIRS, scores=HALF, min_confidence=least).confidence
    assert sure is not None
    assert sure.min() == np.float32(least)
    assert len(sure) == np.count_nonzero(every.confidence >= np.float32(least))


def test_counts_tell_the_expected_precision() -> None:
    result = project(PAIRS, scores="sure")
    assert result.counts()["expected_precision"] == pytest.approx(by_hand(result).mean())
    nothing = project(PAIRS, scores="sure", min_confidence=1.0, thresholds={"sure": 2.0})
    assert nothing.counts()["spans"] == 0
    assert "expected_precision" not in nothing.counts()


def test_the_counts_of_chunks_add_up() -> None:
    whole = project(PAIRS, scores="sure").counts()
    parts = [
        summable(project(PAIRS[rows], scores="sure").counts()) for rows in (slice(0, 1), slice(1, 50), slice(50, 80))
    ]
    assert all(type(number) is int for part in parts for number in part.values())
    total = {name: sum(part.get(name, 0) for part in parts) for name in parts[1]}
    assert summed(total) == pytest.approx(whole, abs=1e-6)
    of_one = summed({f"de/{name}": number for name, number in total.items()})
    assert of_one["de/expected_precision"] == pytest.approx(whole["expected_precision"], abs=1e-6)


ROWS = [slice(10, 20), [5, 0, 79], np.arange(80) % 3 == 0, slice(0, 0)]


@pytest.mark.parametrize("rows", ROWS, ids=["slice", "list", "mask", "none"])
def test_some_pairs_keep_their_confidences(rows: Any) -> None:
    result = project(PAIRS, scores="sure")
    some = result[rows]
    np.testing.assert_array_equal(some.confidence, by_hand(some))
    assert some.confidence is not None
    assert not some.confidence.flags.writeable
    labelled = result.labelled()
    np.testing.assert_array_equal(labelled[rows].confidences, some.labelled().confidences)


def test_copies_keep_their_confidences() -> None:
    result = project(PAIRS, scores="sure")
    for twin in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result), copy.copy(result)):
        np.testing.assert_array_equal(twin.confidence, result.confidence)
    labelled = result.labelled()
    for other in (pickle.loads(pickle.dumps(labelled)), copy.deepcopy(labelled)):
        np.testing.assert_array_equal(other.confidences, labelled.confidences)


def test_labelled_sentences_have_them_by_start() -> None:
    result = project(PAIRS, scores="sure")
    labelled = result.labelled()
    assert labelled.confidences is not None
    by_start = [sorted((s.start, s.end, s.label, s.confidence) for s in row) for row in result.spans()]
    ends = labelled.entities.offsets
    for s, row in enumerate(by_start):
        assert labelled.confidences[ends[s] : ends[s + 1]].tolist() == [span[3] for span in row]
    dropped = labelled.drop_labels(labelled.labels[:1])
    assert dropped.confidences is not None
    assert dropped.confidences.tolist() == [
        c for row in by_start for _, _, label, c in row if label != labelled.labels[0]
    ]


def test_a_pair_and_a_span_say_it() -> None:
    result = project(PAIRS, scores="sure")
    row = next(s for s, found in enumerate(result.spans()) if found)
    span = result.spans()[row][0]
    assert repr(span).endswith(f", score={span.score!r}, confidence={span.confidence!r})")
    assert repr(span._replace(confidence=None)).endswith(f", score={span.score!r})")
    assert {(s.start, s.confidence) for s in result[row].spans} == {
        (s.start, s.confidence) for s in result.spans()[row]
    }
    assert str(result[row]) == str(Projection(PAIRS, result.matches, result.options)[row])


def test_dropping_needs_a_probability() -> None:
    expected = r"min_confidence: expected 0.0 without a score that is a probability \(learned, sure\), got 0.5"
    evidence = Evidence(given={"own": lambda pairs, candidates: np.zeros(0)})
    for scores in ("alignment", {"alignment": 0.5, "string": 0.5}, "own"):
        with pytest.raises(InputError, match=expected):
            project(PAIRS, scores=scores, min_confidence=0.5, evidence=evidence)
    with pytest.raises(InputError, match=r"min_confidence: expected 0.0 .*, got 0.5"):
        project(PAIRS, matcher="heuristic", min_confidence=0.5)
    own = Spans(np.zeros(81, np.int64), *(np.zeros(0, np.int32),) * 2)
    with pytest.raises(InputError, match=expected):
        project(
            PAIRS,
            candidates=own,
            scores=PairScores(np.zeros(81, np.int64), np.zeros(0, np.float32)),
            min_confidence=0.5,
        )


@pytest.mark.parametrize("least", [-0.1, 1.5, float("nan"), "0.5", True])
def test_the_least_is_a_share(least: Any) -> None:
    with pytest.raises(InputError, match=r"min_confidence: expected a number from 0 to 1, got"):
        Method(scores="sure", min_confidence=least).check()


def test_the_method_tells_it_where_it_means_something() -> None:
    assert Method(scores=HALF, min_confidence=0.5).described()["min_confidence"] == 0.5
    assert "min_confidence" not in Method().described()
    assert Method(scores=HALF, min_confidence=0.5).narrowed().min_confidence == 0.5


def test_one_probability_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    probable.register(monkeypatch, name="surer")
    with pytest.raises(InputError, match="scores: expected at most one that is a probability, got sure and surer"):
        Method(scores={"sure": 0.5, "surer": 0.5}).check()


@pytest.mark.parametrize(("value", "got"), [(1.5, "1.5"), (-0.25, "-0.25")])
def test_what_is_no_probability(monkeypatch: pytest.MonkeyPatch, value: float, got: str) -> None:
    pairs = SentencePairs.from_lists([["a"], ["b"]], [["a"], ["b"]], [[], [(0, 1, "PER")]], [[(0, 0)], [(0, 0)]])
    probable.register(monkeypatch, lambda pairs, candidates: np.full(1, value, np.float32))
    with pytest.raises(
        InputError, match=f"scores: sentence 1: expected a probability from 0 to 1, got {got}"
    ) as caught:
        project(pairs, scores=BESIDE)
    assert caught.value.sentence == 1


def test_a_matcher_that_invents_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    from xproj_fast.matching.registry import MATCHERS

    def inventive(pairs: SentencePairs, candidates: Spans, scores: PairScores) -> Matches:
        i32 = np.array([0], np.int32)
        zero = np.zeros(1)
        return Matches(np.array([0, 1]), i32, i32, i32 + 2, np.ones(1, np.float32), zero, zero.astype(np.uint8), zero)

    monkeypatch.setitem(MATCHERS._entries, "greedy", MATCHERS["greedy"]._replace(match=inventive))
    pairs = SentencePairs.from_lists([["a"]], [["a", "b"]], [[(0, 1, "PER")]])
    with pytest.raises(InputError, match=r"matches: sentence 0: expected spans among the candidates, got \[0, 2\)"):
        project(pairs, scores="sure", max_words=1)


def test_a_calibration_corrects_confidence_and_nothing_else() -> None:
    evidence = Evidence(calibration=Calibration(0.5, -1.0))
    plain, corrected = project(PAIRS, scores="sure"), project(PAIRS, scores="sure", evidence=evidence)
    assert_same(corrected.matches, plain.matches)
    p = by_hand(plain).astype(np.float64).clip(SURE, 1 - SURE)
    expected = 1 / (1 + np.exp(-(0.5 * np.log(p / (1 - p)) - 1)))
    np.testing.assert_allclose(corrected.confidence, expected, rtol=1e-5)
    least = 0.4
    kept = project(PAIRS, scores="sure", min_confidence=least, evidence=evidence)
    assert len(kept.matches.start) == np.count_nonzero(expected >= least) > 0
    assert pickle.loads(pickle.dumps(evidence)).calibration == evidence.calibration
    assert evidence.first(3).calibration == evidence.calibration
