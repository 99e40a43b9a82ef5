"""Greedy matching over any candidates and scores (thesis, algorithm 2; the "argmax" of arXiv 2501.18750)."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Mask, Matches, Offsets, Score, WordIndex
from xproj_fast.kernels.numba.columns import MatchColumns, SpanColumns
from xproj_fast.kernels.numba.greedy_loop import (
    GreedyLoop,
    clear_outcomes,
    make_loop,
    must_search,
    next_winner,
    none_overlap,
    pick,
    write_bests,
    write_picks,
)
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.matches import match_chunks
from xproj_fast.kernels.numba.parallel import Chunk, most_items


@helper
def search(e: int, starts: WordIndex, ends: WordIndex, block: Score, dead: Mask, loop: GreedyLoop) -> None:
    """Find the best free candidate of entity ``e``.

    Candidates are ordered by (start, end), so the first of equals is the one the tie rule wants.
    """
    row = block[e * len(starts) : (e + 1) * len(starts)]
    winner = -1
    score = np.float32(0)
    for t in range(len(row)):
        if row[t] > score and dead[t] == 0:
            winner = t
            score = row[t]
    loop.score[e] = score
    loop.start[e] = starts[winner] if winner >= 0 else 0
    loop.end[e] = ends[winner] if winner >= 0 else 0


@helper
def take_one_by_one(
    count: int, hi: int, starts: WordIndex, ends: WordIndex, block: Score, dead: Mask, loop: GreedyLoop
) -> int:
    """Give the best pair its span while there is one; return the number of picks."""
    picked = 0
    while True:
        winner = next_winner(loop, count, hi)
        if winner < 0:
            return picked
        start, stop = loop.start[winner], loop.end[winner]
        pick(loop, winner, picked)
        picked += 1
        for t in range(len(starts)):
            dead[t] |= (starts[t] < stop) & (start < ends[t])
        for e in range(count):
            if must_search(loop, e, hi, start, stop):
                search(e, starts, ends, block, dead, loop)


@kernel
def greedy_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    entities: SpanColumns,
    candidates: SpanColumns,
    score_offsets: Offsets,
    scores: Score,
    lo: int,
    hi: int,
    loop: GreedyLoop,
    dead: Mask,
    out: MatchColumns,
) -> int:
    """Match the sentences [begin, end) from slot ``chunk_first`` on; return the number of spans."""
    slot = chunk_first
    for s in range(begin, end):
        first_entity = entities.offsets[s]
        count = entities.offsets[s + 1] - first_entity
        starts = candidates.start[candidates.offsets[s] : candidates.offsets[s + 1]]
        ends = candidates.end[candidates.offsets[s] : candidates.offsets[s + 1]]
        block = scores[score_offsets[s] : score_offsets[s + 1]]
        dead[: len(starts)] = 0
        for e in range(count):
            search(e, starts, ends, block, dead, loop)
        if hi == 1 and none_overlap(loop, count):  # nearly every real sentence
            slot = write_bests(s, loop, count, first_entity, chunk_first, slot, out)
            continue
        clear_outcomes(loop, count, first_entity, out)
        picked = take_one_by_one(count, hi, starts, ends, block, dead, loop)
        slot = write_picks(s, loop, count, picked, lo, first_entity, chunk_first, slot, out)
    return slot - chunk_first


def match_greedy(
    target_offsets: Offsets,
    entities: SpanColumns,
    candidates: SpanColumns,
    score_offsets: Offsets,
    scores: Score,
    lo: int,
    hi: int,
    threads: int,
) -> Matches:
    """Match all sentences."""
    common = (entities, candidates, score_offsets, scores, lo, hi)

    def match(chunk: Chunk, first: int, out: MatchColumns) -> int:
        loop = make_loop(chunk, target_offsets, entities)
        dead = np.empty(most_items(chunk, candidates.offsets), np.uint8)
        return greedy_chunk(chunk.begin, chunk.end, first, *common, loop, dead, out)

    return match_chunks(target_offsets, entities.offsets, hi, threads, match)
