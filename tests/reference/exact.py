"""Exact matching by trying everything, in fractions; and what every solution must satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from xproj_fast.arrays import Matches, Outcome, Proof, Status


class Best(NamedTuple):
    """What the best solution of one sentence reaches, in this order."""

    satisfied: int  # entities with a positive score that have ``lo`` spans or more
    objective: Fraction  # the sum of the scores, exactly
    feasible: bool  # all entities with a positive score are satisfied


def best(
    candidates: Sequence[tuple[int, int]],
    scores: Sequence[Sequence[np.float32]],
    lo: int,
    hi: int,
    forbid_adjacent: bool = False,
) -> Best:
    """``scores[e][c]`` is the score of entity e and candidate c; an entity gets at most ``hi`` spans.

    A solution is written from left to right: at each word, leave it or place a span that starts here. Solutions that
    agree on how many spans each entity has and on which entity's span ended last are continued alike, once.
    """
    pairs = [
        (entity, start, end, Fraction(float(score)))
        for entity, row in enumerate(scores)
        for (start, end), score in zip(candidates, row, strict=True)
        if score > 0
    ]
    scored = {entity for entity, *_ in pairs}
    words = max((end for _, end in candidates), default=0)

    @cache
    def continued(word: int, counts: tuple[int, ...], touching: int) -> tuple[int, Fraction]:
        if word == words:
            return sum(counts[entity] >= lo for entity in scored), Fraction(0)
        found = [continued(word + 1, counts, -1)]
        for entity, start, end, score in pairs:
            if start != word or counts[entity] == hi or (forbid_adjacent and entity == touching):
                continue
            more = list(counts)
            more[entity] = min(more[entity] + 1, max(lo, hi if hi <= words else 0))  # beyond that nothing depends on it
            satisfied, rest = continued(end, tuple(more), entity)
            found.append((satisfied, rest + score))
        return max(found)

    satisfied, objective = continued(0, (0,) * len(scores), -1)
    return Best(satisfied, objective, satisfied == len(scored))


def check_solution(
    got: Matches,
    candidates: Sequence[Sequence[tuple[int, int]]],
    scores: Sequence[Sequence[Sequence[np.float32]]],
    lo: int,
    hi: int,
    forbid_adjacent: bool = False,
) -> list[int]:
    """Assert that a solution of each sentence is one, and says of itself what is true; optimal or not.

    Returns:
        How many entities of each sentence are satisfied, see ``Best``.
    """
    assert len(got.offsets) == len(candidates) + 1
    assert len(got.objective) == len(got.status) == len(candidates)
    assert got.offsets[0] == 0
    assert got.offsets[-1] == len(got.entity) == len(got.start) == len(got.end) == len(got.score)
    assert len(got.outcome) == sum(map(len, scores))
    columns = (got.entity.tolist(), got.start.tolist(), got.end.tolist(), got.score.tolist())
    rows = list(zip(*columns, strict=True))
    outcomes = iter(got.outcome.tolist())
    satisfied = []
    for s, (first, last) in enumerate(pairwise(got.offsets.tolist())):
        chosen = rows[first:last]
        assert [row[:2] for row in chosen] == sorted({row[:2] for row in chosen}), "by entity, then by start"
        taken: set[int] = set()
        objective = 0.0
        for entity, start, end, score in chosen:
            assert score == scores[s][entity][candidates[s].index((start, end))]
            assert score > 0
            assert taken.isdisjoint(range(start, end))
            taken.update(range(start, end))
            objective += score
        assert got.objective[s] == objective
        if forbid_adjacent:
            assert not any(a[0] == b[0] and a[2] == b[1] for a, b in pairwise(chosen))
        counts = [sum(row[0] == entity for row in chosen) for entity in range(len(scores[s]))]
        assert all(count <= hi for count in counts)
        scored = [any(score > 0 for score in row) for row in scores[s]]
        for count, positive in zip(counts, scored, strict=True):
            missing = Outcome.OVERLAP if positive else Outcome.UNSCORED
            assert next(outcomes) == (Outcome.PROJECTED if count else missing)
        satisfied.append(sum(count >= lo for count, positive in zip(counts, scored, strict=True) if positive))
        if got.status[s] != Status.LIMIT:
            assert (got.status[s] == Status.INFEASIBLE) == (satisfied[s] < sum(scored))
        if got.proof is not None:
            assert (got.proof[s] == Proof.NONE) == (got.status[s] == Status.LIMIT)
    return satisfied
