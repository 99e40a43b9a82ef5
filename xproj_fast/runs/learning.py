"""What a run learns from its input before it can go on: chunks are held back until there is enough to learn from.

How much that is does not depend on how the input is cut into chunks, nor does what is learnt: it is learnt from the
first 512 sentences, or from the first 1,024 where these are not enough, ..., or from 4,096, be they enough or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

W = TypeVar("W")
STEP = 512  # sentences: with so many more it may be enough
MOST = 4096  # sentences that are held back: what memory, and a user who waits for the first part, can bear


@dataclass(slots=True)
class Learnt:
    """What a run learns.

    Attributes:
        value: what was learnt, a JSON value; None = nothing (yet).
        resumed: whether the run goes on behind the sentences that it must have been learnt from.
    """

    value: Any = None
    resumed: bool = False


def after_learning(
    works: Iterator[W],
    size: Callable[[W], int],
    enough: Callable[[list[W], int], bool],
    learn: Callable[[list[W], int], None],
) -> Iterator[W]:
    """Yield chunks as they come, the first ones once something was learnt from them.

    Args:
        works: chunks of sentences.
        size: returns the number of sentences of one.
        enough: whether the first sentences of some chunks, so many, are enough to learn from.
        learn: learns from them; called once.
    """
    held: list[W] = []
    sentences, first = 0, STEP
    for work in works:
        held.append(work)
        sentences += size(work)
        while first <= sentences and first < MOST and not enough(held, first):
            first += STEP
        if first <= sentences:
            break
    learn(held, min(first, sentences))
    while held:
        yield held.pop(0)
    yield from works


def first_rows(counts: Iterable[int], sentences: int) -> list[int]:
    """Return how many sentences of each chunk are among the first so many."""
    left, found = sentences, []
    for count in counts:
        found.append(min(count, left))
        left -= found[-1]
    return found
