"""Each contender at its best batch size: tried on a part of the sentences first."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence


def best(name: str, sizes: Sequence[int], run: Callable[[int], object]) -> int:
    """Return the size that took least time; each size runs twice and its better time counts."""
    seconds = {}
    for size in sizes:
        taken = []
        for _ in range(2):
            before = time.perf_counter()
            run(size)
            taken.append(time.perf_counter() - before)
        seconds[size] = min(taken)
    listed = ", ".join(f"{size}: {value:.2f} s" for size, value in seconds.items())
    chosen = min(seconds, key=seconds.__getitem__)
    print(f"  ({name}: {listed}; takes {chosen})", file=sys.stderr, flush=True)
    return chosen
