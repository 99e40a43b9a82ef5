"""The NER score, alpha^(|t| - 1) * (P[start][B-l] + sum over w > start of P[w][I-l]) / |t|, and NER candidates.

``probabilities`` is a list of rows, one a word of one sentence; ``columns`` the (B-, I-) columns of each class. What
is rounded, and when, is part of the specification: sums in double, running from the start of the sentence; alpha to
a power by repeated products; one rounding to float32 at the end.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

Rows = list[list[float]]
Columns = tuple[int, int]


def factor(alpha: float, words: int) -> float:
    power = 1.0
    for _ in range(words - 1):
        power *= alpha
    return power / words


def running(values: list[float]) -> list[float]:
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def likeliest(row: list[float]) -> int:
    return row.index(max(row))  # of equals the first


def is_predicted(probabilities: Rows, span: tuple[int, int], columns: Columns) -> bool:
    labels = [likeliest(probabilities[w]) for w in range(*span)]
    return labels == [columns[0]] + [columns[1]] * (len(labels) - 1)


def score(
    probabilities: Rows, span: tuple[int, int], columns: Columns, alpha: float, length_bonus: str, threshold: float
) -> np.float32:
    start, end = span
    before = running([row[columns[1]] for row in probabilities])
    mass = probabilities[start][columns[0]] + (before[end] - before[start + 1])
    bonus = length_bonus == "always" or is_predicted(probabilities, span, columns)
    value = np.float32(mass * factor(alpha if bonus else 1.0, end - start))
    return np.float32(0) if value < np.float32(threshold) else value


def scores(
    probabilities: Rows,
    entities: list[Columns | None],
    candidates: list[tuple[int, int]],
    any_class: list[Columns],
    alpha: float,
    length_bonus: str,
    threshold: float,
) -> list[list[np.float32]]:
    """One row an entity, given by its columns (None: the tagger lacks its class); ``any_class``: the best of these."""
    rest = (alpha, length_bonus, threshold)
    if any_class:
        best = [max(score(probabilities, span, c, *rest) for c in any_class) for span in candidates]
        return [best for _ in entities]
    return [
        [np.float32(0) if columns is None else score(probabilities, span, columns, *rest) for span in candidates]
        for columns in entities
    ]


def predicted_spans(probabilities: Rows, labels: list[str]) -> list[tuple[int, int, str]]:
    """conlleval's reading of the likeliest labels: B- begins, and so does I- after another class or O."""
    tags = [labels[likeliest(row)] for row in probabilities]
    parts = [tag.split("-", 1) if "-" in tag else ["O", ""] for tag in tags]
    begins = [
        w
        for w, (prefix, name) in enumerate(parts)
        if prefix == "B" or (prefix == "I" and (w == 0 or parts[w - 1][0] == "O" or parts[w - 1][1] != name))
    ]
    spans = []
    for begin, following in pairwise([*begins, len(parts)]):
        end = begin + 1
        while end < following and parts[end][0] == "I":
            end += 1
        spans.append((begin, end, parts[begin][1]))
    return spans


def candidates(
    probabilities: Rows,
    labels: list[str],
    classes: list[str],
    sub_spans: bool,
    stop: list[bool],
    least: int,
    most: int,
) -> list[tuple[int, int]]:
    found = []
    for start, end, name in predicted_spans(probabilities, labels):
        if name in classes:
            inside = [(a, b) for a in range(start, end) for b in range(a + 1, end + 1)]
            found += inside if sub_spans else [(start, end)]
    return [(a, b) for a, b in found if least <= b - a <= most and not any(stop[a:b])]
