"""Links of sub-tokens that are each other's best, once or in rounds, or best in total (Jalili Sabet et al. 2020)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Mask, Score
from xproj_fast.kernels.numba.assignment import AssignmentScratch, assign
from xproj_fast.kernels.numba.jit import helper, routine
from xproj_fast.kernels.numba.softmax_links import confidence_of


class BestScratch(NamedTuple):
    """Scratch of one thread."""

    best_column: NDArray[np.int64]
    best_row: NDArray[np.int64]
    column_best: NDArray[np.float64]
    row_linked: Mask
    column_linked: Mask
    chosen: NDArray[np.int64]


def make_best_scratch(rows: int, columns: int) -> BestScratch:
    """Return room for so many sub-tokens."""
    return BestScratch(
        np.empty(rows, np.int64),
        np.empty(columns, np.int64),
        np.empty(columns, np.float64),
        np.empty(rows, np.uint8),
        np.empty(columns, np.uint8),
        np.empty(rows, np.int64),
    )


@helper
def link(similarity: Score, first: int, cell: int, threshold: float, links: Score) -> None:
    """Link a cell if it is similar enough."""
    value = np.float64(similarity[first + cell])
    if not threshold > 0.0 or value >= threshold:
        links[cell] = confidence_of(value)


@routine
def find_best(
    similarity: Score,
    first: int,
    rows: int,
    columns: int,
    weights: tuple[float, float, float],
    b: BestScratch,
) -> None:
    """Find the best column of each row and the best row of each column, of equals the first.

    ``weights`` by how many ends of a cell have a link: none, one, both.
    """
    for i in range(rows):
        free, taken = (weights[1], weights[2]) if b.row_linked[i] else (weights[0], weights[1])
        best = 0.0
        for j in range(columns):
            value = np.float64(similarity[first + i * columns + j]) * (taken if b.column_linked[j] else free)
            if j == 0 or value > best:
                best = value
                b.best_column[i] = j
            if i == 0 or value > b.column_best[j]:
                b.column_best[j] = value
                b.best_row[j] = i


@routine
def link_best(
    similarity: Score, first: int, rows: int, columns: int, threshold: float, b: BestScratch, links: Score
) -> int:
    """Link what is each other's best and has a free end (so nothing twice); return how many."""
    found = 0
    for i in range(rows):
        j = b.best_column[i]
        if b.best_row[j] == i and not (b.row_linked[i] and b.column_linked[j]):
            b.chosen[found] = i
            found += 1
    for k in range(found):
        i = b.chosen[k]
        j = b.best_column[i]
        link(similarity, first, i * columns + j, threshold, links)
        b.row_linked[i] = 1
        b.column_linked[j] = 1
    return found


@helper
def has_free(linked: Mask, count: int) -> bool:
    """Return whether a sub-token of a side has no link."""
    i = 0
    while i < count and linked[i]:
        i += 1
    return i < count


@routine
def link_by_rounds(
    similarity: Score,
    first: int,
    rows: int,
    columns: int,
    threshold: float,
    rounds: int,
    alpha: float,
    b: BestScratch,
    links: Score,
) -> None:
    """Link sub-tokens that are each other's best, in rounds.

    Further rounds do so with the similarity of those that have a link weighed down, to 0 where both ends have one.
    This is simalign's itermax: no further rounds below 3 sub-tokens, nor once a side has none left without a link
    or a round finds nothing.
    """
    for i in range(rows):
        b.row_linked[i] = 0
    for j in range(columns):
        b.column_linked[j] = 0
    if min(rows, columns) <= 2:
        rounds = 1
    one_free = min(max(alpha, 0.0), 1.0)
    both_free = min(max(2.0 * alpha, 0.0), 1.0)
    find_best(similarity, first, rows, columns, (1.0, 1.0, 1.0), b)
    found = link_best(similarity, first, rows, columns, threshold, b, links)
    done = 1
    while done < rounds and found > 0 and has_free(b.row_linked, rows) and has_free(b.column_linked, columns):
        find_best(similarity, first, rows, columns, (both_free, one_free, 0.0), b)
        found = link_best(similarity, first, rows, columns, threshold, b, links)
        done += 1


@routine
def link_by_assignment(
    similarity: Score, first: int, rows: int, columns: int, threshold: float, a: AssignmentScratch, links: Score
) -> None:
    """Link the one-to-one assignment of the largest total similarity."""
    turned = rows > columns
    fewer, more = (columns, rows) if turned else (rows, columns)
    for i in range(fewer):
        for j in range(more):
            cell = j * columns + i if turned else i * columns + j
            a.cost[i * more + j] = -np.float64(similarity[first + cell])
    assign(a, fewer, more)
    for i in range(fewer):
        j = a.column_of_row[i]
        if j >= 0:
            link(similarity, first, j * columns + i if turned else i * columns + j, threshold, links)
