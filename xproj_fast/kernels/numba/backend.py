"""The kernels of this backend, from the records of ``xproj_fast.arrays``; see ``Kernels`` for what each does."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Links, Mask, Matches, Offsets, PairScores, Spans
from xproj_fast.kernels.numba.candidates import list_ngrams
from xproj_fast.kernels.numba.columns import column, link_columns, mask_column, offset_column, span_columns
from xproj_fast.kernels.numba.greedy import match_greedy
from xproj_fast.kernels.numba.greedy_alignment import match_greedy_alignment
from xproj_fast.kernels.numba.scores import score_pairs
from xproj_fast.kernels.protocol import score_offsets


def ngrams(target_offsets: Offsets, stop: Mask, min_words: int, max_words: int, threads: int) -> Spans:
    return list_ngrams(offset_column(target_offsets), mask_column(stop), None, None, min_words, max_words, threads)


def aligned_ngrams(
    target_offsets: Offsets,
    stop: Mask,
    entities: Spans,
    links: Links,
    min_words: int,
    max_words: int,
    threads: int,
) -> Spans:
    return list_ngrams(
        offset_column(target_offsets),
        mask_column(stop),
        span_columns(entities),
        link_columns(links),
        min_words,
        max_words,
        threads,
    )


def alignment_scores(
    target_offsets: Offsets, entities: Spans, links: Links, candidates: Spans, threads: int
) -> PairScores:
    offsets = score_offsets(entities, candidates)
    values = score_pairs(
        offset_column(target_offsets),
        span_columns(entities),
        link_columns(links),
        span_columns(candidates),
        offset_column(offsets),
        threads,
    )
    return PairScores(offsets, values)


def greedy(
    target_offsets: Offsets,
    entities: Spans,
    candidates: Spans,
    scores: PairScores,
    lo: int,
    hi: int,
    threads: int,
) -> Matches:
    return match_greedy(
        offset_column(target_offsets),
        span_columns(entities),
        span_columns(candidates),
        offset_column(scores.offsets),
        column(scores.values, np.float32),
        lo,
        hi,
        threads,
    )


def greedy_alignment(
    target_offsets: Offsets,
    stop: Mask,
    entities: Spans,
    links: Links,
    max_words: int,
    lo: int,
    hi: int,
    threads: int,
) -> Matches:
    return match_greedy_alignment(
        offset_column(target_offsets),
        mask_column(stop),
        span_columns(entities),
        link_columns(links),
        max_words,
        lo,
        hi,
        threads,
    )
