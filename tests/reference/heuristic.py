"""The word-to-word heuristic (Garcia-Ferrero et al. 2022, extended) by painting target words one at a time."""

from __future__ import annotations

from reference.alignment import score
from reference.greedy import Result, result
from xproj_fast.arrays import Outcome, Status

Run = tuple[int, int]


def aligned_runs(entity: tuple[int, int], links: list[tuple[int, int]], words: int) -> list[Run]:
    """Maximal runs of target words aligned to the entity, as half-open spans."""
    aligned = [any(entity[0] <= i < entity[1] and j == word for i, j in links) for word in range(words)]
    runs = []
    for word in range(words):
        if aligned[word] and (word == 0 or not aligned[word - 1]):
            end = word
            while end < words and aligned[end]:
                end += 1
            runs.append((word, end))
    return runs


def merge(runs: list[Run], distance: int, apart: set[int]) -> list[Run]:
    """Make one run of neighbours at most ``distance`` words apart, unless the later starts on a word in ``apart``."""
    merged: list[Run] = []
    for start, end in runs:
        if merged and start - merged[-1][1] <= distance and start not in apart:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def heuristic(
    words: int,
    entities: list[tuple[int, int]],
    links: list[tuple[int, int]],
    *,
    merge_distance: int = 1,
    length_ratio: float = 0.8,
    top_k: int = 0,
    shortest_first: bool = True,
    overwrite: bool = False,
    merge_only_i_labels: bool = False,
) -> Result:
    owner = [-1] * words  # the entity that a target word is labelled with
    outcomes = [Outcome.OVERLAP] * len(entities)
    order = list(range(len(entities)))
    if shortest_first:
        order.sort(key=lambda e: entities[e][1] - entities[e][0])
    for e in order:
        length = entities[e][1] - entities[e][0]
        begins = {j for i, j in links if i == entities[e][0]} if merge_only_i_labels else set()
        runs = merge(aligned_runs(entities[e], links, words), merge_distance, begins)
        if not runs:
            outcomes[e] = Outcome.UNSCORED
            continue
        runs = [run for run in runs if (run[1] - run[0]) / length > length_ratio]
        if not runs:
            outcomes[e] = Outcome.TOO_SHORT
            continue
        if top_k:
            runs = sorted(runs, key=lambda run: (run[0] - run[1], run[0]))[:top_k]
        for start, end in runs:
            if overwrite or all(owner[word] == -1 for word in range(start, end)):
                owner[start:end] = [e] * (end - start)

    spans = []
    start = 0
    for word in range(1, words + 1):
        if word == words or owner[word] != owner[start]:
            if (e := owner[start]) != -1:
                spans.append((e, start, word, score(entities[e], (start, word), links)))
                outcomes[e] = Outcome.PROJECTED
            start = word
    return result(spans, Status.FEASIBLE, outcomes)
