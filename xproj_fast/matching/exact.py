"""Exact matching: the compiled search, and HiGHS for the few sentences it gives up on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Matches, PairScores, Spans, Status, thread_count
from xproj_fast.candidates import check_candidates, check_word_limits, require_alignments, stop_mask
from xproj_fast.kernels import get
from xproj_fast.matching.greedy import check_scores
from xproj_fast.matching.ilp import solve
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import register
from xproj_fast.matching.time_limit import DEFAULT_TIME_LIMIT, check_time_limit, seconds
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import gather, offsets_of, per_item, row_numbers, take_matches

logger = logging.getLogger(__name__)

MAX_LABELS = 100_000  # of one sentence's search, some 0.1 s; past it the sentence goes to HiGHS
# Pairs of one sentence that are listed for HiGHS, a tenth of a second. A sentence of more keeps the best spans
# that the search found before it gave up.
MAX_LISTED = 1 << 22

Scored = Callable[[SentencePairs], tuple[Spans, PairScores]]


def _fused(
    pairs: SentencePairs,
    *,
    max_words: int | None,
    stop_words: Sequence[str],
    limit: str | Limit,
    forbid_adjacent: bool,
    time_limit: float | None,
    listed: Scored,
    threads: int | None,
) -> Matches:
    """Match by the alignment score without a list of candidates, but of what HiGHS must solve."""
    kernels = get()
    _, most = check_word_limits(1, max_words)
    links = require_alignments(pairs)
    words, spans, time, workers = pairs.target.offsets, Limit.parse(limit), seconds(time_limit), thread_count(threads)
    stop = stop_mask(kernels, pairs.target, stop_words)
    found, spent = kernels.exact_alignment(
        words, stop, pairs.entities, links, most, *spans, forbid_adjacent, MAX_LABELS, time, workers
    )
    rows = gave_up(found)
    if len(rows) == 0:
        return found
    listable = np.diff(words)[rows] * np.minimum(np.diff(words)[rows], most) * np.diff(pairs.entities.offsets)[rows]
    rows = rows[listable <= MAX_LISTED]
    return hand_over(found, rows, pairs, listed, spans, forbid_adjacent, time - spent[rows], workers)


@register("exact", fused=_fused, packages=["highspy"])
def exact(
    pairs: SentencePairs,
    candidates: Spans,
    scores: PairScores,
    *,
    limit: str | Limit = "<=1",
    forbid_adjacent: bool = False,
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    threads: int | None = None,
) -> Matches:
    """Choose the spans with the largest sum of scores, and prove it.

    The problem of ``ilp`` (a weighted job interval selection problem; thesis), by pruning, a certificate, Lagrangian
    bounds and dynamic programming. Greedy's solution is returned wherever nothing is better by more than 1e-6 of
    the objective, so that exact and greedy differ only where exact is strictly better.

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.scores.alignment import alignment_scores
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> spans = ngrams(pairs)
    >>> found = exact(pairs, spans, alignment_scores(pairs, spans))
    >>> found.start, found.end, found.score
    (array([0], dtype=int32), array([1], dtype=int32), array([1.], dtype=float32))

    Args:
        pairs: the sentence pairs.
        candidates: target spans, strictly ordered by (start, end).
        scores: one score per pair, any finite float32; only positive ones are chosen.
        limit: spans per entity, such as ``"<=1"``, ``"=1"``, ``">=1"``, ``"<3"``.
        forbid_adjacent: two spans of one entity may not touch (limits above 1 reward cutting a span up).
        time_limit: seconds per sentence, search and HiGHS together; None = no limit. A sentence that reaches it has the
            best spans found and status ``LIMIT``.
        threads: None = all CPUs; the same result for any number.

    Returns:
        Matches; ``proof`` says how each sentence was proved, ``status`` is ``OPTIMAL``, ``INFEASIBLE`` (the most
        entities that reach the lower limit, then the largest sum) or ``LIMIT``.

    Raises:
        InputError: for NaN or infinite scores, arrays that do not fit together, or a bad number.
    """
    kernels = get()
    spans = Limit.parse(limit)
    check_time_limit(time_limit)
    workers = thread_count(threads)
    check_candidates(kernels, pairs, candidates)
    checked = check_scores(pairs, candidates, scores)
    found, spent = kernels.exact(
        pairs.target.offsets,
        pairs.entities,
        candidates,
        checked,
        *spans,
        forbid_adjacent,
        MAX_LABELS,
        seconds(time_limit),
        workers,
    )
    rows = gave_up(found)
    if len(rows) == 0:
        return found
    offsets, index = gather(candidates.offsets, rows)
    part = Spans(offsets, candidates.start[index], candidates.end[index])
    score_offsets, index = gather(checked.offsets, rows)
    part_scores = PairScores(score_offsets, checked.values[index])
    left = seconds(time_limit) - spent[rows]
    return hand_over(found, rows, pairs, lambda _: (part, part_scores), spans, forbid_adjacent, left, workers)


def gave_up(found: Matches) -> NDArray[np.int64]:
    """Return the sentences, int64, that the search neither solved nor ran out of time over."""
    # NumPy takes longer over an enum than the search over one pair.
    rows: NDArray[np.int64] = (found.status == Status.FEASIBLE.value).nonzero()[0]
    return rows


def hand_over(
    found: Matches,
    rows: NDArray[np.int64],
    pairs: SentencePairs,
    scored: Scored,
    limit: Limit,
    forbid_adjacent: bool,
    left: NDArray[np.float64],
    threads: int,
) -> Matches:
    """Solve sentences that the search gave up on by HiGHS and put them in place; all others of them are ``LIMIT``.

    Args:
        found: what the search found.
        rows: the sentences to solve, int64.
        pairs: all sentence pairs.
        scored: gives the candidates and scores of the pairs that are left.
        limit: spans per entity.
        forbid_adjacent: see ``exact``.
        left: float64[rows], seconds for each; infinite = no limit.
        threads: see ``exact``.
    """
    unproved = gave_up(found)
    if len(unproved) == 0:
        return found
    status = found.status.copy()
    status[unproved] = Status.LIMIT
    found = replace(found, status=status)
    if len(rows) == 0:
        return found
    logger.info("%d of %d sentences are left to HiGHS", len(rows), len(pairs))
    part = pairs[rows]
    candidates, scores = scored(part)
    solved = solve(part, candidates, scores, limit, forbid_adjacent, left, 1, threads)
    # At the time limit HiGHS may hold less than greedy, whose solution the search had to begin with.
    worse = (solved.status == Status.LIMIT) & (solved.objective < found.objective[rows])
    kept = np.flatnonzero(~worse)
    return _replace(found, pairs, rows[kept], take_matches(solved, part.entities.offsets, kept))


def _replace(matches: Matches, pairs: SentencePairs, rows: np.ndarray, new: Matches) -> Matches:
    """Put the sentences of ``new`` in the place of ``rows``."""
    assert matches.proof is not None
    assert new.proof is not None
    counts = np.diff(matches.offsets)
    sentence = row_numbers(matches.offsets)
    kept = ~np.isin(sentence, rows)
    sentences = np.concatenate([sentence[kept], per_item(rows, new.offsets)])
    order = np.argsort(sentences, kind="stable")
    columns = [
        np.concatenate([getattr(matches, name)[kept], getattr(new, name)])[order]
        for name in ("entity", "start", "end", "score")
    ]
    counts[rows] = np.diff(new.offsets)
    offsets = offsets_of(counts)
    objective, status = matches.objective.copy(), matches.status.copy()
    outcome, proof = matches.outcome.copy(), matches.proof.copy()
    objective[rows], status[rows], proof[rows] = new.objective, new.status, new.proof
    outcome[gather(pairs.entities.offsets, rows)[1]] = new.outcome
    entity, start, end, score = columns
    return Matches(offsets, entity, start, end, score, objective, status, outcome, proof)
