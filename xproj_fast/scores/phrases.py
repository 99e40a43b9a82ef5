"""The texts of spans, and the distinct ones among many pairs of them, without a Python loop over spans."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Words
from xproj_fast.arrow_checks import string_buffers
from xproj_fast.ragged import offsets_of, ranges


class DistinctPairs(NamedTuple):
    """Distinct pairs of texts: ``a[k]`` and ``b[k]`` are the texts of distinct pair k; ``inverse`` int64[pairs]."""

    a: list[str]
    b: list[str]
    inverse: NDArray[np.int64]


def span_texts(words: Words, sentence: NDArray[np.int64], start: NDArray[Any], end: NDArray[Any]) -> Any:
    """Return the texts of spans, as the raw sentences have them.

    Args:
        words: in their sentences, see ``with_texts``.
        sentence: int64[spans], the sentence of each.
        start: first word of each in its sentence.
        end: one past the last, > start.

    Returns:
        Arrow large_string array[spans].
    """
    import pyarrow as pa

    assert words.text_start is not None
    assert words.text_end is not None
    first_word = words.offsets[:-1][sentence]
    text, character = _characters(words.texts)
    before = character.of_sentence[sentence]
    begin = character.place[before + words.text_start[first_word + start]]
    length = character.place[before + words.text_end[first_word + end - 1]] - begin
    bounds = offsets_of(length)
    source = ranges(begin, length)
    return pa.LargeStringArray.from_buffers(len(length), pa.py_buffer(bounds), pa.py_buffer(text[source]))


class _Characters(NamedTuple):
    """Where characters lie in the bytes of texts that follow each other.

    Attributes:
        place: int64[characters + 1], the byte each code point begins at.
        of_sentence: int64[N], the number of code points before each text.
    """

    place: NDArray[np.int64]
    of_sentence: NDArray[np.int64]


def _characters(texts: Any) -> tuple[NDArray[np.uint8], _Characters]:
    text, offsets = _bytes(texts)
    place = np.append(np.flatnonzero((text & 0xC0) != 0x80), len(text))
    return text, _Characters(place, np.searchsorted(place, offsets[:-1]))


def _bytes(strings: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of an Arrow string array and where each string begins in them, int64[strings + 1]."""
    byte_offsets, buffer = string_buffers(strings)
    offsets = byte_offsets.astype(np.int64) - int(byte_offsets[0])
    return np.frombuffer(buffer, np.uint8)[byte_offsets[0] : byte_offsets[-1]], offsets


def distinct_pairs(a_texts: Any, a: NDArray[np.int64], b_texts: Any, b: NDArray[np.int64]) -> DistinctPairs:
    """Return the distinct pairs of texts, in the order of their first appearance among the texts.

    Args:
        a_texts: Arrow strings, with repeats.
        a: int64[pairs], the text of each pair.
        b_texts: likewise.
        b: likewise.
    """
    a_coded, b_coded = a_texts.dictionary_encode(), b_texts.dictionary_encode()
    left = a_coded.indices.to_numpy().astype(np.int64)[a]
    right = b_coded.indices.to_numpy().astype(np.int64)[b]
    width = max(len(b_coded.dictionary), 1)
    key, inverse = np.unique(left * width + right, return_inverse=True)
    which_a, which_b = np.divmod(key, width)
    return DistinctPairs(
        a_coded.dictionary.take(_indices(which_a)).to_pylist(),
        b_coded.dictionary.take(_indices(which_b)).to_pylist(),
        inverse.reshape(-1).astype(np.int64),
    )


def _indices(values: NDArray[np.int64]) -> Any:
    import pyarrow as pa

    return pa.array(values)
