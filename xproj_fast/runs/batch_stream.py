"""Batches through a stream of stages: cut into parts, worked on side by side, put together again, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from xproj_fast.runs.stream import Stream

I = TypeVar("I")  # noqa: E741 - what a stream takes
R = TypeVar("R")


def over_batches(
    batches: Iterable[Any],
    cut: Callable[[Any], list[tuple[Any, I]]],
    stream: Callable[[Iterator[I]], Stream[R]],
    put: Callable[[Any, R], Any],
) -> Iterator[Any]:
    """Yield one record batch for each that comes in; no more are read than the stages can hold.

    Args:
        batches: record batches.
        cut: the parts of a batch, at least one, each with whatever ``put`` needs to know of it.
        stream: makes a stream of the parts of all batches.
        put: the record batch of a part, from what ``cut`` knew of it and what the stream made of it.
    """
    known: deque[tuple[Any, bool]] = deque()  # of each part on its way, and whether it is the last of its batch

    def parts() -> Iterator[I]:
        for batch in batches:
            found = cut(batch)
            for i, (about, part) in enumerate(found):
                known.append((about, i + 1 == len(found)))
                yield part

    made: list[Any] = []
    with stream(parts()) as results:
        for result in results:
            about, last = known.popleft()
            made.append(put(about, result))
            if last:
                yield one_batch(made)
                made = []


def one_batch(batches: list[Any]) -> Any:
    """Return record batches of one schema as one."""
    import pyarrow as pa

    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).combine_chunks()
    found = table.to_batches()
    return found[0] if found else batches[0]
