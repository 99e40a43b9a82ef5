"""The best spans of each entity on its own: what it would get if no other entity were there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.kernels.numba.arcs import Arcs, clearly_better
from xproj_fast.kernels.numba.jit import helper
from xproj_fast.kernels.numba.sorting import sort_keys


class OwnSets(NamedTuple):
    """What every entity would have on its own.

    Attributes:
        begin: entity ``e`` owns slots begin[e] to begin[e + 1] of ``chosen``.
        chosen: arcs, ascending in each entity.
        greedy_begin: the same for ``greedy``.
        greedy: arcs that greedy would choose, in its order.
        total: per entity the scores of ``chosen``.
        best: scratch, see ``fill_totals``.
        behind: scratch, per arc of one entity the first that starts where it ends, or later.
    """

    begin: NDArray[np.int64]
    chosen: NDArray[np.int64]
    greedy_begin: NDArray[np.int64]
    greedy: NDArray[np.int64]
    total: NDArray[np.float64]
    best: NDArray[np.float64]
    behind: NDArray[np.int64]


@helper
def take_greedily(first: int, last: int, most: int, arcs: Arcs, chosen: NDArray[np.int64]) -> tuple[int, float]:
    """Choose the best free arc at most ``most`` times; return how many and their total."""
    count = 0
    total = 0.0
    while count < most:
        best = -1
        for i in range(first, last):
            if best >= 0 and arcs.score[i] <= arcs.score[best]:
                continue
            free = True
            for c in range(count):
                other = chosen[c]
                if arcs.start[i] < arcs.end[other] and arcs.start[other] < arcs.end[i]:
                    free = False
                    break
            if free:
                best = i
        if best < 0:
            break
        chosen[count] = best
        count += 1
        total += np.float64(arcs.score[best])
    return count, total


@helper
def fill_totals(first: int, count: int, rounds: int, bounded: bool, arcs: Arcs, own: OwnSets) -> float:
    """Set best[k * (count + 1) + i] = the best total of at most k arcs among those from i on; return the best of all.

    Without a limit on their number one row, which then refers to itself, is enough.
    """
    best, behind = own.best, own.behind
    width = count + 1
    best[: (rounds + 1) * width] = 0.0
    for i in range(count - 1, -1, -1):
        after = i + 1
        while after < count and arcs.start[first + after] < arcs.end[first + i]:
            after += 1
        behind[i] = after
    for k in range(1, rounds + 1):
        row = k * width
        back = row - width if bounded else row
        for i in range(count - 1, -1, -1):
            skipped = best[row + i + 1]
            taken = np.float64(arcs.score[first + i]) + best[back + behind[i]]
            best[row + i] = taken if skipped < taken else skipped
    return best[rounds * width]  # type: ignore[no-any-return]


@helper
def choose(
    first: int, last: int, most: int, arcs: Arcs, own: OwnSets, chosen: NDArray[np.int64], greedy: NDArray[np.int64]
) -> tuple[int, int, float]:
    """Choose at most ``most`` disjoint arcs of [first, last) with the largest total.

    That is greedy's own choice, which also goes to ``greedy``, wherever it is not clearly beaten. Returns the arcs of
    either choice and the total.
    """
    greedy_count, total = take_greedily(first, last, most, arcs, greedy)
    arc_count = last - first
    bounded = most < arcs.end[last - 1] and most < arc_count
    rounds = most if bounded else 1
    best = fill_totals(first, arc_count, rounds, bounded, arcs, own)
    if not clearly_better(0, best, 0, total):
        for i in range(greedy_count):
            chosen[i] = greedy[i]
        return greedy_count, greedy_count, total
    count = 0
    k = rounds
    i = 0
    while i < arc_count and k > 0:
        row = k * (arc_count + 1)
        if own.best[row + i] == own.best[row + i + 1]:
            i += 1
            continue
        chosen[count] = first + i
        count += 1
        i = own.behind[i]
        if bounded:
            k -= 1
    return count, greedy_count, best


@helper
def none_clash(
    entities: int, begin: NDArray[np.int64], chosen: NDArray[np.int64], forbid_adjacent: bool, arcs: Arcs
) -> bool:
    """Return whether no two of the arcs share a word, nor touch in one entity where that is forbidden."""
    for e in range(entities):
        for i in range(begin[e], begin[e + 1]):
            a = chosen[i]
            for j in range(i):
                b = chosen[j]
                if arcs.start[a] < arcs.end[b] and arcs.start[b] < arcs.end[a]:
                    return False
                touch = arcs.end[b] == arcs.start[a] or arcs.end[a] == arcs.start[b]
                if forbid_adjacent and touch and j >= begin[e]:
                    return False
    return True


@helper
def own_sets_fit(entities: int, lo: int, hi: int, forbid_adjacent: bool, arcs: Arcs, own: OwnSets) -> bool:
    """Choose for every entity; return whether all can have that, which then is the optimum.

    Where the entities' own greedy choices clash, greedy itself may reach as much in another way: that is left to the
    comparison.
    """
    fit = True
    after = 0
    greedy_after = 0
    own.begin[0] = 0
    own.greedy_begin[0] = 0
    for e in range(entities):
        first, last = arcs.begin[e], arcs.begin[e + 1]
        count = 0
        greedy_count = 0
        total = 0.0
        if last - first == 1:
            own.chosen[after] = first
            own.greedy[greedy_after] = first
            count = 1
            greedy_count = 1
            total = np.float64(arcs.score[first])
        elif last > first:
            chosen = own.chosen[after:]
            count, greedy_count, total = choose(first, last, hi, arcs, own, chosen, own.greedy[greedy_after:])
            if count > 1:
                sort_keys(chosen, count)
        own.total[e] = total
        fit &= count == 0 or count >= lo
        after += count
        greedy_after += greedy_count
        own.begin[e + 1] = after
        own.greedy_begin[e + 1] = greedy_after
    return (
        fit
        and none_clash(entities, own.begin, own.chosen, forbid_adjacent, arcs)
        and none_clash(entities, own.greedy_begin, own.greedy, forbid_adjacent, arcs)
    )
