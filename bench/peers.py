"""What project() is measured against: the same greedy method in plain Python, written from the formulas.

No research code is copied; ``research_greedy`` has its shape (a NumPy matrix of scores per sentence, one ``sum`` of an
alignment sub-matrix per pair, ``argmax`` until nothing is left), ``careful_greedy`` is what a careful Python programmer
makes of it (prefix sums, no matrix of zeros, one vectorised score per sentence).
"""

from __future__ import annotations

import numpy as np

Sentence = tuple[int, int, list[tuple[int, int, str]], list[tuple[int, int]]]  # source, target words, entities, links


def ngrams(words: int, max_words: int) -> list[tuple[int, int]]:
    """Return all n-grams by start, then end."""
    return [(i, j) for i in range(words) for j in range(i + 1, min(words, i + max_words) + 1)]


def tags(words: int, spans: list[tuple[int, int, str]]) -> list[str]:
    """Return IOB2 tags."""
    labels = ["O"] * words
    for start, end, label in spans:
        labels[start:end] = ["B-" + label] + ["I-" + label] * (end - start - 1)
    return labels


def research_greedy(sentence: Sentence, max_words: int = 10) -> list[str]:
    """Project one sentence: a score matrix filled pair by pair, argmax, mask what overlaps."""
    source, target, entities, links = sentence
    aligned = np.zeros((source, target))
    for i, j in links:
        aligned[i, j] = 1
    candidates = ngrams(target, max_words)
    scores = np.zeros((len(entities), len(candidates)))
    for e, (p_start, p_end, _) in enumerate(entities):
        for c, (t_start, t_end) in enumerate(candidates):
            inside = aligned[p_start:p_end, t_start:t_end].sum()
            scores[e, c] = 2 * inside / ((p_end - p_start) + (t_end - t_start))
    return tags(target, _argmax_until_empty(scores, entities, candidates))


def careful_greedy(sentence: Sentence, max_words: int = 10) -> list[str]:
    """Project one sentence: prefix sums and one vectorised score matrix."""
    source, target, entities, links = sentence
    if not entities or not target:
        return ["O"] * target
    aligned = np.zeros((source + 1, target + 1))
    if links:
        rows, columns = np.array(links).T
        aligned[rows + 1, columns + 1] = 1
    table = aligned.cumsum(0).cumsum(1)
    candidates = ngrams(target, max_words)
    t = np.array(candidates)
    p = np.array([(start, end) for start, end, _ in entities])
    in_columns = table[:, t[:, 1]] - table[:, t[:, 0]]
    inside = in_columns[p[:, 1]] - in_columns[p[:, 0]]
    scores = 2 * inside / ((p[:, 1] - p[:, 0])[:, None] + (t[:, 1] - t[:, 0])[None, :])
    return tags(target, _argmax_until_empty(scores, entities, candidates))


def _argmax_until_empty(
    scores: np.ndarray, entities: list[tuple[int, int, str]], candidates: list[tuple[int, int]]
) -> list[tuple[int, int, str]]:
    chosen = []
    if not scores.size:
        return chosen
    starts, ends = np.array(candidates).T
    while True:
        # argmax takes the first of equals: the lower entity, then the earlier start, then the shorter span.
        e, c = np.unravel_index(np.argmax(scores), scores.shape)
        if scores[e, c] <= 0:
            return chosen
        start, end = candidates[c]
        chosen.append((start, end, entities[e][2]))
        scores[e, :] = 0
        scores[:, (starts < end) & (start < ends)] = 0
