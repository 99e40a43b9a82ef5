"""The alignment score 2 * links(p, t) / (|p| + |t|) of every (entity, candidate) pair."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Offsets, Score, WordIndex
from xproj_fast.kernels.numba.aligned_words import AlignedWords, alignment_score, gather, make_aligned_words
from xproj_fast.kernels.numba.columns import LinkColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.parallel import Chunk, make_chunks, most_items, run_all

SEARCH = 32  # words that can be counted through while a span is looked up


@helper
def count_links(row: int, row_end: int, aligned: AlignedWords, words: int, links_before: WordIndex) -> None:
    """Set links_before[w] = the links of a row into target words 0 to w - 1."""
    count = np.int32(0)
    w = 0
    for slot in range(row, row_end):
        while w <= aligned.words[slot]:
            links_before[w] = count
            w += 1
        count = aligned.before[slot + 1]
    links_before[w : words + 1] = count


@helper
def links_before_word(word: int, e: int, aligned: AlignedWords) -> int:
    """Return the links of row ``e`` into target words before ``word``."""
    low, high = aligned.begin[e], aligned.begin[e + 1] - 1
    while low < high:
        middle = (low + high) >> 1
        if aligned.words[middle] < word:
            low = middle + 1
        else:
            high = middle
    return int(aligned.before[low])


@kernel
def score_chunk(
    begin: int,
    end: int,
    target_offsets: Offsets,
    entities: SpanColumns,
    links: LinkColumns,
    candidates: SpanColumns,
    score_offsets: Offsets,
    aligned: AlignedWords,
    links_before: WordIndex,
    scores: Score,
) -> None:
    """Score the pairs of the sentences [begin, end)."""
    for s in range(begin, end):
        gather(s, entities, links, aligned)
        words = target_offsets[s + 1] - target_offsets[s]
        first = entities.offsets[s]
        # Slices, whose indices are known not to be negative, let these loops vectorise.
        starts = candidates.start[candidates.offsets[s] : candidates.offsets[s + 1]]
        ends = candidates.end[candidates.offsets[s] : candidates.offsets[s + 1]]
        block = scores[score_offsets[s] : score_offsets[s + 1]]
        few = len(starts) * SEARCH < words  # then no row of all words is worth its filling
        for e in range(entities.offsets[s + 1] - first):
            if few:
                length = entities.end[first + e] - entities.start[first + e]
                for t in range(len(starts)):
                    inside = links_before_word(ends[t], e, aligned) - links_before_word(starts[t], e, aligned)
                    block[e * len(starts) + t] = alignment_score(inside, length, ends[t] - starts[t])
                continue
            count_links(aligned.begin[e], aligned.begin[e + 1] - 1, aligned, words, links_before)
            length = entities.end[first + e] - entities.start[first + e]
            row = block[e * len(starts) : (e + 1) * len(starts)]
            for t in range(len(starts)):
                inside = links_before[np.uint32(ends[t])] - links_before[np.uint32(starts[t])]
                row[t] = alignment_score(inside, length, ends[t] - starts[t])


def score_pairs(
    target_offsets: Offsets,
    entities: SpanColumns,
    links: LinkColumns,
    candidates: SpanColumns,
    score_offsets: Offsets,
    threads: int,
) -> Score:
    """Return the (entities x candidates) blocks of all sentences."""
    scores = np.empty(score_offsets[-1], np.float32)

    def score(chunk: Chunk) -> None:
        aligned = make_aligned_words(chunk, target_offsets, entities, links)
        links_before = np.empty(most_items(chunk, target_offsets) + 1, np.int32)
        score_chunk(
            chunk.begin,
            chunk.end,
            target_offsets,
            entities,
            links,
            candidates,
            score_offsets,
            aligned,
            links_before,
            scores,
        )

    run_all(score, make_chunks(len(target_offsets) - 1, threads))
    return scores
