"""The learned score: what it is made of, what taggers have to say of it, and what ``project`` tells of it."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import common
import numpy as np
import pytest
from conftest import RealData
from numpy.typing import NDArray

import xproj_fast as xp
from xproj_fast.arrays import PairScores, Spans, WordProbabilities
from xproj_fast.candidates import ngrams
from xproj_fast.demo import demo_pairs
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import row_numbers
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.learned import learned_scores
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.learning import learn
from xproj_fast.scores.options import LearnedOptions
from xproj_fast.text.word_shapes import word_shapes

TAGS = ("O", *(f"{prefix}-{name}" for name in ("PER", "LOC", "ORG", "MISC") for prefix in ("B", "I")))


@pytest.fixture(scope="module")
def pairs() -> SentencePairs:
    return demo_pairs("de")


@pytest.fixture(scope="module")
def score(pairs: SentencePairs) -> LearnedScore:
    return learn(pairs)


def tagger_of(pairs: SentencePairs, tags: tuple[str, ...] = TAGS, seed: int = 0) -> WordProbabilities:
    values = np.random.default_rng(seed).dirichlet([0.4] * len(tags), int(pairs.target.offsets[-1]))
    return WordProbabilities(pairs.target.offsets, values.astype(np.float32), tags)


def sure_of(pairs: SentencePairs, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random(len(pairs.entities.start)).astype(np.float32)


def target_says(pairs: SentencePairs, spans: Spans, tagger: WordProbabilities) -> list[float]:
    """Return the mean over a span's words of what the tags of the entity's class have, pair by pair; -1 = no class."""
    pair = pair_columns(pairs, spans)
    said = []
    for s, label, start, end in zip(pair.sentence, pair.label, pair.target_start, pair.target_end, strict=True):
        columns = [k for k, tag in enumerate(tagger.tags) if tag[2:] == pairs.labels[label]]
        words = tagger.values[tagger.offsets[s] + start : tagger.offsets[s] + end]
        said.append(float(words[:, columns].sum()) / (end - start) if columns else -1.0)
    return said


def source_says(pairs: SentencePairs, spans: Spans, sure: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(sure, np.diff(spans.offsets)[row_numbers(pairs.entities.offsets)])


def test_without_taggers_it_is_the_kernels(pairs: SentencePairs, score: LearnedScore) -> None:
    spans = ngrams(pairs)
    shapes = word_shapes(pairs.source), word_shapes(pairs.target)
    assert pairs.alignments is not None
    expected = get().learned_scores(*shapes, pairs.entities, pairs.alignments, spans, score.coefficients, 1)
    common.assert_same(learned_scores(pairs, spans, score), expected)
    common.assert_same(learned_scores(pairs, spans), expected)  # it learns them itself
    assert 0 < expected.values.max() <= 1


def test_what_taggers_say_is_a_factor(pairs: SentencePairs, score: LearnedScore) -> None:
    spans, tagger, sure = ngrams(pairs, max_words=4), tagger_of(pairs), sure_of(pairs)
    plain = learned_scores(pairs, spans, score).values
    target, source = np.array(target_says(pairs, spans, tagger)), source_says(pairs, spans, sure)
    for known, factor in (
        ({"source_confidence": sure}, source),
        ({"probabilities": tagger}, (1 + target) / 2),
        ({"probabilities": tagger, "source_confidence": sure}, (source + target) / 2),
    ):
        got = learned_scores(pairs, spans, score, **known).values  # type: ignore[arg-type]
        np.testing.assert_allclose(got, plain * factor, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("prefixes", ["BIES", "BILU", "I"])
def test_all_tags_of_a_class_count(pairs: SentencePairs, score: LearnedScore, prefixes: str) -> None:
    tags = ("O", *(f"{prefix}-{name}" for name in ("PER", "LOC", "ORG", "MISC") for prefix in prefixes))
    spans, tagger = ngrams(pairs, max_words=3), tagger_of(pairs, tags)
    factor = (1 + np.array(target_says(pairs, spans, tagger))) / 2
    got = learned_scores(pairs, spans, score, probabilities=tagger).values
    np.testing.assert_allclose(got, learned_scores(pairs, spans, score).values * factor, rtol=1e-5, atol=1e-7)


def test_a_tagger_has_no_say_of_classes_that_it_lacks(pairs: SentencePairs, score: LearnedScore) -> None:
    spans, tagger = ngrams(pairs), tagger_of(pairs, TAGS[:5])  # PER and LOC
    unknown = ~np.isin(pair_columns(pairs, spans).label, [pairs.labels.index(name) for name in ("PER", "LOC")])
    plain, got = (learned_scores(pairs, spans, score, probabilities=p).values for p in (None, tagger))
    assert got[unknown].tobytes() == plain[unknown].tobytes()
    assert (got[~unknown & (plain > 0)] != plain[~unknown & (plain > 0)]).any()
    result = xp.project(pairs, scores="learned", evidence=Evidence(tagger, learned=score))
    named = [pairs.labels[label] for label in pairs.entities.label]
    assert result.options["entities_without_class"] == {name: named.count(name) for name in ("ORG", "MISC")}


def confidences(pairs: SentencePairs, evidence: Evidence, **options: Any) -> NDArray[np.float32]:
    result = xp.project(pairs, scores="learned", evidence=evidence, **options)
    assert result.confidence is not None
    np.testing.assert_allclose(result.confidence, result.matches.score)
    return result.confidence


def test_thresholds(pairs: SentencePairs, score: LearnedScore) -> None:
    """.25 as it is, .35 where a tagger has a say, or what one asks for."""
    low = LearnedScore.of(score.coefficients - np.eye(len(score.coefficients))[-1] * 3, {})  # less sure of everything
    plain = Evidence(learned=low)
    everything = confidences(pairs, plain, learned=LearnedOptions(threshold=0.0))
    assert (everything < 0.25).sum() > 3
    assert ((everything > 0.25) & (everything < 0.35)).any()
    assert 0.25 <= confidences(pairs, plain).min() < 0.35
    one = np.ones(len(pairs.entities.start), np.float32)  # which leaves every probability as it is
    assert confidences(pairs, Evidence(learned=low, source_confidence=one)).min() >= 0.35
    for options in ({"learned": LearnedOptions(threshold=0.6)}, {"thresholds": {"learned": 0.6}}):
        assert confidences(pairs, plain, **options).min() >= 0.6


def test_confidence_beside_another_score(pairs: SentencePairs, score: LearnedScore) -> None:
    """With a weight of 0 the choice is the alignment's, and how sure it is is said all the same."""
    result = xp.project(pairs, scores={"alignment": 1, "learned": 0}, evidence=Evidence(learned=score))
    common.assert_same(result.matches, xp.project(pairs).matches)
    assert result.confidence is not None
    assert 0.5 < result.confidence.mean() < 1


def test_project_tells_what_was_learned(pairs: SentencePairs) -> None:
    result = xp.project(pairs, scores="learned", learned=LearnedOptions(seed=5))
    assert result.options["learned"] == {"weights": "auto", "seed": 5, "silver": 1000, "threshold": None}
    told = result.options["learned_from"]
    assert told == dict(learn(pairs, LearnedOptions(seed=5)).made_from)
    assert (told["weights"], told["seed"], told["caseless"]) == ("mean", 5, False)
    given = xp.project(pairs, scores="learned", evidence=Evidence(learned=LearnedScore.shipped()))
    assert given.options["learned_from"]["weights"] == "shipped"
    assert "learned_from" not in xp.project(pairs).options


@pytest.mark.parametrize("matcher", ["greedy", "exact", "ilp"])
def test_any_matcher_takes_it(pairs: SentencePairs, score: LearnedScore, matcher: str) -> None:
    result = xp.project(pairs, scores="learned", evidence=Evidence(learned=score), matcher=matcher)
    greedy = xp.project(pairs, scores="learned", evidence=Evidence(learned=score))
    assert result.tags() == greedy.tags()


def test_backends_and_threads_change_nothing(pairs: SentencePairs) -> None:
    many = pairs[list(range(len(pairs))) * 60]
    one = xp.project(many, scores="learned", threads=1)
    for backend, threads in (("cpp", 3), ("cpp", 64), ("numba", 1), ("numba", 3)):
        other = xp.project(many, scores="learned", backend=backend, threads=threads)
        common.assert_same(other.matches, one.matches)
        assert other.options["learned_from"] == one.options["learned_from"]


def test_options_mean_nothing_without_it(pairs: SentencePairs) -> None:
    with pytest.raises(InputError, match="seed: expected 1 without the scores learned, got 2"):
        xp.project(pairs, learned=LearnedOptions(seed=2))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another length": (
        {"source_confidence": np.ones(3, np.float32)},
        r"source_confidence: expected float32\[107\], one per entity, got float32\[3\]",
    ),
    "another dtype": ({"source_confidence": np.ones(107)}, r"source_confidence: expected float32\[107\]"),
    "no array": ({"source_confidence": [1.0] * 107}, r"source_confidence: expected float32\[107\].*, got list"),
    "no probability": (
        {"source_confidence": np.full(107, 1.5, np.float32)},
        "source_confidence: sentence 0, entity 0: expected a probability from 0 to 1, got 1.5",
    ),
    "NaN": (
        {"source_confidence": np.full(107, np.nan, np.float32)},
        "source_confidence: sentence 0, entity 0: expected a probability from 0 to 1, got nan",
    ),
    "a tagger of other words": ({"probabilities": tagger_of(demo_pairs("es"))}, "probabilities: "),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_evidence(pairs: SentencePairs, score: LearnedScore, case: str) -> None:
    known, message = BAD[case]
    with pytest.raises(InputError, match=message):
        xp.project(pairs, scores="learned", evidence=Evidence(learned=score, **known))


def test_pairs_without_links_or_words(pairs: SentencePairs, score: LearnedScore) -> None:
    bare = SentencePairs.from_lists([["Rom"]], [["Roma"]], [[(0, 1, "LOC")]])
    with pytest.raises(InputError, match="alignments: this method needs word alignments"):
        xp.project(bare, scores="learned", evidence=Evidence(learned=score))
    with pytest.raises(InputError, match=r"candidates: expected 40 sentences, got 1"):
        learned_scores(pairs, ngrams(bare), score)


def test_evidence_of_the_first_sentences(pairs: SentencePairs, score: LearnedScore) -> None:
    evidence = Evidence(tagger_of(pairs), learned=score, source_confidence=sure_of(pairs))
    first = evidence.first(7, int(pairs.entities.offsets[7]))
    some = xp.project(pairs[:7], scores="learned", evidence=first)
    assert some.spans() == xp.project(pairs, scores="learned", evidence=evidence).spans()[:7]


def test_evidence_pickles(pairs: SentencePairs, score: LearnedScore) -> None:
    evidence = Evidence(tagger_of(pairs), learned=score, source_confidence=sure_of(pairs))
    back = pickle.loads(pickle.dumps(evidence))
    assert back.learned == score
    assert not back.source_confidence.flags.writeable
    made = [xp.project(pairs, scores="learned", evidence=each).spans() for each in (evidence, back)]
    assert made[0] == made[1]


def test_nothing_is_learned_behind_ones_back(pairs: SentencePairs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xproj_fast.scores.learning.learn", None)
    assert xp.project(pairs).counts()["projected"] > 90


def test_no_sentence(caplog: pytest.LogCaptureFixture) -> None:
    nothing = SentencePairs.from_lists([], [], [], [])
    with caplog.at_level(logging.WARNING):
        assert xp.project(nothing, scores="learned").spans() == []
    spans = Spans(np.array([0]), np.zeros(0, np.int32), np.zeros(0, np.int32))
    got = learned_scores(nothing, spans, LearnedScore.shipped())
    common.assert_same(got, PairScores(np.array([0]), np.zeros(0, np.float32)))


def test_real_text_gains(europarl_de_intersect: RealData) -> None:
    """What it is for: more is right than by alignment alone, and the surest are hardly ever wrong."""
    pairs = europarl_de_intersect.pairs
    gold = europarl_de_intersect.gold
    result = xp.project(pairs, scores="learned")
    assert result.options["learned_from"]["weights"] == "own"
    right = sum(got == tags for got, tags in zip(result.tags(), gold, strict=True))
    before = sum(got == tags for got, tags in zip(xp.project(pairs).tags(), gold, strict=True))
    assert right > before + 10
    assert result.confidence is not None
