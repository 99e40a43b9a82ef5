"""What a run learns from its input before it can go on: chunks are held back until there is enough to learn from.

How much that is does not depend on how the input is cut into chunks, nor does what is learnt: it is tried on the first
512 sentences, then on the first 1,024, ..., until there are 250 silver sentences, or nothing more to hold back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

W = TypeVar("W")
STEP = 512  # sentences: it is tried again with so many more
MOST = 4096  # sentences that are held back: what memory, and a user who waits for the first part, can bear


@dataclass(slots=True)
class Learnt:
    """What a run has learnt, a JSON value; None = nothing (yet). It is set once."""

    value: Any = None


def after_learning(works: Iterator[W], size: Callable[[W], int], learn: Callable[[list[W], int], bool]) -> Iterator[W]:
    """Yield chunks as they come, the first ones once enough was learnt from them.

    Args:
        works: chunks of sentences.
        size: returns the number of sentences of one.
        learn: learns from the first sentences of some chunks, so many, and returns whether these were enough.
    """
    held: list[W] = []
    sentences = tried = 0
    enough = False
    for work in works:
        held.append(work)
        sentences += size(work)
        while not enough and tried + STEP <= min(sentences, MOST):
            tried += STEP
            enough = learn(held, tried) or tried == MOST
        if enough:
            break
    if not enough and (sentences > tried or not tried):
        learn(held, sentences)  # the whole input
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
