"""How sure an F1 is: what it would be on other sentences of the same kind, by drawing these again with repetition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities
from xproj_fast.ragged import row_numbers

DRAWS = 1000
BLOCK = 100  # draws at a time: their counts of sentences are some MB on 10,000 sentences


class Counts(NamedTuple):
    """What F1 is made of, by sentence: int64[N] each."""

    correct: NDArray[np.int64]
    predicted: NDArray[np.int64]
    gold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spread:
    """F1 of several predictions on the same draws of sentences.

    Attributes:
        low: of each prediction, the F1 that 2.5% of the draws are below.
        high: the F1 that 2.5% are above.
        level: the share of draws in which it is at least as good as the best of all on the sentences themselves.
    """

    low: list[float]
    high: list[float]
    level: list[float]


def sentence_counts(
    gold: tuple[Entities, Sequence[str]], predicted: tuple[Entities, Sequence[str]], ignored: Collection[str] = ()
) -> Counts:
    """Count by sentence what ``evaluate`` counts in all.

    Args:
        gold: right entities of N sentences and the names of their labels.
        predicted: those that were found.
        ignored: classes to leave out on both sides.
    """
    names = sorted({*gold[1], *predicted[1]} - set(ignored))
    sides = [_keys(entities, labels, names) for entities, labels in (gold, predicted)]
    counts = [np.bincount(side[0], minlength=len(gold[0])) for side in (_common(*sides), sides[1], sides[0])]
    return Counts(*(each.astype(np.int64) for each in counts))


def _keys(entities: Entities, labels: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    """Return the entities of classes that count, each once, as int64[4, entities]: sentence, start, end, class."""
    place = {name: number for number, name in enumerate(names)}
    label = np.array([place.get(name, -1) for name in labels], np.int64)[entities.label]
    rows = np.stack([row_numbers(entities.offsets), entities.start, entities.end, label]).astype(np.int64)
    return np.unique(rows[:, label >= 0], axis=1)


def _common(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the columns that both have."""
    columns, times = np.unique(np.concatenate([a, b], axis=1), axis=1, return_counts=True)
    return columns[:, times == 2]


def spread(counts: Sequence[Counts], draws: int = DRAWS, seed: int = 0) -> Spread:
    """Draw the sentences again, all predictions on the same draws.

    Args:
        counts: of each prediction, on the same N sentences.
        draws: how often N sentences are drawn with repetition.
        seed: of ``numpy.random.default_rng``.
    """
    rng = np.random.default_rng(seed)
    sentences = len(counts[0].gold)
    made = np.stack([np.stack([2 * each.correct, each.predicted + each.gold]) for each in counts])
    f1 = np.empty((draws, len(counts)))
    for begin in range(0, draws, BLOCK):
        size = min(BLOCK, draws - begin)
        drawn = rng.integers(0, sentences, (size, sentences))
        times = np.stack([np.bincount(each, minlength=sentences) for each in drawn])
        twice, both = np.moveaxis(made @ times.T, 1, 0)  # each int64[predictions, draws]
        f1[begin : begin + size] = (twice / np.maximum(both, 1)).T
    best = int(np.argmax([_f1(each) for each in counts]))
    low, high = np.quantile(f1, (0.025, 0.975), axis=0)
    level = (f1 >= f1[:, [best]]).mean(axis=0)
    return Spread(low.tolist(), high.tolist(), level.tolist())


def _f1(counts: Counts) -> float:
    return 2 * int(counts.correct.sum()) / max(1, int(counts.predicted.sum() + counts.gold.sum()))
