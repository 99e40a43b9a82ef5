"""Some sentences of a chunk, so that models see only those they are needed for; and their results put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Links, Offsets, WordProbabilities, Words
from xproj_fast.ragged import Rows, gather, keep, spread


def rows_with(offsets: Offsets) -> Rows:
    """Return the sentences that own anything."""
    return np.flatnonzero(np.diff(offsets))


def of_rows(values: NDArray[Any], offsets: Offsets, rows: Rows) -> NDArray[Any]:
    """Return what some sentences own, of one value per item."""
    return values[gather(offsets, rows)[1]]


def spread_links(links: Links, rows: Rows, sentences: int) -> Links:
    """Return the links of some sentences as those of all; the others have none."""
    return Links(spread(links.offsets, rows, sentences), links.source, links.target)


def spread_words(words: Words, rows: Rows, sentences: int) -> Words:
    """Return the words of some sentences as those of all; the others have none. Texts are left behind."""
    return Words(spread(words.offsets, rows, sentences), words.strings)


def spread_entities(entities: Entities, rows: Rows, sentences: int) -> Entities:
    """Return the entities of some sentences as those of all; the others have none."""
    return Entities(spread(entities.offsets, rows, sentences), entities.start, entities.end, entities.label)


def keep_labels(entities: Entities, wanted: NDArray[np.bool_]) -> Entities:
    """Return the entities of some classes: bool[labels]; label ids stay as they are."""
    return keep(entities, wanted[entities.label] if len(entities.label) else np.zeros(0, np.bool_))


def spread_probabilities(some: WordProbabilities, rows: Rows, words: Words) -> WordProbabilities:
    """Return the probabilities of some sentences as those of all; the words of the others are O for certain."""
    values = np.zeros((int(words.offsets[-1]), len(some.tags)), np.float32)
    if "O" in some.tags:
        values[:, some.tags.index("O")] = 1
    values[gather(words.offsets, rows)[1]] = some.values
    return WordProbabilities(words.offsets, values, some.tags)


def most_certain(given: Sequence[WordProbabilities]) -> WordProbabilities | None:
    """Return of probabilities of the same sentences, each of some and O for the others, those that are known."""
    if not given:
        return None
    first, outside = given[0], [tag == "O" for tag in given[0].tags]
    values = first.values.copy()
    for other in given[1:]:
        blank = values[:, outside].sum(axis=1) == 1
        values[blank] = other.values[blank]
    return WordProbabilities(first.offsets, values, first.tags)
