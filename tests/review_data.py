"""Sentences for people to correct, with text that is hard to carry through a tool."""

from __future__ import annotations

from typing import Any

import numpy as np

import xproj_fast as xp

HOSTILE = [
    ["<script>alert('x')</script>", '"Ada"', "👩‍👩‍👧", "\\n"],
    ["שלום", "\u202eevil\u202c", "عدن", "&amp;"],
    ["a\u0301", "😀😀", "]", "}"],
    [],
    ["東京", "は"],
]
SPANS = [[(1, 2, "PER"), (2, 4, "ORG")], [(0, 1, "LOC"), (2, 3, "LOC")], [(1, 3, "MISC")], [], []]


def sentences(words: list[list[str]] = HOSTILE, spans: list[list[Any]] = SPANS) -> xp.LabelledSentences:
    """Return sentences that say how sure their entities are."""
    found = xp.LabelledSentences.from_lists(words, spans)
    sure = np.linspace(0.9, 0.1, len(found.entities.start), dtype=np.float32)
    return xp.LabelledSentences.from_columns(found.words, found.entities, found.labels, confidences=sure)


def words_and_spans(found: xp.LabelledSentences) -> list[tuple[list[str], list[tuple[int, int, str]]]]:
    """Return the words and the entities of each sentence."""
    return [(list(s.words or ()), [(e.start, e.end, e.label) for e in s.entities]) for s in found]


def by_id(found: xp.LabelledSentences) -> dict[str, Any]:
    """Return the words and the entities of each sentence by its id."""
    assert found.ids is not None
    return dict(zip(found.ids.to_pylist(), words_and_spans(found), strict=True))


def with_words(found: xp.LabelledSentences) -> dict[str, Any]:
    """Return what a review has of them: the same, but for sentences without words."""
    return {number: each for number, each in by_number(found).items() if each[0]}


def by_number(found: xp.LabelledSentences) -> dict[str, Any]:
    """Return the same by the number of each."""
    return {str(i + 1): each for i, each in enumerate(words_and_spans(found))}
