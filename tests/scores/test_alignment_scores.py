"""The alignment score equals the reference on every backend."""

from __future__ import annotations

import common
import numpy as np
import pytest
import reference.alignment as reference
from common import by_sentence
from hypothesis import given
from hypothesis import strategies as st
from strategies import Batch, batches, candidates_of

from xproj_fast import candidates
from xproj_fast.arrays import Spans
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.alignment import alignment_scores


def test_reference() -> None:
    assert reference.score((0, 2), (1, 4), [(0, 1), (1, 2), (2, 3), (0, 0)]) == np.float32(4 / 5)
    assert reference.score((0, 1), (0, 1), [(0, 0), (0, 0)]) == 1  # a link given twice counts once
    assert reference.score((0, 2), (0, 2), [(0, 0), (0, 1), (1, 0), (1, 1)]) == 2  # it may exceed 1
    assert reference.score((0, 2), (0, 2), [(2, 0), (0, 2)]) == 0
    # Equal ratios are equal floats: 2/6 = 1/3 and 4/12
    thirds = [
        reference.score((0, 3), (0, 3), [(0, 0)]),
        reference.score((0, 6), (0, 6), [(0, 0), (1, 1)]),
    ]
    assert thirds[0] == thirds[1] == np.float32(1) / np.float32(3)
    assert thirds[0].dtype == np.float32


@given(batch=batches(), data=st.data())
def test_scores(backend: str, batch: Batch, data: st.DataObject) -> None:
    pairs = batch.pairs()
    spans = [data.draw(candidates_of(len(words))) for words in batch.target]
    got = alignment_scores(pairs, common.given(pairs, spans), backend=backend)
    blocks = [reference.scores(batch.spans(s), spans[s], batch.links[s]) for s in range(len(batch))]
    assert got.values.dtype == np.float32
    assert by_sentence(got.offsets, got.values) == [
        [(float(score),) for row in block for score in row] for block in blocks
    ]


@given(batch=batches())
def test_order_and_repeats_of_links_do_not_matter(backend: str, batch: Batch) -> None:
    unique = Batch(
        batch.source,
        batch.target,
        batch.entities,
        [sorted(set(links)) for links in batch.links],
        batch.nested,
    )
    pairs, plain = batch.pairs(), unique.pairs()
    grams = candidates.ngrams(pairs, backend=backend)
    common.assert_same(alignment_scores(pairs, grams, backend=backend), alignment_scores(plain, grams, backend=backend))


def test_a_long_sentence(backend: str) -> None:
    words = 300
    links = [(i, (7 * i) % words) for i in range(words)]
    pairs = SentencePairs.from_lists([["s"] * words], [["t"] * words], [[(0, 150, "PER"), (150, 300, "PER")]], [links])
    spans = [(0, 1), (0, 300), (3, 290), (299, 300)]
    got = alignment_scores(pairs, common.given(pairs, [spans]), backend=backend)
    expected = reference.scores([(0, 150), (150, 300)], spans, links)
    assert got.values.tolist() == [float(score) for row in expected for score in row]


def test_no_alignments() -> None:
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]])
    with pytest.raises(InputError, match=r"alignments: .* the pairs have none") as caught:
        alignment_scores(pairs, candidates.ngrams(pairs))
    assert caught.value.field == "alignments"


def test_candidates_of_other_sentences() -> None:
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]], [[(0, 0)]])
    other = Spans(np.array([0, 1]), np.array([0], np.int32), np.array([2], np.int32))
    with pytest.raises(InputError, match=r"candidates: sentence 0, span 0: expected .* got \[0, 2\)") as caught:
        alignment_scores(pairs, other)
    assert (caught.value.field, caught.value.sentence) == ("candidates", 0)


@pytest.mark.parametrize("threads", [0, -3])
def test_bad_threads(threads: int) -> None:
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]], [[(0, 0)]])
    grams = candidates.ngrams(pairs)
    with pytest.raises(InputError, match=rf"threads: expected at least 1 .* got {threads}"):
        alignment_scores(pairs, grams, threads=threads)
