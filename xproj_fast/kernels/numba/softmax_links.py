"""Links where the softmax over either side is large (Dou & Neubig 2021, awesome-align).

All sums run in the order of their index, in double: the other backend and the reference get the same bits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Mask, Score
from xproj_fast.kernels.numba.jit import helper, routine

NO_LINK = np.float32(-1)  # below every confidence


class SoftmaxScratch(NamedTuple):
    """Scratch of one thread."""

    row_max: NDArray[np.float64]
    column_max: NDArray[np.float64]
    column_sum: NDArray[np.float64]
    weight: NDArray[np.float64]
    row_linked: Mask
    column_linked: Mask


def make_softmax_scratch(rows: int, columns: int) -> SoftmaxScratch:
    """Return room for so many sub-tokens."""
    return SoftmaxScratch(
        np.empty(rows, np.float64),
        np.empty(columns, np.float64),
        np.empty(columns, np.float64),
        np.empty(columns, np.float64),
        np.empty(rows, np.uint8),
        np.empty(columns, np.uint8),
    )


@helper
def confidence_of(value: float) -> float:
    """Clip to [0, 1]; NaN becomes 0."""
    if value > 0.0:
        return value if value < 1.0 else 1.0
    return 0.0


@routine
def pass_rows(
    similarity: Score, first: int, rows: int, columns: int, threshold: float, x: SoftmaxScratch, links: Score
) -> None:
    """Mark with 0 what passes the softmax over its row; find all maxima on the way."""
    for j in range(columns):
        x.column_max[j] = -np.inf
    for i in range(rows):
        row = first + i * columns
        most = -np.inf
        for j in range(columns):
            value = np.float64(similarity[row + j])
            if value > most:
                most = value
            if value > x.column_max[j]:
                x.column_max[j] = value
        x.row_max[i] = most
        total = 0.0
        for j in range(columns):
            x.weight[j] = math.exp(np.float64(similarity[row + j]) - most)
            total += x.weight[j]
        for j in range(columns):
            links[i * columns + j] = np.float32(0) if x.weight[j] / total > threshold else NO_LINK


@routine
def pass_columns(
    similarity: Score, first: int, rows: int, columns: int, threshold: float, x: SoftmaxScratch, links: Score
) -> None:
    """Take the mark from what fails the softmax over its column; note the rows and columns that keep one."""
    for j in range(columns):
        x.column_sum[j] = 0.0
        x.column_linked[j] = 0
    for i in range(rows):
        for j in range(columns):
            x.column_sum[j] += math.exp(np.float64(similarity[first + i * columns + j]) - x.column_max[j])
    for i in range(rows):
        x.row_linked[i] = 0
        for j in range(columns):
            cell = i * columns + j
            if links[cell] == NO_LINK:
                continue
            if math.exp(np.float64(similarity[first + cell]) - x.column_max[j]) / x.column_sum[j] > threshold:
                x.row_linked[i] = 1
                x.column_linked[j] = 1
            else:
                links[cell] = NO_LINK


@routine
def weigh(similarity: Score, first: int, rows: int, columns: int, x: SoftmaxScratch, links: Score) -> None:
    """Write the confidence: the harmonic mean of both softmaxes over S / sqrt(number of cells summed over)."""
    row_root = math.sqrt(np.float64(columns))
    column_root = math.sqrt(np.float64(rows))
    for j in range(columns):
        x.column_sum[j] = 0.0
    for i in range(rows):
        for j in range(columns):
            if x.column_linked[j]:
                value = np.float64(similarity[first + i * columns + j])
                x.column_sum[j] += math.exp((value - x.column_max[j]) / column_root)
    for i in range(rows):
        if not x.row_linked[i]:
            continue
        row = first + i * columns
        total = 0.0
        for j in range(columns):
            x.weight[j] = math.exp((np.float64(similarity[row + j]) - x.row_max[i]) / row_root)
            total += x.weight[j]
        for j in range(columns):
            if links[i * columns + j] == NO_LINK:
                continue
            p = x.weight[j] / total
            q = math.exp((np.float64(similarity[row + j]) - x.column_max[j]) / column_root) / x.column_sum[j]
            links[i * columns + j] = confidence_of(2.0 * p * q / (p + q))


@helper
def link_by_softmax(
    similarity: Score, first: int, rows: int, columns: int, threshold: float, x: SoftmaxScratch, links: Score
) -> None:
    """Write the confidence of each linked cell of ``links`` (rows x columns), NO_LINK elsewhere."""
    pass_rows(similarity, first, rows, columns, threshold, x, links)
    pass_columns(similarity, first, rows, columns, threshold, x, links)
    weigh(similarity, first, rows, columns, x, links)
