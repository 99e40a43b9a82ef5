"""Prices on the capacities of one component: an upper bound by one weighted interval scheduling an iteration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xproj_fast.kernels.numba.arcs import TOLERANCE, clearly_better
from xproj_fast.kernels.numba.exact_room import WORK, GroupArcs, Groups, Path
from xproj_fast.kernels.numba.jit import helper, routine

PRICE_ROUNDS = 300
ROUNDS_PER_DROP = 15
PATIENCE = 8  # rounds without a better bound before the step is halved


@helper
def least_gain(bound: float) -> float:
    """Return the smallest difference that counts near a bound."""
    return TOLERANCE * (1.0 if bound <= 1.0 else bound)


@routine
def backward(count: int, arc_count: int, end: int, groups: Groups, arcs: GroupArcs, path: Path) -> float:
    """Schedule with the prices taken off, from the end to the start; return what the prices of all capacity sum to.

    The upper bound is ``path.to_go[0]`` plus that.
    """
    to_go, take = path.to_go, path.take
    to_go[end] = 0.0
    take[end] = -1
    arc = arc_count
    for p in range(end - 1, -1, -1):
        best = to_go[p + 1]
        take[p] = -1
        while arc > 0 and arcs.start[arc - 1] == p:
            arc -= 1
            score = np.float64(arcs.score[arc]) - groups.price[arcs.group[arc]] + to_go[arcs.end[arc]]
            if score > best:
                best = score
                take[p] = arc
        to_go[p] = best
    constant = 0.0
    for g in range(count):
        if groups.price[g] > 0:
            constant += groups.price[g] * np.float64(groups.most[g])
    return constant


@helper
def trimmed_path(count: int, end: int, groups: Groups, arcs: GroupArcs, path: Path) -> float:
    """Return what the path is worth when every group keeps only its best arcs, as many as it may have.

    It also counts the arcs of every group on the path.
    """
    chosen, scores = path.chosen, path.scores
    on_path = 0
    p = 0
    while p < end:
        arc = path.take[p]
        if arc < 0:
            p += 1
            continue
        chosen[on_path] = arc
        on_path += 1
        p = int(arcs.end[arc])
    total = 0.0
    for g in range(count):
        taken = 0
        for i in range(on_path):
            if arcs.group[chosen[i]] != g:
                continue
            score = np.float64(arcs.score[chosen[i]])
            j = taken
            while j > 0 and scores[j - 1] < score:
                scores[j] = scores[j - 1]
                j -= 1
            scores[j] = score
            taken += 1
        groups.taken[g] = taken
        kept = taken if groups.most[g] < 0 else min(taken, groups.most[g])
        for i in range(kept):
            total += scores[i]
    return total


@helper
def step_prices(count: int, gain: float, pace: float, groups: Groups) -> bool:
    """Move the prices by what the path took against capacity; return False when there is nothing to move."""
    norm = 0.0
    for g in range(count):
        if groups.most[g] < 0:
            continue
        slack = np.float64(groups.most[g]) - np.float64(groups.taken[g])
        if slack < 0 or groups.price[g] > 0:
            norm += slack * slack
    if norm == 0:
        return False  # within all capacities, and nothing left to lower
    step = pace * (TOLERANCE if gain < TOLERANCE else gain) / norm
    for g in range(count):
        if groups.most[g] < 0:
            continue
        slack = np.float64(groups.most[g]) - np.float64(groups.taken[g])
        price = groups.price[g] - step * slack
        groups.price[g] = price if price > 0.0 else 0.0
    return True


@routine
def drop_hopeless_arcs(
    count: int,
    arc_count: int,
    end: int,
    satisfied: int,
    known: float,
    constant: float,
    groups: Groups,
    arcs: GroupArcs,
    path: Path,
) -> int:
    """Drop arcs that no solution better than a known one can hold, by the best path through them.

    Returns how many stay. Needs ``path.to_go`` of the arcs and prices there are.
    """
    so_far = path.so_far
    so_far[: end + 1] = 0.0
    kept = 0
    arc = 0
    for g in range(count):
        groups.last_start[g] = -1
    for p in range(end + 1):
        if p > 0 and so_far[p] < so_far[p - 1]:
            so_far[p] = so_far[p - 1]
        while arc < arc_count and arcs.start[arc] == p:
            group, arc_end, score = arcs.group[arc], arcs.end[arc], arcs.score[arc]
            here = so_far[p] + np.float64(score) - groups.price[group]
            if so_far[arc_end] < here:
                so_far[arc_end] = here
            if clearly_better(satisfied, here + path.to_go[arc_end] + constant, satisfied, known):
                arcs.group[kept] = group
                arcs.start[kept] = p
                arcs.end[kept] = arc_end
                arcs.score[kept] = score
                groups.last_start[group] = p
                kept += 1
            arc += 1
    return kept


@helper
def drop_between_rounds(
    count: int,
    arc_count: int,
    end: int,
    satisfied: int,
    least_known: float,
    groups: Groups,
    arcs: GroupArcs,
    path: Path,
) -> int:
    """Drop arcs by the best prices so far; return how many stay.

    With fewer arcs the rounds that follow are cheaper, and their bound can only be lower.
    """
    for g in range(count):
        groups.price[g], groups.best_price[g] = groups.best_price[g], groups.price[g]
    constant = backward(count, arc_count, end, groups, arcs, path)
    kept = drop_hopeless_arcs(count, arc_count, end, satisfied, least_known, constant, groups, arcs, path)
    for g in range(count):
        groups.price[g], groups.best_price[g] = groups.best_price[g], groups.price[g]
    return kept


@routine
def find_prices(
    count: int,
    arc_count: int,
    end: int,
    satisfied: int,
    known: float,
    plain: bool,
    groups: Groups,
    arcs: GroupArcs,
    path: Path,
    state: NDArray[np.int64],
) -> tuple[int, float, float]:
    """Take subgradient steps on the prices.

    Returns how many arcs are left, the best upper bound, whose prices are kept, and what some solution is known to
    reach. ``plain``: a trimmed path is a solution.
    """
    for g in range(count):
        groups.best_price[g] = 0.0
    lower = known
    best_bound = np.inf
    pace = 1.0
    stale = 0
    for price_round in range(PRICE_ROUNDS):
        state[WORK] += arc_count + end
        constant = backward(count, arc_count, end, groups, arcs, path)
        bound = path.to_go[0] + constant
        if bound < best_bound - TOLERANCE:
            best_bound = bound
            stale = 0
            for g in range(count):
                groups.best_price[g] = groups.price[g]
        else:
            stale += 1
            if stale >= PATIENCE:
                pace /= 2
                stale = 0
        trimmed = trimmed_path(count, end, groups, arcs, path)
        if plain and lower < trimmed:
            lower = trimmed
        if not clearly_better(satisfied, best_bound, satisfied, lower):
            break
        if not step_prices(count, bound - lower, pace, groups):
            break
        if price_round % ROUNDS_PER_DROP == ROUNDS_PER_DROP - 1:
            least_known = max(lower - 4 * least_gain(best_bound), known)
            arc_count = drop_between_rounds(count, arc_count, end, satisfied, least_known, groups, arcs, path)
    for g in range(count):
        groups.price[g] = groups.best_price[g]
    constant = backward(count, arc_count, end, groups, arcs, path)
    return arc_count, path.to_go[0] + constant, lower
