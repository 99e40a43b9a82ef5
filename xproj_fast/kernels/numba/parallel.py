"""Splits sentences into one contiguous chunk a thread. The result of a kernel must not depend on the split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from xproj_fast.arrays import Offsets

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
    """Return body(chunk) of each chunk, one thread a chunk; the first runs on the calling thread."""
    if len(chunks) == 1:
        return [body(chunks[0])]
    with ThreadPoolExecutor(len(chunks) - 1) as pool:
        others = [pool.submit(body, chunk) for chunk in chunks[1:]]
        return [body(chunks[0]), *(other.result() for other in others)]
