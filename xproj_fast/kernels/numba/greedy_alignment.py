"""Greedy matching on the alignment score in one pass, without listing a single candidate.

A span that starts or ends on a word not aligned to the entity scores strictly less than the same span without that
word, and the shorter span is free whenever the longer is. So with min_words = 1 greedy only ever takes spans that
start and end on an aligned word, and those few are all that is looked at (thesis, theorem on "<=").
"""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Mask, Matches, Offsets
from xproj_fast.kernels.numba.aligned_words import AlignedWords, alignment_score, gather, make_aligned_words
from xproj_fast.kernels.numba.columns import LinkColumns, MatchColumns, SpanColumns
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
from xproj_fast.kernels.numba.matches import FEASIBLE, finish_sentence, match_chunks
from xproj_fast.kernels.numba.parallel import Chunk, most_items
from xproj_fast.kernels.numba.sweep import ScoredPairs, match_with_sweeps


@helper
def search(
    e: int,
    length: int,
    aligned: AlignedWords,
    blocked: Mask,
    first_word: int,
    any_blocked: bool,
    max_words: int,
    loop: GreedyLoop,
) -> None:
    """Find the best free span of entity ``e``; word w of the sentence is ``blocked[first_word + w]``."""
    words, before = aligned.words, aligned.before
    row, row_end = aligned.begin[e], aligned.begin[e + 1] - 1
    best = np.float32(0)
    best_start = np.int32(0)
    best_end = np.int32(0)
    for a in range(row, row_end):
        start = words[a]
        checked = int(start)
        for b in range(a, row_end):
            end = words[b] + 1
            if end - start > max_words:
                break
            if any_blocked:
                while checked < end and blocked[first_word + checked] == 0:
                    checked += 1
                if checked < end:
                    break
            score = alignment_score(before[b + 1] - before[a], length, end - start)
            if score > best:
                best = score
                best_start = start
                best_end = np.int32(end)
    loop.score[e] = best
    loop.start[e] = best_start
    loop.end[e] = best_end


@helper
def block_stop_words(s: int, target_offsets: Offsets, stop: Mask, blocked: Mask) -> None:
    """Mark the words of sentence ``s`` that no span may hold before any is taken."""
    first_word = target_offsets[s]
    for w in range(target_offsets[s + 1] - first_word):
        blocked[w] = stop[first_word + w] if len(stop) > 0 else 0


@helper
def take_one_by_one(
    count: int,
    first_entity: int,
    hi: int,
    entities: SpanColumns,
    aligned: AlignedWords,
    blocked: Mask,
    max_words: int,
    loop: GreedyLoop,
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
        blocked[start:stop] = 1
        for e in range(count):
            if must_search(loop, e, hi, start, stop):
                if searches == 0:
                    return -1
                searches -= 1
                length = entities.end[first_entity + e] - entities.start[first_entity + e]
                search(e, length, aligned, blocked, 0, True, max_words, loop)


@kernel
def greedy_alignment_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    target_offsets: Offsets,
    stop: Mask,
    entities: SpanColumns,
    links: LinkColumns,
    max_words: int,
    lo: int,
    hi: int,
    loop: GreedyLoop,
    aligned: AlignedWords,
    blocked: Mask,
    slot: int,
    out: MatchColumns,
) -> tuple[int, int]:
    """Match the sentences [begin, end) from ``slot`` on; return the first crowded one or ``end``, and the next slot.

    Scratch ``blocked`` marks the stop words and taken words of one sentence.
    """
    any_stop = len(stop) > 0
    for s in range(begin, end):
        first_entity = entities.offsets[s]
        count = entities.offsets[s + 1] - first_entity
        if count == 0:
            finish_sentence(s, chunk_first, slot, slot, FEASIBLE, out)
            continue
        if count > FEW_ENTITIES:
            return s, slot
        gather(s, entities, links, aligned)
        first_word = target_offsets[s]
        for e in range(count):
            length = entities.end[first_entity + e] - entities.start[first_entity + e]
            search(e, length, aligned, stop, first_word, any_stop, max_words, loop)
        if hi == 1 and none_overlap(loop, count):  # nearly every real sentence
            slot = write_bests(s, loop, count, first_entity, chunk_first, slot, out)
            continue
        clear_outcomes(loop, count, first_entity, out)
        block_stop_words(s, target_offsets, stop, blocked)
        picked = take_one_by_one(count, first_entity, hi, entities, aligned, blocked, max_words, loop)
        if picked < 0:
            return s, slot
        slot = write_picks(s, loop, count, picked, lo, first_entity, chunk_first, slot, out)
    return end, slot


@kernel
def list_spans(
    s: int,
    target_offsets: Offsets,
    stop: Mask,
    entities: SpanColumns,
    links: LinkColumns,
    max_words: int,
    aligned: AlignedWords,
    out: ScoredPairs,
) -> int:
    """Write the pairs of a sentence with a positive score as far as there is room; return how many there are."""
    gather(s, entities, links, aligned)
    first_word = target_offsets[s]
    first_entity = entities.offsets[s]
    count = 0
    for e in range(entities.offsets[s + 1] - first_entity):
        length = entities.end[first_entity + e] - entities.start[first_entity + e]
        row, row_end = aligned.begin[e], aligned.begin[e + 1] - 1
        for a in range(row, row_end):
            start = aligned.words[a]
            checked = int(start)
            for b in range(a, row_end):
                end = aligned.words[b] + 1
                if end - start > max_words:
                    break
                while len(stop) > 0 and checked < end and stop[first_word + checked] == 0:
                    checked += 1
                if len(stop) > 0 and checked < end:
                    break
                if count < len(out.entity):
                    out.entity[count] = e
                    out.start[count] = start
                    out.end[count] = end
                    out.score[count] = alignment_score(aligned.before[b + 1] - aligned.before[a], length, end - start)
                count += 1
    return count


def pairs_of(count: int) -> ScoredPairs:
    """Return room for so many pairs."""
    return ScoredPairs(
        np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.float32)
    )


def match_greedy_alignment(
    target_offsets: Offsets,
    stop: Mask,
    entities: SpanColumns,
    links: LinkColumns,
    max_words: int,
    lo: int,
    hi: int,
    threads: int,
) -> Matches:
    """Match all sentences."""
    common = (target_offsets, stop, entities, links, max_words, lo, hi)

    def match(chunk: Chunk, first: int, out: MatchColumns) -> int:
        loop = make_loop(chunk, target_offsets, entities)
        aligned = make_aligned_words(chunk, target_offsets, entities, links)
        blocked = np.empty(most_items(chunk, target_offsets), np.uint8)

        def run(begin: int, end: int, slot: int) -> tuple[int, int]:
            return greedy_alignment_chunk(begin, end, first, *common, loop, aligned, blocked, slot, out)

        def list_pairs(s: int) -> ScoredPairs:
            given = (s, target_offsets, stop, entities, links, max_words, aligned)
            count = list_spans(*given, pairs_of(0))
            pairs = pairs_of(count)
            list_spans(*given, pairs)
            return pairs

        return match_with_sweeps(chunk, first, run, list_pairs, lo, hi, entities, loop, out)

    return match_chunks(target_offsets, entities.offsets, hi, threads, match)
