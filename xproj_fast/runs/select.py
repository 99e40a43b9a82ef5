"""Some sentences of a chunk, so that models see only those they are needed for; and their results put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Links, Offsets, WordProbabilities, Words

Rows = NDArray[np.int64]  # sentence numbers, rising


def rows_with(offsets: Offsets) -> Rows:
    """Return the sentences that own anything."""
    return np.flatnonzero(np.diff(offsets))


def take_words(words: Words, rows: Rows) -> Words:
    """Return the words of some sentences, with their texts where there are any."""
    if len(rows) == len(words):
        return words
    offsets, flat = _taken(words.offsets, rows)
    strings: Any = words.strings
    places = (words.text_start, words.text_end)
    return Words(
        offsets,
        None if strings is None else strings.take(flat),
        None if words.texts is None else words.texts.take(rows),
        *(None if place is None else place[flat] for place in places),
    )


def take_entities(entities: Entities, rows: Rows) -> Entities:
    """Return the entities of some sentences."""
    offsets, flat = _taken(entities.offsets, rows)
    return Entities(offsets, entities.start[flat], entities.end[flat], entities.label[flat])


def take_links(links: Links, rows: Rows) -> Links:
    """Return the links of some sentences."""
    offsets, flat = _taken(links.offsets, rows)
    return Links(offsets, links.source[flat], links.target[flat])


def take_probabilities(probabilities: WordProbabilities, rows: Rows) -> WordProbabilities:
    """Return the probabilities of some sentences."""
    offsets, flat = _taken(probabilities.offsets, rows)
    return WordProbabilities(offsets, probabilities.values[flat], probabilities.tags)


def spread_links(links: Links, rows: Rows, sentences: int) -> Links:
    """Return the links of some sentences as those of all; the others have none."""
    return Links(_spread(links.offsets, rows, sentences), links.source, links.target)


def spread_words(words: Words, rows: Rows, sentences: int) -> Words:
    """Return the words of some sentences as those of all; the others have none. Texts are left behind."""
    return Words(_spread(words.offsets, rows, sentences), words.strings)


def spread_entities(entities: Entities, rows: Rows, sentences: int) -> Entities:
    """Return the entities of some sentences as those of all; the others have none."""
    return Entities(_spread(entities.offsets, rows, sentences), entities.start, entities.end, entities.label)


def keep_labels(entities: Entities, wanted: NDArray[np.bool_]) -> Entities:
    """Return the entities of some classes: bool[labels]; label ids stay as they are."""
    keep = wanted[entities.label] if len(entities.label) else np.zeros(0, np.bool_)
    if keep.all():
        return entities
    running = np.zeros(len(keep) + 1, np.int64)
    np.cumsum(keep, out=running[1:])
    return Entities(running[entities.offsets], entities.start[keep], entities.end[keep], entities.label[keep])


def spread_probabilities(some: WordProbabilities, rows: Rows, words: Words) -> WordProbabilities:
    """Return the probabilities of some sentences as those of all; the words of the others are O for certain."""
    values = np.zeros((int(words.offsets[-1]), len(some.tags)), np.float32)
    if "O" in some.tags:
        values[:, some.tags.index("O")] = 1
    values[_taken(words.offsets, rows)[1]] = some.values
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


def _taken(offsets: Offsets, rows: Rows) -> tuple[Offsets, NDArray[np.int64]]:
    """Return the offsets of some sentences alone, and the flat positions of what they own."""
    counts = np.diff(offsets)[rows]
    taken = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(counts, out=taken[1:])
    return taken, np.arange(taken[-1]) + np.repeat(offsets[:-1][rows] - taken[:-1], counts)


def _spread(offsets: Offsets, rows: Rows, sentences: int) -> Offsets:
    counts = np.zeros(sentences + 1, np.int64)
    counts[rows + 1] = np.diff(offsets)
    spread: Offsets = np.cumsum(counts)
    return spread
