"""A matcher with its options, and the fused kernels behind the plain alignment score."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xproj_fast.arrays import Matches, PairScores, Spans
from xproj_fast.candidates import check_word_limits, require_alignments, stop_mask
from xproj_fast.kernels import get
from xproj_fast.matching.exact import MAX_LABELS, exact, gave_up, hand_over
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.ilp import ilp
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.time_limit import seconds
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.alignment import alignment_scores
from xproj_fast.scores.evidence import NO_EVIDENCE, SpanLimits, list_candidates

# Pairs of one sentence that are listed for HiGHS, a tenth of a second. A sentence of more keeps the best spans
# that the search found before it gave up.
MAX_LISTED = 1 << 22


class Method(NamedTuple):
    """How pairs are matched, whatever their candidates and scores."""

    matcher: str
    limit: Limit
    forbid_adjacent: bool
    time_limit: float | None
    backend: str
    threads: int

    def match(self, pairs: SentencePairs, candidates: Spans, scores: PairScores) -> Matches:
        """Match given candidates by given scores."""
        if self.matcher == "greedy":
            return greedy(pairs, candidates, scores, limit=self.limit, backend=self.backend, threads=self.threads)
        matcher = exact if self.matcher == "exact" else ilp
        return matcher(
            pairs,
            candidates,
            scores,
            limit=self.limit,
            forbid_adjacent=self.forbid_adjacent,
            time_limit=self.time_limit,
            backend=self.backend,
            threads=self.threads,
        )

    def match_alignment(self, pairs: SentencePairs, kind: str, limits: SpanLimits) -> Matches:
        """Match candidates ``"ngrams"`` or ``"aligned"`` by the plain alignment score."""
        least, most = check_word_limits(limits.min_words, limits.max_words)
        links = require_alignments(pairs)

        def listed(some: SentencePairs) -> tuple[Spans, PairScores]:
            spans = list_candidates(kind, some, limits, NO_EVIDENCE, self.backend, self.threads)
            return spans, alignment_scores(some, spans, backend=self.backend, threads=self.threads)

        if least > 1 or self.matcher == "ilp":
            return self.match(pairs, *listed(pairs))
        # One fused kernel: with the alignment score no candidate need be listed (see greedy_alignment.hpp), and both
        # kinds of n-gram hold every span that can win.
        kernels = get(self.backend)
        stop = stop_mask(kernels, pairs.target, limits.stop_words)
        words, limit, threads = pairs.target.offsets, self.limit, self.threads
        if self.matcher == "greedy":
            return kernels.greedy_alignment(words, stop, pairs.entities, links, most, *limit, threads)
        adjacent = self.forbid_adjacent
        time = seconds(self.time_limit)
        found, spent = kernels.exact_alignment(
            words, stop, pairs.entities, links, most, *limit, adjacent, MAX_LABELS, time, threads
        )
        rows = gave_up(found)
        listable = np.diff(words)[rows] * np.minimum(np.diff(words)[rows], most) * np.diff(pairs.entities.offsets)[rows]
        rows = rows[listable <= MAX_LISTED]
        return hand_over(found, rows, pairs, listed, limit, adjacent, time - spent[rows], self.backend, threads)
