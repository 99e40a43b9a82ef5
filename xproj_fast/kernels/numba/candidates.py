"""Target candidates: n-grams without stop words, everywhere or inside the aligned range of an entity."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Mask, Offsets, Spans, WordIndex
from xproj_fast.kernels.numba.aligned_words import AlignedWords, gather, make_aligned_words
from xproj_fast.kernels.numba.columns import LinkColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.parallel import Chunk, make_chunks, most_items, run_all

NO_SPANS = SpanColumns(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
NO_LINKS = LinkColumns(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
NO_ALIGNED_WORDS = AlignedWords(
    np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64)
)
for _array in (*NO_SPANS, *NO_LINKS):
    _array.flags.writeable = False


@helper
def find_reach(
    s: int, words: int, entities: SpanColumns, links: LinkColumns, aligned: AlignedWords, reach: WordIndex
) -> None:
    """Set reach[w] = the furthest end of an n-gram from w inside the aligned range of some entity, or 0."""
    reach[:words] = 0
    gather(s, entities, links, aligned)
    for e in range(entities.offsets[s + 1] - entities.offsets[s]):
        row, row_end = aligned.begin[e], aligned.begin[e + 1] - 1
        if row < row_end:
            left = aligned.words[row]
            reach[left] = max(reach[left], aligned.words[row_end - 1] + 1)
    furthest = np.int32(0)
    for w in range(words):
        furthest = max(furthest, reach[w])
        reach[w] = furthest if furthest > w else 0


@helper
def find_last_ends(
    s: int,
    target_offsets: Offsets,
    stop: Mask,
    in_range: bool,
    entities: SpanColumns,
    links: LinkColumns,
    aligned: AlignedWords,
    max_words: int,
    last: WordIndex,
) -> int:
    """Set last[start] = the largest end of a candidate from ``start`` (or less than any); return the words of s."""
    first = target_offsets[s]
    words = int(target_offsets[s + 1] - first)
    if in_range:
        find_reach(s, words, entities, links, aligned, last)
    else:
        last[:words] = words
    clear = 0  # no stop word in [start, clear)
    for start in range(words):
        if len(stop) == 0:
            clear = words
        else:
            clear = max(clear, start)
            while clear < words and stop[first + clear] == 0:
                clear += 1
        last[start] = min(int(last[start]), start + max_words, clear)
    return words


@kernel
def count_chunk(
    begin: int,
    end: int,
    target_offsets: Offsets,
    stop: Mask,
    in_range: bool,
    entities: SpanColumns,
    links: LinkColumns,
    aligned: AlignedWords,
    min_words: int,
    max_words: int,
    last: WordIndex,
    counts: Offsets,
) -> None:
    """Count the candidates of the sentences [begin, end)."""
    for s in range(begin, end):
        words = find_last_ends(s, target_offsets, stop, in_range, entities, links, aligned, max_words, last)
        count = 0
        for start in range(words):
            count += max(last[start] - (start + min_words) + 1, 0)
        counts[s] = count


@kernel
def fill_chunk(
    begin: int,
    end: int,
    target_offsets: Offsets,
    stop: Mask,
    in_range: bool,
    entities: SpanColumns,
    links: LinkColumns,
    aligned: AlignedWords,
    min_words: int,
    max_words: int,
    last: WordIndex,
    offsets: Offsets,
    starts: WordIndex,
    ends: WordIndex,
) -> None:
    """List the candidates of the sentences [begin, end), by start, then by end."""
    for s in range(begin, end):
        words = find_last_ends(s, target_offsets, stop, in_range, entities, links, aligned, max_words, last)
        i = offsets[s]
        for start in range(words):
            for e in range(start + min_words, last[start] + 1):
                starts[i] = start
                ends[i] = e
                i += 1


def list_ngrams(
    target_offsets: Offsets,
    stop: Mask,
    entities: SpanColumns | None,
    links: LinkColumns | None,
    min_words: int,
    max_words: int,
    threads: int,
) -> Spans:
    """Count, allocate, fill; with entities and links only what lies in an aligned range."""
    sentences = len(target_offsets) - 1
    chunks = make_chunks(sentences, threads)
    in_range = entities is not None and links is not None
    entities, links = entities or NO_SPANS, links or NO_LINKS
    offsets = np.zeros(sentences + 1, np.int64)
    counts = offsets[1:]

    def scratch(chunk: Chunk) -> tuple[AlignedWords, WordIndex]:
        aligned = make_aligned_words(chunk, target_offsets, entities, links) if in_range else NO_ALIGNED_WORDS
        return aligned, np.empty(most_items(chunk, target_offsets), np.int32)

    def count(chunk: Chunk) -> None:
        aligned, last = scratch(chunk)
        given = (target_offsets, stop, in_range, entities, links, aligned, min_words, max_words, last)
        count_chunk(chunk.begin, chunk.end, *given, counts)

    run_all(count, chunks)
    np.cumsum(counts, out=counts)
    starts = np.empty(offsets[-1], np.int32)
    ends = np.empty(offsets[-1], np.int32)

    def fill(chunk: Chunk) -> None:
        aligned, last = scratch(chunk)
        given = (target_offsets, stop, in_range, entities, links, aligned, min_words, max_words, last)
        fill_chunk(chunk.begin, chunk.end, *given, offsets, starts, ends)

    run_all(fill, chunks)
    return Spans(offsets, starts, ends)
