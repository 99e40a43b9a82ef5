"""A column of confidences: a number on the words of an entity, the same on all of them, and ``-`` on all others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.ragged import flat, ranges

NO_CONFIDENCE = "-"  # of a word outside entities


class ConfidenceError(InputError):
    """What is no confidence; ``word`` is its flat index, the message says nothing of the place."""

    def __init__(self, message: str, word: int) -> None:
        super().__init__(message, field="confidences")
        self.word = word


def entity_confidences(column: Any, entities: Entities, words: Words) -> NDArray[np.float32]:
    """Return how sure each entity is.

    Args:
        column: Arrow array of what stands in the column, word by word.
        entities: of the sentences.
        words: their words.

    Raises:
        ConfidenceError: for what is neither a number from 0 to 1 nor ``-``, and one at the wrong word.
    """
    distinct = column.dictionary_encode()
    names, ids = distinct.dictionary.to_pylist(), distinct.indices.to_numpy(zero_copy_only=False)
    known = np.array([_number(name) for name in names])  # -1 = none
    for i in np.flatnonzero(np.isnan(known)).tolist():
        raise ConfidenceError(
            f"expected a confidence from 0 to 1, or {NO_CONFIDENCE}, got {names[i]!r}", int(np.argmax(ids == i))
        )
    values = known[ids] if len(ids) else np.zeros(0)
    first = flat(entities.start, entities.offsets, words.offsets)
    length = entities.end - entities.start
    inside = np.zeros(len(values), np.bool_)
    inside[ranges(first, length)] = True
    wanted = np.full(len(values), -1.0)
    wanted[ranges(first, length)] = np.repeat(values[first], length)
    wrong = (values != wanted) | (inside & (wanted < 0))
    if wrong.any():
        word = int(np.argmax(wrong))
        expected = (
            "a confidence, the same on all words of an entity" if inside[word] else f"{NO_CONFIDENCE} outside entities"
        )
        raise ConfidenceError(f"expected {expected}, got {names[ids[word]]!r}", word)
    return values[first].astype(np.float32)


def _number(name: str) -> float:
    """Return a confidence, -1 for none, and NaN for what is neither."""
    if name in (NO_CONFIDENCE, "-DOCSTART-"):  # a line that has no columns
        return -1.0
    try:
        value = float(name)
    except ValueError:
        return np.nan
    return value if 0 <= value <= 1 else np.nan
