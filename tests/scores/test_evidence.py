"""``project()`` with named scores, weights and evidence equals its stages; what is missing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import common
import numpy as np
import pytest
from common import assert_same
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, Batch, batches, large_batch, limits, stop_word_lists, word_limits

from xproj_fast.arrays import PairScores, Spans, WordProbabilities
from xproj_fast.candidates import aligned_ngrams, ner_candidates, ngrams
from xproj_fast.errors import InputError
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.ilp import ilp
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.scores.alignment import alignment_scores
from xproj_fast.scores.columns import as_scores, pair_columns
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.fuse import PRESETS, fuse
from xproj_fast.scores.mt import mt_scores
from xproj_fast.scores.named import weights_of
from xproj_fast.scores.ner import ner_scores
from xproj_fast.scores.options import MtOptions, NerOptions, StringOptions
from xproj_fast.scores.registry import SCORES, Score
from xproj_fast.scores.string import string_scores

TAGS = ("O", *(f"{prefix}-{name}" for name in LABELS for prefix in ("B", "I")))
MATCHERS = {"greedy": greedy, "exact": exact, "ilp": ilp}
NER = NerOptions(alpha=1.3, length_bonus="when_predicted", threshold=0.1, classes=("PER", "LOC"))


def probabilities_of(pairs: SentencePairs, seed: int = 0) -> WordProbabilities:
    values = np.random.default_rng(seed).dirichlet([0.4] * len(TAGS), int(pairs.target.offsets[-1]))
    return WordProbabilities(pairs.target.offsets, values.astype(np.float32), TAGS)


def lengths(pairs: SentencePairs, candidates: Spans) -> Any:
    """Stand in for a score of the user's own: the shorter, the better."""
    pair = pair_columns(pairs, candidates)
    return 1 / (pair.target_end - pair.target_start)


def phrases(source: Sequence[str], target: Sequence[str]) -> Any:
    """Stand in for a translator: the shorter, the better."""
    return np.array([1 / (1 + len(phrase)) for phrase in target], np.float32)


EVERY = MtOptions(0.0, top_k=None, min_other=None)


def staged(
    pairs: SentencePairs, spans: Spans, evidence: Evidence, weights: Mapping[str, float], backend: str
) -> dict[str, PairScores]:
    assert evidence.probabilities is not None
    made = {
        "alignment": lambda: alignment_scores(pairs, spans, backend=backend),
        "ner": lambda: ner_scores(pairs, spans, evidence.probabilities, NER),
        "ner_spans": lambda: ner_scores(
            pairs, spans, evidence.probabilities, NerOptions(1.3, "when_predicted", True, 0.1, ("PER", "LOC"))
        ),
        "mt": lambda: mt_scores(pairs, spans, phrases, EVERY),
        "string": lambda: string_scores(pairs, spans, StringOptions(0.2)),
        "own": lambda: as_scores("own", lengths(pairs, spans), pairs, spans),
    }
    return {name: made[name]() for name in weights}


def records(weights: Mapping[str, float], candidates: str = "ngrams") -> dict[str, Any]:
    """Return the options of the scores that there are: others would be refused."""
    taken = {"ner": NER, "string": StringOptions(0.2), "mt": EVERY}
    by_score = {name: weights.keys() & names for name, names in OF.items()}
    return {name: taken[name] for name in taken if by_score[name] or (name == "ner" and candidates.startswith("ner"))}


OF = {"ner": {"ner", "ner_spans"}, "string": {"string"}, "mt": {"mt"}}
WEIGHTS = st.one_of(
    st.sampled_from(sorted(PRESETS)),
    st.sampled_from(["alignment", "ner_spans", "mt", "string", "own"]),
    st.dictionaries(
        st.sampled_from(["alignment", "ner", "ner_spans", "mt", "string", "own"]),
        st.sampled_from([0.25, 0.5, 1.0]),
        min_size=1,
    ),
)


@given(
    batch=batches(),
    scores=WEIGHTS,
    kind=st.sampled_from(["ngrams", "aligned", "ner", "ner_sub_spans", "given"]),
    matcher=st.sampled_from(["greedy", "exact"]),
    limit=limits,
    words=word_limits,
    stop_words=stop_word_lists,
    least=st.sampled_from([0.0, 0.0, 0.4]),
    min_score=st.sampled_from([0.0, 0.0, 0.3]),
)
def test_project_equals_its_stages(
    backend: str,
    batch: Batch,
    scores: str | dict[str, float],
    kind: str,
    matcher: str,
    limit: str,
    words: tuple[int, int | None],
    stop_words: tuple[str, ...],
    least: float,
    min_score: float,
) -> None:
    pairs = batch.pairs()
    probabilities = probabilities_of(pairs)
    evidence = Evidence(probabilities, phrases, {"own": lengths})
    options: dict[str, Any] = {"min_words": words[0], "max_words": words[1], "stop_words": stop_words}
    if kind in ("ngrams", "aligned"):
        spans = {"ngrams": ngrams, "aligned": aligned_ngrams}[kind](pairs, backend=backend, **options)
    else:
        spans = ner_candidates(pairs, probabilities, sub_spans=kind != "ner", classes=NER.classes, **options)
    weights = weights_of(scores)
    thresholds = {next(iter(weights)): least} if least else {}
    got = project(
        pairs,
        candidates=spans if kind == "given" else kind,
        scores=scores,
        evidence=evidence,
        thresholds=thresholds,
        min_score=min_score,
        matcher=matcher,
        limit=limit,
        backend=backend,
        **records(weights, kind),
        **({} if kind == "given" else options),
    )
    made = fuse(staged(pairs, spans, evidence, weights, backend), weights, thresholds, min_score)
    expected = MATCHERS[matcher](pairs, spans, made, limit=limit)
    if matcher == "greedy" or kind == "given":
        assert_same(got.matches, expected)
    else:  # of equal optima the fused kernel and the staged way may find either
        assert got.matches.status.tolist() == expected.status.tolist()
        assert got.matches.objective.tolist() == pytest.approx(expected.objective.tolist())


def test_a_score_may_ask_for_the_sum_of_the_others(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = large_batch(20).pairs()
    seen: list[tuple[PairScores | None, float]] = []

    def spy(some: SentencePairs, candidates: Spans, *, other: PairScores | None, weight: float) -> Any:
        assert some is pairs
        seen.append((other, weight))
        return lengths(some, candidates)

    monkeypatch.setitem(SCORES._entries, "mt", Score(spy, frozenset(), None))
    evidence = Evidence(probabilities_of(pairs))
    spans = ngrams(pairs, backend=backend)
    project(pairs, scores="nmt", evidence=evidence, backend=backend)
    assert seen == [(None, 1.0)]
    project(pairs, scores={"mt": 2.0, "alignment": 0.5}, thresholds={"mt": 0.1}, evidence=evidence, backend=backend)
    alignment = alignment_scores(pairs, spans, backend=backend)
    assert seen[1][0] is not None
    assert seen[1][1] == 2.0
    assert_same(seen[1][0], PairScores(alignment.offsets, alignment.values * np.float32(0.5)))
    # A weight of 0 is no reason to ask about nothing, nor is its threshold one.
    project(pairs, scores={"mt": 1, "alignment": 0}, thresholds={"alignment": 0.1}, evidence=evidence, backend=backend)
    assert seen[2][0] is None
    weights = {"alignment": 0.5, "mt": 1.0, "ner": 0.0}
    project(pairs, scores=weights, thresholds={"alignment": 0.6, "mt": 0.9}, evidence=evidence, backend=backend)
    assert seen[3][0] is not None
    assert_same(seen[3][0], fuse({"alignment": alignment}, {"alignment": 0.5}, {"alignment": 0.6}))


def test_presets_are_their_weights(backend: str) -> None:
    pairs = large_batch(50).pairs()
    evidence = Evidence(probabilities_of(pairs), phrases)
    for name, weights in PRESETS.items():
        by_name = project(pairs, scores=name, evidence=evidence, backend=backend)
        assert_same(by_name.matches, project(pairs, scores=weights, evidence=evidence, backend=backend).matches)
        assert by_name.options["scores"] == name


def test_backends_and_threads_agree() -> None:
    batch = large_batch(3000)
    results = []
    for name in ("cpp", "numba"):
        pairs = batch.pairs()
        evidence = Evidence(probabilities_of(pairs), phrases)
        for kind in ("ngrams", "ner"):
            for threads in (1, 3):
                got = project(
                    pairs, candidates=kind, scores="all_fusion", evidence=evidence, backend=name, threads=threads
                )
                results.append((kind, got.matches))
    for kind, matches in results:
        assert_same(matches, results[0 if kind == "ngrams" else 2][1])


def test_the_default_lists_no_candidate(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain alignment score keeps its fused kernels, by whatever name it goes."""
    pairs = large_batch(20).pairs()
    expected = project(pairs, backend=backend)
    monkeypatch.setattr("xproj_fast.projector.Stages.candidates", None)
    for scores in ("alignment", "align", {"alignment": 1.0}):
        assert_same(project(pairs, scores=scores, backend=backend).matches, expected.matches)


@pytest.mark.parametrize("candidates", ["ngrams", "aligned"])
def test_the_plain_alignment_score_keeps_to_its_limits(backend: str, candidates: str) -> None:
    for least, spans in ((1.0, [[(0, 1, "PER", 1.0, None)]]), (1.01, [[]])):
        for rest in ({"min_score": least}, {"thresholds": {"alignment": least}}):
            assert project(PAIRS, candidates=candidates, backend=backend, **rest).spans() == spans


def test_the_string_score_has_its_own_threshold(backend: str) -> None:
    pairs = SentencePairs.from_lists([["Berlin"]], [["Berlins"]], [[(0, 1, "LOC")]])
    for least, spans in ((0.8, [[(0, 1, "LOC", pytest.approx(6 / 7), None)]]), (0.9, [[]])):
        assert project(pairs, scores="string", string=StringOptions(least), backend=backend).spans() == spans
        assert project(pairs, scores="string", thresholds={"string": least}, backend=backend).spans() == spans


def test_options_are_told_as_plain_values() -> None:
    import json

    pairs = large_batch(5).pairs()
    weights = {"alignment": 1.0, "ner": 0.5, "string": 0.25}
    method = Method(scores=weights, thresholds={"ner": 0.2}, min_score=0.1, ner=NerOptions(missing="zero"))
    got = project(pairs, method, evidence=Evidence(probabilities_of(pairs)))
    told = json.loads(json.dumps(got.options))
    assert told["scores"] == weights
    assert told["thresholds"] == {"ner": 0.2}
    assert told["min_score"] == 0.1
    assert told["ner"]["alpha"] == 1.15
    assert told["string"] == {"threshold": 0.5}
    assert told["entities_without_class"] == {}
    assert "mt" not in told
    assert "forbid_adjacent" not in told


i32 = np.int32
PAIRS = SentencePairs.from_lists([["s"]], [["t", "u"]], [[(0, 1, "PER")]], [[(0, 0)]])
OWN = Spans(np.array([0, 1]), np.array([0], i32), np.array([1], i32))
GIVEN = PairScores(np.array([0, 1]), np.array([1], np.float32))
OTHER = PairScores(np.array([0, 2]), np.array([1, 1], np.float32))
NAN = PairScores(np.array([0, 1]), np.array([np.nan], np.float32))
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "candidates": ({"candidates": [[(0, 1)]]}, r"candidates: expected one of .* or Spans, got \[\[\(0, 1\)\]\]"),
    "BIOES columns": (
        {
            "scores": "ner",
            "evidence": Evidence(
                WordProbabilities(np.array([0, 2]), np.zeros((2, 3), np.float32), ("O", "S-PER", "B-PER", "I-PER"))
            ),
            "ner": NerOptions(missing="zero"),
        },
        r"probabilities: expected values of shape \(2, 4\), got \(2, 3\)",
    ),
    "ner": ({"scores": "ner"}, "evidence: the score 'ner' needs a tagger's probabilities .* pass evidence=Evidence"),
    "ner_spans": ({"scores": "align_ner_spans"}, "evidence: the score 'ner_spans' needs a tagger's probabilities"),
    "ner candidates": ({"candidates": "ner"}, "evidence: candidates='ner' needs a tagger's probabilities"),
    "mt": ({"scores": "all_fusion", "evidence": Evidence(probabilities_of(PAIRS))}, "evidence: the score 'mt' needs a"),
    "weight name": ({"scores": {"bleu": 1.0}}, "scores: expected weights of alignment, .* got 'bleu'"),
    "preset weight": ({"scores": {"all_fusion": 1.0}}, "scores: expected weights of .* got 'all_fusion'"),
    "no weights": ({"scores": {}}, "weights: expected at least one, got none"),
    "negative": ({"scores": {"alignment": -1}}, "weights: expected a number of 0 or more for 'alignment', got -1"),
    "number": ({"scores": 0.5}, "scores: expected one of alignment, .* got 0.5"),
    "threshold": ({"thresholds": {"ner": 0.1}}, "thresholds: expected names that have a weight, alignment, got 'ner'"),
    "min_score": ({"min_score": float("nan")}, "minimum: expected a number of 0 or more, got nan"),
    "min_score of own": ({"scores": GIVEN, "candidates": OWN, "min_score": -1}, "minimum: expected .* got -1"),
    "thresholds of own": (
        {"scores": GIVEN, "candidates": OWN, "thresholds": {"x": 1.0}},
        "thresholds: expected none with scores of your own, got {'x': 1.0}",
    ),
    "given for listed": (
        {"scores": "own", "evidence": Evidence(given={"own": GIVEN})},
        r"candidates: scores of your own \('own'\) need candidates of your own, got 'ngrams'",
    ),
    "given for others": (
        {"scores": {"alignment": 1.0, "own": 1.0}, "candidates": OWN, "evidence": Evidence(given={"own": OTHER})},
        "scores: expected 'own' to have the offsets of 'alignment', got others",
    ),
    "given alone for others": (
        {"scores": "own", "candidates": OWN, "evidence": Evidence(given={"own": OTHER})},
        "scores: expected offsets that give each sentence its entities x candidates values, got others",
    ),
    "own of others": (
        {"scores": {"alignment": 1, "own": 1}, "evidence": Evidence(given={"own": lambda *_: OTHER})},
        "scores: expected 'own' to have the offsets of 'alignment', got others",
    ),
    "own is NaN": (
        {"scores": "own", "evidence": Evidence(given={"own": lambda *_: [np.nan] * 3})},
        "scores: sentence 0: expected finite scores for 'own', got nan",
    ),
    "own of another length": (
        {"scores": "own", "evidence": Evidence(given={"own": lambda *_: [0.5, 0.5]})},
        r"scores: expected PairScores of 'own' or 3 numbers, one per entity and candidate, got shape \(2,\)",
    ),
    "own is no number": (
        {"scores": "own", "evidence": Evidence(given={"own": lambda *_: "high"})},
        "scores: expected PairScores of 'own' or 3 numbers, one per entity and candidate, got str",
    ),
    "mt is NaN": (
        {"scores": "nmt", "candidates": OWN, "evidence": Evidence(mt=lambda *_: [np.nan])},
        "scorer: expected 1 finite scores",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_input_errors(case: str) -> None:
    options, message = BAD[case]
    with pytest.raises(InputError, match=message):
        project(PAIRS, **options)


def test_given_scores_have_names_of_their_own() -> None:
    for name in ("alignment", "all_fusion"):
        with pytest.raises(InputError, match=f"expected names of their own for given scores, got '{name}'"):
            Evidence(given={name: GIVEN})


def test_own_scores_of_own_candidates(backend: str) -> None:
    evidence = Evidence(given={"own": GIVEN})
    got = project(PAIRS, scores={"own": 0.5, "alignment": 0.25}, candidates=OWN, evidence=evidence, backend=backend)
    assert got.spans() == [[(0, 1, "PER", 0.75, None)]]
    least = project(PAIRS, scores=GIVEN, candidates=OWN, min_score=1.5, backend=backend)
    assert least.spans() == [[]]
    spans = common.given(PAIRS, [[(0, 1)]])
    assert project(PAIRS, scores=GIVEN, candidates=spans, min_score=1.0, backend=backend).spans() != [[]]
