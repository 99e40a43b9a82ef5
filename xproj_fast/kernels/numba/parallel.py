"""Splits sentences into one contiguous chunk per thread. The result of a kernel must not depend on the split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from xproj_fast.arrays import Offsets
from xproj_fast.threads import start_threads

T = TypeVar("T")
R = TypeVar("R")

MIN_SENTENCES_PER_THREAD = 1024  # below this a thread costs more to start than it saves


class Chunk(NamedTuple):
    """Sentences [begin, end)."""

    begin: int
    end: int


def make_chunks(sentences: int, threads: int) -> list[Chunk]:
    """Return at most ``threads`` chunks of about equal size, at least one."""
    count = min(max(sentences // MIN_SENTENCES_PER_THREAD, 1), max(threads, 1))
    return [Chunk(sentences * c // count, sentences * (c + 1) // count) for c in range(count)]


def most_items(chunk: Chunk, offsets: Offsets) -> int:
    """Return the items of the sentence of a chunk that has the most: the size of scratch."""
    return int(np.diff(offsets[chunk.begin : chunk.end + 1]).max(initial=0))


def run_all(body: Callable[[T], R], chunks: Sequence[T]) -> list[R]:
    """Return body(chunk) of each chunk, one thread per chunk where they can be had; the first on the calling thread."""
    done: dict[int, R] = {}
    failed: dict[int, BaseException] = {}

    def run(c: int) -> None:
        try:
            done[c] = body(chunks[c])
        except BaseException as error:
            failed[c] = error

    todo = iter(range(1, len(chunks)))  # shared: what no thread could be had for the others do

    def take_turns() -> None:
        for c in todo:
            run(c)

    threads = start_threads(take_turns, len(chunks) - 1, "xproj-fast-numba")
    try:
        run(0)
        take_turns()
    finally:
        for thread in threads:
            thread.join()
    for c in sorted(failed):
        raise failed[c]
    return [done[c] for c in range(len(chunks))]
