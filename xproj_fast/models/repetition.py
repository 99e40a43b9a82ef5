"""Repetition loops: what a translation model falls into when it has lost the thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MIN_TIMES = 4  # a cycle repeated fewer times may be style
MIN_RUN = 16  # tokens all repeats cover together: "ha ha ha ha" and "1,000,000,000" are none
LONGEST_CYCLE = 64


class Loop(NamedTuple):
    """A cycle of ``period`` tokens that repeats from ``start`` on over ``length`` tokens, the first time included."""

    start: int
    period: int
    length: int


def find_loop(tokens: Sequence[object]) -> Loop | None:
    """Return the longest loop in a sequence: a cycle of at most 64 tokens, at least 4 times in a row, 16 tokens in all.

    Args:
        tokens: any hashable values, such as subwords of a translation.

    Returns:
        The loop that covers most tokens (on a tie the shorter cycle, then the earlier), or None.
    """
    n = len(tokens)
    # A loop of L tokens holds at most L / 4 different ones: most sentences end here.
    if n < MIN_RUN or n - len(set(tokens)) < MIN_RUN - MIN_RUN // MIN_TIMES:
        return None
    best: Loop | None = None
    for period in range(1, min(LONGEST_CYCLE, n // MIN_TIMES) + 1):
        run = 0
        least = max(MIN_RUN, MIN_TIMES * period, 0 if best is None else best.length + 1) - period
        for i in range(period, n):
            if tokens[i] != tokens[i - period]:
                run = 0
                continue
            run += 1
            if run >= least:
                best = Loop(i + 1 - run - period, period, run + period)
                least = run + 1
    return best


def repeats(source: Sequence[object], target: Sequence[object]) -> bool:
    """Whether a translation loops where its source does not: by more than twice the tokens of the source's own loop."""
    loop = find_loop(target)
    if loop is None:
        return False
    own = find_loop(source)
    return own is None or loop.length > 2 * own.length
