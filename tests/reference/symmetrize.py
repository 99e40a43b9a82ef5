"""Symmetrisation of two directed alignments: the pseudo-code of the Moses manual (Koehn et al. 2003), densely.

Its outer loop is our source, its inner loop our target; FINAL takes the forward alignment first.
"""

from __future__ import annotations

Point = tuple[int, int]

NEIGHBOURING = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def grow_diag(alignment: set[Point], union: set[Point], sources: int, targets: int) -> None:
    added = True
    while added:
        added = False
        for i in range(sources):
            for j in range(targets):
                if (i, j) not in alignment:
                    continue
                for di, dj in NEIGHBOURING:
                    new = (i + di, j + dj)
                    if new in union and (source_free(alignment, new) or target_free(alignment, new)):
                        alignment.add(new)
                        added = True


def final_and(alignment: set[Point], directed: set[Point], sources: int, targets: int) -> None:
    for i in range(sources):
        for j in range(targets):
            new = (i, j)
            if new in directed and source_free(alignment, new) and target_free(alignment, new):
                alignment.add(new)


def source_free(alignment: set[Point], point: Point) -> bool:
    return all(i != point[0] for i, _ in alignment)


def target_free(alignment: set[Point], point: Point) -> bool:
    return all(j != point[1] for _, j in alignment)


def symmetrize(method: str, forward: list[Point], reverse: list[Point]) -> list[Point]:
    """``method``: intersection, union, grow_diag or grow_diag_final_and; sorted by (source, target), unique."""
    union = {*forward, *reverse}
    if method == "union":
        return sorted(union)
    alignment = {*forward} & {*reverse}
    sources = max((i for i, _ in union), default=-1) + 1
    targets = max((j for _, j in union), default=-1) + 1
    if method.startswith("grow_diag"):
        grow_diag(alignment, union, sources, targets)
    if method == "grow_diag_final_and":
        final_and(alignment, {*forward}, sources, targets)
        final_and(alignment, {*reverse}, sources, targets)
    return sorted(alignment)
