"""The similarity of every sub-token of a sentence with every one of its translation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Pieces
from xproj_fast.kernels.protocol import Extraction
from xproj_fast.ragged import offsets_of


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Sub-tokens of N sentences and float32[pieces, width], the encoder's state of each."""

    pieces: Pieces
    vectors: NDArray[np.float32]
    counts: dict[str, int]


def similarities(source: States, target: States, method: Extraction) -> tuple[Offsets, NDArray[np.float32]]:
    """Return the similarity of every sub-token of a source sentence with every one of its target sentence.

    Returns:
        Offsets int64[N + 1] and flat float32 blocks, row-major (source, target) sub-tokens: dot products for awesome,
        (cosine + 1) / 2 for the others.
    """
    a, b = source.vectors, target.vectors
    if method is not Extraction.AWESOME:
        a, b = _unit(a), _unit(b)
    rows, columns = source.pieces.offsets, target.pieces.offsets
    offsets = offsets_of(np.diff(rows) * np.diff(columns))
    flat = np.empty(offsets[-1], np.float32)
    bounds = zip(*(x.tolist() for x in (rows, rows[1:], columns, columns[1:], offsets, offsets[1:])), strict=False)
    for r0, r1, c0, c1, o0, o1 in bounds:
        if o0 < o1:
            np.matmul(a[r0:r1], b[c0:c1].T, out=flat[o0:o1].reshape(r1 - r0, c1 - c0))
    if method is not Extraction.AWESOME:
        flat += 1
        flat /= 2
    return offsets, flat


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    norms[norms == 0] = 1
    unit: NDArray[np.float32] = vectors / norms[:, None]
    return unit
