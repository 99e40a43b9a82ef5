"""Symmetrises two directed word alignments (Koehn et al. 2003; the pseudo-code of the Moses manual)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Mask, WordIndex
from xproj_fast.kernels.numba.columns import LinkColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.numba.parallel import Chunk, make_chunks, most_items, run_all
from xproj_fast.kernels.numba.sorting import LOW, sort_keys
from xproj_fast.kernels.protocol import Symmetrization

UNION = int(Symmetrization.UNION)
GROW_DIAG = int(Symmetrization.GROW_DIAG)
GROW_DIAG_FINAL_AND = int(Symmetrization.GROW_DIAG_FINAL_AND)

FORWARD = 1
REVERSE = 2

NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


class Points(NamedTuple):
    """The union of both directions of one sentence, sparse: only its points can ever become links.

    Attributes:
        keys: source << 32 | target, ascending.
        directions: FORWARD, REVERSE or both, per point.
        aligned: 1 for the points that are links by now.
        source_aligned: 1 for the source words that have a link by now.
        target_aligned: 1 for the target words that have a link by now.
    """

    keys: NDArray[np.int64]
    directions: Mask
    aligned: Mask
    source_aligned: Mask
    target_aligned: Mask


@helper
def load(s: int, forward: LinkColumns, reverse: LinkColumns, points: Points) -> int:
    """Merge both directions of sentence ``s``; return the number of points."""
    keys = points.keys
    count = 0
    for i in range(forward.offsets[s], forward.offsets[s + 1]):
        keys[count] = (int(forward.source[i]) << 32) | (int(forward.target[i]) << 1)
        count += 1
    for i in range(reverse.offsets[s], reverse.offsets[s + 1]):
        keys[count] = (int(reverse.source[i]) << 32) | (int(reverse.target[i]) << 1) | 1
        count += 1
    sort_keys(keys, count)
    kept = 0
    for i in range(count):
        source, target = keys[i] >> 32, (keys[i] & LOW) >> 1
        key = (source << 32) | target
        direction = REVERSE if keys[i] & 1 else FORWARD
        if kept > 0 and keys[kept - 1] == key:
            points.directions[kept - 1] |= direction
            continue
        keys[kept] = key
        points.directions[kept] = direction
        points.aligned[kept] = 0
        points.source_aligned[source] = 0
        points.target_aligned[target] = 0
        kept += 1
    return kept


@helper
def add(i: int, points: Points) -> None:
    """Make point ``i`` a link."""
    points.aligned[i] = 1
    points.source_aligned[points.keys[i] >> 32] = 1
    points.target_aligned[points.keys[i] & LOW] = 1


@helper
def source_free(i: int, points: Points) -> bool:
    """Return whether the source word of a point has no link yet."""
    return bool(points.source_aligned[points.keys[i] >> 32] == 0)


@helper
def target_free(i: int, points: Points) -> bool:
    """Return whether the target word of a point has no link yet."""
    return bool(points.target_aligned[points.keys[i] & LOW] == 0)


@helper
def find(key: int, count: int, points: Points) -> int:
    """Return the position of a point, or -1."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if points.keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < count and points.keys[low] == key else -1


@helper
def grow_diag(count: int, points: Points) -> None:
    """Sweep in (source, target) order; a point added behind the sweep is visited in the next one."""
    grew = True
    while grew:
        grew = False
        for i in range(count):
            if not points.aligned[i]:
                continue
            for ds, dt in NEIGHBOURS:
                # A target of -1 borrows from the source half: no point has such a key, so none is found.
                other = find(points.keys[i] + ds * (1 << 32) + dt, count, points)
                if other < 0 or points.aligned[other]:
                    continue
                if source_free(other, points) or target_free(other, points):
                    add(other, points)
                    grew = True


@helper
def final_and(direction: int, count: int, points: Points) -> None:
    """Add the points of one direction whose words both have no link."""
    for i in range(count):
        if points.directions[i] & direction == 0 or points.aligned[i]:
            continue
        if source_free(i, points) and target_free(i, points):
            add(i, points)


def make_points(chunk: Chunk, forward: LinkColumns, reverse: LinkColumns) -> Points:
    """Return room for any sentence of a chunk."""
    most = most_items(chunk, forward.offsets) + most_items(chunk, reverse.offsets)
    return Points(
        np.empty(most, np.int64),
        np.empty(most, np.uint8),
        np.empty(most, np.uint8),
        np.empty(max(forward.source.max(initial=-1), reverse.source.max(initial=-1)) + 1, np.uint8),
        np.empty(max(forward.target.max(initial=-1), reverse.target.max(initial=-1)) + 1, np.uint8),
    )


@kernel
def symmetrize_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    forward: LinkColumns,
    reverse: LinkColumns,
    method: int,
    points: Points,
    offsets: NDArray[np.int64],
    source: WordIndex,
    target: WordIndex,
) -> int:
    """Symmetrise the sentences [begin, end) from slot ``chunk_first`` on; return the number of links."""
    slot = chunk_first
    for s in range(begin, end):
        count = load(s, forward, reverse, points)
        for i in range(count):
            if method == UNION or points.directions[i] == FORWARD | REVERSE:
                add(i, points)
        if method in (GROW_DIAG, GROW_DIAG_FINAL_AND):
            grow_diag(count, points)
        if method == GROW_DIAG_FINAL_AND:
            final_and(FORWARD, count, points)
            final_and(REVERSE, count, points)
        for i in range(count):
            if points.aligned[i]:
                source[slot] = points.keys[i] >> 32
                target[slot] = points.keys[i] & LOW
                slot += 1
        offsets[s + 1] = slot - chunk_first
    return slot - chunk_first


def symmetrize_links(forward: LinkColumns, reverse: LinkColumns, method: Symmetrization, threads: int) -> Links:
    """Symmetrise all sentences: at most the links of both directions, trimmed to what is left of them."""
    sentences = len(forward.offsets) - 1
    both = forward.offsets + reverse.offsets
    offsets = np.zeros(sentences + 1, np.int64)
    source = np.empty(both[-1], np.int32)
    target = np.empty(both[-1], np.int32)

    def combine(chunk: Chunk) -> int:
        points = make_points(chunk, forward, reverse)
        first = int(both[chunk.begin])
        return symmetrize_chunk(
            chunk.begin, chunk.end, first, forward, reverse, int(method), points, offsets, source, target
        )

    chunks = make_chunks(sentences, threads)
    counts = run_all(combine, chunks)
    total = counts[0]
    for chunk, count in zip(chunks[1:], counts[1:], strict=True):
        first = int(both[chunk.begin])
        source[total : total + count] = source[first : first + count]
        target[total : total + count] = target[first : first + count]
        offsets[chunk.begin + 1 : chunk.end + 1] += total
        total += count
    return Links(offsets, source[:total], target[:total])
