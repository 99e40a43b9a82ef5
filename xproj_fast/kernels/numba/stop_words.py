"""Which words are stop words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Mask


def mark_stop_words(byte_offsets: NDArray[Any], text: Any, stop_words: Sequence[str]) -> Mask:
    """Return 1 for each word that equals one of ``stop_words``, byte for byte."""
    is_stop = np.zeros(len(byte_offsets) - 1, np.uint8)
    sizes = np.diff(byte_offsets)
    characters = np.frombuffer(text, np.uint8) if len(text) else np.zeros(0, np.uint8)
    for word in stop_words:
        wanted = str.encode(word)
        same = np.flatnonzero(sizes == len(wanted))
        for i, byte in enumerate(wanted):
            same = same[characters[byte_offsets[same] + i] == byte]
        is_stop[same] = 1
    return is_stop
