"""Word alignments made worse on purpose, to see what each matcher makes of them."""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import Links
from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import row_numbers


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
