"""A sentence for people to correct, with all that a tool for annotation needs to show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Outcome
from xproj_fast.confidence import sentence_certainty
from xproj_fast.errors import InputError
from xproj_fast.formats.jsonl_writer import shortest, text_columns
from xproj_fast.text.scripts import Span

if TYPE_CHECKING:
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.projection import Projection

AGENT = "xproj_fast"  # who says so, where a tool asks


@dataclass(frozen=True, slots=True)
class ReviewSpan:
    """An entity that may be wrong.

    Attributes:
        start: its first character.
        end: one past its last.
        words: its first word, and one past its last.
        label: its class.
        text: its characters.
        confidence: the probability that it is right.
    """

    start: int
    end: int
    words: Span
    label: str
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ReviewSentence:
    """A sentence.

    Attributes:
        id: what joins it with the prediction again.
        text: the raw text, or the words joined by spaces.
        places: the first character and the end of each word.
        spans: its entities.
        certainty: the least confidence of any of them, 0 where an entity of the source was not projected.
        source: the source sentence; None where it is not known.
        missing: source entities that were not projected: ``"Ada Lovelace (PER)"``.
    """

    id: str
    text: str
    places: tuple[Span, ...]
    spans: tuple[ReviewSpan, ...]
    certainty: float
    source: str | None = None
    missing: tuple[str, ...] = ()

    def known(self) -> dict[str, str]:
        """Return what helps to decide, for people to read.

        The keys are always the same: doccano makes a table of what it imports, and an interface of Label Studio that
        shows the source refuses a task without one.
        """
        return {"source": self.source or "", "not_projected": ", ".join(self.missing)}


def certainties(result: Projection | LabelledSentences) -> NDArray[np.float32]:
    """Return how sure each sentence is, see ``sentence_certainty``.

    Raises:
        InputError: where nobody says how sure the spans are.
    """
    sentences = result.labelled()
    if sentences.confidences is None and len(sentences.entities.start):
        raise InputError(
            "confidences: expected entities that say how sure they are, got none (scores='learned' does)",
            field="confidences",
        )
    spans, sure = sentences.entities.offsets, sentences.confidences
    if not hasattr(result, "pairs"):
        return sentence_certainty(spans, sure)
    projection = cast("Projection", result)
    return sentence_certainty(spans, sure, projection.pairs.entities.offsets, projection.matches.outcome)


def review_sentences(
    result: Projection | LabelledSentences, certainty: NDArray[np.float32], numbers: Sequence[int]
) -> list[ReviewSentence]:
    """Return sentences to review.

    Args:
        result: some.
        certainty: float32, of each.
        numbers: of each in its file, from 0: the id of those without one is this + 1.
    """
    sentences = result.labelled()
    lists = sentences.words.to_lists()
    texts, starts, ends = text_columns(sentences.words, lists)
    places = iter(zip(starts.tolist(), ends.tolist(), strict=True))
    entities = sentences.entities
    sure = np.zeros(0, np.float32) if sentences.confidences is None else sentences.confidences
    columns: list[list[Any]] = [entities.start.tolist(), entities.end.tolist(), entities.label.tolist()]
    spans = iter(list(zip(*columns, shortest(sure), strict=True)))
    ids = [None] * len(lists) if sentences.ids is None else sentences.ids.to_pylist()
    sources, missing = _other_side(result)
    certain = shortest(certainty)
    found = []
    for i, (text, words, many) in enumerate(zip(texts, lists, np.diff(entities.offsets).tolist(), strict=True)):
        own = tuple(islice(places, len(words)))
        made = []
        for first, last, label, confidence in islice(spans, many):
            start, end = own[first][0], own[last - 1][1]
            made.append(ReviewSpan(start, end, (first, last), sentences.labels[label], text[start:end], confidence))
        name = str(numbers[i] + 1 if ids[i] is None else ids[i])
        found.append(ReviewSentence(name, text, own, tuple(made), certain[i], sources[i], missing[i]))
    return found


def _other_side(result: Projection | LabelledSentences) -> tuple[list[str | None], list[tuple[str, ...]]]:
    """Return the source sentences, and their entities that were not projected."""
    pairs = getattr(result, "pairs", None)
    if pairs is None or pairs.source.strings is None:
        return [None] * len(result), [()] * len(result)
    texts: list[str | None] = [*text_columns(pairs.source, pairs.source.to_lists())[0]]
    missing = [
        tuple(f"{e.text} ({e.label})" for e in pair.entities if e.outcome is not Outcome.PROJECTED)
        for pair in cast("Projection", result)
    ]
    return texts, missing
