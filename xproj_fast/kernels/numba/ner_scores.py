"""The NER score of every (entity, candidate) pair, from a tagger's word probabilities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import LabelId, Offsets, Score, WordIndex
from xproj_fast.kernels.numba.columns import ProbabilityColumns, RuleColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel, routine
from xproj_fast.kernels.numba.parallel import Chunk, make_chunks, most_items, run_all

ZERO = np.float32(0)


class NerScratch(NamedTuple):
    """Scratch of one thread.

    Attributes:
        run: int32[candidates + 1], the first candidate of each run: of candidates with one start and consecutive
            ends, as n-grams come.
        likeliest: int32[words], the label of each word with the largest probability, of equals the first.
        before: float64[words + 1], the sum over the words before each.
        row_of: int64[classes + 1], the first row that has a class, -1 for none; the last stands for any class.
    """

    run: NDArray[np.int32]
    likeliest: LabelId
    before: NDArray[np.float64]
    row_of: NDArray[np.int64]


@helper
def find_runs(start: WordIndex, end: WordIndex, run: NDArray[np.int32]) -> int:
    """Set the first candidate of each run, and after the last of them; return the number of runs."""
    runs = 0
    for t in range(len(start)):
        if t == 0 or start[t] != start[t - 1] or end[t] != end[t - 1] + 1:
            run[runs] = t
            runs += 1
    run[runs] = len(start)
    return runs


@helper
def find_likeliest(values: Score, likeliest: LabelId) -> None:
    """Set the likeliest label of each word."""
    for w in range(len(values)):
        row = values[w]
        best = 0
        for label in range(1, len(row)):
            if row[label] > row[best]:
                best = label
        likeliest[w] = best


@helper
def predicted_end(likeliest: LabelId, words: int, start: int, first: int, inside: int) -> int:
    """Return one past the longest entity that the likeliest labels form from ``start`` on; ``start`` for none."""
    if likeliest[start] != first:
        return start
    w = start + 1
    while w < words and likeliest[w] == inside:
        w += 1
    return w


@helper
def score_run(
    lead: float,
    base: float,
    before: NDArray[np.float64],
    weight: NDArray[np.float64],
    threshold: np.float32,
    merge: bool,
    out: Score,
) -> None:
    """Score candidates with one start: ``before`` and ``weight`` begin with those of the first candidate."""
    for i in range(len(out)):
        value = np.float32((lead + (before[i] - base)) * weight[i])
        score = ZERO if value < threshold else value
        out[i] = max(out[i], score) if merge else score


@routine
def score_class(
    class_: int,
    merge: bool,
    values: NDArray[np.float32],
    start: WordIndex,
    end: WordIndex,
    runs: int,
    rules: RuleColumns,
    scratch: NerScratch,
    out: Score,
) -> None:
    """Set the scores of all candidates for one class; ``merge``: where they are larger than what is there."""
    first, inside = rules.first_column[class_], rules.inside_column[class_]
    words = len(values)
    before = scratch.before
    total = 0.0
    before[0] = total
    for w in range(words):
        total += np.float64(values[w, inside])
        before[w + 1] = total
    for r in range(runs):
        # Slices, whose indices are known not to be negative, let the loop over a run vectorise.
        t, after = scratch.run[r], scratch.run[r + 1]
        run_start, run_end = start[t], end[t]
        lead, base = np.float64(values[run_start, first]), before[run_start + 1]
        length = run_end - run_start
        count = after - t
        predicted = 0  # how many of the run's first candidates are predicted entities
        if len(rules.predicted_weight) > 0:
            reach = predicted_end(scratch.likeliest, words, run_start, first, inside)
            predicted = min(max(reach - run_end + 1, 0), count)
            score_run(
                lead,
                base,
                before[run_end : run_end + predicted],
                rules.predicted_weight[length : length + predicted],
                rules.threshold,
                merge,
                out[t : t + predicted],
            )
        score_run(
            lead,
            base,
            before[run_end + predicted : run_end + count],
            rules.weight[length + predicted : length + count],
            rules.threshold,
            merge,
            out[t + predicted : after],
        )


@kernel
def score_chunk(
    begin: int,
    end: int,
    probabilities: ProbabilityColumns,
    entity_offsets: Offsets,
    entity_class: LabelId,
    candidates: SpanColumns,
    rules: RuleColumns,
    score_offsets: Offsets,
    scratch: NerScratch,
    scores: Score,
) -> None:
    """Score the pairs of the sentences [begin, end)."""
    classes = len(rules.first_column)
    for s in range(begin, end):
        classes_here = entity_class[entity_offsets[s] : entity_offsets[s + 1]]
        starts = candidates.start[candidates.offsets[s] : candidates.offsets[s + 1]]
        ends = candidates.end[candidates.offsets[s] : candidates.offsets[s + 1]]
        if len(classes_here) == 0 or len(starts) == 0:
            continue
        values = probabilities.values[probabilities.offsets[s] : probabilities.offsets[s + 1]]
        block = scores[score_offsets[s] : score_offsets[s + 1]]
        runs = find_runs(starts, ends, scratch.run)
        if len(rules.predicted_weight) > 0:
            find_likeliest(values, scratch.likeliest)
        scratch.row_of[:] = -1
        for e in range(len(classes_here)):
            row = block[e * len(starts) : (e + 1) * len(starts)]
            class_ = classes if rules.spans_only else classes_here[e]
            if class_ < 0:
                row[:] = ZERO
            elif scratch.row_of[class_] >= 0:
                other = block[scratch.row_of[class_] * len(starts) :]
                for t in range(len(starts)):  # an assignment of slices would allocate
                    row[t] = other[t]
            elif rules.spans_only:
                scratch.row_of[class_] = e
                for c in range(classes):
                    score_class(c, c > 0, values, starts, ends, runs, rules, scratch, row)
            else:
                scratch.row_of[class_] = e
                score_class(class_, False, values, starts, ends, runs, rules, scratch, row)


def score_by_probabilities(
    probabilities: ProbabilityColumns,
    entity_offsets: Offsets,
    entity_class: LabelId,
    candidates: SpanColumns,
    rules: RuleColumns,
    score_offsets: Offsets,
    threads: int,
) -> Score:
    """Return the (entities x candidates) blocks of all sentences."""
    scores = np.empty(score_offsets[-1], np.float32)

    def score(chunk: Chunk) -> None:
        words = most_items(chunk, probabilities.offsets)
        scratch = NerScratch(
            np.empty(most_items(chunk, candidates.offsets) + 1, np.int32),
            np.empty(words, np.int32),
            np.empty(words + 1, np.float64),
            np.empty(len(rules.first_column) + 1, np.int64),
        )
        score_chunk(
            chunk.begin,
            chunk.end,
            probabilities,
            entity_offsets,
            entity_class,
            candidates,
            rules,
            score_offsets,
            scratch,
            scores,
        )

    run_all(score, make_chunks(len(score_offsets) - 1, threads))
    return scores
