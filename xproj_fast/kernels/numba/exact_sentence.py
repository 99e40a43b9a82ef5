"""Exact matching of one sentence where the entities' own best spans stand in each other's way.

Greedy's solution stays wherever nothing is clearly better (``TOLERANCE``).
"""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Proof
from xproj_fast.kernels.numba.arcs import Arcs, clearly_better, prune, sort_spans
from xproj_fast.kernels.numba.best_set import OwnSets
from xproj_fast.kernels.numba.columns import MatchColumns
from xproj_fast.kernels.numba.exact_groups import assign_digits, make_groups
from xproj_fast.kernels.numba.exact_prices import backward, drop_hopeless_arcs, find_prices, least_gain
from xproj_fast.kernels.numba.exact_room import NEED_ARCS, NEED_TOTALS, PICKED, ExactRoom, GroupArcs
from xproj_fast.kernels.numba.exact_search import BETTER, GAVE_UP, KNOWN_IS_BEST, NEEDS_ROOM, adopt, search
from xproj_fast.kernels.numba.greedy_loop import GreedyLoop, write_picks
from xproj_fast.kernels.numba.jit import helper, routine
from xproj_fast.kernels.numba.matches import FEASIBLE, LIMIT, OPTIMAL, PROJECTED, UNSCORED, finish_sentence
from xproj_fast.kernels.numba.sorting import LOW, sort_keys

NONE = int(Proof.NONE)
CERTIFICATE = int(Proof.CERTIFICATE)
BOUND = int(Proof.BOUND)
DP = int(Proof.DP)

FIRST_FLOOR = 1024.0  # how far under the bound is looked first: this part of the gap
NEXT_FLOOR = 4.0  # and how much further each time that nothing was found


@helper
def has_room(entities: int, arc_count: int, hi: int, room: ExactRoom) -> bool:
    """Return whether the arcs of a sentence fit; otherwise ask for room."""
    room.state[NEED_ARCS] = arc_count
    if arc_count > len(room.arcs.start):
        return False
    if hi == 1:
        return True
    most = 0
    for e in range(entities):
        first, last = room.arcs.begin[e], room.arcs.begin[e + 1]
        if last - first > 1:
            rounds = hi if hi < last - first and hi < room.arcs.end[last - 1] else 1
            most = max(most, (rounds + 1) * (last - first + 1))
    room.state[NEED_TOTALS] = most
    return most <= len(room.own.best)


@helper
def write_own_sets(
    s: int,
    entities: int,
    arcs: Arcs,
    own: OwnSets,
    first_entity: int,
    chunk_first: int,
    first: int,
    out: MatchColumns,
) -> int:
    """Write what every entity would have on its own; return the next free slot."""
    after = first
    for e in range(entities):
        out.outcome[first_entity + e] = PROJECTED if own.begin[e] < own.begin[e + 1] else UNSCORED
        for i in range(own.begin[e], own.begin[e + 1]):
            arc = own.chosen[i]
            out.entity[after] = e
            out.start[after] = arcs.start[arc]
            out.end[after] = arcs.end[arc]
            out.score[after] = arcs.score[arc]
            after += 1
    finish_sentence(s, chunk_first, first, after, OPTIMAL, out)
    return after


@helper
def connect(entities: int, words: int, room: ExactRoom, loop: GreedyLoop) -> None:
    """Find the entities whose arcs share words, directly or through others: those of a component have one root.

    Inside a run of words that arcs connect, all entities belong together; an entity ties the runs it has arcs in.
    Greedy's spans count, too, though they may have been pruned: they stay wherever nothing is better.
    """
    arcs, found = room.arcs, room.connections
    parent = found.parent
    count = 0
    for e in range(entities):
        parent[e] = e
        for i in range(arcs.begin[e], arcs.begin[e + 1]):
            found.entity[count] = e
            found.start[count] = arcs.start[i]
            found.end[count] = arcs.end[i]
            count += 1
        for i in range(room.state[PICKED]):
            if loop.picks[i] >> 32 == e:
                start = loop.picks[i] & LOW
                found.entity[count] = e
                found.start[count] = start
                found.end[count] = loop.end_at[start]
                count += 1
    sort_spans(count, words, found.start, found.end, room.sort)
    reach = 0
    previous = 0
    for j in range(count):
        i = room.sort.order[j]
        entity = found.entity[i]
        if found.start[i] < reach:
            root, other = entity, previous
            while parent[root] != root:
                root = parent[root]
            while parent[other] != other:
                other = parent[other]
            parent[root] = other
        reach = max(reach, int(found.end[i]))
        previous = entity
    for e in range(entities):
        root = parent[e]
        while parent[root] != root:
            root = parent[root]
        found.root[e] = root


@helper
def drop_touching(room: ExactRoom, loop: GreedyLoop) -> None:
    """Drop picks that start where one of the same entity ends."""
    picked = room.state[PICKED]
    sort_keys(loop.picks, picked)
    kept = 0
    for i in range(picked):
        key = loop.picks[i]
        if kept > 0:
            before = loop.picks[kept - 1]
            if before >> 32 == key >> 32 and loop.end_at[before & LOW] == key & LOW:
                continue
        loop.picks[kept] = key
        kept += 1
    room.state[PICKED] = kept


@helper
def known_solution(component: int, entities: int, lo: int, room: ExactRoom, loop: GreedyLoop) -> tuple[int, int, float]:
    """Return the entities of a component, how many of them have enough picks, and the score of all these picks."""
    size = 0
    satisfied = 0
    score = 0.0
    for e in range(entities):
        if room.connections.root[e] != component or room.arcs.begin[e] == room.arcs.begin[e + 1]:
            continue
        size += 1
        count = 0
        for i in range(room.state[PICKED]):
            if loop.picks[i] >> 32 == e:
                count += 1
                score += np.float64(loop.score_at[loop.picks[i] & LOW])
        satisfied += int(count >= lo)
    return size, satisfied, score


@helper
def copy_arcs(count: int, source: GroupArcs, target: GroupArcs) -> None:
    """Copy the first ``count`` arcs."""
    for i in range(count):
        target.group[i] = source.group[i]
        target.start[i] = source.start[i]
        target.end[i] = source.end[i]
        target.score[i] = source.score[i]


@routine
def solve(
    component: int,
    entities: int,
    words: int,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    size: int,
    satisfied: int,
    known: float,
    room: ExactRoom,
    loop: GreedyLoop,
) -> int:
    """Look for a clearly better solution of a component and adopt it; return how that went."""
    # Whether two spans of a merged group belong to one entity is only settled at the end: then no merging.
    count, arc_count, end = make_groups(component, entities, words, not forbid_adjacent, room)
    groups, arcs, path = room.groups, room.group_arcs, room.path
    if not assign_digits(count, end, lo, hi, groups):
        return GAVE_UP
    if satisfied < size:
        # A better solution may satisfy more entities and score less: no bound on scores can be trusted to cut.
        constant = backward(count, arc_count, end, groups, arcs, path)
        solved, label = search(count, arc_count, end, lo, forbid_adjacent, max_labels, satisfied, known, constant, room)
    else:
        plain = lo == 0 and not forbid_adjacent
        arc_count, bound, lower = find_prices(
            count, arc_count, end, satisfied, known, plain, groups, arcs, path, room.state
        )
        if not clearly_better(satisfied, bound, satisfied, known):
            return KNOWN_IS_BEST
        # The optimum lies close under the bound. Look there first: the higher the floor, the fewer arcs and labels.
        copy_arcs(arc_count, arcs, room.unsorted_arcs)
        least = least_gain(bound)
        gap = (bound - lower) / FIRST_FLOOR
        while True:
            floor = bound - max(gap, least)
            last = floor <= lower
            if last:
                floor = max(lower - 4 * least, known)
            copy_arcs(arc_count, room.unsorted_arcs, arcs)
            constant = backward(count, arc_count, end, groups, arcs, path)
            kept = drop_hopeless_arcs(count, arc_count, end, satisfied, floor, constant, groups, arcs, path)
            constant = backward(count, kept, end, groups, arcs, path)
            solved, label = search(count, kept, end, lo, forbid_adjacent, max_labels, satisfied, floor, constant, room)
            if solved != KNOWN_IS_BEST or last:
                break
            gap *= NEXT_FLOOR
    if solved == BETTER:
        adopt(label, count, entities, lo, room, loop)
    return solved


@routine
def improve(
    entities: int,
    words: int,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    room: ExactRoom,
    loop: GreedyLoop,
) -> int:
    """Make the picks of one sentence optimal; return the proof, or -1 where there was no room."""
    prune(entities, room.arcs, room.inside)
    connect(entities, words, room, loop)
    proof = CERTIFICATE
    for component in range(entities):
        own = 0.0
        held = False
        for e in range(entities):
            if room.connections.root[e] == component and room.arcs.begin[e] < room.arcs.begin[e + 1]:
                own += room.own.total[e]
                held = True
        if not held:
            continue
        if forbid_adjacent:
            drop_touching(room, loop)
        size, satisfied, known = known_solution(component, entities, lo, room, loop)
        if not clearly_better(size, own, satisfied, known):
            continue  # greedy reached what the entities could reach each on its own
        solved = solve(
            component, entities, words, lo, hi, forbid_adjacent, max_labels, size, satisfied, known, room, loop
        )
        if solved == NEEDS_ROOM:
            return -1
        if solved == GAVE_UP:
            return NONE
        proof = max(proof, DP if solved == BETTER else BOUND)
    return proof


@helper
def write_solution(
    s: int,
    entities: int,
    lo: int,
    proof: int,
    room: ExactRoom,
    loop: GreedyLoop,
    first_entity: int,
    chunk_first: int,
    first: int,
    out: MatchColumns,
) -> int:
    """Write the picks; return the next free slot."""
    picked = room.state[PICKED]
    for e in range(entities):
        loop.taken[e] = 0
    for i in range(picked):
        loop.taken[loop.picks[i] >> 32] += 1
    after = write_picks(s, loop, entities, picked, lo, first_entity, chunk_first, first, out)
    if proof == NONE:
        out.status[s] = LIMIT
    elif out.status[s] == FEASIBLE:
        out.status[s] = OPTIMAL
    return after
