"""Minimum-cost assignment by shortest augmenting paths (Jonker & Volgenant 1987, in the form of Crouse 2016)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.kernels.numba.jit import routine


class AssignmentScratch(NamedTuple):
    """Scratch of one thread: costs go in, ``column_of_row`` comes out, -1 only where costs are not finite."""

    cost: NDArray[np.float64]  # row-major, rows <= columns
    row_price: NDArray[np.float64]
    column_price: NDArray[np.float64]
    distance: NDArray[np.float64]
    column_of_row: NDArray[np.int64]
    row_of_column: NDArray[np.int64]
    previous_row: NDArray[np.int64]
    open: NDArray[np.int64]
    closed: NDArray[np.int64]


def make_assignment_scratch(rows: int, columns: int, cells: int) -> AssignmentScratch:
    """Return room for any assignment with at most so many rows, columns and cells, either way round."""
    most = max(rows, columns)
    return AssignmentScratch(
        np.empty(cells, np.float64),
        np.empty(most, np.float64),
        np.empty(most, np.float64),
        np.empty(most, np.float64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
    )


@routine
def shortest_path(a: AssignmentScratch, columns: int, start: int) -> tuple[int, int, float]:
    """Find the nearest free column of a free row: Dijkstra over reduced costs.

    Of equally near columns a free one wins, then the first in ``open``. Returns the column or -1, the number of
    columns closed on the way, and the length of the path.
    """
    for j in range(columns):
        a.distance[j] = np.inf
        a.open[j] = j
    opened = columns
    length = 0.0
    row = start
    while True:
        nearest = np.inf
        chosen = -1
        for k in range(opened):
            j = a.open[k]
            through = length + a.cost[row * columns + j] - a.row_price[row] - a.column_price[j]
            if through < a.distance[j]:
                a.distance[j] = through
                a.previous_row[j] = row
            if a.distance[j] < nearest or (a.distance[j] == nearest and a.row_of_column[j] < 0):
                nearest = a.distance[j]
                chosen = k
        if not nearest < np.inf:  # only where costs are not finite
            return -1, 0, 0.0
        length = nearest
        column = a.open[chosen]
        if a.row_of_column[column] < 0:
            return column, columns - opened, length
        a.closed[columns - opened] = column
        opened -= 1
        a.open[chosen] = a.open[opened]
        row = a.row_of_column[column]


@routine
def assign(a: AssignmentScratch, rows: int, columns: int) -> None:
    """Give each row a column of its own so that the total cost is least; O(rows^2 * columns)."""
    for i in range(rows):
        a.row_price[i] = 0.0
        a.column_of_row[i] = -1
    for j in range(columns):
        a.column_price[j] = 0.0
        a.row_of_column[j] = -1
    for start in range(rows):
        column, closed, length = shortest_path(a, columns, start)
        if column < 0:
            continue
        # New prices keep all reduced costs at or above 0, and at 0 along the path.
        a.row_price[start] += length
        for k in range(closed):
            j = a.closed[k]
            slack = length - a.distance[j]
            a.row_price[a.row_of_column[j]] += slack
            a.column_price[j] -= slack
        while True:
            row = a.previous_row[column]
            a.row_of_column[column] = row
            column, a.column_of_row[row] = a.column_of_row[row], column
            if row == start:
                break
