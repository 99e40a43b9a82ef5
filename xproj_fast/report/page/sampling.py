"""In which order pairs are shown, and which of too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xproj_fast.ragged import Rows
from xproj_fast.report.page.views import View


def worst_first(views: Sequence[View]) -> Rows:
    """Return all rows, those of all views behind one another: the most errors, then the least certain first."""
    errors = np.concatenate([view.errors() for view in views])
    certainty = np.concatenate([view.certainty() for view in views])
    order: Rows = np.lexsort((certainty, -errors))
    return order


def sampled(order: Rows, limit: int, seed: int) -> Rows:
    """Return ``limit`` rows of an order: a quarter of them the first, the others drawn from what is left.

    Args:
        order: of all rows.
        limit: how many; where there are no more, all are returned.
        seed: of the draw.
    """
    if len(order) <= limit:
        return order
    first = worst_of(limit)
    drawn = np.random.default_rng(seed).choice(len(order) - first, limit - first, replace=False)
    return np.concatenate([order[:first], order[first + np.sort(drawn)]])


def worst_of(limit: int) -> int:
    """Return how many of a sample are the worst."""
    return max(limit // 4, 1)
