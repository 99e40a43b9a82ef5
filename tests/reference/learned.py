"""The learned score: its features, which pairs it looks at, and the score, of one sentence pair in plain Python.

Words are strings, entities and candidates (start, end), links (source, target); a link that is given twice counts once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from unicodedata import category

Span = tuple[int, int]


def distance(a: str, b: str) -> int:
    """Levenshtein: insertions, deletions, substitutions."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        above, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other)))
    return row[-1]


def similarity(entity: Sequence[str], candidate: Sequence[str]) -> float:
    a, b = (" ".join(word.lower() for word in words) for words in (entity, candidate))
    return 1 - distance(a, b) / max(len(a), len(b)) if a and b else 0.0


def is_capital(word: str) -> bool:
    return word[:1].isupper() or word[:1].isdigit()


def is_punctuation(word: str) -> bool:
    return word != "" and all(category(letter).startswith("P") or letter in "`\N{ACUTE ACCENT}" for letter in word)


def lower_share(words: Sequence[str]) -> float:
    return sum(word.islower() for word in words) / len(words)


def clip(value: int) -> int:
    return max(-3, min(3, value))


def features(
    source: Sequence[str],
    target: Sequence[str],
    links: Sequence[tuple[int, int]],
    entity: Span,
    candidates: Sequence[Span],
) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield the number of each candidate that may be right for the entity, and its features by name."""
    i, j = entity
    m = j - i
    distinct = set(links)
    own = {(a, b) for a, b in distinct if i <= a < j}
    linked = {b for _, b in own}
    hull = (min(linked), max(linked) + 1) if own else None

    def alignment(span: Span) -> float:
        return 2 * sum(b in range(*span) for _, b in own) / (m + span[1] - span[0])

    def in_window(span: Span) -> bool:
        if hull is None:
            return span[1] - span[0] <= min(4, m + 1)
        return hull[0] - 3 <= span[0] and span[1] <= hull[1] + 3

    window = [(t, span) for t, span in enumerate(candidates) if in_window(span)]
    best = max((alignment(span) for _, span in window), default=0.0)
    aligned = {b for _, b in distinct}

    def capital(word: int) -> int:
        return int(0 <= word < len(target) and is_capital(target[word]))

    def punctuation(word: int) -> int:
        return int(not 0 <= word < len(target) or is_punctuation(target[word]))

    def unaligned(word: int) -> int:
        return int(0 <= word < len(target) and word not in aligned)

    for t, (s, e) in window:
        n = e - s
        words = range(s, e)
        al = alignment((s, e))
        sim = similarity(source[i:j], target[s:e])
        if not (al > 0 or sim >= 0.5 or (hull is None and sim > 0.2)):
            continue
        yield (
            t,
            {
                "alignment": al,
                "covered_source": len({a for a, b in own if b in words}) / m,
                "covered_target": len(linked.intersection(words)) / n,
                "other_links": sum(b in words for _, b in distinct - own) / n,
                "links_missed": sum(b not in words for _, b in own) / m,
                "similarity": sim,
                "same_text": int(sim == 1),
                "length_distance": abs(math.log(n / m)),
                "length_ratio": math.log(n / m),
                "same_length": int(n == m),
                "target_length": min(n, 6),
                "source_length": min(m, 6),
                "capital_first_differs": capital(s) - is_capital(source[i]),
                "capital_last_differs": capital(e - 1) - is_capital(source[j - 1]),
                "capital_first": capital(s),
                "capital_last": capital(e - 1),
                "capital_before": capital(s - 1),
                "capital_after": capital(e),
                "lower_differs": lower_share(target[s:e]) - lower_share(source[i:j]),
                "punctuation_first": punctuation(s),
                "punctuation_last": punctuation(e - 1),
                "punctuation_before": punctuation(s - 1),
                "punctuation_after": punctuation(e),
                "alignment_to_best": al - best,
                "best_alignment": int(al == best > 0),
                "hull_start": int(hull is not None and s == hull[0]),
                "hull_end": int(hull is not None and e == hull[1]),
                "start_to_hull": clip(s - hull[0]) if hull else 0,
                "end_to_hull": clip(e - hull[1]) if hull else 0,
                "unaligned_first": unaligned(s),
                "unaligned_last": unaligned(e - 1),
                "unaligned_share": sum(map(unaligned, words)) / n,
                "unaligned_before": unaligned(s - 1),
                "unaligned_after": unaligned(e),
            },
        )


def score(row: Mapping[str, float], weights: Mapping[str, float], bias: float) -> float:
    return 1 / (1 + math.exp(-(sum(weights[name] * value for name, value in row.items()) + bias)))
