"""The similarity of every subword of a sentence with every one of its translation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Pieces
from xproj_fast.ragged import offsets_of


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Subwords of N sentences and float32[pieces, width], the encoder's state of each."""

    pieces: Pieces
    vectors: NDArray[np.float32]
    counts: dict[str, int]


def similarities(source: States, target: States, *, cosine: bool) -> tuple[Offsets, NDArray[np.float32]]:
    """Return the similarity of every subword of a source sentence with every one of its target sentence.

    Args:
        source: states of N sentences.
        target: of their translations.
        cosine: (cosine + 1) / 2; False = dot products.

    Returns:
        Offsets int64[N + 1] and flat float32 blocks, row-major (source, target) subwords.
    """
    a, b = source.vectors, target.vectors
    if cosine:
        a, b = _unit(a), _unit(b)
    rows, columns = source.pieces.offsets, target.pieces.offsets
    offsets = offsets_of(np.diff(rows) * np.diff(columns))
    flat = np.empty(offsets[-1], np.float32)
    bounds = zip(*(x.tolist() for x in (rows, rows[1:], columns, columns[1:], offsets, offsets[1:])), strict=False)
    for r0, r1, c0, c1, o0, o1 in bounds:
        if o0 < o1:
            np.matmul(a[r0:r1], b[c0:c1].T, out=flat[o0:o1].reshape(r1 - r0, c1 - c0))
    if cosine:
        flat += 1
        flat /= 2
    return offsets, flat


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    norms[norms == 0] = 1
    unit: NDArray[np.float32] = vectors / norms[:, None]
    return unit
