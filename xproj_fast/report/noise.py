"""Word alignments made worse on purpose, to see what each matcher makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xproj_fast.arrays import Links
from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import row_numbers
from xproj_fast.report.contenders import Gold, Setting, contenders


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """One matcher at one noise level: mean, lowest and highest micro F1 of ``draws`` draws of the noise."""

    matcher: str
    limit: str | None
    noise: float
    draws: int
    f1: float
    f1_low: float
    f1_high: float


def add_noise(pairs: SentencePairs, probability: float, seed: int = 0) -> SentencePairs:
    """Return the pairs with a share of their links dropped or rewired.

    Each link, independently of all others: with probability p/2 it is dropped; with probability p/2 it is moved to
    another target word of its sentence, each with the same chance (a sentence of one target word keeps it); else it
    stays. A link that is moved onto one that is there becomes one with it. With one seed, what is changed at a lower
    probability is changed in the same way at a higher one.

    Args:
        pairs: sentence pairs with alignments.
        probability: share of links that change, 0 to 1; 0 = the pairs as they are.
        seed: of ``numpy.random.default_rng``; the same links for the same seed.

    Raises:
        InputError: for a probability outside [0, 1], a negative seed, or pairs without alignments.
    """
    if not 0 <= probability <= 1:
        raise InputError(f"noise: expected probabilities from 0 to 1, got {probability}")
    if seed < 0:
        raise InputError(f"seed: expected 0 or more, got {seed}")
    links = require_alignments(pairs)
    if probability == 0:
        return pairs
    rng = np.random.default_rng(seed)
    # Drawn for every link at any probability: so levels differ in how many links change, not in which.
    change, kind, place = rng.random((3, len(links.source)))
    sentence = row_numbers(links.offsets)
    others = np.diff(pairs.target.offsets)[sentence] - 1
    other = np.minimum((place * others).astype(np.int32), np.maximum(others - 1, 0)).astype(np.int32)
    other += other >= links.target  # the place-th word of those that are not its own
    moved = (change < probability) & (kind >= 0.5) & (others > 0)
    kept = np.flatnonzero(~((change < probability) & (kind < 0.5)))
    target = np.where(moved, other, links.target)[kept]
    rows = np.stack([sentence[kept], links.source[kept], target])
    first = np.sort(np.unique(rows, axis=1, return_index=True)[1])
    offsets = np.searchsorted(sentence[kept][first], np.arange(len(links) + 1)).astype(np.int64)
    noisy = Links(offsets, links.source[kept][first], target[first].astype(np.int32))
    return pairs.with_alignments(noisy, copy=False)


def compare_noise(
    pairs: SentencePairs,
    gold: Gold,
    *,
    levels: Sequence[float],
    matchers: Sequence[str] | None = None,
    limit: str = "<=1",
    backend: str = "cpp",
    seed: int = 0,
    draws: int = 5,
    setting: Setting | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> list[NoiseRow]:
    """Score every matcher on alignments with noise, see ``add_noise``; all get the same noise. Rivals take no part.

    A capped ILP (``setting.ilp_sentences`` below the number of sentences) is left out: its F1 would be of other text.

    Args:
        pairs: sentence pairs with alignments.
        gold: the right target entities and their label names.
        levels: probabilities that a link changes.
        matchers: None = all that there are.
        limit: spans per entity.
        backend: ``"cpp"`` or ``"numba"``, for greedy.
        seed: draw d has the seed ``seed + d``.
        draws: how often noise is drawn; level 0 needs one.
        setting: what all share; None = the defaults.
        progress: called with the share done, 0 to 1.

    Raises:
        InputError: see ``compare`` and ``add_noise``.
    """
    chosen = setting or Setting()
    if draws < 1:
        raise InputError(f"draws: expected at least 1, got {draws}")
    names = MATCHERS.names() if matchers is None else matchers
    every = contenders(pairs, names, [limit], [backend], replace(chosen, rivals=()))
    kept = [c for c in every if len(c.pairs) == len(pairs)]
    rows = []
    for done, level in enumerate(levels):
        scores: list[list[float]] = [[] for _ in kept]
        for draw in range(draws if level else 1):
            noisy = add_noise(pairs, level, seed + draw)
            for found, c in zip(scores, kept, strict=True):
                result = replace(c, pairs=noisy).run()
                found.append(evaluate(gold, result, ignore_labels=chosen.ignore_labels).micro.f1)
            progress((done + (draw + 1) / (draws if level else 1)) / len(levels))
        rows += [
            NoiseRow(c.matcher, c.limit, level, len(found), float(np.mean(found)), min(found), max(found))
            for c, found in zip(kept, scores, strict=True)
        ]
    return rows
