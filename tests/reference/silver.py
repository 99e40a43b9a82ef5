"""Silver: which spans are taken, by what random numbers, and how their links are made worse; one sentence at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Span = tuple[int, int]
Link = tuple[int, int]


class SplitMix:
    """SplitMix64."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def below(self, count: int) -> int:
        return self.next() % count

    def unit(self) -> float:
        return (self.next() >> 11) * 2.0**-53


class Sentence(NamedTuple):
    """Entities, links, and of each source word whether it is capitalised and whether it is punctuation."""

    capitalised: list[bool]
    punctuation: list[bool]
    target_words: int
    entities: list[Span]
    links: list[Link]


class Taken(NamedTuple):
    number: int
    spans: list[tuple[Span, Span]]
    links: list[Link]


def consistent(links: Sequence[Link], span: Span) -> Span | None:
    """The words that a span is linked to, from the first to the last, where nothing outside is linked into them."""
    linked = [b for a, b in links if span[0] <= a < span[1]]
    if not linked:
        return None
    low, high = min(linked), max(linked) + 1
    inside = all(span[0] <= a < span[1] for a, b in links if low <= b < high)
    return (low, high) if inside else None


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < b and a < span[1] for a, b in others)


def take(sentence: Sentence, random: SplitMix) -> list[tuple[Span, Span]]:
    words = len(sentence.capitalised)
    found: list[tuple[Span, Span]] = []

    def consider(span: Span) -> None:
        there = consistent(sentence.links, span)
        if overlaps(span, [a for a, _ in found]) or there is None or overlaps(there, [b for _, b in found]):
            return
        if there[1] - there[0] <= span[1] - span[0] + 3:
            found.append((span, there))

    for span in sentence.entities:
        consider(span)
    for _ in range(2 if words >= 4 else 0):
        start = random.below(words)
        end = min(words, start + (1, 1, 2, 2, 3, 4)[random.below(6)])
        if sentence.punctuation[start] or sentence.punctuation[end - 1]:
            continue
        if sentence.capitalised[start] or random.unit() < 0.15:
            consider((start, end))
    return sorted(found)


def worse(sentence: Sentence, random: SplitMix) -> list[Link]:
    out = set()

    def beside(b: int) -> int:
        return min(sentence.target_words - 1, max(0, b + (-2, -1, 1, 2)[random.below(4)]))

    for a, b in sorted(set(sentence.links)):
        drawn = random.unit()
        if drawn < 0.15:
            continue
        if drawn < 0.15 + 0.07:
            out.add((a, beside(b)))
            continue
        out.add((a, b))
        if drawn < 0.15 + 0.07 + 0.07:
            out.add((a, beside(b)))
    return sorted(out)


def silver(sentences: list[Sentence], most: int, seed: int) -> list[Taken]:
    random = SplitMix(seed)
    order = list(range(len(sentences)))
    taken: list[Taken] = []
    for k in range(len(order)):
        if len(taken) == most:
            break
        other = k + random.below(len(order) - k)
        order[k], order[other] = order[other], order[k]
        sentence = sentences[order[k]]
        spans = take(sentence, random)
        if spans:
            taken.append(Taken(order[k], spans, worse(sentence, random)))
    return taken
