"""Scratch of the exact matcher: allocated by NumPy, and more of it whenever a kernel stops to ask for that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Score, WordIndex
from xproj_fast.kernels.numba.arcs import MOST_CELLS, Arcs, SpanOrder
from xproj_fast.kernels.numba.best_set import OwnSets
from xproj_fast.kernels.numba.columns import SpanColumns
from xproj_fast.kernels.numba.parallel import Chunk, most_items

# Slots of ``ExactRoom.state``.
NEED_ARCS = 0  # what a kernel asks for when it stops; at most what there is = nothing
NEED_TOTALS = 1
NEED_LABELS = 2
WORK = 3  # rough steps of the solver since the kernel was called
LABELS_BEFORE = 4  # of earlier searches: entries of ``Labels.table`` below are void
PICKED = 5  # picks of the sentence at hand
STATES = 6

FIRST_ARCS = 1 << 12
FIRST_TOTALS = 1 << 12
FIRST_LABELS = 1 << 12


class Connections(NamedTuple):
    """The arcs of one sentence and greedy's spans, and which entities they tie together (``root``)."""

    entity: NDArray[np.int64]
    start: WordIndex
    end: WordIndex
    parent: NDArray[np.int64]
    root: NDArray[np.int64]


class Groups(NamedTuple):
    """Entities with identical arcs, which are one with as many times the capacity.

    Without this, search explodes on their symmetry (NER scores of one class).

    Attributes:
        of_entity: per entity its group, or -1; the others have an item a group.
        first_entity: the lowest entity.
        size: number of entities.
        most: spans it may get, or -1 = no bound.
        shift: where its digit stands in the counts of a label.
        width: bits of its digit; 0 = it needs none.
        digit: largest value of the digit.
        last_start: no arc of it starts behind.
        price: of each of its spans.
        best_price: that of the best bound so far.
        taken: scratch, spans on a path.
        quota: scratch, per entity.
    """

    of_entity: NDArray[np.int64]
    first_entity: NDArray[np.int64]
    size: NDArray[np.int64]
    most: NDArray[np.int64]
    shift: NDArray[np.int64]
    width: NDArray[np.int64]
    digit: NDArray[np.int64]
    last_start: NDArray[np.int64]
    price: NDArray[np.float64]
    best_price: NDArray[np.float64]
    taken: NDArray[np.int64]
    quota: NDArray[np.int64]


class GroupArcs(NamedTuple):
    """The arcs of one component by start, then end, then group."""

    group: NDArray[np.int64]
    start: WordIndex
    end: WordIndex
    score: Score


class Path(NamedTuple):
    """Per position.

    Attributes:
        to_go: the best reduced score from there on.
        take: the arc that starts there on that path, or -1.
        so_far: the best reduced score up to there.
        open_entities: entities whose spans are not settled yet.
        head: the first label, or -1.
        tail: the last label.
        chosen: scratch, the arcs of a path or solution.
        scores: scratch, of the arcs of a group on a path.
    """

    to_go: NDArray[np.float64]
    take: NDArray[np.int64]
    so_far: NDArray[np.float64]
    open_entities: NDArray[np.int64]
    head: NDArray[np.int64]
    tail: NDArray[np.int64]
    chosen: NDArray[np.int64]
    scores: NDArray[np.float64]


class Labels(NamedTuple):
    """Partial solutions; two with equal position, counts and touching differ only in what they cost.

    Attributes:
        position: all words before are settled.
        counts: spans each open group has so far, as digits.
        touching: group + 1 of a span that ends right there (only kept if spans may not touch), else 0.
        score: sum of scores.
        reduced: that less the prices of what was taken.
        satisfied: entities of closed groups that reached the lower limit.
        parent: the label this one was made of, or -1.
        arc: the arc taken for that, or -1.
        following: the label made next at the same position, or -1.
        table: open addressing, label + state[LABELS_BEFORE].
    """

    position: NDArray[np.int64]
    counts: NDArray[np.int64]
    touching: NDArray[np.int64]
    score: NDArray[np.float64]
    reduced: NDArray[np.float64]
    satisfied: NDArray[np.int64]
    parent: NDArray[np.int64]
    arc: NDArray[np.int64]
    following: NDArray[np.int64]
    table: NDArray[np.int64]


class ExactRoom(NamedTuple):
    """All scratch of a chunk."""

    state: NDArray[np.int64]
    arcs: Arcs
    own: OwnSets
    inside: Score
    sort: SpanOrder
    connections: Connections
    groups: Groups
    unsorted_arcs: GroupArcs
    group_arcs: GroupArcs
    path: Path
    labels: Labels


def _ints(size: int) -> NDArray[np.int64]:
    return np.empty(size, np.int64)


def _words(size: int) -> WordIndex:
    return np.empty(size, np.int32)


def _scores(size: int) -> Score:
    return np.empty(size, np.float32)


def _sums(size: int) -> NDArray[np.float64]:
    return np.empty(size, np.float64)


def _make_groups(n: int) -> Groups:
    return Groups(
        of_entity=_ints(n),
        first_entity=_ints(n),
        size=_ints(n),
        most=_ints(n),
        shift=_ints(n),
        width=_ints(n),
        digit=_ints(n),
        last_start=_ints(n),
        price=_sums(n),
        best_price=_sums(n),
        taken=_ints(n),
        quota=_ints(n),
    )


def _make_labels(n: int) -> Labels:
    return Labels(
        position=_ints(n),
        counts=_ints(n),
        touching=_ints(n),
        score=_sums(n),
        reduced=_sums(n),
        satisfied=_ints(n),
        parent=_ints(n),
        arc=_ints(n),
        following=_ints(n),
        table=np.full(1 << (4 * n - 1).bit_length(), -1, np.int64),
    )


def _make_room(words: int, entities: int, arcs: int, totals: int, labels: Labels) -> ExactRoom:
    spans = arcs + words
    ends = words + 1
    inside = min(2 * words, MOST_CELLS // max(words, 1) + 2) * words
    return ExactRoom(
        np.zeros(STATES, np.int64),
        Arcs(np.zeros(entities + 1, np.int64), _words(arcs), _words(arcs), _scores(arcs)),
        OwnSets(
            _ints(entities + 1),
            _ints(arcs),
            _ints(entities + 1),
            _ints(arcs),
            _sums(entities),
            _sums(totals),
            _ints(arcs),
        ),
        _scores(inside),
        SpanOrder(_ints(words + 2), _ints(spans), _ints(spans)),
        Connections(_ints(spans), _words(spans), _words(spans), _ints(entities), _ints(entities)),
        _make_groups(entities),
        GroupArcs(_ints(arcs), _words(arcs), _words(arcs), _scores(arcs)),
        GroupArcs(_ints(arcs), _words(arcs), _words(arcs), _scores(arcs)),
        Path(_sums(ends), _ints(ends), _sums(ends), _ints(ends), _ints(ends), _ints(ends), _ints(ends), _sums(ends)),
        labels,
    )


def make_exact_room(chunk: Chunk, target_offsets: Offsets, entities: SpanColumns) -> ExactRoom:
    """Return room for most sentences of a chunk."""
    words = most_items(chunk, target_offsets)
    most = most_items(chunk, entities.offsets)
    return _make_room(words, most, FIRST_ARCS, FIRST_TOTALS, _make_labels(FIRST_LABELS))


def grow(room: ExactRoom) -> ExactRoom:
    """Return room for what the kernel asked for, if anything: at least twice what there was."""
    words = len(room.path.to_go) - 1
    arcs, totals, labels = len(room.arcs.start), len(room.own.best), room.labels
    need = room.state.tolist()
    if need[NEED_ARCS] <= arcs and need[NEED_TOTALS] <= totals and need[NEED_LABELS] <= len(labels.score):
        return room
    if need[NEED_ARCS] > arcs:
        arcs = max(need[NEED_ARCS], 2 * arcs)
    if need[NEED_TOTALS] > totals:
        totals = max(need[NEED_TOTALS], 2 * totals)
    if need[NEED_LABELS] > len(labels.score):
        labels = _make_labels(max(need[NEED_LABELS], 4 * len(labels.score)))
    grown = _make_room(words, len(room.own.total), arcs, totals, labels)
    grown.state[LABELS_BEFORE] = need[LABELS_BEFORE]
    return grown
