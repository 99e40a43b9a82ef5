"""What the exact matcher works on: the pairs of one sentence that could still be part of an optimum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Score, WordIndex
from xproj_fast.kernels.numba.jit import helper, routine

TOLERANCE = 1e-6  # relative to the larger of 1 and the objective; float32 scores carry no more
MOST_CELLS = 1 << 22


class Arcs(NamedTuple):
    """Pairs with a positive score: entity ``e`` owns slots begin[e] to begin[e + 1], each by start, then end."""

    begin: NDArray[np.int64]
    start: WordIndex
    end: WordIndex
    score: Score


class SpanOrder(NamedTuple):
    """Scratch for sorting spans by start, then end: the sorted positions are in ``order``."""

    tally: NDArray[np.int64]
    by_end: NDArray[np.int64]
    order: NDArray[np.int64]


@helper
def clearly_better(satisfied: int, score: float, than_satisfied: int, than_score: float) -> bool:
    """Return whether an objective beats another: more entities that reach the lower limit, then more score."""
    if satisfied != than_satisfied:
        return satisfied > than_satisfied
    scale = 1.0 if than_score <= 1.0 else than_score
    return score > than_score + TOLERANCE * scale


@routine
def sort_spans(count: int, words: int, start: WordIndex, end: WordIndex, scratch: SpanOrder) -> None:
    """Order spans over ``words`` words; equal ones stay in the order they came in."""
    tally, by_end, order = scratch.tally, scratch.by_end, scratch.order
    tally[: words + 2] = 0
    for i in range(count):
        tally[end[i] + 1] += 1
    for w in range(words + 1):
        tally[w + 1] += tally[w]
    for i in range(count):
        by_end[tally[end[i]]] = i
        tally[end[i]] += 1
    tally[: words + 2] = 0
    for i in range(count):
        tally[start[i] + 1] += 1
    for w in range(words + 1):
        tally[w + 1] += tally[w]
    for j in range(count):
        i = by_end[j]
        order[tally[start[i]]] = i
        tally[start[i]] += 1


@helper
def mark_dominated(first: int, last: int, arcs: Arcs, inside: Score) -> None:
    """Set the score of arcs [first, last) of one entity to 0 where a sub-span scores at least as much.

    Swapping in the sub-span frees words and loses nothing, so an optimum without them remains.
    """
    base = int(arcs.start[first])
    width = 0
    for i in range(first, last):
        width = max(width, int(arcs.end[i]) - int(arcs.start[i]))
    rows = int(arcs.start[last - 1]) - base + width
    if rows * width > MOST_CELLS:
        return  # pruning saves time, it is not needed
    # inside[row * width + length - 1] = the best score of an arc inside [base + row, base + row + length)
    inside[: (rows + 1) * width] = 0
    for i in range(first, last):
        inside[(arcs.start[i] - base) * width + arcs.end[i] - arcs.start[i] - 1] = arcs.score[i]
    after = last
    # From the last start backwards: the cells of row + 1 are final before those of row.
    for row in range(rows - 1, -1, -1):
        start = base + row
        group = after
        while group > first and arcs.start[group - 1] == start:
            group -= 1
        i = group
        below = np.float32(0)
        for length in range(1, width + 1):
            best = below
            if length > 1 and row + 1 < rows:
                beside = inside[(row + 1) * width + length - 2]
                if beside > best:
                    best = beside
            if i < after and arcs.end[i] - start == length:
                if arcs.score[i] <= best:
                    arcs.score[i] = 0
                i += 1
            cell = row * width + length - 1
            if best > inside[cell]:
                inside[cell] = best
            below = inside[cell]
        after = group


@helper
def prune(entities: int, arcs: Arcs, inside: Score) -> None:
    """Drop the dominated arcs of all entities."""
    kept = 0
    first = arcs.begin[0]
    for e in range(entities):
        last = arcs.begin[e + 1]
        if last - first >= 2:
            mark_dominated(first, last, arcs, inside)
        for i in range(first, last):
            if arcs.score[i] > 0:
                arcs.start[kept] = arcs.start[i]
                arcs.end[kept] = arcs.end[i]
                arcs.score[kept] = arcs.score[i]
                kept += 1
        first = last
        arcs.begin[e + 1] = kept
