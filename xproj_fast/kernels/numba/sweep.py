"""Greedy matching of one crowded sentence by a single sort of its pairs, where pick by pick would be quadratic.

The loop of ``greedy_loop`` looks at every entity for each pick, and searches those again whose best span it hit. A
kernel that meets a sentence where that is too much returns to Python, which lists the pairs with a positive score,
sorts them as greedy takes them and has ``take`` take them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from xproj_fast.arrays import EntityIndex, Mask, Score, WordIndex
from xproj_fast.kernels.numba.columns import MatchColumns, SpanColumns
from xproj_fast.kernels.numba.greedy_loop import GreedyLoop, write_picks
from xproj_fast.kernels.numba.jit import kernel
from xproj_fast.kernels.numba.matches import OVERLAP, UNSCORED
from xproj_fast.kernels.numba.parallel import Chunk

# Between two looks at signals: a kernel goes on until it is done with so many sentences.
SENTENCES_PER_CALL = 8192


class ScoredPairs(NamedTuple):
    """The pairs of one sentence with a positive score, ordered by entity, then by start, then by end."""

    entity: EntityIndex
    start: WordIndex
    end: WordIndex
    score: Score


def match_with_sweeps(
    chunk: Chunk,
    first: int,
    run: Callable[[int, int, int], tuple[int, int]],
    list_pairs: Callable[[int], ScoredPairs],
    lo: int,
    hi: int,
    entities: SpanColumns,
    loop: GreedyLoop,
    out: MatchColumns,
) -> int:
    """Match a chunk from slot ``first`` on; return the number of spans.

    ``run(begin, end, slot)`` matches sentences until one is crowded; it returns that one, or ``end``, and the next free
    slot. ``list_pairs(s)`` gives the pairs of a crowded sentence.
    """
    slot, s = first, chunk.begin
    while s < chunk.end:
        end = min(s + SENTENCES_PER_CALL, chunk.end)
        s, slot = run(s, end, slot)
        if s < end:
            pairs = list_pairs(s)
            rank = np.argsort(-pairs.score, kind="stable")
            ranked = ScoredPairs(pairs.entity[rank], pairs.start[rank], pairs.end[rank], pairs.score[rank])
            covered = np.zeros(int(pairs.end.max(initial=0)), np.uint8)
            slot = take(s, first, slot, ranked, lo, hi, entities, loop, covered, out)
            s += 1
    return slot - first


@kernel
def take(
    s: int,
    chunk_first: int,
    slot: int,
    pairs: ScoredPairs,
    lo: int,
    hi: int,
    entities: SpanColumns,
    loop: GreedyLoop,
    covered: Mask,
    out: MatchColumns,
) -> int:
    """Take pairs in their order, best first, where their words are free; return the next free slot."""
    first_entity = entities.offsets[s]
    count = entities.offsets[s + 1] - first_entity
    for e in range(count):
        loop.taken[e] = 0
        out.outcome[first_entity + e] = UNSCORED
    picked = 0
    for i in range(len(pairs.entity)):
        e, start, end = pairs.entity[i], pairs.start[i], pairs.end[i]
        out.outcome[first_entity + e] = OVERLAP
        if loop.taken[e] == hi:
            continue
        word = start
        while word < end and covered[word] == 0:
            word += 1
        if word < end:
            continue
        covered[start:end] = 1
        loop.picks[picked] = (int(e) << 32) | int(start)
        loop.end_at[start] = end
        loop.score_at[start] = pairs.score[i]
        loop.taken[e] += 1
        picked += 1
    return write_picks(s, loop, count, picked, lo, first_entity, chunk_first, slot, out)
