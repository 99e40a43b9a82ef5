"""Cuts sentences that are too long for a model into overlapping windows: nothing is ever cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets
from xproj_fast.errors import InputError
from xproj_fast.ragged import ranges


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """W windows over the pieces of N sentences; every piece is kept from exactly one.

    Attributes:
        sentence: int64[W]. first: int64[W], flat position of the window's first piece. length: int64[W], pieces.
        keep_from: int64[W], the first piece to keep, counted inside the window. keep_to: int64[W], one past the last.
    """

    sentence: NDArray[np.int64]
    first: NDArray[np.int64]
    length: NDArray[np.int64]
    keep_from: NDArray[np.int64]
    keep_to: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)


def cut(offsets: Offsets, room: int, overlap: int) -> Windows:
    """Return the windows: one for a sentence of up to ``room`` pieces, none for an empty one.

    Neighbours share ``overlap`` pieces (the last two may share more) and meet in the middle of what they share: each
    piece comes from the window that shows more of what stands around it.

    Args:
        offsets: int64[N + 1] into the pieces.
        room: pieces a window holds, special tokens not counted.
        overlap: pieces two neighbours share, below ``room``.

    Raises:
        InputError: for an overlap that leaves no room to move on.
    """
    if not 0 <= overlap < room:
        raise InputError(f"overlap: expected 0 to below the {room} subwords a window holds, got {overlap}")
    sizes = np.diff(offsets)
    step = room - overlap
    counts = np.where(sizes > room, -(-(sizes - overlap) // step), np.minimum(sizes, 1))
    sentence = np.repeat(np.arange(len(sizes)), counts)
    index = ranges(np.zeros_like(counts), counts)
    size = sizes[sentence]
    inside = np.minimum(index * step, np.maximum(size - room, 0))  # the last window is moved back to be full
    length = np.minimum(size, room)
    keep_from = np.zeros_like(inside)
    keep_to = length.copy()
    later = np.flatnonzero(index > 0)  # has a left neighbour: they meet halfway
    meeting = (inside[later] + inside[later - 1] + length[later - 1]) // 2
    keep_from[later] = meeting - inside[later]
    keep_to[later - 1] = meeting - inside[later - 1]
    return Windows(sentence, offsets[:-1][sentence] + inside, length, keep_from, keep_to)
