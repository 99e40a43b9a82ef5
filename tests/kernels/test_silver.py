"""Silver equals the reference, whose random numbers are the same, and is what it promises to be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import reference.silver as reference
from common import assert_same, by_sentence
from hypothesis import given
from hypothesis import strategies as st
from strategies import Batch, batches, large_batch

from xproj_fast.arrays import Links, Offsets, ShapeFlag, Spans, WordShapes
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import Silver

CAPITALISED, PUNCTUATION = int(ShapeFlag.CAPITAL), int(ShapeFlag.PUNCTUATION)
KINDS = st.sampled_from([0, CAPITALISED, CAPITALISED, PUNCTUATION])


def shapes(offsets: Offsets, flags: Sequence[int]) -> WordShapes:
    """Return words that are each of a type of its own, of whose letters nothing is known."""
    ids, no_letters = np.arange(len(flags), dtype=np.int32), np.zeros(len(flags) + 1, np.int64)
    return WordShapes(offsets, ids, no_letters, np.zeros(0, np.int32), np.array(flags, np.uint8))


def draw(batch: Batch, flags: list[list[int]], most: int, seed: int) -> Silver:
    pairs = batch.pairs()
    assert pairs.alignments is not None
    source = shapes(pairs.source.offsets, [flag for sentence in flags for flag in sentence])
    return get().learned_silver(source, pairs.target.offsets, pairs.entities, pairs.alignments, most, seed)


def sentences_of(batch: Batch, flags: list[list[int]]) -> list[reference.Sentence]:
    return [
        reference.Sentence(
            [bool(flag & CAPITALISED) for flag in flags[s]],
            [bool(flag & PUNCTUATION) for flag in flags[s]],
            len(batch.target[s]),
            batch.spans(s),
            batch.links[s],
        )
        for s in range(len(batch))
    ]


def as_taken(found: Silver) -> list[reference.Taken]:
    spans = found.entities
    rows = by_sentence(spans.offsets, spans.start, spans.end, found.target_start, found.target_end)
    links = by_sentence(found.links.offsets, found.links.source, found.links.target)
    return [
        reference.Taken(number, [((a, b), (c, d)) for a, b, c, d in row], cells)
        for number, row, cells in zip(found.sentence.tolist(), rows, links, strict=True)
    ]


def random_flags(batch: Batch, seed: int = 0) -> list[list[int]]:
    random = np.random.default_rng(seed)
    return [random.choice([0, CAPITALISED, PUNCTUATION], len(words)).tolist() for words in batch.source]


@given(batch=batches(most_words=14), data=st.data(), most=st.integers(1, 7), seed=st.integers(0, 2**64 - 1))
def test_silver(batch: Batch, data: st.DataObject, most: int, seed: int) -> None:
    flags = [data.draw(st.lists(KINDS, min_size=len(words), max_size=len(words))) for words in batch.source]
    assert as_taken(draw(batch, flags, most, seed)) == reference.silver(sentences_of(batch, flags), most, seed)


@pytest.fixture(scope="module")
def large() -> Batch:
    return large_batch(3000, seed=8)


def test_what_silver_is(large: Batch) -> None:
    """Said without the reference: consistent under the links as they were, disjoint, no longer than allowed."""
    found = as_taken(draw(large, random_flags(large), 500, 3))
    assert len(found) == 500
    assert len({each.number for each in found}) == 500
    assert sum(len(each.spans) for each in found) > 550
    for number, spans, _ in found:
        links = large.links[number]
        for (start, end), (low, high) in spans:
            inside = {b for a, b in links if start <= a < end}
            assert {low, high - 1} <= inside
            assert all((start <= a < end) == (low <= b < high) for a, b in links)
            assert high - low <= end - start + 3
        for side in zip(*spans, strict=True):
            assert all(a[1] <= b[0] for a, b in pairwise(sorted(side)))


def test_links_are_made_worse_as_often_as_the_recipe_says(large: Batch) -> None:
    kept = lost = new = 0
    for number, _, links in as_taken(draw(large, random_flags(large), 3000, 1)):
        before = set(large.links[number])
        kept += len(before & set(links))
        lost += len(before - set(links))
        new += len(set(links) - before)
    assert lost / (kept + lost) == pytest.approx(0.15 + 0.07, abs=0.03)
    assert new / (kept + lost) == pytest.approx(0.07 + 0.07, abs=0.05)  # some land where a link was


def test_the_seed_decides(large: Batch) -> None:
    flags = random_flags(large)

    def drawn(seed: int) -> Silver:
        return draw(large, flags, 200, seed)

    first, again, other = drawn(1), drawn(1), drawn(2)
    for name in ("sentence", "target_start", "target_end"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert_same(first.entities, again.entities)
    assert_same(first.links, again.links)
    assert first.sentence.tolist() != other.sentence.tolist()


def test_a_word_that_is_linked_twice_over_leaves_doubt() -> None:
    """Neither word has a translation of its own, both together have one."""
    batch = Batch([["s"] * 2], [["t"] * 2], [[]], [[(0, 0), (1, 0), (1, 1)]])
    for entities, spans in (([(0, 1, "PER")], []), ([(1, 2, "PER")], []), ([(0, 2, "PER")], [((0, 2), (0, 2))])):
        found = as_taken(draw(Batch(batch.source, batch.target, [entities], batch.links), [[0, 0]], 9, 1))
        assert [each.spans for each in found] == ([spans] if spans else [])


@pytest.mark.parametrize("batch", [Batch([], [], [], []), Batch([["s"] * 9], [["t"] * 9], [[(0, 2, "PER")]], [[]])])
def test_nothing_to_take(batch: Batch) -> None:
    found = draw(batch, random_flags(batch), 10, 1)
    assert len(found.sentence) == len(found.target_start) == len(found.links.source) == 0
    assert found.entities.offsets.tolist() == found.links.offsets.tolist() == [0]


def test_a_huge_sentence_takes_no_square_of_its_words() -> None:
    words = 200_000
    offsets, each = np.array([0, words]), np.arange(words, dtype=np.int32)
    spans, links = Spans(offsets, each, each + np.int32(1)), Links(offsets, each, each)
    found = get().learned_silver(shapes(offsets, [0] * words), offsets, spans, links, 5, 1)
    assert np.array_equal(found.target_start, each)
