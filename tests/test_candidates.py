"""Candidates equal the reference on every backend."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
import reference.ngrams as reference
from common import assert_spans
from hypothesis import given
from strategies import Batch, batches, stop_word_lists, word_limits

from xproj_fast import candidates, project
from xproj_fast.arrays import UNLIMITED, PairScores, Spans
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import Kernels
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.ilp import ilp
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.alignment import alignment_scores
from xproj_fast.scores.string import string_scores


def one_sentence(target: list[str], links: list[tuple[int, int]] = ()) -> SentencePairs:
    source = ["s", "s", "s"]
    return SentencePairs.from_lists([source], [target], [[(0, 1, "PER"), (1, 3, "LOC")]], [list(links)])


def listed(spans: Spans) -> list[tuple[int, int]]:
    return list(zip(spans.start.tolist(), spans.end.tolist(), strict=True))


def test_reference_ngrams() -> None:
    assert reference.ngrams([False] * 3, 1, 2) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    assert reference.ngrams([False, True, False, False], 1, 9) == [(0, 1), (2, 3), (2, 4), (3, 4)]
    assert reference.ngrams([False] * 3, 3, 3) == [(0, 3)]
    assert len(reference.ngrams([False] * 30, 1, 10)) == 255  # methods.md


def test_reference_aligned_ngrams() -> None:
    links = [(0, 2), (0, 0), (1, 5), (2, 4)]
    # entity [0, 1) spans target words 0 to 2, entity [1, 3) words 4 to 5; nothing touches word 3
    assert reference.aligned_ngrams([False] * 6, [(0, 1), (1, 3)], links, 1, 2) == [
        (0, 1),
        (0, 2),
        (1, 2),
        (1, 3),
        (2, 3),
        (4, 5),
        (4, 6),
        (5, 6),
    ]
    assert reference.aligned_ngrams([False] * 6, [(0, 3)], links, 6, 6) == [(0, 6)]
    assert reference.aligned_ngrams([False] * 6, [(0, 1)], [(1, 1)], 1, 6) == []


@given(batch=batches(), limits=word_limits, stop_words=stop_word_lists)
def test_ngrams(backend: str, batch: Batch, limits: tuple[int, int | None], stop_words: tuple[str, ...]) -> None:
    lo, hi = limits
    got = candidates.ngrams(batch.pairs(), min_words=lo, max_words=hi, stop_words=stop_words, backend=backend)
    most = UNLIMITED if hi is None else hi
    assert_spans(got, [reference.ngrams(batch.stop(s, stop_words), lo, most) for s in range(len(batch))])


@given(batch=batches(), limits=word_limits, stop_words=stop_word_lists)
def test_aligned_ngrams(
    backend: str, batch: Batch, limits: tuple[int, int | None], stop_words: tuple[str, ...]
) -> None:
    lo, hi = limits
    got = candidates.aligned_ngrams(batch.pairs(), min_words=lo, max_words=hi, stop_words=stop_words, backend=backend)
    most = UNLIMITED if hi is None else hi
    expected = [
        reference.aligned_ngrams(batch.stop(s, stop_words), batch.spans(s), batch.links[s], lo, most)
        for s in range(len(batch))
    ]
    assert_spans(got, expected)


def test_thirty_words_give_255(backend: str) -> None:
    pairs = one_sentence(["w"] * 30)
    assert len(candidates.ngrams(pairs, backend=backend).start) == 255
    assert len(candidates.ngrams(pairs, max_words=None, backend=backend).start) == 30 * 31 // 2


def test_default_stop_words(backend: str) -> None:
    pairs = one_sentence(["a", "!", "b", "?", "c", "¿"])
    assert listed(candidates.ngrams(pairs, backend=backend)) == [(0, 1), (2, 3), (4, 5), (4, 6), (5, 6)]


def test_no_sentences(backend: str) -> None:
    pairs = SentencePairs.from_lists([], [], [], [])
    for kind in (candidates.ngrams, candidates.aligned_ngrams):
        got = kind(pairs, backend=backend)
        assert got.offsets.tolist() == [0]
        assert listed(got) == []


def test_pairs_without_strings_have_no_stop_words(backend: str) -> None:
    pairs = SentencePairs.from_arrays(
        source_offsets=[0, 1],
        target_offsets=[0, 3],
        entity_offsets=[0, 0],
        entity_start=[],
        entity_end=[],
        entity_label=[],
        labels=[],
    )
    assert len(candidates.ngrams(pairs, backend=backend).start) == 6


@pytest.mark.parametrize("words", [["a", "!", "?", "", "!!", "日本", "!"], [], ["!"]])
@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("cut", [0, 1])
def test_stop_mask(kernels: Kernels, words: list[str], type_: pa.DataType, cut: int) -> None:
    from xproj_fast.arrays import Words

    strings = pa.array(words, type_)[cut:]  # a slice shares the buffers of the whole
    kept = words[cut:]
    mask = candidates.stop_mask(kernels, Words(np.array([0, len(kept)]), strings), ("!", "日本"))
    assert mask.dtype == np.uint8
    assert mask.tolist() == [int(word in ("!", "日本")) for word in kept]


@given(batch=batches(), stop_words=stop_word_lists)
def test_given(batch: Batch, stop_words: tuple[str, ...]) -> None:
    pairs = batch.pairs()
    grams = candidates.ngrams(pairs, stop_words=stop_words)
    own = candidates.given(pairs, grams.offsets.tolist(), grams.start.tolist(), grams.end.astype(np.int64))
    assert listed(own) == listed(grams)
    assert own.start.dtype == own.end.dtype == np.int32
    assert own.offsets.dtype == np.int64


KINDS = [candidates.ngrams, candidates.aligned_ngrams]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("lo", "hi"), [(0, 3), (-1, 3), (3, 2), (1, 0), (1, -1), (11, 10)])
def test_bad_word_limits(kind: Callable[..., Spans], lo: int, hi: int) -> None:
    pairs = one_sentence(["a", "b"], [(0, 0)])
    with pytest.raises(InputError, match="min_words, max_words: expected 1 <= min_words <= max_words") as caught:
        kind(pairs, min_words=lo, max_words=hi)
    assert f"got {lo} and {hi}" in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("lo", "hi"), [(1.5, 3), (1, 2.5), (1, float("nan")), (1, "3"), ("1", 3)])
def test_word_limits_that_are_no_integers(kind: Callable[..., Spans], lo: int, hi: int) -> None:
    pairs = one_sentence(["a", "b"], [(0, 0)])
    with pytest.raises((InputError, TypeError)):
        kind(pairs, min_words=lo, max_words=hi)


@pytest.mark.parametrize("stop_words", ["!?", "!", ""])
def test_stop_words_in_one_string(stop_words: str) -> None:
    pairs = one_sentence(["a", "b"], [(0, 0)])
    with pytest.raises(InputError, match="stop_words: expected a list of words, got the string"):
        candidates.ngrams(pairs, stop_words=stop_words)


@pytest.mark.parametrize("stop_words", [["!", 1], [b"!"], b"!", 3])
def test_stop_words_that_are_no_strings(stop_words: object) -> None:
    pairs = one_sentence(["a", "b"], [(0, 0)])
    with pytest.raises((InputError, TypeError)):
        candidates.ngrams(pairs, stop_words=stop_words)


def test_word_limits_beyond_int32(backend: str) -> None:
    pairs = one_sentence(["a", "b"], [(0, 0)])
    assert len(candidates.ngrams(pairs, max_words=2**40, backend=backend).start) == 3
    with pytest.raises(InputError, match="min_words, max_words"):
        candidates.ngrams(pairs, min_words=2**40, max_words=None, backend=backend)
    with pytest.raises(InputError, match="min_words, max_words"):
        candidates.ngrams(pairs, min_words=2**40, max_words=2**41, backend=backend)


def test_aligned_ngrams_need_alignments() -> None:
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]])
    with pytest.raises(InputError, match=r"alignments: .* the pairs have none") as caught:
        candidates.aligned_ngrams(pairs)
    assert caught.value.field == "alignments"


BAD_CANDIDATES = {
    "two sentences": ([0, 1, 1], [0], [1], None, "expected 1 sentences, got 2"),
    "past the end": ([0, 1], [2], [4], 0, r"expected a span inside the 3 target words, got \[2, 4\)"),
    "negative": ([0, 1], [-1], [1], 0, r"expected a span inside the 3 target words, got \[-1, 1\)"),
    "empty": ([0, 1], [1], [1], 0, r"expected a span with start < end, got \[1, 1\)"),
    "backwards": ([0, 1], [2], [1], 0, r"expected a span with start < end, got \[2, 1\)"),
    "unordered start": ([0, 2], [1, 0], [2, 1], 0, r"ordered by start and end, got \[0, 1\) after \[1, 2\)"),
    "unordered end": ([0, 2], [0, 0], [2, 1], 0, r"ordered by start and end, got \[0, 1\) after \[0, 2\)"),
    "twice": ([0, 2], [0, 0], [1, 1], 0, r"ordered by start and end, got \[0, 1\) after \[0, 1\)"),
    "lengths": ([0, 1], [0], [1, 2], None, "expected arrays of one length, got"),
    "last offset": ([0, 2], [0], [1], 0, "expected a last offset equal to the 1 spans, got 2"),
    "floats": ([0, 1], [0.0], [1.0], None, "expected integers, got dtype float64"),
    "bools": ([0, 1], [False], [True], None, "expected integers, got dtype bool"),
    "too large": ([0, 1], [0], [2**31], None, "expected values that fit int32, got 2147483648"),
    "2-d": ([0, 1], [[0]], [[1]], None, r"expected a 1-d array, got shape \(1, 1\)"),
}


@pytest.mark.parametrize("case", BAD_CANDIDATES)
def test_bad_candidates(case: str) -> None:
    offsets, start, end, sentence, message = BAD_CANDIDATES[case]
    pairs = one_sentence(["a", "b", "c"])
    with pytest.raises(InputError, match=message) as caught:
        candidates.given(pairs, offsets, start, end)
    assert caught.value.field == "candidates"
    assert caught.value.sentence == sentence
    assert str(caught.value).startswith("candidates: ")


RECORDS_OF_OTHER_ARRAYS = {
    "int64 spans": (Spans(np.array([0, 1]), np.array([0]), np.array([1])), "start as int32[n], got int64[1]"),
    "int32 offsets": (
        Spans(np.array([0, 1], np.int32), np.array([0], np.int32), np.array([1], np.int32)),
        "offsets as int64[n], got int32[2]",
    ),
    "lists": (Spans([0, 1], [0], [1]), "offsets as int64[n], got list"),
    "steps": (
        Spans(np.array([0, 2]), np.zeros(4, np.int32)[::2], np.ones(4, np.int32)[::2]),
        "start as a contiguous array, got one with steps",
    ),
    "no offsets": (Spans(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)), "1 sentences, got 0"),
}


@pytest.mark.parametrize("case", RECORDS_OF_OTHER_ARRAYS)
@pytest.mark.parametrize("matcher", [greedy, exact, ilp])
def test_candidates_of_other_arrays_are_an_error_everywhere(
    backend: str, matcher: Callable[..., object], case: str
) -> None:
    spans, message = RECORDS_OF_OTHER_ARRAYS[case]
    pairs = one_sentence(["a", "b", "c"], [(0, 0)])
    scores = PairScores(np.array([0, 2]), np.ones(2, np.float32))
    for use in (
        lambda: matcher(pairs, spans, scores),
        lambda: project(pairs, candidates=spans, backend=backend),
        lambda: project(pairs, candidates=spans, scores=scores, backend=backend),
        lambda: alignment_scores(pairs, spans, backend=backend),
        lambda: string_scores(pairs, spans),
    ):
        with pytest.raises(InputError, match="^" + re.escape(f"candidates: expected {message}")) as caught:
            use()
        assert caught.value.field == "candidates"


@pytest.mark.parametrize("matcher", [greedy, exact, ilp])
def test_scores_that_are_none(matcher: Callable[..., object]) -> None:
    pairs = one_sentence(["a"])
    with pytest.raises(InputError, match=r"^scores: expected PairScores, got ndarray"):
        matcher(pairs, candidates.given(pairs, [0, 1], [0], [1]), np.ones(2))
