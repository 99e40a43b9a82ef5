"""Exact matching on the alignment score in one pass, without listing a single candidate.

As for greedy, spans that start and end on a word aligned to the entity are all that is looked at: any other holds a
shorter one that scores more.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xproj_fast.arrays import Mask, Matches, Offsets
from xproj_fast.kernels.numba.aligned_words import AlignedWords, alignment_score, gather, make_aligned_words
from xproj_fast.kernels.numba.arcs import Arcs
from xproj_fast.kernels.numba.best_set import own_sets_fit
from xproj_fast.kernels.numba.columns import LinkColumns, MatchColumns, SpanColumns
from xproj_fast.kernels.numba.exact import MOST_WORK, match_in_slices
from xproj_fast.kernels.numba.exact_room import PICKED, WORK, ExactRoom
from xproj_fast.kernels.numba.exact_sentence import CERTIFICATE, has_room, improve, write_own_sets, write_solution
from xproj_fast.kernels.numba.greedy_alignment import block_stop_words, search, take_one_by_one
from xproj_fast.kernels.numba.greedy_loop import GreedyLoop, clear_outcomes, none_overlap, write_bests
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.matches import OPTIMAL, finish_sentence
from xproj_fast.kernels.numba.parallel import Chunk, most_items


@helper
def collect(
    count: int,
    first_entity: int,
    entities: SpanColumns,
    aligned: AlignedWords,
    stop: Mask,
    first_word: int,
    max_words: int,
    arcs: Arcs,
) -> int:
    """List the spans of all entities as far as there is room; return how many there are."""
    words, before = aligned.words, aligned.before
    any_stop = len(stop) > 0
    most = len(arcs.start)
    arc = 0
    for e in range(count):
        length = entities.end[first_entity + e] - entities.start[first_entity + e]
        row, row_end = aligned.begin[e], aligned.begin[e + 1] - 1
        for a in range(row, row_end):
            start = words[a]
            checked = int(start)
            for b in range(a, row_end):
                end = words[b] + 1
                if end - start > max_words:
                    break
                if any_stop:
                    while checked < end and stop[first_word + checked] == 0:
                        checked += 1
                    if checked < end:
                        break
                if arc < most:
                    arcs.start[arc] = start
                    arcs.end[arc] = end
                    arcs.score[arc] = alignment_score(before[b + 1] - before[a], length, end - start)
                arc += 1
        arcs.begin[e + 1] = arc
    return arc


@kernel
def exact_alignment_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    slot: int,
    target_offsets: Offsets,
    stop: Mask,
    entities: SpanColumns,
    links: LinkColumns,
    max_words: int,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    aligned: AlignedWords,
    blocked: Mask,
    loop: GreedyLoop,
    room: ExactRoom,
    out: MatchColumns,
    proof: Mask,
) -> tuple[int, int]:
    """Match sentences from ``begin`` on into slots from ``slot`` on; return the first not done and the next slot.

    It stops before ``end`` when it has worked for long or needs more room (see ``ExactRoom.state``).
    """
    any_stop = len(stop) > 0
    for s in range(begin, end):
        if room.state[WORK] > MOST_WORK:
            return s, slot
        first_entity = entities.offsets[s]
        count = entities.offsets[s + 1] - first_entity
        proof[s] = CERTIFICATE
        if count == 0:
            finish_sentence(s, chunk_first, slot, slot, OPTIMAL, out)
            continue
        gather(s, entities, links, aligned)
        first_word = target_offsets[s]
        if hi > 1:
            arcs = collect(count, first_entity, entities, aligned, stop, first_word, max_words, room.arcs)
            if not has_room(count, arcs, hi, room):
                return s, slot
            if own_sets_fit(count, lo, hi, forbid_adjacent, room.arcs, room.own):
                slot = write_own_sets(s, count, room.arcs, room.own, first_entity, chunk_first, slot, out)
                continue
        for e in range(count):
            length = entities.end[first_entity + e] - entities.start[first_entity + e]
            search(e, length, aligned, stop, first_word, any_stop, max_words, loop)
        if hi == 1:
            if none_overlap(loop, count):  # nearly every real sentence
                slot = write_bests(s, loop, count, first_entity, chunk_first, slot, out)
                out.status[s] = OPTIMAL
                continue
            arcs = collect(count, first_entity, entities, aligned, stop, first_word, max_words, room.arcs)
            if not has_room(count, arcs, hi, room):
                return s, slot
            for e in range(count):
                room.own.total[e] = np.float64(loop.score[e])
        clear_outcomes(loop, count, first_entity, out)
        block_stop_words(s, target_offsets, stop, blocked)
        room.state[PICKED] = take_one_by_one(count, first_entity, hi, entities, aligned, blocked, max_words, loop)
        words = target_offsets[s + 1] - first_word
        found = improve(count, words, lo, hi, forbid_adjacent, max_labels, room, loop)
        if found < 0:
            return s, slot
        proof[s] = found
        slot = write_solution(s, count, lo, found, room, loop, first_entity, chunk_first, slot, out)
    return end, slot


def match_exactly_by_alignment(
    target_offsets: Offsets,
    stop: Mask,
    entities: SpanColumns,
    links: LinkColumns,
    max_words: int,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    threads: int,
) -> Matches:
    """Match all sentences."""
    common = (target_offsets, stop, entities, links, max_words, lo, hi, bool(forbid_adjacent), max_labels)

    def make_kernel(chunk: Chunk) -> Callable[..., tuple[int, int]]:
        aligned = make_aligned_words(chunk, target_offsets, entities, links)
        blocked = np.empty(most_items(chunk, target_offsets), np.uint8)

        def run(begin: int, end: int, first: int, slot: int, *room: object) -> tuple[int, int]:
            return exact_alignment_chunk(begin, end, first, slot, *common, aligned, blocked, *room)  # type: ignore[arg-type]

        return run

    return match_in_slices(target_offsets, entities, hi, threads, make_kernel)
