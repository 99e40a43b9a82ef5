"""The distinct words of a text: what is costly to find out of a word is found out once for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Record, Words
from xproj_fast.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class WordTypes(Record):
    """The words of a text by their type.

    Attributes:
        ids: int32[words], the type of each word.
        strings: Arrow string array of the types, each once, in the order in which they first occur.
    """

    ids: NDArray[np.int32]
    strings: pa.Array


def word_types(words: Words, *, lower: bool = False) -> WordTypes:
    """Return the distinct words of a text.

    >>> import pyarrow as pa
    >>> types = word_types(Words(np.array([0, 2, 4]), pa.array(["Das", "Haus", "das", "Dach"])), lower=True)
    >>> types.ids, types.strings.to_pylist()
    (array([0, 1, 0, 2], dtype=int32), ['das', 'haus', 'dach'])

    Args:
        words: with their strings.
        lower: words that differ in their case alone are one type, in lower case.

    Raises:
        InputError: for words of which only the number is known.
    """
    import pyarrow as pa

    if words.strings is None:
        raise InputError("words: expected their strings, got only their number")
    found = words.strings.dictionary_encode()
    ids, strings = _int32(found.indices), found.dictionary
    if lower:
        # By Python's rules, as everywhere here: Arrow's lower case differs for a few characters (İ, final sigma).
        folded = pa.array([text.lower() for text in strings.to_pylist()], strings.type).dictionary_encode()
        ids, strings = _int32(folded.indices)[ids], folded.dictionary
    return WordTypes(ids, strings)


def _int32(indices: pa.Array) -> NDArray[np.int32]:
    return np.ascontiguousarray(indices.to_numpy(zero_copy_only=False), np.int32)
