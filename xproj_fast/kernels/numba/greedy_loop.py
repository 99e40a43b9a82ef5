"""Greedy matching of one sentence: take the best pair, drop what overlaps it, repeat while scores are positive.

Ties: the larger score, then the lower entity, then the earlier start, then the shorter span. These steps settle the
first two; the matchers, who find the best span of an entity, settle the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Score, WordIndex
from xproj_fast.kernels.numba.columns import MatchColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper
from xproj_fast.kernels.numba.matches import (
    FEASIBLE,
    INFEASIBLE,
    OVERLAP,
    PROJECTED,
    UNSCORED,
    finish_sentence,
)
from xproj_fast.kernels.numba.parallel import Chunk, most_items
from xproj_fast.kernels.numba.sorting import LOW, sort_keys

FEW_ENTITIES = 64


class GreedyLoop(NamedTuple):
    """The state of one sentence.

    Per entity: its best free span (score 0 = none left) and how many spans it has. Picked spans share no word, so
    their end and score are kept by their first word; ``picks`` are entity << 32 | start.
    """

    score: Score
    start: WordIndex
    end: WordIndex
    taken: WordIndex
    picks: NDArray[np.int64]
    end_at: WordIndex
    score_at: Score


def make_loop(chunk: Chunk, target_offsets: Offsets, entities: SpanColumns) -> GreedyLoop:
    """Return room for any sentence of a chunk."""
    most = most_items(chunk, entities.offsets)
    words = most_items(chunk, target_offsets)
    return GreedyLoop(
        np.empty(most, np.float32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(words, np.int64),
        np.empty(words, np.int32),
        np.empty(words, np.float32),
    )


@helper
def none_overlap(loop: GreedyLoop, entities: int) -> bool:
    """Return whether the best spans of all entities share no word; that of an entity without one is [0, 0)."""
    for a in range(1, entities):
        for b in range(a):
            if loop.start[a] < loop.end[b] and loop.start[b] < loop.end[a]:
                return False
    return True


@helper
def most_searches(entities: int) -> int:
    """Return how often entities may be searched anew before the sentence counts as crowded."""
    return 4 * entities + 16


@helper
def clear_outcomes(loop: GreedyLoop, entities: int, first_entity: int, out: MatchColumns) -> None:
    """Start over with no entity having a span; those without a positive score stay UNSCORED."""
    for e in range(entities):
        loop.taken[e] = 0
        out.outcome[first_entity + e] = OVERLAP if loop.score[e] > 0 else UNSCORED


@helper
def next_winner(loop: GreedyLoop, entities: int, hi: int) -> int:
    """Return the entity with the largest positive score that may have another span, or -1."""
    winner = -1
    score = np.float32(0)
    for e in range(entities):
        if loop.taken[e] < hi and loop.score[e] > score:
            winner = e
            score = loop.score[e]
    return winner


@helper
def pick(loop: GreedyLoop, winner: int, picked: int) -> None:
    """Give the winner its span, as pick number ``picked``."""
    start = loop.start[winner]
    loop.picks[picked] = (int(winner) << 32) | int(start)
    loop.end_at[start] = loop.end[winner]
    loop.score_at[start] = loop.score[winner]
    loop.taken[winner] += 1


@helper
def must_search(loop: GreedyLoop, e: int, hi: int, start: int, end: int) -> bool:
    """Return whether entity ``e`` still wants a span and its best one was hit by [start, end)."""
    wants = loop.taken[e] < hi and loop.score[e] > 0
    return bool(wants and loop.start[e] < end and start < loop.end[e])


@helper
def write_bests(
    s: int,
    loop: GreedyLoop,
    entities: int,
    first_entity: int,
    chunk_first: int,
    first: int,
    out: MatchColumns,
) -> int:
    """Write the best span of every entity, where nobody stands in anybody's way; return the next free slot."""
    after = first
    for e in range(entities):
        if loop.score[e] <= 0:
            out.outcome[first_entity + e] = UNSCORED
            continue
        out.outcome[first_entity + e] = PROJECTED
        out.entity[after] = e
        out.start[after] = loop.start[e]
        out.end[after] = loop.end[e]
        out.score[after] = loop.score[e]
        after += 1
    finish_sentence(s, chunk_first, first, after, FEASIBLE, out)
    return after


@helper
def write_picks(
    s: int,
    loop: GreedyLoop,
    entities: int,
    picked: int,
    lo: int,
    first_entity: int,
    chunk_first: int,
    first: int,
    out: MatchColumns,
) -> int:
    """Write the picks, ordered by entity, then by start; return the next free slot.

    ``out.outcome`` holds UNSCORED for entities that never had a span: they cannot make a sentence infeasible.
    """
    sort_keys(loop.picks, picked)
    after = first
    for i in range(picked):
        key = loop.picks[i]
        start = key & LOW
        out.entity[after] = key >> 32
        out.start[after] = start
        out.end[after] = loop.end_at[start]
        out.score[after] = loop.score_at[start]
        after += 1
    status = FEASIBLE
    for e in range(entities):
        if out.outcome[first_entity + e] == UNSCORED:
            continue
        out.outcome[first_entity + e] = PROJECTED if loop.taken[e] > 0 else OVERLAP
        if loop.taken[e] < lo:
            status = INFEASIBLE
    finish_sentence(s, chunk_first, first, after, status, out)
    return after
