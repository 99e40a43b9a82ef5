"""Greedy matching over any candidates and scores (thesis, algorithm 2; the "argmax" of arXiv 2501.18750)."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Mask, Matches, Offsets, Score, WordIndex
from xproj_fast.kernels.numba.columns import MatchColumns, SpanColumns
from xproj_fast.kernels.numba.greedy_loop import (
    FEW_ENTITIES,
    GreedyLoop,
    clear_outcomes,
    make_loop,
    most_searches,
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
from xproj_fast.kernels.numba.sweep import ScoredPairs, match_with_sweeps


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
    """Give the best pair its span while there is one; return the number of picks, or -1 if that is too much work."""
    picked = 0
    searches = most_searches(count)
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
                if searches == 0:
                    return -1
                searches -= 1
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
    slot: int,
    out: MatchColumns,
) -> tuple[int, int]:
    """Match the sentences [begin, end) from ``slot`` on; return the first crowded one or ``end``, and the next slot."""
    for s in range(begin, end):
        first_entity = entities.offsets[s]
        count = entities.offsets[s + 1] - first_entity
        starts = candidates.start[candidates.offsets[s] : candidates.offsets[s + 1]]
        ends = candidates.end[candidates.offsets[s] : candidates.offsets[s + 1]]
        block = scores[score_offsets[s] : score_offsets[s + 1]]
        if count > FEW_ENTITIES:
            return s, slot
        dead[: len(starts)] = 0
        for e in range(count):
            search(e, starts, ends, block, dead, loop)
        if hi == 1 and none_overlap(loop, count):  # nearly every real sentence
            slot = write_bests(s, loop, count, first_entity, chunk_first, slot, out)
            continue
        clear_outcomes(loop, count, first_entity, out)
        picked = take_one_by_one(count, hi, starts, ends, block, dead, loop)
        if picked < 0:
            return s, slot
        slot = write_picks(s, loop, count, picked, lo, first_entity, chunk_first, slot, out)
    return end, slot


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

        def run(begin: int, end: int, slot: int) -> tuple[int, int]:
            return greedy_chunk(begin, end, first, *common, loop, dead, slot, out)

        return match_with_sweeps(chunk, first, run, list_pairs, lo, hi, entities, loop, out)

    def list_pairs(s: int) -> ScoredPairs:
        spans = slice(candidates.offsets[s], candidates.offsets[s + 1])
        block = scores[score_offsets[s] : score_offsets[s + 1]]
        entity, span = np.divmod(np.flatnonzero(block > 0), max(spans.stop - spans.start, 1))
        start, end = candidates.start[spans][span], candidates.end[spans][span]
        return ScoredPairs(entity.astype(np.int32), start, end, block[block > 0])

    return match_chunks(target_offsets, entities.offsets, hi, threads, match)
