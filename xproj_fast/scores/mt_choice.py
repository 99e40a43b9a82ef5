"""Which (entity, candidate) pairs are worth asking a translation model about."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Spans
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import offsets_of, ranges, row_numbers

Rows = NDArray[np.int64]
# Sums are rounded to float32 before they are matched: a pair is left out only where it loses by more than this share.
MARGIN = 1e-5


class PairList(NamedTuple):
    """All (entity, candidate) pairs of some sentences, in the order of ``PairScores``.

    Attributes:
        offsets: int64[N + 1], of ``PairScores``.
        sentence: int64[entities], the sentence of each.
        entity: int64[pairs], flat position.
        candidate: int64[pairs], flat position.
    """

    offsets: NDArray[np.int64]
    sentence: NDArray[np.int64]
    entity: NDArray[np.int64]
    candidate: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: SentencePairs, candidates: Spans) -> PairList:
        """List them."""
        counts = np.diff(candidates.offsets)
        sentence = row_numbers(pairs.entities.offsets)
        size = counts[sentence]  # candidates of each entity
        rows = offsets_of(size)
        entity = row_numbers(rows)
        first = candidates.offsets[:-1][sentence]
        candidate = ranges(first, size)
        return cls(score_offsets(pairs.entities, candidates), sentence, entity, candidate)


def best_of_each(entity: Rows, score: NDArray[np.float64], some: Rows, count: int) -> Rows:
    """Return those of some pairs that are among the ``count`` best of their entity; ties: the earlier pair.

    Args:
        entity: int64[pairs], the entity of each.
        score: float64[pairs].
        some: positions of the pairs to choose from, ascending.
        count: how many per entity.

    Returns:
        Positions, ascending.
    """
    rows = entity[some]
    order = np.lexsort((-score[some], rows))  # stable
    begins = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]]) if len(rows) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[begins, len(rows)])
    rank = ranges(np.zeros_like(sizes), sizes)
    return np.sort(some[order[rank < count]])


def score_until_none_can_win(
    listed: PairList,
    spans: Spans,
    words: NDArray[np.int64],
    other: NDArray[np.float64],
    some: Rows,
    count: int,
    weight: float,
    bound: float,
    score: Callable[[Rows], NDArray[np.float64]],
) -> None:
    """Score pairs round by round, the most promising ``count`` of each entity first, until no other one can win.

    A pair (p, t) is left out for good when a scored pair (p, t') with t' inside t (or t' = t) has a larger total than
    (p, t) could reach with an MT score of ``bound``. With at most one span an entity that loses nothing, greedy or
    exact: wherever t is free, t' is, and counts more.

    Args:
        listed: all pairs.
        spans: the candidates.
        words: int64[N], words of each target sentence.
        other: float64[pairs], what the pair scores without MT, its weight included.
        some: positions of the pairs that may be scored at all, ascending.
        count: pairs per entity and round.
        weight: of the MT score in the total.
        bound: no MT score is larger.
        score: scores pairs by position: float64[positions], after threshold and cap.
    """
    by_length = _Inside(listed, spans, words)
    left = some
    while len(left):
        chosen = best_of_each(listed.entity, other, left, count)
        by_length.add(chosen, other[chosen] + weight * score(chosen))
        left = np.setdiff1d(left, chosen, assume_unique=True)
        reach = other[left] + weight * bound
        left = left[reach + MARGIN * np.maximum(np.abs(reach), 1) >= by_length.best_inside(left)]


class _Inside:
    """Finds for an entity's spans the best total of a scored span inside each, all entities at once."""

    def __init__(self, listed: PairList, spans: Spans, words: NDArray[np.int64]) -> None:
        per_entity = words[listed.sentence]
        self._cells = int(per_entity.sum())
        first = offsets_of(per_entity)[:-1]
        start = spans.start.astype(np.int64)[listed.candidate]
        self._cell = first[listed.entity] + start  # one cell an entity and target word, where its spans start
        self._length = spans.end.astype(np.int64)[listed.candidate] - start
        self._scored = np.zeros(0, np.int64)
        self._total = np.zeros(0)

    def add(self, positions: Rows, totals: NDArray[np.float64]) -> None:
        self._scored = np.r_[self._scored, positions]
        self._total = np.r_[self._total, totals]

    def best_inside(self, positions: Rows) -> NDArray[np.float64]:
        """Return float64[positions], -inf where no scored span lies inside."""
        found = np.full(len(positions), -np.inf)
        longest = int(self._length[positions].max(initial=0))
        scored = _grouped(self._length[self._scored], longest)
        asked = _grouped(self._length[positions], longest)
        best = np.full(self._cells + 1, -np.inf)  # of spans of at most the length so far inside those that start here
        for length in range(1, longest + 1):
            # The next cell may be another row's first: then a span of this length would cross the sentence's end.
            np.maximum(best[:-1], best[1:], out=best[:-1])
            some = scored[length - 1]
            np.maximum.at(best, self._cell[self._scored[some]], self._total[some])
            wanted = asked[length - 1]
            found[wanted] = best[self._cell[positions[wanted]]]
        return found


def _grouped(lengths: Rows, longest: int) -> list[Rows]:
    """Return the positions of each length from 1 to ``longest``."""
    order = np.argsort(lengths, kind="stable")
    bounds = np.searchsorted(lengths[order], np.arange(1, longest + 2))
    return [order[a:b] for a, b in pairwise(bounds.tolist())]
