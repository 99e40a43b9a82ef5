"""What words look like: their letters in lower case, capitals, punctuation. Found out once for each distinct word."""

from __future__ import annotations

from unicodedata import category

import numpy as np

from xproj_fast.arrays import ShapeFlag, Words, WordShapes
from xproj_fast.ragged import offsets_of
from xproj_fast.text.word_types import word_types

QUOTES = "`\N{ACUTE ACCENT}"  # symbols to Unicode, but punctuation to those who write them

# As plain integers: a sum of flags takes longer than all else that is done for a word.
CAPITAL, LOWER, PUNCTUATION, CASED = map(int, ShapeFlag)


def word_shapes(words: Words) -> WordShapes:
    """Return what the words of a text look like.

    >>> import pyarrow as pa
    >>> shapes = word_shapes(Words(np.array([0, 2, 4]), pa.array(["Das", "Haus", "Haus", "!"])))
    >>> shapes.ids.tolist(), [ShapeFlag(flags).name for flags in shapes.flags.tolist()]
    ([0, 1, 1, 2], ['CAPITAL|CASED', 'CAPITAL|CASED', 'PUNCTUATION'])

    Args:
        words: with their strings.

    Raises:
        InputError: for words of which only the number is known.
    """
    types = word_types(words)
    texts = types.strings.to_pylist()
    lowered = [text.lower() for text in texts]
    codes = np.frombuffer("".join(lowered).encode("utf-32-le"), np.int32)
    flags = np.fromiter(map(_flags, texts, lowered), np.uint8, len(texts))
    return WordShapes(words.offsets, types.ids, offsets_of([len(text) for text in lowered]), codes, flags)


def cased_share(shapes: WordShapes) -> float:
    """Return the share of the word types that have letters in upper or lower case; 0 where there are none."""
    return float(np.count_nonzero(shapes.flags & ShapeFlag.CASED)) / max(len(shapes.flags), 1)


def _flags(text: str, lowered: str) -> int:
    first = text[:1]
    flags = CAPITAL if first.isupper() or first.isdigit() else 0
    if text.islower():
        flags |= LOWER | CASED
    elif lowered != text:
        flags |= CASED
    elif not flags and text and all(letter in QUOTES or category(letter)[0] == "P" for letter in text):
        flags = PUNCTUATION
    return flags
