"""Folded words: what is left of them where scripts, marks and case do not count, for words that sound alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Record
from xproj_fast.ragged import offsets_of_lists


@dataclass(frozen=True, slots=True, eq=False)
class FoldedWords(Record):
    """The folded forms of T words.

    Attributes:
        offsets: int64[T + 1] into the characters.
        characters: int32, code points.
    """

    offsets: Offsets
    characters: NDArray[np.int32]


def folded(word: str) -> str:
    """Return a word in lower case, in Latin letters without marks: Москва and Moskva are the same.

    The transliteration is anyascii's, a table over all scripts of Unicode: letter by letter and without a language, so
    that kanji are read as Chinese. Names are still recognised by it, which is what it is for.

    >>> folded("Straße"), folded("Москва"), folded("ベルリン"), folded("दिल्ली"), folded("北京")
    ('strasse', 'moskva', 'berurin', 'dilli', 'beijing')
    """
    from anyascii import anyascii

    lower = word.lower()
    # A sign of which nothing is left (a lone mark, a private character) is still itself.
    return anyascii(lower).lower() or lower


def folded_words(words: Sequence[str]) -> FoldedWords:
    """Fold words; some 1 to 3 us each, so give each type once.

    Args:
        words: T of them.
    """
    forms = [folded(word) for word in words]
    # "surrogatepass": a word of Python's may hold half a character, which no file can.
    characters = np.frombuffer("".join(forms).encode("utf-32-le", "surrogatepass"), np.int32)
    return FoldedWords(offsets_of_lists(forms), characters)
