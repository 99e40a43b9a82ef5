"""Word links from similarities of subwords: awesome-align's and simalign's methods, densely, one sentence.

``similarity`` is a list of rows. Sub-token links are {(i, j): confidence}, word links the same, sorted.
"""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np

Similarity = list[list[float]]
Scored = dict[tuple[int, int], float]


def total(values: list[float]) -> float:
    result = 0.0  # not sum(), which compensates rounding errors from Python 3.12 on
    for value in values:
        result += value
    return result


def softmax(values: list[float], divisor: float) -> list[float]:
    weights = [math.exp((value - max(values)) / divisor) for value in values]
    return [weight / total(weights) for weight in weights]


def softmaxes(similarity: Similarity, i: int, j: int, scaled: bool) -> tuple[float, float]:
    """The softmax of cell (i, j) over its row, and over its column."""
    row, column = similarity[i], [values[j] for values in similarity]
    row_root, column_root = (math.sqrt(len(row)), math.sqrt(len(column))) if scaled else (1.0, 1.0)
    return softmax(row, row_root)[j], softmax(column, column_root)[i]


def awesome(similarity: Similarity, threshold: float) -> Scored:
    links = {}
    for i, row in enumerate(similarity):
        for j in range(len(row)):
            if min(softmaxes(similarity, i, j, scaled=False)) > threshold:
                p, q = softmaxes(similarity, i, j, scaled=True)
                links[i, j] = 2 * p * q / (p + q)
    return links


def mutual_best(similarity: np.ndarray) -> set[tuple[int, int]]:
    best_column, best_row = similarity.argmax(1), similarity.argmax(0)
    return {(i, j) for i, j in enumerate(best_column.tolist()) if best_row[j] == i}


def itermax(similarity: Similarity, iterations: int, alpha: float) -> set[tuple[int, int]]:
    values = np.array(similarity, np.float64)
    links = mutual_best(values)
    if min(values.shape) <= 2:
        return links
    for _ in range(1, iterations):
        sources, targets = {i for i, _ in links}, {j for _, j in links}
        if len(sources) == values.shape[0] or len(targets) == values.shape[1]:
            break
        weight = np.zeros_like(values)
        for i, j in np.ndindex(values.shape):
            weight[i, j] = min(max(alpha * ((i not in sources) + (j not in targets)), 0.0), 1.0)
        new = {(i, j) for i, j in mutual_best(values * weight) if i not in sources or j not in targets}
        if not new:
            break
        links |= new
    return links


def assignments(similarity: Similarity) -> list[set[tuple[int, int]]]:
    """Every one-to-one assignment of the largest total similarity and the largest size (small input only)."""
    rows, columns = len(similarity), len(similarity[0])
    if rows <= columns:
        pairings = [set(zip(range(rows), order, strict=True)) for order in permutations(range(columns), rows)]
    else:
        pairings = [set(zip(order, range(columns), strict=True)) for order in permutations(range(rows), columns)]
    totals = [math.fsum(similarity[i][j] for i, j in pairing) for pairing in pairings]
    return [pairing for pairing, value in zip(pairings, totals, strict=True) if value >= max(totals) - 1e-9]


def scored(similarity: Similarity, links: set[tuple[int, int]], threshold: float) -> Scored:
    kept = {(i, j) for i, j in links if threshold <= 0 or similarity[i][j] >= threshold}
    return {(i, j): min(max(similarity[i][j], 0.0), 1.0) for i, j in kept}


def of_words(links: Scored, source_word: list[int], target_word: list[int]) -> list[tuple[int, int, float]]:
    words: Scored = {}
    for (i, j), confidence in links.items():
        pair = (source_word[i], target_word[j])
        words[pair] = max(words.get(pair, 0.0), float(np.float32(confidence)))
    return [(*pair, words[pair]) for pair in sorted(words)]


def extract_links(
    method: str,
    similarity: Similarity,
    source_word: list[int],
    target_word: list[int],
    threshold: float,
    iterations: int,
    alpha: float,
) -> list[list[tuple[int, int, float]]]:
    """Every right answer, each sorted (source word, target word, confidence); more than one only for match."""
    if not source_word or not target_word:
        return [[]]
    if method == "awesome":
        found = [awesome(similarity, threshold)]
    elif method == "match":
        found = [scored(similarity, links, threshold) for links in assignments(similarity)]
    else:
        links = itermax(similarity, iterations if method == "itermax" else 1, alpha)
        found = [scored(similarity, links, threshold)]
    return [of_words(links, source_word, target_word) for links in found]
