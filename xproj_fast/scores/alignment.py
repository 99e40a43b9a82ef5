"""The alignment score: how many of two spans' words are linked."""

from __future__ import annotations

from xproj_fast.arrays import PairScores, Spans, thread_count
from xproj_fast.candidates import check_candidates, require_alignments
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.registry import register


@register("alignment", needs=["links"])
def alignment_scores(
    pairs: SentencePairs, candidates: Spans, *, backend: str = "cpp", threads: int | None = None
) -> PairScores:
    """Score every (entity, candidate) pair by its alignment links.

    score(p, t) = 2 * (links between p and t) / (|p| + |t|), float32 (arXiv 2501.18750). It may exceed 1; 0 = no
    link = not a pair. Links given twice count once.

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.pairs import SentencePairs
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> alignment_scores(pairs, ngrams(pairs)).values
    array([1.       , 0.6666667, 0.       ], dtype=float32)

    Args:
        pairs: sentence pairs with alignments.
        candidates: target spans of the same sentences.
        backend: ``"cpp"`` or ``"numba"``.
        threads: None = all CPUs.

    Returns:
        One score per pair, float32, sentence by sentence, entity by entity.

    Raises:
        InputError: for pairs without alignments, or candidates of other sentences.
    """
    kernels = get(backend)
    links = require_alignments(pairs)
    check_candidates(kernels, pairs, candidates)
    return kernels.alignment_scores(pairs.target.offsets, pairs.entities, links, candidates, thread_count(threads))
