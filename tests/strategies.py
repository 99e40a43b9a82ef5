"""Small random batches of sentence pairs, scores with many ties, limits of every form."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from xproj_fast.arrays import UNLIMITED
from xproj_fast.pairs import SentencePairs

WORDS = ("a", "ab", "ß", "日本", "!", "?")
STOP_WORDS = ((), ("!", "?"), ("a",), ("日本", "nowhere", "?"))
LABELS = ("PER", "LOC", "ORG")
LIMITS = {  # text: (lo, hi)
    "<=1": (0, 1),
    "<=2": (0, 2),
    "<2": (0, 1),
    "<4": (0, 3),
    "=1": (1, 1),
    "=2": (2, 2),
    "==2": (2, 2),
    "=3": (3, 3),
    ">=0": (0, UNLIMITED),
    ">=1": (1, UNLIMITED),
    ">=2": (2, UNLIMITED),
    ">0": (1, UNLIMITED),
    ">1": (2, UNLIMITED),
}
SCORES = (0.0, -0.0, -1.0, 0.25, 0.5, 0.5, 1.0, 1.5, 1e-45, 3e38, -3e38)


@dataclass(frozen=True)
class Batch:
    """Sentence pairs as plain lists; entities are (start, end, label), links (source, target)."""

    source: list[list[str]]
    target: list[list[str]]
    entities: list[list[tuple[int, int, str]]]
    links: list[list[tuple[int, int]]]
    nested: bool = False

    def __len__(self) -> int:
        return len(self.target)

    def pairs(self) -> SentencePairs:
        return SentencePairs.from_lists(
            self.source,
            self.target,
            self.entities,
            self.links,
            labels=LABELS,
            nested=self.nested,
        )

    def spans(self, s: int) -> list[tuple[int, int]]:
        return [entity[:2] for entity in self.entities[s]]

    def stop(self, s: int, stop_words: tuple[str, ...]) -> list[bool]:
        return [word in stop_words for word in self.target[s]]


def spans_of(words: int) -> list[tuple[int, int]]:
    return [(start, end) for start in range(words) for end in range(start + 1, words + 1)]


@st.composite
def entities_of(draw: st.DrawFn, words: int, nested: bool) -> list[tuple[int, int, str]]:
    if words == 0:
        return []
    if nested:
        drawn = draw(st.lists(st.sampled_from(spans_of(words)), max_size=5))
        spans = sorted(drawn, key=lambda span: span[0])  # by start alone: ends in any order, repeats allowed
    else:
        cuts = sorted(draw(st.lists(st.integers(0, words), max_size=8)))
        gaps = draw(st.integers(0, 2))  # leave out every so many pieces; 0 = entities touch
        pieces = [(a, b) for a, b in pairwise(cuts) if a < b]
        spans = [span for k, span in enumerate(pieces) if not gaps or k % (gaps + 1) == 0]
    return [(start, end, draw(st.sampled_from(LABELS))) for start, end in spans]


@st.composite
def links_of(draw: st.DrawFn, sources: int, targets: int, most: int = 14) -> list[tuple[int, int]]:
    """Draw links in any order, with repeats."""
    if not sources * targets:
        return []
    cells = draw(st.lists(st.integers(0, sources * targets - 1), max_size=most))
    return [divmod(cell, targets) for cell in cells]


@st.composite
def batches(draw: st.DrawFn, nested: bool | None = None, most_words: int = 9) -> Batch:
    """Draw 0 to 6 sentence pairs of 0 to ``most_words`` words per side."""
    nested = draw(st.booleans()) if nested is None else nested
    batch = Batch([], [], [], [], nested)
    for _ in range(draw(st.integers(0, 6))):
        sources, targets = draw(st.integers(0, most_words)), draw(st.integers(0, most_words))
        batch.source.append(["s"] * sources)
        batch.target.append(draw(st.lists(st.sampled_from(WORDS), min_size=targets, max_size=targets)))
        batch.entities.append(draw(entities_of(sources, nested)))
        batch.links.append(draw(links_of(sources, targets)))
    return batch


@st.composite
def candidates_of(draw: st.DrawFn, words: int) -> list[tuple[int, int]]:
    """Draw some of all spans of a sentence, strictly ordered by (start, end)."""
    if words == 0:
        return []
    return sorted(draw(st.sets(st.sampled_from(spans_of(words)), max_size=12)))


@st.composite
def scores_of(draw: st.DrawFn, entities: int, candidates: int) -> list[list[np.float32]]:
    row = st.lists(st.sampled_from(SCORES).map(np.float32), min_size=candidates, max_size=candidates)
    return [draw(row) for _ in range(entities)]


limits = st.sampled_from(sorted(LIMITS))
stop_word_lists = st.sampled_from(STOP_WORDS)
word_limits = st.tuples(st.integers(1, 4), st.one_of(st.none(), st.integers(0, 7))).map(
    lambda drawn: (drawn[0], None if drawn[1] is None else drawn[0] + drawn[1])
)


def large_batch(sentences: int, seed: int = 0) -> Batch:
    """Return many sentence pairs: kernels use several threads from some thousand sentences on."""
    rng = random.Random(seed)
    batch = Batch([], [], [], [])
    for _ in range(sentences):
        sources, targets = rng.randrange(10), rng.randrange(10)
        batch.source.append(["s"] * sources)
        batch.target.append(rng.choices(WORDS, k=targets))
        cuts = sorted(rng.randint(0, sources) for _ in range(rng.randrange(6)))
        batch.entities.append([(a, b, rng.choice(LABELS)) for a, b in pairwise(cuts) if a < b])
        most = 12 if sources * targets else 0
        links = [(rng.randrange(sources), rng.randrange(targets)) for _ in range(rng.randint(0, most))]
        batch.links.append(links)
    return batch
