"""Target candidates."""

from __future__ import annotations

Span = tuple[int, int]


def ngrams(stop: list[bool], min_words: int, max_words: int) -> list[Span]:
    """Every n-gram of a sentence with ``len(stop)`` words that holds no stop word, by start, then end."""
    words = len(stop)
    return [
        (start, end)
        for start in range(words)
        for end in range(start + 1, words + 1)
        if min_words <= end - start <= max_words and not any(stop[start:end])
    ]


def aligned_ngrams(
    stop: list[bool],
    entities: list[tuple[int, int]],
    links: list[tuple[int, int]],
    min_words: int,
    max_words: int,
) -> list[Span]:
    """The n-grams between the leftmost and rightmost target word aligned to some one entity."""
    ranges = []
    for start, end in entities:
        aligned = [target for source, target in links if start <= source < end]
        if aligned:
            ranges.append((min(aligned), max(aligned)))
    return [
        (start, end)
        for start, end in ngrams(stop, min_words, max_words)
        if any(left <= start and end - 1 <= right for left, right in ranges)
    ]
