"""Several sources: entities that are the same add up, others stay, classes compete with their supporters' sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import probable
import pytest
from numpy.typing import NDArray

from xproj_fast.arrays import PairScores, Spans, WordProbabilities
from xproj_fast.calibration import Calibration
from xproj_fast.candidates import ngrams
from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.runs.select import most_certain
from xproj_fast.runs.sources import project_sources
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.evidence import Evidence

TARGET = [["w0", "w1", "w2", "w3", "w4"]]
Entity = tuple[int, int, str]


def source(words: int, entities: list[Entity], links: list[tuple[int, int]], name: str = "s") -> SentencePairs:
    return SentencePairs.from_lists([[f"{name}{i}" for i in range(words)]], TARGET, [entities], [links])


def spans(sources: list[SentencePairs], method: Method | None = None, **how: Any) -> list[tuple[int, int, str, float]]:
    result = project_sources(sources, method or Method(), **how)
    return [(a, b, label, round(score, 4)) for a, b, label, score, _ in result.spans()[0]]


A = source(2, [(0, 2, "PER")], [(0, 0), (1, 1)], "a")
SAME = source(3, [(1, 3, "PER")], [(1, 0), (2, 1)], "b")
OTHER = source(2, [(0, 1, "LOC")], [(0, 3)], "c")
AS_LOC = source(2, [(0, 2, "LOC")], [(0, 0), (1, 1)], "d")


def test_one_source_is_as_without() -> None:
    for matcher in ("greedy", "exact", "ilp"):
        method = Method(matcher=matcher)
        assert project_sources([A], method).tags() == project(A, method).tags()
        assert spans([A], method) == [(0, 2, "PER", 1.0)]


def test_the_same_entity_adds_up() -> None:
    assert spans([A, SAME]) == [(0, 2, "PER", 2.0)]
    assert spans([A, SAME], weights=[1, 0.5]) == [(0, 2, "PER", 1.5)]
    assert spans([A, SAME], weights=[0, 0.5]) == [(0, 2, "PER", 0.5)]


def test_other_entities_stay() -> None:
    result = project_sources([A, SAME, OTHER], Method())
    assert [span[:4] for span in result.spans()[0]] == [(0, 2, "PER", 2.0), (3, 4, "LOC", 1.0)]
    assert result.pairs.source.to_lists() == [["a0", "a1", "b0", "b1", "b2", "c0", "c1"]]
    assert result.pairs.entities.start.tolist() == [0, 5]
    assert result.pairs.entities.end.tolist() == [2, 6]
    assert result.pairs.labels == ("PER", "LOC")


def test_the_majority_wins_a_class() -> None:
    assert spans([AS_LOC, A]) == [(0, 2, "LOC", 1.0)]  # a tie goes to the source that comes first
    assert spans([AS_LOC, A, SAME]) == [(0, 2, "PER", 2.0)]


def test_sources_agree_on_a_span_that_neither_prefers() -> None:
    left = source(2, [(0, 2, "PER")], [(0, 0), (0, 1)])  # its links stop at w1
    right = source(2, [(0, 2, "PER")], [(0, 1), (1, 2)])
    assert spans([left]) == [(0, 2, "PER", 1.0)]
    assert spans([right]) == [(1, 3, "PER", 1.0)]
    assert spans([left, right]) == [(0, 3, "PER", 1.6)]


def test_two_entities_of_one_source_never_become_one() -> None:
    twice = source(2, [(0, 1, "PER"), (1, 2, "PER")], [(0, 0), (1, 1)])
    assert [span[:2] for span in spans([twice, twice])] == [(0, 1), (1, 2)]
    assert [span[3] for span in spans([twice, twice])] == [2.0, 2.0]


def test_a_random_corpus_equals_a_plain_sum() -> None:
    """With one entity a source and sentence that always is the same, merging is adding up the scores."""
    draw = np.random.default_rng(0)
    words = [[f"t{i}" for i in range(int(n))] for n in draw.integers(1, 9, 60)]
    made = []
    for k in range(3):
        links = [[(int(draw.integers(0, 2)), int(draw.integers(0, len(t)))) for _ in range(6)] for t in words]
        made.append(SentencePairs.from_lists([[f"{k}a", f"{k}b"]] * 60, words, [[(0, 2, "X")]] * 60, links))
    method = Method(matcher="exact", min_score=0.2)
    result = project_sources(made, method)
    from xproj_fast.scores.alignment import alignment_scores

    candidates = ngrams(made[0])
    blocks = [alignment_scores(pairs, candidates) for pairs in made]
    together = np.array([len(e) == 1 for e in result.spans()])
    merged = np.diff(result.pairs.entities.offsets) == 1
    total = PairScores(blocks[0].offsets, sum(block.values.astype(np.float64) for block in blocks).astype(np.float32))
    plain = project(made[0], matcher="exact", candidates=candidates, scores=total, min_score=0.2)
    assert merged.sum() > 20
    for s in np.flatnonzero(merged & together):
        assert result.spans()[s] == plain.spans()[s]


def test_probabilities_of_each_sources_sentences_are_put_together() -> None:
    def some(rows: list[list[float]]) -> WordProbabilities:
        return WordProbabilities(np.array([0, 1, 2]), np.array(rows, np.float32), ("B-X", "O"))

    found = most_certain([some([[0.9, 0.1], [0, 1]]), some([[0, 1], [0.25, 0.75]])])
    assert found is not None
    assert found.values.tolist() == np.array([[0.9, 0.1], [0.25, 0.75]], np.float32).tolist()


def test_empty_sentences() -> None:
    nothing = SentencePairs.from_lists([[], ["a"]], [[], []], [[], []], [[], []])
    one = SentencePairs.from_lists([["b"], ["a"]], [[], []], [[(0, 1, "X")], []], [[], []])
    result = project_sources([nothing, one], Method())
    assert result.spans() == [[], []]
    assert result.counts()["unscored"] == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: project_sources([], Method()), "sources: expected at least one, got none"),
        (lambda: project_sources([A], Method(matcher="heuristic")), "matcher: expected one that adds up scores"),
        (lambda: project_sources([A, SAME], Method(), weights=[1]), "weights: expected 2 numbers of 0 or more"),
        (lambda: project_sources([A], Method(), weights=[-1]), "weights: expected 1 numbers of 0 or more"),
        (
            lambda: project_sources([A, SentencePairs.from_lists([["a"]], [["b"]], [[]], [[]])], Method()),
            "expected the same target sentences in all, got others in source 1",
        ),
    ],
)
def test_bad_sources(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_the_surest_source_says_how_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two sources that find the same entity; what one has alone keeps its own confidence."""
    said = {"a": 0.5, "b": 0.75, "c": 0.625}

    def probability(pairs: SentencePairs, candidates: Spans) -> NDArray[np.float32]:
        assert pairs.source.strings is not None
        assert pairs.alignments is not None
        value = said[pairs.source.strings[0].as_py()[0]]
        columns = pair_columns(pairs, candidates)
        wide = columns.target_end - columns.target_start == columns.source_end - columns.source_start
        first = columns.target_start == pairs.alignments.target[0]
        return np.where(wide & first, value, 0).astype(np.float32)

    probable.register(monkeypatch, probability)
    method = Method(scores="sure")
    result = project_sources([A, SAME, OTHER], method)
    assert [span[:3] for span in result.spans()[0]] == [(0, 2, "PER"), (3, 4, "LOC")]
    assert result.confidence is not None
    assert result.confidence.tolist() == [0.75, 0.625]
    assert result.matches.score.tolist() == [1.25, 0.625]
    dropped = project_sources([A, SAME, OTHER], replace(method, min_confidence=0.7))
    assert [span[:3] for span in dropped.spans()[0]] == [(0, 2, "PER")]
    assert dropped.counts()["unsure"] == 1
    half = [Evidence(calibration=Calibration(1.0, -1.0))] * 3
    lower = project_sources([A, SAME, OTHER], method, evidence=half).confidence
    assert lower is not None
    assert lower.tolist() == pytest.approx([0.5247, 0.3801], abs=1e-3)
    assert project_sources([A, SAME], Method()).confidence is None
