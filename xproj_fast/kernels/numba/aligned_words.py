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
from xproj_fast.kernels.numba.sorting import sort_keys


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


# Up to here the easy bound on the slots of a sentence is cheap enough; beyond it they are counted.
EASY_SLOTS = 4096


@kernel
def most_slots(begin: int, end: int, target_offsets: Offsets, entities: SpanColumns, links: LinkColumns) -> int:
    """Return a bound on the slots of any sentence in [begin, end) that nested entities cannot blow up."""
    most = 0
    for s in range(begin, end):
        words = target_offsets[s + 1] - target_offsets[s]
        slots = entities.offsets[s + 1] - entities.offsets[s]
        slots *= min(links.offsets[s + 1] - links.offsets[s], words) + 1
        if slots > EASY_SLOTS:
            slots = 0
            for e in range(entities.offsets[s], entities.offsets[s + 1]):
                slots += 1
                for i in range(links.offsets[s], links.offsets[s + 1]):
                    slots += int(entities.start[e] <= links.source[i] < entities.end[e])
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
    )


@helper
def gather(s: int, entities: SpanColumns, links: LinkColumns, aligned: AlignedWords) -> None:
    """Fill the rows of sentence ``s``."""
    keys, words, before = aligned.keys, aligned.words, aligned.before
    first_entity = entities.offsets[s]
    sources = links.source[links.offsets[s] : links.offsets[s + 1]]
    targets = links.target[links.offsets[s] : links.offsets[s + 1]]
    filled = 0
    for e in range(first_entity, entities.offsets[s + 1]):
        start = int(entities.start[e])
        size = int(entities.end[e]) - start
        # Branch-free: every link is written, and kept only when its source word lies in the entity.
        kept = 0
        for i in range(len(sources)):
            within = int(sources[i]) - start
            keys[kept] = (int(targets[i]) << 32) | within
            kept += int((within >= 0) & (within < size))
        sort_keys(keys, kept)
        aligned.begin[e - first_entity] = filled
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
        filled += 1
    aligned.begin[entities.offsets[s + 1] - first_entity] = filled


@helper
def alignment_score(links: int, entity_length: int, length: int) -> np.float32:
    """Return 2 * links / (|p| + |t|) by one correctly rounded float32 division, the same on every backend."""
    return np.float32(np.int32(2 * links)) / np.float32(np.int32(entity_length + length))
