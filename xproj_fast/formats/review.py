"""Sentences for people to correct: those that are least certain, as pre-annotations of the tool they work with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import write_whole
from xproj_fast.formats.registry import FORMATS, by_suffix, that_write
from xproj_fast.formats.review_sentences import ReviewSentence, certainties, review_sentences
from xproj_fast.wording import listed

if TYPE_CHECKING:
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.projection import Projection

COUNT = 100


class LeastCertain:
    """The least certain of sentences that come in chunks; of those that are equally certain the first.

    What is held is bounded, and the same for chunks of any size. A sentence without words is left out: there is nothing
    in it to correct, and tools refuse an empty text.

    Args:
        count: how many; None = all.

    Attributes:
        without_words: sentences left out so far.
    """

    def __init__(self, count: int | None = COUNT) -> None:
        if count is not None and count < 1:
            raise InputError(f"count: expected 1 or more, got {count}", field="count")
        self._count = count
        self._done = 0
        self._held: list[ReviewSentence] = []
        self.without_words = 0

    def add(self, result: Projection | LabelledSentences) -> None:
        """Take the next chunk.

        Raises:
            InputError: for one that does not say how sure it is, or whose words are not known.
        """
        certainty = certainties(result)
        has_words = np.diff(result.labelled().words.offsets) > 0
        self.without_words += len(result) - int(has_words.sum())
        rows = np.argsort(certainty, kind="stable")
        rows = rows[has_words[rows]][: self._count]
        if self._count is not None and len(self._held) == self._count:
            rows = rows[certainty[rows] < np.float32(self._held[-1].certainty)]
        fresh = [] if not len(rows) else review_sentences(result[rows], certainty[rows], (rows + self._done).tolist())
        self._held = sorted([*self._held, *fresh], key=lambda each: each.certainty)[: self._count]
        self._done += len(result)

    def sentences(self) -> list[ReviewSentence]:
        """Return them, the least certain first."""
        return self._held


def review_format(path: Path, fmt: str | None = None) -> str:
    """Return the format of a review: as given, else by the suffix.

    Raises:
        InputError: for one that is no tool's for annotation.
    """
    kind = fmt or by_suffix(path) or ""
    able = that_write("reviews")
    if kind not in able:
        got = kind or f"the suffix {path.suffix or 'of none'}"
        raise InputError(f"{path}: expected one of {listed(able)} as the format of a review, got {got}", field="fmt")
    return kind


def write_review(
    result: Projection | LabelledSentences, path: str | Path, fmt: str | None = None, *, count: int | None = COUNT
) -> None:
    """Write the least certain sentences for people to correct, as pre-annotations.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> xp.write_review(xp.project(pairs, scores="learned"), "tasks.jsonl", "prodigy", count=10)
    >>> len(xp.read_labelled("tasks.jsonl", "prodigy"))
    10

    A sentence is as certain as the least sure of its entities; one with an entity of the source that was not projected
    is not at all. The least certain come first. Each has its words along, so that what comes back has the same, the
    source sentence, and an id: that of the input, or else its number in it, from 1, as a string. Sentences without
    words are left out.

    Args:
        result: a projection, or labelled sentences that say how sure each entity is.
        path: where to.
        fmt: ``"argilla"``, ``"doccano"``, ``"label-studio"`` or ``"prodigy"``; None = by the suffix: ``.json`` is Label
            Studio's.
        count: how many sentences; None = all.

    Raises:
        InputError: for another format; for entities that do not say how sure they are; for an empty word.
    """
    kind = review_format(Path(path), fmt)
    chosen = LeastCertain(count)
    chosen.add(result)
    write_sentences(chosen.sentences(), Path(path), kind)


def write_sentences(sentences: list[ReviewSentence], path: Path, fmt: str) -> None:
    """Write sentences to review in a format that has them.

    Raises:
        InputError: for an empty word, which no tool gives back.
    """
    for each in sentences:
        if any(start == end for start, end in each.places):
            raise InputError(f"words: sentence {each.id}: a review needs words that are not empty", field="words")
    encode = FORMATS[fmt].review
    assert encode is not None
    write_whole(path, encode(sentences))
