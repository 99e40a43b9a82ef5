"""The target words aligned to each entity of one sentence: sorted, with running link counts.

A word pair is linked or not, so a link given twice counts once; links may come in any order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, WordIndex
from xproj_fast.kernels.numba.columns import LinkColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.parallel import Chunk, most_items
from xproj_fast.kernels.numba.sorting import LOW, sort_keys


class AlignedWords(NamedTuple):
    """The rows of one sentence, and scratch.

    Entity ``e`` owns slots begin[e] to begin[e + 1]. All but the last hold a word, ascending, and in
    ``before`` the links into the words before it in the row; the last one's ``before`` counts all links of
    the row.
    """

    begin: NDArray[np.int64]
    words: WordIndex
    before: WordIndex
    keys: NDArray[np.int64]
    by_source: NDArray[np.int64]


# Up to here the easy bound on the slots of a sentence is cheap enough; beyond it they are counted.
EASY_SLOTS = 4096


@helper
def count_slots(s: int, entities: SpanColumns, links: LinkColumns) -> int:
    """Return a bound on the slots of one sentence."""
    first, last = entities.offsets[s], entities.offsets[s + 1]
    count = links.offsets[s + 1] - links.offsets[s]
    nested = False
    for e in range(first + 1, last):
        nested = nested or entities.start[e] < entities.end[e - 1]
    if not nested:  # a link lies in one entity at most
        return int(last - first + count)
    slots = int(last - first)
    for e in range(first, last):
        for i in range(links.offsets[s], links.offsets[s + 1]):
            slots += int(entities.start[e] <= links.source[i] < entities.end[e])
    return slots


@kernel
def most_slots(begin: int, end: int, target_offsets: Offsets, entities: SpanColumns, links: LinkColumns) -> int:
    """Return a bound on the slots of any sentence in [begin, end) that nested entities cannot blow up."""
    most = 0
    for s in range(begin, end):
        words = target_offsets[s + 1] - target_offsets[s]
        slots = entities.offsets[s + 1] - entities.offsets[s]
        slots *= min(links.offsets[s + 1] - links.offsets[s], words) + 1
        if slots > EASY_SLOTS:
            slots = count_slots(s, entities, links)
        most = max(most, slots)
    return most


def make_aligned_words(
    chunk: Chunk, target_offsets: Offsets, entities: SpanColumns, links: LinkColumns
) -> AlignedWords:
    """Return room for any sentence of a chunk."""
    slots = most_slots(chunk.begin, chunk.end, target_offsets, entities, links)
    return AlignedWords(
        np.empty(most_items(chunk, entities.offsets) + 1, np.int64),
        np.empty(slots, np.int32),
        np.empty(slots, np.int32),
        np.empty(most_items(chunk, links.offsets) + 1, np.int64),
        np.empty(most_items(chunk, links.offsets), np.int64),
    )


@helper
def gather(s: int, entities: SpanColumns, links: LinkColumns, aligned: AlignedWords) -> None:
    """Fill the rows of sentence ``s``."""
    first_entity = entities.offsets[s]
    sources = links.source[links.offsets[s] : links.offsets[s + 1]]
    targets = links.target[links.offsets[s] : links.offsets[s + 1]]
    much = len(sources) * (entities.offsets[s + 1] - first_entity) > EASY_SLOTS
    if much:  # to look at every link for every entity
        for i in range(len(sources)):
            aligned.by_source[i] = (int(sources[i]) << 32) | int(targets[i])
        sort_keys(aligned.by_source, len(sources))
    filled = 0
    for e in range(first_entity, entities.offsets[s + 1]):
        aligned.begin[e - first_entity] = filled
        if much:
            kept = pick_from_sorted(entities.start[e], entities.end[e], len(sources), aligned)
        else:
            kept = pick_by_entity(entities.start[e], entities.end[e], sources, targets, aligned)
        filled = write_row(kept, filled, aligned)
    aligned.begin[entities.offsets[s + 1] - first_entity] = filled


@helper
def pick_by_entity(start: int, end: int, sources: WordIndex, targets: WordIndex, aligned: AlignedWords) -> int:
    """Set the first keys to the links of one entity, target word first; return how many."""
    # Branch-free: every link is written, and kept only when its source word lies in the entity.
    kept = 0
    for i in range(len(sources)):
        source = int(sources[i])
        aligned.keys[kept] = (int(targets[i]) << 32) | source
        kept += int((source >= start) & (source < end))
    return kept


@helper
def pick_from_sorted(start: int, end: int, count: int, aligned: AlignedWords) -> int:
    """Do the same from links that are ordered by their source word."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if (aligned.by_source[middle] >> 32) < start:
            low = middle + 1
        else:
            high = middle
    kept = 0
    while low < count and (aligned.by_source[low] >> 32) < end:
        key = aligned.by_source[low]
        aligned.keys[kept] = ((key & LOW) << 32) | (key >> 32)
        kept += 1
        low += 1
    return kept


@helper
def write_row(kept: int, filled: int, aligned: AlignedWords) -> int:
    """Turn the first ``kept`` keys into a row that begins at ``filled``; return where the next one does."""
    keys, words, before = aligned.keys, aligned.words, aligned.before
    sort_keys(keys, kept)
    count = 0
    last_key = -1
    last_word = -1
    for i in range(kept):
        key = keys[i]
        if key == last_key:
            continue  # the same link again
        word = key >> 32
        if word != last_word:
            words[filled] = word
            before[filled] = count
            filled += 1
        count += 1
        last_key = key
        last_word = word
    before[filled] = count
    return filled + 1


@helper
def alignment_score(links: int, entity_length: int, length: int) -> np.float32:
    """Return 2 * links / (|p| + |t|) by one correctly rounded float32 division, the same on every backend."""
    return np.float32(np.int32(2 * links)) / np.float32(np.int32(entity_length + length))
