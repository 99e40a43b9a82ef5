"""The entities of one component as groups of equals, with room for what each may have in the counts of a label."""

from __future__ import annotations

from xproj_fast.kernels.numba.arcs import Arcs, sort_spans
from xproj_fast.kernels.numba.exact_room import ExactRoom, Groups
from xproj_fast.kernels.numba.jit import helper, routine

COUNT_BITS = 64  # of a label


@helper
def same_row(e: int, other: int, arcs: Arcs) -> bool:
    """Return whether two entities have equal arcs."""
    first, other_first = arcs.begin[e], arcs.begin[other]
    count = arcs.begin[e + 1] - first
    if arcs.begin[other + 1] - other_first != count:
        return False
    for i in range(count):
        a, b = first + i, other_first + i
        if arcs.start[a] != arcs.start[b] or arcs.end[a] != arcs.end[b] or arcs.score[a] != arcs.score[b]:
            return False
    return True


@routine
def make_groups(component: int, entities: int, words: int, merge: bool, room: ExactRoom) -> tuple[int, int, int]:
    """Group the entities of a component and sort their arcs; return the groups, the arcs and the last end."""
    arcs, groups, unsorted, ordered = room.arcs, room.groups, room.unsorted_arcs, room.group_arcs
    count = 0
    arc_count = 0
    for e in range(entities):
        groups.of_entity[e] = -1
        first, last = arcs.begin[e], arcs.begin[e + 1]
        if first == last or room.connections.root[e] != component:
            continue
        g = count
        if merge:
            for i in range(count):
                if same_row(e, groups.first_entity[i], arcs):
                    g = i
                    break
        groups.of_entity[e] = g
        if g < count:
            groups.size[g] += 1
            continue
        count += 1
        groups.first_entity[g] = e
        groups.size[g] = 1
        groups.last_start[g] = arcs.start[last - 1]
        for i in range(first, last):
            unsorted.group[arc_count] = g
            unsorted.start[arc_count] = arcs.start[i]
            unsorted.end[arc_count] = arcs.end[i]
            unsorted.score[arc_count] = arcs.score[i]
            arc_count += 1
    sort_spans(arc_count, words, unsorted.start, unsorted.end, room.sort)
    end = 0
    for i in range(arc_count):
        arc = room.sort.order[i]
        ordered.group[i] = unsorted.group[arc]
        ordered.start[i] = unsorted.start[arc]
        ordered.end[i] = unsorted.end[arc]
        ordered.score[i] = unsorted.score[arc]
        end = max(end, int(unsorted.end[arc]))
    return count, arc_count, end


@helper
def assign_digits(count: int, end: int, lo: int, hi: int, groups: Groups) -> bool:
    """Give every group its digit in the counts of a label; return whether all fit."""
    shift = 0
    for g in range(count):
        unbounded = hi >= end  # no entity can have more spans than there are words
        groups.most[g] = -1 if unbounded else groups.size[g] * hi
        # Without an upper bound a digit need only count up to the lower one.
        digit = groups.size[g] * (min(lo, end) if unbounded else hi)
        width = 0
        while digit >> width > 0:
            width += 1
        groups.digit[g] = digit
        groups.shift[g] = shift
        groups.width[g] = width
        groups.price[g] = 0.0
        shift += width
    return shift <= COUNT_BITS
