"""The word-to-word heuristic (Garcia-Ferrero et al. 2022, extended): runs of target words aligned to an entity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import UNLIMITED, Matches, Offsets, WordIndex
from xproj_fast.kernels.numba.aligned_words import AlignedWords, alignment_score, gather, make_aligned_words
from xproj_fast.kernels.numba.columns import LinkColumns, MatchColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.matches import (
    FEASIBLE,
    OVERLAP,
    PROJECTED,
    TOO_SHORT,
    UNSCORED,
    finish_sentence,
    match_chunks,
)
from xproj_fast.kernels.numba.parallel import Chunk, most_items
from xproj_fast.kernels.numba.sorting import LOW, sort_keys
from xproj_fast.kernels.protocol import HeuristicOptions

FREE = -1


class Runs(NamedTuple):
    """Scratch of one sentence.

    Attributes:
        start: first words of the runs of one entity.
        end: one past their last words.
        owner: per target word the run that holds it, or FREE.
        entity: per run that was written its entity.
        order: entities in the order of their turns, as length << 32 | entity.
        keys: runs by length, or pieces by entity.
        end_at: the end of a piece, by its first word.
    """

    start: WordIndex
    end: WordIndex
    owner: NDArray[np.int64]
    entity: NDArray[np.int64]
    order: NDArray[np.int64]
    keys: NDArray[np.int64]
    end_at: WordIndex


def make_runs(chunk: Chunk, target_offsets: Offsets, entities: SpanColumns, aligned: AlignedWords) -> Runs:
    """Return room for any sentence of a chunk."""
    words = most_items(chunk, target_offsets)
    return Runs(
        np.empty(words, np.int32),
        np.empty(words, np.int32),
        np.empty(words, np.int64),
        np.empty(len(aligned.words), np.int64),  # a run has at least one word of its entity's row
        np.empty(most_items(chunk, entities.offsets), np.int64),
        np.empty(words, np.int64),
        np.empty(words, np.int32),
    )


@helper
def find_runs(
    row: int,
    row_end: int,
    aligned: AlignedWords,
    length: int,
    merge: int,
    ratio: float,
    top_k: int,
    runs: Runs,
) -> int:
    """Find the runs of an entity of ``length`` words that are long enough; return how many."""
    count = 0
    for slot in range(row, row_end):
        word = aligned.words[slot]
        if count > 0 and word - runs.end[count - 1] <= merge:
            runs.end[count - 1] = word + 1
        else:
            runs.start[count] = word
            runs.end[count] = word + 1
            count += 1
    kept = 0
    for r in range(count):
        if np.float64(runs.end[r] - runs.start[r]) / np.float64(length) > ratio:
            runs.start[kept] = runs.start[r]
            runs.end[kept] = runs.end[r]
            kept += 1
    if top_k == 0 or kept <= top_k:
        return kept
    for r in range(kept):  # the longest first, ties: the earlier
        size = int(runs.end[r] - runs.start[r])
        runs.keys[r] = ((UNLIMITED - size) << 32) | r
    sort_keys(runs.keys, kept)
    for i in range(top_k):
        runs.keys[i] &= LOW
    sort_keys(runs.keys, top_k)
    for i in range(top_k):  # in the order of the sentence again: run keys[i] >= i is not overwritten yet
        runs.start[i] = runs.start[runs.keys[i]]
        runs.end[i] = runs.end[runs.keys[i]]
    return top_k


@helper
def write_run(start: int, end: int, entity: int, written: int, overwrite: bool, runs: Runs) -> int:
    """Label the words of a run unless it clashes; return the number of runs written."""
    if not overwrite:
        for w in range(start, end):
            if runs.owner[w] != FREE:
                return written
    runs.owner[start:end] = written
    runs.entity[written] = entity
    return written + 1


@helper
def links_before(word: int, row: int, row_end: int, aligned: AlignedWords) -> int:
    """Return the links of a row into words below ``word``."""
    low, high = row, row_end
    while low < high:
        middle = (low + high) >> 1
        if aligned.words[middle] < word:
            low = middle + 1
        else:
            high = middle
    return int(aligned.before[low])


@helper
def emit(
    words: int,
    first_entity: int,
    entities: SpanColumns,
    aligned: AlignedWords,
    runs: Runs,
    slot: int,
    out: MatchColumns,
) -> int:
    """Read the labels back as maximal pieces of one run (overwriting can split a run), entity by entity."""
    pieces = 0
    w = 0
    while w < words:
        owner = runs.owner[w]
        start = w
        w += 1
        while w < words and runs.owner[w] == owner:
            w += 1
        if owner != FREE:
            runs.keys[pieces] = (runs.entity[owner] << 32) | start
            runs.end_at[start] = w
            pieces += 1
    sort_keys(runs.keys, pieces)
    for i in range(pieces):
        e = runs.keys[i] >> 32
        start = runs.keys[i] & LOW
        end = int(runs.end_at[start])
        row, row_end = aligned.begin[e], aligned.begin[e + 1] - 1
        inside = links_before(end, row, row_end, aligned) - links_before(start, row, row_end, aligned)
        length = entities.end[first_entity + e] - entities.start[first_entity + e]
        out.entity[slot] = e
        out.start[slot] = start
        out.end[slot] = end
        out.score[slot] = alignment_score(inside, length, end - start)
        out.outcome[first_entity + e] = PROJECTED
        slot += 1
    return slot


@kernel
def heuristic_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    target_offsets: Offsets,
    entities: SpanColumns,
    links: LinkColumns,
    merge: int,
    ratio: float,
    top_k: int,
    shortest_first: bool,
    overwrite: bool,
    aligned: AlignedWords,
    runs: Runs,
    out: MatchColumns,
) -> int:
    """Label the sentences [begin, end) from slot ``chunk_first`` on; return the number of spans."""
    slot = chunk_first
    for s in range(begin, end):
        gather(s, entities, links, aligned)
        first_entity = entities.offsets[s]
        count = entities.offsets[s + 1] - first_entity
        words = target_offsets[s + 1] - target_offsets[s]
        runs.owner[:words] = FREE
        for e in range(count):
            length = int(entities.end[first_entity + e] - entities.start[first_entity + e])
            runs.order[e] = ((length if shortest_first else 0) << 32) | e
        if shortest_first:
            sort_keys(runs.order, count)
        written = 0
        for i in range(count):
            e = runs.order[i] & LOW
            length = int(entities.end[first_entity + e] - entities.start[first_entity + e])
            row, row_end = aligned.begin[e], aligned.begin[e + 1] - 1
            found = find_runs(row, row_end, aligned, length, merge, ratio, top_k, runs)
            missed = UNSCORED if row == row_end else (TOO_SHORT if found == 0 else OVERLAP)
            out.outcome[first_entity + e] = missed
            for r in range(found):
                written = write_run(runs.start[r], runs.end[r], e, written, overwrite, runs)
        after = emit(words, first_entity, entities, aligned, runs, slot, out)
        finish_sentence(s, chunk_first, slot, after, FEASIBLE, out)
        slot = after
    return slot - chunk_first


def match_heuristic(
    target_offsets: Offsets,
    entities: SpanColumns,
    links: LinkColumns,
    options: HeuristicOptions,
    threads: int,
) -> Matches:
    """Label all sentences."""
    common = (
        target_offsets,
        entities,
        links,
        int(options.merge_distance),
        float(options.length_ratio),
        int(options.top_k),
        bool(options.shortest_first),
        bool(options.overwrite),
    )

    def match(chunk: Chunk, first: int, out: MatchColumns) -> int:
        aligned = make_aligned_words(chunk, target_offsets, entities, links)
        runs = make_runs(chunk, target_offsets, entities, aligned)
        return heuristic_chunk(chunk.begin, chunk.end, first, *common, aligned, runs, out)

    return match_chunks(target_offsets, entities.offsets, UNLIMITED, threads, match)
