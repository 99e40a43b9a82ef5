"""Greedy matching: take the largest score, drop what overlaps it, repeat while the maximum is positive."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xproj_fast.arrays import Outcome, Status


class Result(NamedTuple):
    """The chosen (entity, start, end, score) of one sentence, by entity, then start; and how it ended."""

    spans: list[tuple[int, int, int, np.float32]]
    objective: float
    status: Status
    outcomes: list[Outcome]


def result(spans: list[tuple[int, int, int, np.float32]], status: Status, outcomes: list[Outcome]) -> Result:
    ordered = sorted(spans)
    objective = 0.0
    for *_, score in ordered:
        objective += float(score)
    return Result(ordered, objective, status, outcomes)


def overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return bool(set(range(*a)) & set(range(*b)))


def greedy(candidates: list[tuple[int, int]], scores: list[list[np.float32]], lo: int, hi: int) -> Result:
    """``scores[e][c]`` is the score of entity e and candidate c; an entity gets ``lo`` to ``hi`` spans.

    Ties: the larger score, then the lower entity, then the earlier start, then the shorter span.
    """
    chosen: list[tuple[int, int, int, np.float32]] = []
    counts = [0] * len(scores)
    while True:
        free = [
            (-score, entity, start, end)
            for entity, row in enumerate(scores)
            for (start, end), score in zip(candidates, row, strict=True)
            if score > 0 and counts[entity] < hi and not any(overlap((start, end), taken[1:3]) for taken in chosen)
        ]
        if not free:
            break
        negative, entity, start, end = min(free)
        chosen.append((entity, start, end, -negative))
        counts[entity] += 1

    outcomes = []
    for entity, row in enumerate(scores):
        if counts[entity]:
            outcomes.append(Outcome.PROJECTED)
        elif any(score > 0 for score in row):
            outcomes.append(Outcome.OVERLAP)
        else:
            outcomes.append(Outcome.UNSCORED)
    # Entities with no positive score are dropped first: they cannot make a sentence infeasible.
    feasible = all(outcome is Outcome.UNSCORED or count >= lo for outcome, count in zip(outcomes, counts, strict=True))
    return result(chosen, Status.FEASIBLE if feasible else Status.INFEASIBLE, outcomes)
