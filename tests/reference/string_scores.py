"""The string score: 1 - Levenshtein distance / length of the longer text, of folded words joined by spaces."""

from __future__ import annotations

import numpy as np


def levenshtein(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above = row
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def score(entity: list[str], candidate: list[str], threshold: float) -> np.float32:
    """The words are folded already."""
    a, b = " ".join(entity), " ".join(candidate)
    if not a or not b:
        return np.float32(0)
    value = np.float32(1 - levenshtein(a, b) / max(len(a), len(b)))
    return np.float32(0) if value < np.float32(threshold) else value
