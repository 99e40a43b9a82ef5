"""Whether two sides are of the same sentences: else no figure and no picture of both means anything."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xproj_fast.arrays import Words, sentence_of


class Unlike(NamedTuple):
    """The first sentence that two sides do not share: its number, from 0, and what each has there.

    That is a word, or, where they have another number of words, these numbers.
    """

    sentence: int
    ours: str | int
    theirs: str | int


def first_unlike(ours: Words, theirs: Words) -> Unlike | None:
    """Return where two sides of as many sentences have other words; None = nowhere.

    Of words of which only the number is known, that alone is compared.
    """
    lengths = np.diff(ours.offsets), np.diff(theirs.offsets)
    for s in np.flatnonzero(lengths[0] != lengths[1])[:1].tolist():
        return Unlike(s, int(lengths[0][s]), int(lengths[1][s]))
    if ours.strings is None or theirs.strings is None:
        return None
    import pyarrow.compute as pc

    word = pc.index(pc.equal(ours.strings.cast("large_string"), theirs.strings.cast("large_string")), False).as_py()
    if word < 0:
        return None
    return Unlike(sentence_of(ours.offsets, word), ours.strings[word].as_py(), theirs.strings[word].as_py())
