"""Greedy matching."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xproj_fast.arrays import Matches, PairScores, Spans, as_array, sentence_of, thread_count
from xproj_fast.candidates import check_candidates, check_word_limits, require_alignments, stop_mask
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import register
from xproj_fast.pairs import SentencePairs


def _fused(
    pairs: SentencePairs,
    *,
    max_words: int | None,
    stop_words: Sequence[str],
    limit: str | Limit,
    backend: str,
    threads: int | None,
) -> Matches:
    """Match greedily by the alignment score; no candidate need be listed, see greedy_alignment.hpp."""
    kernels = get(backend)
    _, most = check_word_limits(1, max_words)
    links = require_alignments(pairs)
    stop = stop_mask(kernels, pairs.target, stop_words)
    lo, hi = Limit.parse(limit)
    return kernels.greedy_alignment(
        pairs.target.offsets, stop, pairs.entities, links, most, lo, hi, thread_count(threads)
    )


@register("greedy", fused=_fused)
def greedy(
    pairs: SentencePairs,
    candidates: Spans,
    scores: PairScores,
    *,
    limit: str | Limit = "<=1",
    backend: str = "cpp",
    threads: int | None = None,
) -> Matches:
    """Take the largest score, drop what overlaps it, repeat while the maximum is positive.

    The "argmax" of arXiv 2501.18750, algorithm 2 of the thesis. Ties go to the larger score, the lower entity, the
    earlier start, the shorter span. Entities with no positive score are dropped first (outcome ``UNSCORED``); a
    sentence where another entity stays below the limit's lower bound is ``INFEASIBLE``.

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.scores.alignment import alignment_scores
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> spans = ngrams(pairs)
    >>> found = greedy(pairs, spans, alignment_scores(pairs, spans))
    >>> found.start, found.end, found.score
    (array([0], dtype=int32), array([1], dtype=int32), array([1.], dtype=float32))

    Args:
        pairs: the sentence pairs.
        candidates: target spans, strictly ordered by (start, end).
        scores: one score per pair, any finite float32; only positive ones are chosen.
        limit: spans per entity, such as ``"<=1"``, ``"=1"``, ``">=1"``, ``"<3"``.
        backend: ``"cpp"`` or ``"numba"``.
        threads: None = all CPUs.

    Returns:
        Matches, with the sum of the chosen scores of each sentence, float64, as its objective.

    Raises:
        InputError: for NaN or infinite scores, or arrays that do not fit together.
    """
    kernels = get(backend)
    lo, hi = Limit.parse(limit)
    check_candidates(kernels, pairs, candidates)
    checked = check_scores(pairs, candidates, scores)
    return kernels.greedy(pairs.target.offsets, pairs.entities, candidates, checked, lo, hi, thread_count(threads))


def check_scores(pairs: SentencePairs, candidates: Spans, scores: PairScores) -> PairScores:
    """Check that there is one finite score per pair; returns them with the right dtypes."""
    if not isinstance(scores, PairScores):
        raise InputError(f"scores: expected PairScores, got {type(scores).__name__}", field="scores")
    expected = score_offsets(pairs.entities, candidates)
    offsets = as_array(scores.offsets, np.int64, "scores")
    values = as_array(scores.values, np.float32, "scores")
    if not np.array_equal(offsets, expected):
        raise InputError(
            "scores: expected offsets that give each sentence its entities x candidates values, got others",
            field="scores",
        )
    if len(values) != expected[-1]:
        raise InputError(f"scores: expected {int(expected[-1])} values, got {len(values)}", field="scores")
    finite = np.isfinite(values)
    if not finite.all():
        item = int(np.argmin(finite))
        s = sentence_of(offsets, item)
        raise InputError(
            f"scores: sentence {s}: expected finite scores, got {values[item]} (flat position {item})",
            field="scores",
            sentence=s,
        )
    return PairScores(offsets, values)
