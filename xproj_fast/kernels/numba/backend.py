"""The class that stands for this backend: a thin, typed face of its kernels; all others are the compiled ones."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Links, Mask, Matches, Offsets, PairScores, Spans
from xproj_fast.kernels.cpp import CppKernels
from xproj_fast.kernels.numba.candidates import list_ngrams
from xproj_fast.kernels.numba.columns import column, link_columns, mask_column, offset_column, span_columns
from xproj_fast.kernels.numba.greedy import match_greedy
from xproj_fast.kernels.numba.greedy_alignment import match_greedy_alignment
from xproj_fast.kernels.numba.scores import score_pairs
from xproj_fast.kernels.protocol import score_offsets


class NumbaKernels(CppKernels):
    """Candidates, alignment scores and greedy matching by Numba: compiled on first use, threads without the GIL."""

    name = "numba"

    def ngrams(self, target_offsets: Offsets, stop: Mask, min_words: int, max_words: int, threads: int) -> Spans:
        return list_ngrams(offset_column(target_offsets), mask_column(stop), None, None, min_words, max_words, threads)

    def aligned_ngrams(
        self,
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
        self, target_offsets: Offsets, entities: Spans, links: Links, candidates: Spans, threads: int
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
        self,
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
        self,
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
