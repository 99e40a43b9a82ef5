"""Word links by Gibbs sampling, one chain in one direction, with every count made anew for every word.

A text is a list of (condition types, generated types); ``links[s][j]`` is the condition of generated word j, or None.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

MASK = 2**64 - 1
MOST_FERTILITY = 15
REACH = 1024
DIAGONAL, JUMPS, FERTILITY = range(3)

Text = list[tuple[list[int], list[int]]]


class SplitMix:
    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def unit(self) -> float:
        return (self.next() >> 11) * 2.0**-53


def seed_of(seed: int, chain: int, forward: bool) -> int:
    return SplitMix(SplitMix(SplitMix(seed).next() ^ chain).next() ^ forward).next()


def edits(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        above = row
        row = [i + 1]
        for j, y in enumerate(b):
            row.append(min(above[j] + (x != y), above[j + 1] + 1, row[j] + 1))
    return row[-1]


def similarity(a: str, b: str) -> float:
    """Observations that two words translate each other, by how they are written."""
    shorter, longer = sorted((len(a), len(b)))
    if a == b:
        return 3.0 if a else 0.0
    if shorter < 3 or longer > 64 or any(c in "0123456789" for c in a + b):
        return 0.0
    alike = 1 - edits(a, b) / longer
    return 3 * (alike - 0.5) / 0.5 if alike >= 0.6 - 1e-6 else 0.0


@dataclass
class Chain:
    """Forms are by type: those of the words that generate, and of those that are generated."""

    text: Text
    condition_forms: list[str]
    generated_forms: list[str]
    seed: int
    sparse: float = 1e-4
    families: float = 0.5
    null_prior: float = 0.2
    links: list[list[int | None]] = field(default_factory=list)
    margin: float = 1.0  # how close a draw came to going the other way, at the closest

    def __post_init__(self) -> None:
        self.random = SplitMix(self.seed)
        for conditions, generated in self.text:
            self.links.append([])
            for _ in generated if conditions else ():
                none = self.random.unit() < self.null_prior
                i = self.random.next() % len(conditions)
                self.links[-1].append(None if none else i)
        self.learn()

    def learn(self) -> None:
        self.jumps: Counter[int] = Counter()
        self.fertilities: Counter[tuple[int, int]] = Counter()
        self.usual: Counter[int] = Counter()
        for (conditions, _), links in zip(self.text, self.links, strict=True):
            linked = [i for i in links if i is not None]
            if not links:
                continue
            for before, after in zip([-1, *linked], [*linked, len(conditions)], strict=True):
                self.jumps[after - before] += 1
            for i, s in enumerate(conditions):
                f = min(linked.count(i), MOST_FERTILITY)
                self.fertilities[s, f] += 1
                self.usual[f] += 1

    def jump(self, by: int) -> float:
        return self.jumps[by] + 0.5

    def fertility(self, s: int, f: int) -> float:
        total = sum(self.usual[k] + 0.5 * 0.3**k for k in range(MOST_FERTILITY + 1))
        return self.fertilities[s, f] + (self.usual[f] + 0.5 * 0.3**f) / total

    def conditional(self, s: int, j: int, stage: int) -> list[float]:
        """How likely generated word j of sentence s has each condition, and, the last one, none."""
        counts: Counter[tuple[int, int]] = Counter()
        family_counts: Counter[tuple[str, str]] = Counter()
        totals: Counter[int] = Counter()
        family_totals: Counter[str] = Counter()
        nulls: Counter[int] = Counter()
        for k, ((conditions, generated), links) in enumerate(zip(self.text, self.links, strict=True)):
            for q, i in enumerate(links):
                if (k, q) == (s, j):
                    continue
                if i is None:
                    nulls[generated[q]] += 1
                    continue
                a, b = self.condition_forms[conditions[i]][:4], self.generated_forms[generated[q]][:4]
                counts[conditions[i], generated[q]] += 1
                totals[conditions[i]] += 1
                family_counts[a, b] += 1
                family_totals[a] += 1
        conditions, generated = self.text[s]
        links = self.links[s]
        t = generated[j]
        previous = next((i for i in reversed(links[:j]) if i is not None), -1)
        following = next((i for i in links[j + 1 :] if i is not None), len(conditions))
        others = Counter(i for q, i in enumerate(links) if q != j)
        family_types = len({form[:4] for form in self.generated_forms})
        met = {(a, b) for left, right in self.text for a in left for b in right}
        likelihoods = []
        for i, c in enumerate(conditions):
            a, b = self.condition_forms[c], self.generated_forms[t]
            family = (family_counts[a[:4], b[:4]] + 0.01) / (family_totals[a[:4]] + 0.01 * family_types)
            alike = sum(similarity(a, self.generated_forms[v]) for u, v in sorted(met) if u == c)
            value = counts[c, t] + self.sparse + similarity(a, b) + self.families * family
            value /= totals[c] + self.sparse * len(self.generated_forms) + alike + self.families
            if stage == DIAGONAL:
                value *= self.near(i, j, conditions, generated)
            else:
                reachable = sum(self.jump(k - i) for k in range(len(conditions) + 1))
                value *= self.jump(i - previous) * self.jump(following - i) / reachable
            if stage == FERTILITY:
                f = min(others[i], MOST_FERTILITY)
                ratio = self.fertility(c, f + 1) / self.fertility(c, f) if f < MOST_FERTILITY else 0.0
                value *= min(max(ratio, 1e-6), 1e6)
            likelihoods.append(value)
        share = sum(right.count(t) for _, right in self.text) / sum(len(right) for _, right in self.text)
        none = (nulls[t] + share) / (nulls.total() + 1) * self.null_prior / (1 - self.null_prior)
        if stage == DIAGONAL:
            none *= sum(self.near(i, j, conditions, generated) for i in range(len(conditions)))
        else:
            none *= self.jump(following - previous)
        likelihoods.append(none)
        return [value / sum(likelihoods) for value in likelihoods]

    @staticmethod
    def near(i: int, j: int, conditions: list[int], generated: list[int]) -> float:
        return math.exp(-4 * abs((i + 0.5) / len(conditions) - (j + 0.5) / len(generated)))

    def sweep(self, stage: int) -> list[list[list[float]]]:
        """Draw every link anew; returns the conditionals they are drawn from."""
        drawn_from = []
        for s, links in enumerate(self.links):
            drawn_from.append([])
            for j in range(len(links)):
                conditional = self.conditional(s, j, stage)
                left = self.random.unit()
                links[j] = None
                for i, value in enumerate(conditional[:-1]):
                    left -= value
                    self.margin = min(self.margin, abs(left))
                    if left < 0:
                        links[j] = i
                        break
                drawn_from[-1].append(conditional)
        return drawn_from
