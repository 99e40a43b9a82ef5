"""Text that word aligners can learn from, and what they should find."""

from __future__ import annotations

import random
from itertools import pairwise

from xproj_fast.arrays import Links, Words
from xproj_fast.pairs import SentencePairs

Pair = tuple[list[str], list[str]]
LinkSet = set[tuple[int, int]]


def toy(count: int, seed: int = 0) -> tuple[list[Pair], list[LinkSet]]:
    """Sentences over a 40-word dictionary, neighbours swapped here and there, and their right links."""
    draw = random.Random(seed)
    pairs, gold = [], []
    for _ in range(count):
        words = draw.sample(range(40), draw.randint(4, 9))
        order = list(range(len(words)))
        for i in range(0, len(order) - 1, 2):
            if draw.random() < 0.3:
                order[i], order[i + 1] = order[i + 1], order[i]
        pairs.append(([f"s{w}" for w in words], [f"t{words[i]}" for i in order]))
        gold.append({(i, j) for j, i in enumerate(order)})
    return pairs, gold


def words_of(pairs: list[Pair]) -> tuple[Words, Words]:
    made = SentencePairs.from_lists([s for s, _ in pairs], [t for _, t in pairs], [[] for _ in pairs])
    return made.source, made.target


def sets_of(links: Links) -> list[LinkSet]:
    flat = list(zip(links.source.tolist(), links.target.tolist(), strict=True))
    return [set(flat[a:b]) for a, b in pairwise(links.offsets.tolist())]


def rates(found: list[LinkSet], gold: list[LinkSet]) -> tuple[float, float]:
    right = sum(len(f & g) for f, g in zip(found, gold, strict=True))
    return right / max(1, sum(map(len, found))), right / sum(map(len, gold))
