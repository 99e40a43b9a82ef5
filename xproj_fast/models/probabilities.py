"""From the logits of subwords to the probabilities of words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Offsets, Pieces, Score
from xproj_fast.ragged import flat


def softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Return the softmax over the last axis of logits / temperature, in float32, stable for any finite logits."""
    with np.errstate(over="ignore"):  # what is far below the largest may become -inf, of which the exponential is 0
        values: NDArray[np.float32] = logits - logits.max(axis=-1, keepdims=True)
        values /= np.float32(temperature)
    np.exp(values, out=values)
    values /= values.sum(axis=-1, keepdims=True)
    return values


def first_pieces(pieces: Pieces, bounds: Offsets) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the flat words that have a subword, in order, and bool[pieces]: is it the first of its word."""
    word = flat(pieces.word, pieces.offsets, bounds)
    is_first = np.ones(len(word), np.bool_)
    is_first[1:] = word[1:] != word[:-1]
    return word[is_first], is_first


def means_over(certainty: NDArray[np.float32], offsets: Offsets, entities: Entities) -> Score:
    """Return float32[entities], the mean certainty of their words."""
    if not len(entities.start):
        return np.zeros(0, np.float32)
    ends = [flat(places, entities.offsets, offsets) for places in (entities.start, entities.end)]
    bounds = np.stack(ends, axis=1).ravel()
    sums = np.add.reduceat(np.append(certainty, np.float32(0)), bounds, dtype=np.float64)[::2]
    scores: Score = (sums / (entities.end - entities.start)).astype(np.float32)
    return scores
