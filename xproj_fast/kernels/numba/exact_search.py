"""What prices leave open: a label-setting dynamic program over positions, dropping labels without hope."""

from __future__ import annotations

import numpy as np

from xproj_fast.kernels.numba.arcs import clearly_better
from xproj_fast.kernels.numba.exact_room import (
    LABELS_BEFORE,
    NEED_LABELS,
    PICKED,
    WORK,
    ExactRoom,
    Groups,
    Labels,
    Path,
)
from xproj_fast.kernels.numba.greedy_loop import GreedyLoop
from xproj_fast.kernels.numba.jit import helper, routine

KNOWN_IS_BEST = 0
BETTER = 1
GAVE_UP = 2
NEEDS_ROOM = 3

HASH = -7046029254386353131  # 2 ** 64 / golden ratio, as an int64
POSITION_HASH = -4417276706812531889


@helper
def satisfied_by(g: int, count: int, lo: int, groups: Groups) -> int:
    """Return how many entities of a group reach the lower limit with that many spans."""
    size = groups.size[g]
    return int(size if lo == 0 else min(size, count // lo))


@helper
def close_groups(
    counts: int, satisfied: int, begin: int, end: int, count: int, lo: int, groups: Groups
) -> tuple[int, int]:
    """Move the digits of groups whose last arc starts in [begin, end) into ``satisfied``: fewer labels differ then."""
    for g in range(count):
        last_start = groups.last_start[g]
        if last_start < begin or last_start >= end:
            continue
        shift = groups.shift[g]
        ones = (1 << groups.width[g]) - 1
        satisfied += satisfied_by(g, (counts >> shift) & ones, lo, groups)
        counts &= ~(ones << shift)
    return counts, satisfied


@routine
def offer(
    position: int,
    counts: int,
    touching: int,
    score: float,
    reduced: float,
    satisfied: int,
    parent: int,
    arc: int,
    made: int,
    first: int,
    labels: Labels,
    path: Path,
) -> int:
    """Keep a label unless an equal one is as good; return the number of labels, one more where it is new."""
    mask = len(labels.table) - 1
    place = ((((counts ^ (touching << 1)) + position * POSITION_HASH) * HASH) >> 32) & mask
    label = labels.table[place] - first
    while label >= 0:
        if labels.counts[label] == counts and labels.position[label] == position and labels.touching[label] == touching:
            break
        place = (place + 1) & mask
        label = labels.table[place] - first
    if label < 0:
        if made >= len(labels.score):
            return made + 1
        label = made
        made += 1
        labels.table[place] = first + label
        labels.position[label] = position
        labels.counts[label] = counts
        labels.touching[label] = touching
        labels.following[label] = -1
        if path.head[position] < 0:
            path.head[position] = label
        else:
            labels.following[path.tail[position]] = label
        path.tail[position] = label
    else:
        held = labels.satisfied[label]
        if not (satisfied > held or (satisfied == held and score > labels.score[label])):
            return made
    labels.score[label] = score
    labels.reduced[label] = reduced
    labels.satisfied[label] = satisfied
    labels.parent[label] = parent
    labels.arc[label] = arc
    return made


@routine
def search(
    count: int,
    arc_count: int,
    end: int,
    lo: int,
    forbid_adjacent: bool,
    max_labels: int,
    known_satisfied: int,
    known: float,
    constant: float,
    room: ExactRoom,
) -> tuple[int, int]:
    """Look for what beats the known solution; return how that went and the label of the best one."""
    groups, arcs, path, labels, state = room.groups, room.group_arcs, room.path, room.labels, room.state
    first = state[LABELS_BEFORE]
    most = len(labels.score)
    to_go, open_entities = path.to_go, path.open_entities
    for p in range(end + 1):
        path.head[p] = -1
        open_entities[p] = 0
        for g in range(count):
            if groups.last_start[g] >= p:
                open_entities[p] += groups.size[g]
    # A group all of whose arcs were dropped is closed from the start.
    counts, satisfied = close_groups(0, 0, -1, 0, count, lo, groups)
    made = 0
    if clearly_better(satisfied + open_entities[0], 0.0 + to_go[0] + constant, known_satisfied, known):
        made = offer(0, counts, 0, 0.0, 0.0, satisfied, -1, -1, made, first, labels, path)
        if made > max_labels:
            state[LABELS_BEFORE] += made
            return GAVE_UP, -1
    first_arc = 0
    for p in range(end):
        last_arc = first_arc
        while last_arc < arc_count and arcs.start[last_arc] == p:
            last_arc += 1
        label = path.head[p]
        while label >= 0:
            state[WORK] += 8 * (1 + last_arc - first_arc)
            held_counts, touched = labels.counts[label], labels.touching[label]
            score, reduced, held_satisfied = labels.score[label], labels.reduced[label], labels.satisfied[label]
            for arc in range(first_arc - 1, last_arc):
                counts = held_counts
                new_score = score
                new_reduced = reduced
                touching = 0
                q = p + 1
                taken = -1
                if arc >= first_arc:
                    g = arcs.group[arc]
                    if forbid_adjacent:
                        if touched == g + 1:
                            continue
                        touching = g + 1
                    if groups.digit[g] > 0:
                        ones = (1 << groups.width[g]) - 1
                        if (counts >> groups.shift[g]) & ones < groups.digit[g]:
                            counts += 1 << groups.shift[g]
                        elif groups.most[g] >= 0:
                            continue
                    new_score += np.float64(arcs.score[arc])
                    new_reduced += np.float64(arcs.score[arc]) - groups.price[g]
                    q = int(arcs.end[arc])
                    taken = arc
                counts, satisfied = close_groups(counts, held_satisfied, p, q, count, lo, groups)
                bound = new_reduced + to_go[q] + constant
                if not clearly_better(satisfied + open_entities[q], bound, known_satisfied, known):
                    continue
                made = offer(
                    q, counts, touching, new_score, new_reduced, satisfied, label, taken, made, first, labels, path
                )
                if made > max_labels:
                    state[LABELS_BEFORE] += made
                    return GAVE_UP, -1
                if made > most:
                    state[LABELS_BEFORE] += made
                    state[NEED_LABELS] = made
                    return NEEDS_ROOM, -1
            label = labels.following[label]
        first_arc = last_arc
    state[LABELS_BEFORE] += made
    best = path.head[end]
    label = best
    while label >= 0:
        more = labels.satisfied[label] - labels.satisfied[best]
        if more > 0 or (more == 0 and labels.score[label] > labels.score[best]):
            best = label
        label = labels.following[label]
    # Its bound, which counts what unused capacity might have been worth, beat the known solution; does it?
    if best < 0 or not clearly_better(labels.satisfied[best], labels.score[best], known_satisfied, known):
        return KNOWN_IS_BEST, -1
    return BETTER, best


@helper
def assign_entities(g: int, entities: int, taken: int, lo: int, room: ExactRoom, loop: GreedyLoop) -> None:
    """Deal the spans of a group to its entities, leftmost span to lowest entity, and pick them.

    As many entities as can be reach the lower limit, and without one the spans are spread evenly. ``path.chosen`` has
    the arcs taken, the last one first; the picks come in the order of the arcs, after the others.
    """
    groups, arcs, chosen = room.groups, room.group_arcs, room.path.chosen
    left = 0
    for i in range(taken):
        left += int(arcs.group[chosen[i]] == g)
    for e in range(entities):
        groups.quota[e] = 0
    share = max(lo, 1)
    while left > 0:  # lo each while that lasts, then one by one
        for e in range(entities):
            if groups.of_entity[e] == g:
                given = min(share, left)
                groups.quota[e] += given
                left -= given
        share = 1
    e = 0
    for i in range(taken - 1, -1, -1):
        arc = chosen[i]
        if arcs.group[arc] != g:
            continue
        while groups.quota[e] == 0:
            e += 1
        groups.quota[e] -= 1
        start = arcs.start[arc]
        loop.picks[room.state[PICKED] + taken - 1 - i] = (e << 32) | int(start)
        loop.end_at[start] = arcs.end[arc]
        loop.score_at[start] = arcs.score[arc]


@routine
def adopt(label: int, count: int, entities: int, lo: int, room: ExactRoom, loop: GreedyLoop) -> None:
    """Replace the picks of the component's entities by the solution that ends in ``label``."""
    groups, labels, chosen, state = room.groups, room.labels, room.path.chosen, room.state
    kept = 0
    for i in range(state[PICKED]):
        if groups.of_entity[loop.picks[i] >> 32] < 0:
            loop.picks[kept] = loop.picks[i]
            kept += 1
    state[PICKED] = kept
    taken = 0
    while label >= 0:
        if labels.arc[label] >= 0:
            chosen[taken] = labels.arc[label]
            taken += 1
        label = labels.parent[label]
    for g in range(count):
        assign_entities(g, entities, taken, lo, room, loop)
    state[PICKED] = kept + taken
