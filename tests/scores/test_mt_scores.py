"""The MT score: every pair has the score of its phrases, and what is left out could not have won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from common import pair_scores
from hypothesis import given
from hypothesis import strategies as st
from strategies import Batch, batches
from toy_language import ENGLISH, SENTENCES, TOY, text

from xproj_fast.arrays import Matches, PairScores, Spans
from xproj_fast.candidates import ngrams
from xproj_fast.errors import InputError
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.limit import Limit
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.alignment import alignment_scores
from xproj_fast.scores.fuse import fuse
from xproj_fast.scores.mt import MtCounts, mt_scores
from xproj_fast.scores.options import MtOptions

pytest_plugins = ("translator_fixtures",)

EVERYTHING = MtOptions(top_k=None, min_other=None)


class FakeModel:
    """Scores phrases by a hash, from 0 to 1, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, a: Sequence[str], b: Sequence[str]) -> np.ndarray:
        self.asked += zip(a, b, strict=True)
        return np.array([self.score(*pair) for pair in zip(a, b, strict=True)], np.float32)

    @staticmethod
    def score(a: str, b: str) -> np.float32:
        return np.float32(crc32(f"{a}|{b}".encode()) % 1001 / 1000)


def blocks(batch: Batch, pairs: SentencePairs, spans: Spans) -> list[list[list[tuple[str, str]]]]:
    """Return the phrases of every pair: sentences, entities, candidates."""
    words = pairs.source.to_lists()
    found = []
    for s in range(len(pairs)):
        targets = [
            " ".join(batch.target[s][a:b])
            for a, b in zip(
                spans.start[spans.offsets[s] : spans.offsets[s + 1]].tolist(),
                spans.end[spans.offsets[s] : spans.offsets[s + 1]].tolist(),
                strict=True,
            )
        ]
        found.append([[(" ".join(words[s][a:b]), t) for t in targets] for a, b in batch.spans(s)])
    return found


def distinct_words(batch: Batch) -> Batch:
    """Return the batch with source words that tell entities apart."""
    return replace(batch, source=[[f"w{i % 3}" for i, _ in enumerate(words)] for words in batch.source])


some_batches = batches(nested=False, most_words=7).map(distinct_words)


@given(some_batches)
def test_each_pair_has_the_score_of_its_phrases(batch: Batch) -> None:
    pairs = batch.pairs()
    spans = ngrams(pairs, stop_words=())
    model, counts = FakeModel(), MtCounts()
    got = mt_scores(pairs, spans, model, MtOptions(), None, counts=counts)
    phrases = blocks(batch, pairs, spans)
    expected = pair_scores([[[thresholded(model.score(*p)) for p in row] for row in block] for block in phrases])
    np.testing.assert_array_equal(got.offsets, expected.offsets)
    np.testing.assert_array_equal(got.values, expected.values)
    assert got.values.dtype == np.float32
    distinct = {pair for block in phrases for row in block for pair in row}
    assert sorted(model.asked) == sorted(distinct)
    assert counts.to_dict() == {
        "sentences": len(pairs),
        "pairs": len(got.values),
        "scored": len(got.values),
        "distinct": len(distinct),
    }


def thresholded(score: np.float32, least: float = 0.1) -> np.float32:
    return score if score >= np.float32(least) else np.float32(0)


@given(some_batches, st.integers(1, 5) | st.none(), st.sampled_from([None, 0.0, 0.3]), st.booleans())
def test_the_best_by_the_other_scores_are_asked_about(
    batch: Batch, top_k: int | None, min_other: float | None, rescue: bool
) -> None:
    pairs = batch.pairs()
    spans = ngrams(pairs, stop_words=())
    other = alignment_scores(pairs, spans)
    model = FakeModel()
    got = mt_scores(pairs, spans, model, MtOptions(top_k=top_k, min_other=min_other, rescue=rescue), other)
    expected = []
    for s, block in enumerate(blocks(batch, pairs, spans)):
        sums = other.values[other.offsets[s] : other.offsets[s + 1]].reshape(len(block), -1) if block else []
        rows = []
        for row, sum_ in zip(block, sums, strict=True):
            order = sorted(
                (c for c in range(len(row)) if min_other is None or sum_[c] > min_other), key=lambda c: -sum_[c]
            )
            kept = order[:top_k] if order or not rescue else range(len(row))
            rows.append([thresholded(model.score(*p)) if c in kept else np.float32(0) for c, p in enumerate(row)])
        expected.append(rows)
    np.testing.assert_array_equal(got.values, pair_scores(expected).values)


def assert_same_spans(a: Matches, b: Matches) -> None:
    for name in ("offsets", "entity", "start", "end"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def matched(pairs: SentencePairs, spans: Spans, other: PairScores, mt: PairScores, weight: float, how: str) -> Matches:
    total = fuse({"other": other, "mt": mt}, {"other": 1.0, "mt": weight})
    if how == "greedy":
        return greedy(pairs, spans, total, limit=Limit.parse("<=1"))
    return exact(pairs, spans, total, limit=Limit.parse("<=1"))


@given(some_batches, st.integers(1, 3), st.sampled_from([0.3, 1.0, 2.0]), st.sampled_from(["greedy", "exact"]))
def test_what_the_bound_leaves_out_could_not_win(batch: Batch, top_k: int, weight: float, how: str) -> None:
    pairs = batch.pairs()
    spans = ngrams(pairs, stop_words=())
    other = alignment_scores(pairs, spans)
    everything = mt_scores(pairs, spans, FakeModel(), EVERYTHING, other)
    options = MtOptions(top_k=top_k, min_other=None, bound=1.0, weight=weight)
    bounded = mt_scores(pairs, spans, FakeModel(), options, other)
    asked = bounded.values != 0
    np.testing.assert_array_equal(bounded.values[asked], everything.values[asked])
    a, b = (matched(pairs, spans, other, mt, weight, how) for mt in (everything, bounded))
    assert_same_spans(a, b)
    np.testing.assert_array_equal(a.score, b.score)


def aligned_pairs() -> tuple[SentencePairs, Spans, PairScores]:
    """One sentence of 12 words, an entity of two words linked one to one."""
    pairs = SentencePairs.from_lists(
        [["Angela", "Merkel", "spoke"]],
        [[f"t{i}" for i in range(12)]],
        [[(0, 2, "PER")]],
        [[(0, 4), (1, 5), (2, 9)]],
    )
    spans = ngrams(pairs)
    return pairs, spans, alignment_scores(pairs, spans)


def test_the_bound_spares_most_of_the_work() -> None:
    pairs, spans, other = aligned_pairs()
    other = PairScores(other.offsets, other.values * np.float32(3))
    asked: list[str] = []

    def model(a: Sequence[str], b: Sequence[str]) -> np.ndarray:
        asked.extend(b)
        return np.array([0.9 if text == "t4 t5" else 0.2 for text in b], np.float32)

    mt_scores(pairs, spans, model, MtOptions(top_k=3, bound=1.0), other)
    assert "t4 t5" in asked
    assert len(asked) < 0.3 * len(other.values)


def test_what_rounding_makes_equal_is_not_left_out() -> None:
    """In float32 both totals are 10,001, and of equals the earlier start wins."""
    pairs = SentencePairs.from_lists([["s"]], [["t", "u"]], [[(0, 1, "PER")]])
    spans = Spans(np.array([0, 2]), np.array([0, 1], np.int32), np.array([2, 2], np.int32))
    other = PairScores(np.array([0, 2]), np.array([1e4, 10000.001], np.float32))

    def model(a: Sequence[str], b: Sequence[str]) -> np.ndarray:
        return np.array([{"t u": 1.0, "u": 0.9991}[text] for text in b], np.float32)

    chosen = []
    for options in (EVERYTHING, MtOptions(top_k=1, min_other=None, bound=1.0)):
        got = matched(pairs, spans, other, mt_scores(pairs, spans, model, options, other), 1.0, "greedy")
        chosen.append((got.start.tolist(), got.score.tolist()))
    assert chosen == [([0], [10001.0])] * 2


def test_rescued_entities_have_their_rounds() -> None:
    pairs, spans, other = aligned_pairs()
    nothing = PairScores(other.offsets, np.zeros_like(other.values))
    for rescue in (False, True):
        got = mt_scores(pairs, spans, FakeModel(), MtOptions(top_k=1, bound=1.0, rescue=rescue), nothing)
        assert got.values.any() == rescue


def test_scores_above_the_bound_are_capped_where_asked() -> None:
    pairs, spans, other = aligned_pairs()

    def model(a: Sequence[str], b: Sequence[str]) -> np.ndarray:
        return np.linspace(0, 3, len(a)).astype(np.float32)

    free = mt_scores(pairs, spans, model, MtOptions(bound=2.0), other)
    capped = mt_scores(pairs, spans, model, MtOptions(bound=2.0, capped=True), other)
    assert free.values.max() > 2
    assert capped.values.max() == 2


@pytest.mark.parametrize(
    ("language", "words", "phrase"),
    [
        ("zho_Hans", ["紐", "約"], "紐約"),
        ("zho_Hans", ["deep", "learning"], "deep learning"),
        ("jpn_Jpan", ["AI", "大学"], "AI大学"),
        (None, ["紐", "約"], "紐 約"),
    ],
)
def test_words_are_joined_as_their_language_does(language: str | None, words: list[str], phrase: str) -> None:
    pairs = SentencePairs.from_lists([["New", "York"]], [words], [[(0, 2, "LOC")]])
    model = FakeModel()
    mt_scores(pairs, ngrams(pairs, min_words=2), model, MtOptions(target_language=language))
    assert model.asked == [("New York", phrase)]


def test_lengths_that_cannot_belong_together_are_left_out_where_asked() -> None:
    pairs, spans, _ = aligned_pairs()
    got = mt_scores(pairs, spans, FakeModel(), MtOptions(threshold=-1, max_length_ratio=1.5), None)
    lengths = (spans.end - spans.start)[got.values != 0]
    assert set(lengths.tolist()) <= {2, 3}
    asked, counts = FakeModel(), MtCounts()
    mt_scores(pairs, spans, asked, MtOptions(max_length_ratio=1.5), counts=counts)
    assert {len(b.split()) for _, b in asked.asked} == {2, 3}
    assert (counts.scored, counts.pairs) == (len(asked.asked), len(spans.start))


def test_bad_input() -> None:
    pairs, spans, other = aligned_pairs()
    short = PairScores(np.array([0, 3]), np.zeros(3, np.float32))
    with pytest.raises(InputError, match="other: expected scores of these pairs"):
        mt_scores(pairs, spans, FakeModel(), MtOptions(), short)
    for wrong in (np.zeros(1), np.full(10, np.nan)):
        with pytest.raises(InputError, match="scorer: expected 10 finite scores, got shape"):
            mt_scores(pairs, spans, lambda a, b, w=wrong: w, MtOptions(), other)  # type: ignore[misc]
    bare = SentencePairs.from_arrays(
        source_offsets=[0, 3],
        target_offsets=[0, 12],
        entity_offsets=[0, 1],
        entity_start=[0],
        entity_end=[2],
        entity_label=[0],
        labels=["PER"],
    )
    with pytest.raises(InputError, match="source_words: expected the words themselves"):
        mt_scores(bare, spans, FakeModel())
    for bad in (
        {"threshold": float("nan")},
        {"top_k": 0},
        {"min_other": float("inf")},
        {"max_length_ratio": 0.5},
        {"bound": 0.0},
        {"capped": True},
        {"weight": 0.0},
    ):
        with pytest.raises(InputError, match=f"{next(iter(bad))}: expected"):
            MtOptions(**bad)  # type: ignore[arg-type]


def toy_pairs(count: int) -> tuple[SentencePairs, list[list[tuple[int, int]]]]:
    """Return toy sentence pairs with half of their links, and where their entities are in the target."""
    made = SENTENCES[:count]
    pairs = SentencePairs.from_lists(
        [list(s.english) for s in made],
        [list(s.toy) for s in made],
        [list(s.entities) for s in made],
        [list(s.links)[k % 2 :: 2] for k, s in enumerate(made)],
    )
    return pairs, [[(a, b) for a, b, _ in s.toy_entities()] for s in made]


def test_on_a_real_model_the_prefilter_projects_as_scoring_everything_does(trained_translator: Path) -> None:
    from xproj_fast.models.phrase_scorer import PhraseScorer
    from xproj_fast.models.translator import Translator

    pairs, _ = toy_pairs(12)
    spans = ngrams(pairs, max_words=5)
    other = alignment_scores(pairs, spans)
    half = PairScores(other.offsets, other.values * np.float32(0.5))
    chosen: dict[str, Matches] = {}
    scores: dict[str, np.ndarray] = {}
    tokens: dict[str, int] = {}
    known: dict[tuple[str, str], np.float32] = {}
    ways = {
        "everything": replace(EVERYTHING, bound=1.0, capped=True, top_k=10**9),
        "top": MtOptions(top_k=5, bound=None),
        "bound": MtOptions(top_k=5, min_other=None, bound=1.0, capped=True),
    }
    with Translator.load(trained_translator, device="cpu", threads=1) as translator:
        for name, options in ways.items():
            scorer = PhraseScorer(translator, ENGLISH, TOY)

            def score(a: Sequence[str], b: Sequence[str], scorer: PhraseScorer = scorer) -> np.ndarray:
                """One score a pair in all ways: which batch it is in shows in its last bits, and would break ties."""
                found = scorer(a, b)
                same = [known.setdefault((x, y), value) for x, y, value in zip(a, b, found, strict=True)]
                np.testing.assert_allclose(found, same, rtol=1e-3)
                return np.array(same, np.float32)

            mt = mt_scores(pairs, spans, score, options, half)
            scores[name] = mt.values
            chosen[name] = matched(pairs, spans, half, mt, 1.0, "greedy")
            tokens[name] = scorer.counts.decoder_tokens
    assert_same_spans(chosen["everything"], chosen["bound"])
    assert tokens["bound"] < tokens["everything"]
    assert 4 * tokens["top"] < tokens["everything"]
    asked = scores["top"] != 0
    assert asked.any()
    np.testing.assert_array_equal(np.minimum(scores["top"], 1)[asked], scores["everything"][asked])


def test_one_pair_of_phrases_is_asked_about_once_in_a_corpus(trained_translator: Path) -> None:
    from xproj_fast.models.phrase_scorer import PhraseScorer
    from xproj_fast.models.translator import Translator

    pairs, entities = toy_pairs(20)
    spans = Spans(
        np.cumsum([0, *map(len, entities)]),
        *(np.array([x for row in entities for x in sorted({span[k] for span in row})], np.int32) for k in (0, 1)),
    )
    with Translator.load(trained_translator, device="cpu", threads=1) as translator:
        scorer = PhraseScorer(translator, ENGLISH, TOY)
        counts = MtCounts()
        got = mt_scores(pairs, spans, scorer, MtOptions(), None, counts=counts)
        assert scorer.counts.pairs == scorer.counts.scored == counts.distinct < counts.scored == len(got.values)
        same = PhraseScorer(translator, ENGLISH, TOY)([text(("Berlin",))], [text(("Berolino",))])
    assert same[0] > 0.9  # P(b|a) and P(a|b) are .9 or more, and P(a|a) and P(b|b) at most 1
