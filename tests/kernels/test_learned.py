"""The learned score's kernels: every feature and score equals the plain reference's, on any text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import reference.learned
from common import assert_same, batch_of, by_sentence
from common import given as given_candidates
from conftest import RealData
from hypothesis import given
from hypothesis import strategies as st
from strategies import Batch, candidates_of, entities_of, large_batch, links_of

from xproj_fast.arrays import PairScores, Spans, WordShapes
from xproj_fast.candidates import ngrams
from xproj_fast.kernels.protocol import Kernels, score_offsets
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.learned_features import LEARNED_FEATURES
from xproj_fast.text.word_shapes import word_shapes

Row = tuple[int, dict[str, float]]

WORDS = st.one_of(
    st.sampled_from(
        ["Rom", "rom", "Roma", "ROM", "İzmir", "ΟΔΟΣ", "東京", "Москва", "3.", "2026", "!", "``", "«", "a"]
    ),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6),
    st.sampled_from(["Donaudampfschifffahrtsgesellschaft" * 3, "dampfschiff" * 12]),  # alone beyond a 64-bit word
)


@st.composite
def texts(draw: st.DrawFn) -> Batch:
    """Draw sentence pairs of real strings, where half of the target words are copied from the source."""
    batch = Batch([], [], [], [], nested=True)
    for _ in range(draw(st.integers(0, 3))):
        source = draw(st.lists(WORDS, max_size=9))
        words = st.one_of(WORDS, st.sampled_from(source)) if source else WORDS
        target = draw(st.lists(words, max_size=9))
        batch.source.append(source)
        batch.target.append(target)
        batch.entities.append(draw(entities_of(len(source), nested=True)))
        batch.links.append(draw(links_of(len(source), len(target))))
    return batch


def arguments(pairs: SentencePairs, spans: Spans) -> tuple[Any, ...]:
    return word_shapes(pairs.source), word_shapes(pairs.target), pairs.entities, pairs.alignments, spans


def reference_rows(batch: Batch, candidates: Sequence[Sequence[tuple[int, int]]]) -> list[Row]:
    """Return flat positions and features."""
    rows: list[Row] = []
    begin = 0
    for s, spans in enumerate(candidates):
        for entity in batch.spans(s):
            found = reference.learned.features(batch.source[s], batch.target[s], batch.links[s], entity, spans)
            rows += [(begin + t, row) for t, row in found]
            begin += len(spans)
    return rows


def random_weights(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, len(LEARNED_FEATURES) + 1)


def assert_equal_to_reference(kernels: Kernels, batch: Batch, pairs: SentencePairs, spans: Spans, seed: int) -> int:
    """Compare rows and scores; return how many pairs were kept."""
    expected = reference_rows(batch, by_sentence(spans.offsets, spans.start, spans.end))
    rows = kernels.learned_rows(*arguments(pairs, spans), 1)
    assert (rows.position.dtype, rows.features.dtype) == (np.int64, np.float32)
    assert rows.position.tolist() == [position for position, _ in expected]
    assert rows.features.shape == (len(expected), len(LEARNED_FEATURES))
    for features, (_, row) in zip(rows.features.tolist(), expected, strict=True):
        assert dict(zip(LEARNED_FEATURES, features, strict=True)) == pytest.approx(row, abs=1e-6, rel=0)

    weights = random_weights(seed)
    scores = kernels.learned_scores(*arguments(pairs, spans), weights, 1)
    assert scores.offsets.tolist() == score_offsets(pairs.entities, spans).tolist()
    wanted = np.zeros(int(scores.offsets[-1]))
    named = dict(zip(LEARNED_FEATURES, weights.tolist(), strict=False))
    for position, row in expected:
        wanted[position] = reference.learned.score(row, named, float(weights[-1]))
    assert scores.values.dtype == np.float32
    assert scores.values.tolist() == pytest.approx(wanted.tolist(), abs=1e-6, rel=0)
    return len(expected)


@given(texts(), st.data())
def test_features_and_scores_equal_the_reference(kernels: Kernels, batch: Batch, data: st.DataObject) -> None:
    pairs = batch.pairs()
    spans = given_candidates(pairs, [data.draw(candidates_of(len(target))) for target in batch.target])
    assert_equal_to_reference(kernels, batch, pairs, spans, data.draw(st.integers(0, 9)))


@given(st.text("ab ", max_size=200), st.text("abc", min_size=1, max_size=12), st.integers(1, 15))
def test_texts_of_any_length(kernels: Kernels, entity: str, word: str, repeats: int) -> None:
    """Entities below, at and beyond 64 characters, and candidates that grow past them."""
    source = entity.split()
    if not source:
        return
    target = [word] * repeats
    batch = Batch([source], [target], [[(0, len(source), "PER")]], [[(0, 0), (len(source) - 1, repeats - 1)]])
    pairs = batch.pairs()
    assert_equal_to_reference(kernels, batch, pairs, ngrams(pairs, max_words=None), 0)


def test_by_hand(kernels: Kernels) -> None:
    """Die alte Stadt Rom , one word of which is not linked."""
    batch = Batch(
        [["Old", "Rome", "falls"]], [["Das", "alte", "Rom", "!"]], [[(0, 2, "LOC")]], [[(0, 1), (1, 2), (1, 2)]]
    )
    pairs = batch.pairs()
    spans = given_candidates(pairs, [[(0, 2), (1, 3), (3, 4)]])
    rows = kernels.learned_rows(*arguments(pairs, spans), 1)
    assert rows.position.tolist() == [0, 1]  # the last one has no link and looks like nothing
    half, whole = (dict(zip(LEARNED_FEATURES, row, strict=True)) for row in rows.features.tolist())
    assert (half["alignment"], whole["alignment"]) == (0.5, 1)
    assert (half["covered_source"], half["covered_target"], half["links_missed"]) == (0.5, 0.5, 0.5)
    assert (half["alignment_to_best"], half["best_alignment"], whole["best_alignment"]) == (-0.5, 0, 1)
    assert (half["start_to_hull"], half["end_to_hull"]) == (-1, -1)
    assert (half["unaligned_first"], half["unaligned_last"], half["unaligned_share"]) == (1, 0, 0.5)
    assert (half["punctuation_before"], whole["punctuation_before"], whole["punctuation_after"]) == (1, 0, 1)
    assert (half["capital_first_differs"], whole["capital_first_differs"]) == (0, -1)
    assert whole["similarity"] == pytest.approx(1 - 4 / 8)  # old rome, alte rom


def test_an_entity_without_links_has_short_candidates_that_look_like_it(kernels: Kernels) -> None:
    target = ["Rom", "ist", "rund", "ROM"] + ["x"] * 40 + ["Rom"]
    pairs = SentencePairs.from_lists([["Rom"]], [target], [[(0, 1, "LOC")]], [[]])
    spans = ngrams(pairs)
    rows = kernels.learned_rows(*arguments(pairs, spans), 1)
    kept = {(int(spans.start[t]), int(spans.end[t])) for t in rows.position}
    assert {(0, 1), (3, 4), (44, 45)} <= kept
    assert max(end - start for start, end in kept) == 2
    assert (5, 6) not in kept


def test_pairs_that_are_not_kept_score_zero(kernels: Kernels) -> None:
    batch = large_batch(300, seed=3)
    pairs = batch.pairs()
    spans = ngrams(pairs)
    rows = kernels.learned_rows(*arguments(pairs, spans), 1)
    scores = kernels.learned_scores(*arguments(pairs, spans), np.zeros(len(LEARNED_FEATURES) + 1), 1)
    assert 100 < len(rows.position) < len(scores.values) / 2
    assert np.flatnonzero(scores.values).tolist() == rows.position.tolist()
    assert set(scores.values[rows.position].tolist()) == {0.5}


def test_weights_beyond_all_reason_give_probabilities(kernels: Kernels) -> None:
    pairs = large_batch(50, seed=4).pairs()
    spans = ngrams(pairs)
    for size in (1e300, -1e300, 1e6):
        values = kernels.learned_scores(*arguments(pairs, spans), size * random_weights(1), 1).values
        assert np.all((values >= 0) & (values <= 1))


@pytest.mark.parametrize("count", [0, len(LEARNED_FEATURES), len(LEARNED_FEATURES) + 2])
def test_another_number_of_weights_is_refused(kernels: Kernels, count: int) -> None:
    pairs = large_batch(2).pairs()
    expected = f"weights: expected {len(LEARNED_FEATURES)} and a bias, got {count} values"
    with pytest.raises(ValueError, match=f"^{expected}$"):
        kernels.learned_scores(*arguments(pairs, ngrams(pairs)), np.zeros(count), 1)


def test_the_number_of_threads_changes_nothing(kernels: Kernels) -> None:
    pairs = large_batch(5000, seed=2).pairs()
    given_arrays = arguments(pairs, ngrams(pairs))
    one = kernels.learned_rows(*given_arrays, 1), kernels.learned_scores(*given_arrays, random_weights(2), 1)
    assert len(one[0].position) > 10_000
    for threads in (2, 3, 64):
        assert_same(kernels.learned_rows(*given_arrays, threads), one[0])
        assert_same(kernels.learned_scores(*given_arrays, random_weights(2), threads), one[1])


def test_a_sentence_of_ten_thousand_words(kernels: Kernels) -> None:
    """Only what is near the links of an entity is looked at."""
    words = 10_000
    source = [f"w{k}" for k in range(words)]
    entities = [(k, k + 2, "PER") for k in range(0, words, 100)]
    links = [(k, k) for k in range(words)]
    batch = Batch([source], [source], [entities], [links])
    pairs = batch.pairs()
    spans = ngrams(pairs, max_words=3)
    rows = kernels.learned_rows(*arguments(pairs, spans), 1)
    assert 10 * len(entities) < len(rows.position) < 25 * len(entities)
    scores: PairScores = kernels.learned_scores(*arguments(pairs, spans), random_weights(5), 1)
    assert len(scores.values) == len(entities) * len(spans.start)
    assert np.array_equal(np.flatnonzero(scores.values), rows.position)


def test_records_are_read_as_all_others(kernels: Kernels) -> None:
    pairs = large_batch(3).pairs()
    source, target, *rest = arguments(pairs, ngrams(pairs))
    wide = WordShapes(target.offsets, target.ids.astype(np.int64), target.code_offsets, target.codes, target.flags)
    with pytest.raises(TypeError, match=r"^WordShapes\.ids: expected a contiguous array of int32, got int64$"):
        kernels.learned_rows(source, wide, *rest, 1)


@pytest.mark.parametrize("name", ["europarl_de_intersect", "europarl_es_gdfa", "translate_test_de", "bambara"])
def test_real_sentences_equal_the_reference(kernels: Kernels, name: str, request: pytest.FixtureRequest) -> None:
    data: RealData = request.getfixturevalue(name)
    entities = np.diff(data.pairs.entities.offsets)
    some = np.flatnonzero(entities)[:: max(1, len(entities) // 40)]
    pairs = data.pairs[some]
    batch = batch_of(pairs, range(len(some)))
    assert assert_equal_to_reference(kernels, batch, pairs, ngrams(pairs), 3) > 300


def test_every_real_sentence_the_same_on_threads(kernels: Kernels, translate_train_de: RealData) -> None:
    given_arrays = arguments(translate_train_de.pairs, ngrams(translate_train_de.pairs))
    one = kernels.learned_rows(*given_arrays, 1)
    assert len(one.position) > 100_000
    assert_same(kernels.learned_rows(*given_arrays, 4), one)
