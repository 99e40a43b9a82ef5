"""The alignment score, 2 * sum of a[i][j] / (|p| + |t|) in float32."""

from __future__ import annotations

import numpy as np


def score(entity: tuple[int, int], candidate: tuple[int, int], links: list[tuple[int, int]]) -> np.float32:
    """a[i][j] is 0 or 1, so a link that is given twice counts once."""
    a = set(links)
    linked = sum((i, j) in a for i in range(*entity) for j in range(*candidate))
    words = (entity[1] - entity[0]) + (candidate[1] - candidate[0])
    return np.float32(2 * linked) / np.float32(words)


def scores(
    entities: list[tuple[int, int]], candidates: list[tuple[int, int]], links: list[tuple[int, int]]
) -> list[list[np.float32]]:
    """One row an entity, one column a candidate."""
    return [[score(entity, candidate, links) for candidate in candidates] for entity in entities]
