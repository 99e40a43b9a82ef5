"""What both matchers share: room for the spans of each chunk, the end of a sentence, joining chunks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xproj_fast.arrays import Matches, Offsets, Outcome, Status
from xproj_fast.kernels.numba.columns import MatchColumns
from xproj_fast.kernels.numba.jit import helper
from xproj_fast.kernels.numba.parallel import Chunk, make_chunks, run_all

FEASIBLE = int(Status.FEASIBLE)
INFEASIBLE = int(Status.INFEASIBLE)
PROJECTED = int(Outcome.PROJECTED)
UNSCORED = int(Outcome.UNSCORED)
OVERLAP = int(Outcome.OVERLAP)
TOO_SHORT = int(Outcome.TOO_SHORT)


@helper
def finish_sentence(s: int, chunk_first: int, first: int, after: int, status: int, out: MatchColumns) -> None:
    """End sentence ``s``, whose spans are [first, after).

    The objective is summed in output order, so it is the same on every backend.
    """
    objective = 0.0
    for i in range(first, after):
        objective += np.float64(out.score[i])
    out.objective[s] = objective
    out.status[s] = status
    out.offsets[s + 1] = after - chunk_first


def match_chunks(
    target_offsets: Offsets,
    entity_offsets: Offsets,
    hi: int,
    threads: int,
    match: Callable[[Chunk, int, MatchColumns], int],
) -> Matches:
    """Run ``match(chunk, first span, out)`` -> spans written over all chunks, then close the gaps between them.

    Spans of a sentence are disjoint and an entity has at most ``hi``: that bounds the spans of a chunk.
    """
    sentences = len(target_offsets) - 1
    chunks = make_chunks(sentences, threads)
    first = [0]
    for begin, end in chunks:
        words = int(target_offsets[end] - target_offsets[begin])
        entities = int(entity_offsets[end] - entity_offsets[begin])
        first.append(first[-1] + max(min(words, entities * hi), 0))
    out = MatchColumns(
        np.empty(sentences + 1, np.int64),
        np.empty(first[-1], np.int32),
        np.empty(first[-1], np.int32),
        np.empty(first[-1], np.int32),
        np.empty(first[-1], np.float32),
        np.empty(sentences, np.float64),
        np.empty(sentences, np.uint8),
        np.empty(entity_offsets[-1], np.uint8),
    )
    out.offsets[0] = 0
    counts = run_all(lambda part: match(*part, out), list(zip(chunks, first, strict=False)))
    total = counts[0]
    for chunk, begin, count in zip(chunks[1:], first[1:], counts[1:], strict=False):
        for values in (out.entity, out.start, out.end, out.score):
            values[total : total + count] = values[begin : begin + count]
        out.offsets[chunk.begin + 1 : chunk.end + 1] += total
        total += count
    return Matches(
        out.offsets,
        out.entity[:total],
        out.start[:total],
        out.end[:total],
        out.score[:total],
        out.objective,
        out.status,
        out.outcome,
    )
