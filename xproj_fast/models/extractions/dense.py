"""Extractions written in NumPy: one matrix of similarities at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links
from xproj_fast.kernels.protocol import ExtractedLinks, Kernels
from xproj_fast.models.extractions import Find, How, Similarities
from xproj_fast.ragged import offsets_of

NO_LINK = np.float32(-1)


def each_pair(linked: Callable[[NDArray[np.float32], How], NDArray[np.bool_]]) -> Find:
    """Return what finds links, of a function from one pair's similarities to its linked subwords.

    A link whose similarity is below the threshold is left out. Two words are linked where any of their subwords are;
    the confidence is the largest similarity of these.

    Args:
        linked: takes float32[source, target] subwords, none of the sides empty, and ``How``; returns bool of the
            same shape.
    """

    def find(kernels: Kernels, similarities: Similarities, how: How, threads: int) -> ExtractedLinks:
        source, target, offsets, values = similarities
        rows, columns, found = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
        counts = np.zeros(len(offsets) - 1, np.int64)
        for s in range(len(offsets) - 1):
            source_word = source.word[source.offsets[s] : source.offsets[s + 1]]
            target_word = target.word[target.offsets[s] : target.offsets[s + 1]]
            if not len(source_word) or not len(target_word):
                continue
            block = values[offsets[s] : offsets[s + 1]].reshape(len(source_word), len(target_word))
            mask = linked(block, how)
            if how.threshold > 0:
                mask = mask & (block >= how.threshold)
            best, first, second = _of_words(np.where(mask, block.clip(0, 1), NO_LINK), source_word, target_word)
            i, j = np.nonzero(best > NO_LINK)
            rows.append(first[i])
            columns.append(second[j])
            found.append(best[i, j])
            counts[s] = len(i)
        links = Links(offsets_of(counts), np.concatenate(rows), np.concatenate(columns))
        return ExtractedLinks(links, np.concatenate(found))

    return find


def _of_words(
    links: NDArray[np.float32], source_word: NDArray[np.int32], target_word: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
    """Return the largest value of each pair of words, and the words of rows and columns."""
    first = np.flatnonzero(np.diff(source_word, prepend=-1))
    second = np.flatnonzero(np.diff(target_word, prepend=-1))
    best: NDArray[np.float32] = np.maximum.reduceat(np.maximum.reduceat(links, first, 0), second, 1)
    return best, source_word[first], target_word[second]
