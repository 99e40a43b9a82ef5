"""Paired timing: what is compared runs in turn, in one process, and medians are quoted."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def paired(
    contenders: dict[str, Callable[[], object]], rounds: int = 15, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Time every contender once a round, in turn; returns seconds by name. The first round is thrown away."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, run in contenders.items():
            before = clock()
            run()
            taken = clock() - before
            if turn:
                seconds[name].append(taken)
    return seconds


def median_of(seconds: dict[str, list[float]]) -> dict[str, float]:
    """Return the median seconds of each contender."""
    return {name: median(values) for name, values in seconds.items()}


def ratio(seconds: dict[str, list[float]], slow: str, fast: str) -> float:
    """Return the median over rounds of slow / fast: paired, so that a noisy moment hits both."""
    return median(a / b for a, b in zip(seconds[slow], seconds[fast], strict=True))
