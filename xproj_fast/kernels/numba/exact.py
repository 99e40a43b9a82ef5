"""Exact matching over any candidates and scores: the best choice of spans there is.

It costs about as much as greedy where greedy is already right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Mask, Matches, Offsets, Score, WordIndex
from xproj_fast.kernels.numba.arcs import Arcs
from xproj_fast.kernels.numba.best_set import own_sets_fit
from xproj_fast.kernels.numba.columns import MatchColumns, SpanColumns
from xproj_fast.kernels.numba.exact_room import (
    NEED_ARCS,
    NEED_LABELS,
    NEED_TOTALS,
    PICKED,
    WORK,
    ExactRoom,
    grow,
    make_exact_room,
)
from xproj_fast.kernels.numba.exact_sentence import CERTIFICATE, has_room, improve, write_own_sets, write_solution
from xproj_fast.kernels.numba.greedy import search, take_one_by_one
from xproj_fast.kernels.numba.greedy_loop import GreedyLoop, clear_outcomes, make_loop, none_overlap, write_bests
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.matches import OPTIMAL, finish_sentence, match_chunks
from xproj_fast.kernels.numba.parallel import Chunk, most_items

# A kernel returns after that much, or after a sentence that took more work, to let Python see Ctrl-C.
SLICE = 1 << 13
MOST_WORK = 1 << 25


@helper
def collect(entities: int, starts: WordIndex, ends: WordIndex, block: Score, arcs: Arcs) -> int:
    """List the pairs with a positive score as far as there is room; return how many there are."""
    most = len(arcs.start)
    count = 0
    for e in range(entities):
        row = block[e * len(starts) : (e + 1) * len(starts)]
        for t in range(len(row)):
            if row[t] > 0:
                if count < most:
                    arcs.start[count] = starts[t]
                    arcs.end[count] = ends[t]
                    arcs.score[count] = row[t]
                count += 1
        arcs.begin[e + 1] = count
    return count


@kernel
def exact_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    slot: int,
    target_offsets: Offsets,
    entities: SpanColumns,
    candidates: SpanColumns,
    score_offsets: Offsets,
    scores: Score,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    dead: Mask,
    loop: GreedyLoop,
    room: ExactRoom,
    out: MatchColumns,
    proof: Mask,
) -> tuple[int, int]:
    """Match sentences from ``begin`` on into slots from ``slot`` on; return the first not done and the next slot.

    It stops before ``end`` when it has worked for long or needs more room (see ``ExactRoom.state``).
    """
    for s in range(begin, end):
        if room.state[WORK] > MOST_WORK:
            return s, slot
        first_entity = entities.offsets[s]
        count = entities.offsets[s + 1] - first_entity
        proof[s] = CERTIFICATE
        if count == 0:
            finish_sentence(s, chunk_first, slot, slot, OPTIMAL, out)
            continue
        starts = candidates.start[candidates.offsets[s] : candidates.offsets[s + 1]]
        ends = candidates.end[candidates.offsets[s] : candidates.offsets[s + 1]]
        block = scores[score_offsets[s] : score_offsets[s + 1]]
        dead[: len(starts)] = 0
        if hi > 1:
            if not has_room(count, collect(count, starts, ends, block, room.arcs), hi, room):
                return s, slot
            if own_sets_fit(count, lo, hi, forbid_adjacent, room.arcs, room.own):
                slot = write_own_sets(s, count, room.arcs, room.own, first_entity, chunk_first, slot, out)
                continue
        for e in range(count):
            search(e, starts, ends, block, dead, loop)
        if hi == 1:
            if none_overlap(loop, count):  # nearly every real sentence
                slot = write_bests(s, loop, count, first_entity, chunk_first, slot, out)
                out.status[s] = OPTIMAL
                continue
            if not has_room(count, collect(count, starts, ends, block, room.arcs), hi, room):
                return s, slot
            for e in range(count):
                room.own.total[e] = np.float64(loop.score[e])
        clear_outcomes(loop, count, first_entity, out)
        room.state[PICKED] = take_one_by_one(count, hi, starts, ends, block, dead, loop)
        words = target_offsets[s + 1] - target_offsets[s]
        found = improve(count, words, lo, hi, forbid_adjacent, max_labels, room, loop)
        if found < 0:
            return s, slot
        proof[s] = found
        slot = write_solution(s, count, lo, found, room, loop, first_entity, chunk_first, slot, out)
    return end, slot


def match_in_slices(
    target_offsets: Offsets,
    entities: SpanColumns,
    hi: int,
    threads: int,
    make_kernel: Callable[[Chunk], Callable[..., tuple[int, int]]],
) -> Matches:
    """Match all sentences, a slice at a time.

    ``make_kernel(chunk)`` returns a function (begin, end, first slot of the chunk, next slot, loop, room, out, proof)
    -> (next sentence, next slot).
    """
    proof: NDArray[np.uint8] = np.empty(len(target_offsets) - 1, np.uint8)
    stopped = Event()

    def match(chunk: Chunk, first: int, out: MatchColumns) -> int:
        loop = make_loop(chunk, target_offsets, entities)
        room = make_exact_room(chunk, target_offsets, entities)
        run = make_kernel(chunk)
        s, slot = chunk.begin, first
        while s < chunk.end and not stopped.is_set():
            room.state[[NEED_ARCS, NEED_TOTALS, NEED_LABELS, WORK]] = 0
            s, slot = run(s, min(s + SLICE, chunk.end), first, slot, loop, room, out, proof)
            room = grow(room)
        return slot - first

    return replace(match_chunks(target_offsets, entities.offsets, hi, threads, match, stopped), proof=proof)


def match_exactly(
    target_offsets: Offsets,
    entities: SpanColumns,
    candidates: SpanColumns,
    score_offsets: Offsets,
    scores: Score,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    threads: int,
) -> Matches:
    """Match all sentences."""
    common = (target_offsets, entities, candidates, score_offsets, scores, lo, hi, bool(forbid_adjacent), max_labels)

    def make_kernel(chunk: Chunk) -> Callable[..., tuple[int, int]]:
        dead = np.empty(most_items(chunk, candidates.offsets), np.uint8)

        def run(begin: int, end: int, first: int, slot: int, *room: object) -> tuple[int, int]:
            return exact_chunk(begin, end, first, slot, *common, dead, *room)  # type: ignore[arg-type]

        return run

    return match_in_slices(target_offsets, entities, hi, threads, make_kernel)
