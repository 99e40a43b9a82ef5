"""Word links from subword similarities: the plain reference, oracles of others, hand-made cases."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from common import assert_same, by_sentence, offsets_of
from hypothesis import given
from hypothesis import strategies as st
from reference import extract_links as reference
from scipy.optimize import linear_sum_assignment

from xproj_fast.arrays import Pieces
from xproj_fast.kernels.protocol import ExtractedLinks, ExtractionOptions, Kernels
from xproj_fast.models.extractions.core import Core

METHODS = list(Core)
THRESHOLDS = {
    Core.AWESOME: (0.0, 1e-3, 0.25, 0.5),
    Core.ARGMAX: (0.0, 0.5),
    Core.ITERMAX: (0.0, 0.5),
    Core.MATCH: (0.0, 0.5, 2.0),
}


@dataclass(frozen=True)
class Sentences:
    """A batch as plain lists."""

    source: list[list[int]] = field(default_factory=list)
    target: list[list[int]] = field(default_factory=list)
    similarity: list[list[list[float]]] = field(default_factory=list)

    def links(self, kernels: Kernels, options: ExtractionOptions, threads: int = 1) -> ExtractedLinks:
        blocks = [[value for row in rows for value in row] for rows in self.similarity]
        values = np.array([value for block in blocks for value in block], np.float32)
        return kernels.extract_links(
            pieces(self.source), pieces(self.target), offsets_of(blocks), values, options, threads
        )


def pieces(words: list[list[int]]) -> Pieces:
    flat = np.array([word for sentence in words for word in sentence], np.int32)
    return Pieces(offsets_of(words), np.zeros_like(flat), flat)


def rows_of(got: ExtractedLinks) -> list[list[tuple[int, int, float]]]:
    links = got.links
    assert links.source.dtype == links.target.dtype == np.int32
    assert got.confidence.dtype == np.float32
    return by_sentence(links.offsets, links.source, links.target, got.confidence)


def one(kernels: Kernels, similarity: list[list[float]], options: ExtractionOptions) -> list[tuple[int, int, float]]:
    """Extract from one sentence whose subwords are its words."""
    rows, columns = list(range(len(similarity))), list(range(len(similarity[0])))
    return rows_of(Sentences([rows], [columns], [similarity]).links(kernels, options))[0]


# Sixteenths give many ties with exact sums; the large ones make dot products whose softmax underflows.
SIXTEENTHS = st.integers(0, 16).map(lambda k: k / 16)
UNITS = st.floats(0, 1, width=32)
PRODUCTS = st.one_of(st.sampled_from([-900.0, -3.0, 0.0, 1.0, 2.5, 900.0]), st.floats(-20, 20, width=32))


@st.composite
def sentences(draw: st.DrawFn, values: st.SearchStrategy[float]) -> Sentences:
    batch = Sentences()
    for _ in range(draw(st.integers(0, 3))):
        for side in (batch.source, batch.target):
            steps = draw(st.lists(st.sampled_from([0, 1, 1, 2]), max_size=5))
            side.append(np.cumsum(steps, dtype=int).tolist())
        row = st.lists(values, min_size=len(batch.target[-1]), max_size=len(batch.target[-1]))
        batch.similarity.append([draw(row) for _ in batch.source[-1]])
    return batch


@st.composite
def cases(draw: st.DrawFn, method: Core) -> tuple[Sentences, ExtractionOptions]:
    values = st.one_of(SIXTEENTHS, PRODUCTS) if method is Core.AWESOME else draw(st.sampled_from([SIXTEENTHS, UNITS]))
    options = ExtractionOptions(
        method,
        draw(st.sampled_from(THRESHOLDS[method])),
        draw(st.integers(1, 4)),
        draw(st.sampled_from([0.9, 0.9, 0.5, 0.3, 1.0, 0.0])),
    )
    return draw(sentences(values)), options


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@given(data=st.data())
def test_extract_links(kernels: Kernels, method: Core, data: st.DataObject) -> None:
    batch, options = data.draw(cases(method))
    got = rows_of(batch.links(kernels, options, 2))
    assert len(got) == len(batch.source)
    for s, found in enumerate(got):
        right = reference.extract_links(
            method.name.lower(), batch.similarity[s], batch.source[s], batch.target[s], *options[1:]
        )
        assert found in right


def random_sentences(seed: int, count: int, most: int, dot_products: bool = False) -> Sentences:
    random = np.random.default_rng(seed)
    batch = Sentences()
    for _ in range(count):
        for side in (batch.source, batch.target):
            side.append(np.cumsum(random.integers(0, 3, random.integers(0, most))).tolist())
        values = random.random((len(batch.source[-1]), len(batch.target[-1])), np.float32)
        batch.similarity.append((values * 60 if dot_products else values.round(2)).tolist())
    return batch


@pytest.mark.parametrize(
    "method",
    [method for method in METHODS if method is not Core.MATCH],  # whose reference takes n!
    ids=lambda method: method.name,
)
def test_long_sentences(kernels: Kernels, method: Core) -> None:
    batch = random_sentences(2, 12, 40, method is Core.AWESOME)
    for threshold in THRESHOLDS[method]:
        options = ExtractionOptions(method, threshold, 3)
        got = rows_of(batch.links(kernels, options))
        for found, similarity, source, target in zip(got, batch.similarity, batch.source, batch.target, strict=True):
            assert found in reference.extract_links(method.name.lower(), similarity, source, target, *options[1:])


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_threads_agree_to_the_bit(kernels: Kernels, method: Core) -> None:
    batch = random_sentences(1, 300, 40, method is Core.AWESOME)
    for threshold in THRESHOLDS[method]:
        options = ExtractionOptions(method, threshold, 3)
        results = [batch.links(kernels, options, threads) for threads in (1, 3, 64)]
        for result in results[1:]:
            assert_same(result.links, results[0].links)
            assert result.confidence.tobytes() == results[0].confidence.tobytes()
        if method is not Core.MATCH or threshold < 1:
            assert len(results[0].confidence) > 1000
        else:
            assert len(results[0].confidence) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (20, 20), (33, 50), (50, 33), (2, 90)])
def test_match_is_the_best_assignment(kernels: Kernels, shape: tuple[int, int]) -> None:
    random = np.random.default_rng(shape)
    for values in (random.random(shape), random.integers(0, 4, shape) / 4, random.normal(size=shape)):
        similarity = values.astype(np.float32).astype(np.float64)
        found = one(kernels, similarity.tolist(), ExtractionOptions(Core.MATCH, 0.0))
        rows, columns = [link[0] for link in found], [link[1] for link in found]
        assert len(set(rows)) == len(set(columns)) == min(shape)
        best = similarity[linear_sum_assignment(similarity, maximize=True)].sum()
        assert similarity[rows, columns].sum() == pytest.approx(best, abs=1e-9)


def test_argmax_by_hand(kernels: Kernels) -> None:
    options = ExtractionOptions(Core.ARGMAX, 0.0)
    # row 1's best is column 0, whose best is row 0; of equals the first
    assert one(kernels, [[0.75, 0.5], [0.625, 0.5]], options) == [(0, 0, 0.75)]
    assert one(kernels, [[0.5, 0.5], [0.5, 0.5]], options) == [(0, 0, 0.5)]
    assert one(kernels, [[1.5, -2.0], [-2.0, -1.0]], options) == [(0, 0, 1.0), (1, 1, 0.0)]  # clipped


THREE = [[1.0, 0.75, 0.0], [0.75, 0.5, 0.25], [0.5, 0.25, 0.375]]


def test_itermax_by_hand(kernels: Kernels) -> None:
    # Round 1: (0, 0) alone. Round 2: (0, 1) weighs 0.9 * 0.75 against 0.5 of (1, 1) and takes column 1 from it; in
    # the same way (1, 0) wins column 0; (2, 2) is the best of column 2, but row 2's best is (2, 0), 0.9 * 0.5.
    # Round 3: (2, 0) is now the best of column 0, too. Then no row is left without a link.
    def itermax(iterations: int, alpha: float = 0.9, threshold: float = 0.0) -> list[tuple[int, int]]:
        options = ExtractionOptions(Core.ITERMAX, threshold, iterations, alpha)
        return [link[:2] for link in one(kernels, THREE, options)]

    assert itermax(1) == [(0, 0)]
    assert itermax(2) == [(0, 0), (0, 1), (1, 0)]
    assert itermax(3) == itermax(99) == [(0, 0), (0, 1), (1, 0), (2, 0)]
    assert itermax(2, alpha=0.5) == [(0, 0), (1, 1), (2, 2)]  # 0.5 * 0.75 loses against 0.5
    assert itermax(99, threshold=0.625) == [(0, 0), (0, 1), (1, 0)]  # left out at the end, not before
    assert one(kernels, [row[:2] for row in THREE], ExtractionOptions(Core.ITERMAX, 0.0)) == [(0, 0, 1.0)]


def test_match_by_hand(kernels: Kernels) -> None:
    similarity = [[0.75, 0.625], [0.625, 0.25], [0.0, 0.125]]  # 0.625 + 0.625 beats 0.75 + 0.25
    assert one(kernels, similarity, ExtractionOptions(Core.MATCH, 0.0)) == [(0, 1, 0.625), (1, 0, 0.625)]
    assert one(kernels, similarity, ExtractionOptions(Core.MATCH, 0.626)) == []
    turned = np.transpose(similarity).tolist()
    assert one(kernels, turned, ExtractionOptions(Core.MATCH, 0.625)) == [(0, 1, 0.625), (1, 0, 0.625)]


def test_awesome_by_hand(kernels: Kernels) -> None:
    log3 = float(np.float32(np.log(3)))
    half = ExtractionOptions(Core.AWESOME, 0.5)
    assert one(kernels, [[0.0, 0.0], [0.0, 0.0]], half) == []  # strictly above
    # softmax of one row: 3/4, 1/4; of each column: 1. Confidence: p over log 3 / sqrt 2, q = 1
    p = 3 ** (1 / 2**0.5) / (3 ** (1 / 2**0.5) + 1)
    ((i, j, confidence),) = one(kernels, [[log3, 0.0]], half)
    assert (i, j) == (0, 0)
    assert confidence == pytest.approx(2 * p / (p + 1), abs=1e-6)
    assert len(one(kernels, [[log3, 0.0]], ExtractionOptions(Core.AWESOME, 0.2))) == 2
    assert one(kernels, [[-1e30]], ExtractionOptions()) == [(0, 0, 1.0)]


def test_words_take_the_best_of_their_pieces(kernels: Kernels) -> None:
    similarity = [[0.875, 0.0, 0.0], [0.0, 0.75, 0.0], [0.0, 0.0, 0.5]]
    batch = Sentences([[0, 0, 3], [], [1]], [[2, 2, 2], [0], []], [similarity, [], [[]]])
    for method in (Core.ARGMAX, Core.ITERMAX, Core.MATCH):
        got = rows_of(batch.links(kernels, ExtractionOptions(method, 0.0)))
        assert got == [[(0, 2, 0.875), (3, 2, 0.5)], [], []]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_odd_input_ends(kernels: Kernels, method: Core) -> None:
    random = np.random.default_rng(2)
    odd = [np.nan, np.inf, -np.inf, 0.25, 0.5, 3e38]
    for _ in range(50):
        shape = random.integers(1, 8, 2)
        found = one(kernels, random.choice(odd, shape).tolist(), ExtractionOptions(method, 0.0, 5))
        assert all(0 <= i < shape[0] and 0 <= j < shape[1] and 0 <= confidence <= 1 for i, j, confidence in found)
    assert rows_of(Sentences().links(kernels, ExtractionOptions(method), 4)) == []
