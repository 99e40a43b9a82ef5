"""One sentence, or one pair of them, as plain Python values: what indexing a batch returns, printed as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, Protocol

from xproj_fast.arrays import Entities, Words
from xproj_fast.drawn import Drawn, displacy_of
from xproj_fast.wording import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xproj_fast.marks import Item, Mark
    from xproj_fast.text.running import RunningText


@dataclass(frozen=True, slots=True)
class Entity:
    """A labelled span of a sentence.

    Attributes:
        start: its first word.
        end: one past its last word.
        label: its class, such as ``"PER"``.
        text: its words, joined by spaces; None where only their number is known.
    """

    start: int
    end: int
    label: str
    text: str | None


@dataclass(frozen=True, slots=True, repr=False)
class LabelledSentence(Drawn):
    """A sentence with its entities; ``str`` shows them in brackets, a notebook in colour.

    Attributes:
        words: its words; None where only their number is known.
        entities: its entities, by start.
        id: the caller's id, or None.
        confidences: the probability, 0 to 1, that each entity is right; None = nobody says.
        raw: the raw sentence and where its words stand in it; None = not known.
    """

    words: tuple[str, ...] | None
    entities: tuple[Entity, ...]
    id: Any = None
    confidences: tuple[float, ...] | None = field(default=None, compare=False)
    raw: RunningText | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return picture(self.words, self.entities)

    def _drawing(self) -> Item:
        from xproj_fast.marks import Item, Sentence

        return Item([Sentence(self.words, marks_of(self.entities, self.confidences), self.raw)], self.id)

    def displacy(self) -> dict[str, Any]:
        """Return the sentence as displaCy draws it: see ``LabelledSentences.displacy``."""
        return displacy_of(self.words, self.entities, self.raw, self.id)


@dataclass(frozen=True, slots=True, repr=False)
class SentencePair(Drawn):
    """A pair of sentences with the entities of the source; ``str`` shows both, a notebook in colour.

    Attributes:
        source: the source words; None where only their number is known.
        target: the target words.
        entities: the source entities.
        alignments: (source word, target word) pairs, or None.
        id: the caller's id, or None.
        confidences: the probability, 0 to 1, that each entity is right; None = nobody says.
        source_raw: the raw source sentence and where its words stand in it; None = not known.
        target_raw: the same of the target sentence.
    """

    source: tuple[str, ...] | None
    target: tuple[str, ...] | None
    entities: tuple[Entity, ...]
    alignments: tuple[tuple[int, int], ...] | None = None
    id: Any = None
    confidences: tuple[float, ...] | None = field(default=None, compare=False)
    source_raw: RunningText | None = field(default=None, compare=False)
    target_raw: RunningText | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"{picture(self.source, self.entities)}\n{picture(self.target, ())}"

    def _drawing(self) -> Item:
        from xproj_fast.marks import Item, Sentence

        source = Sentence(self.source, marks_of(self.entities, self.confidences), self.source_raw)
        return Item([source, Sentence(self.target, (), self.target_raw)], self.id)


class LabelledSpan(Protocol):
    """What is drawn: ``Entity``, and what is like it."""

    @property
    def start(self) -> int:  # noqa: D102
        ...

    @property
    def end(self) -> int:  # noqa: D102
        ...

    @property
    def label(self) -> str:  # noqa: D102
        ...


def picture(words: Sequence[str] | None, spans: Iterable[LabelledSpan]) -> str:
    """Return a sentence as one line with its spans in brackets.

    >>> picture("Ada Lovelace lived in London .".split(), [Entity(0, 2, "PER", None), Entity(4, 5, "LOC", None)])
    '[Ada Lovelace]PER lived in [London]LOC .'

    Words that are not known are dots, as many as the spans tell of.
    """
    found = sorted(spans, key=lambda span: (span.start, -span.end))
    shown_words = list(words) if words is not None else ["·"] * max((span.end for span in found), default=0)
    before = [""] * len(shown_words)
    after = [""] * len(shown_words)
    for span in found:
        before[span.start] += "["
        after[span.end - 1] = f"]{span.label}" + after[span.end - 1]  # what began later ends first
    return shown(" ".join(a + word + b for a, word, b in zip(before, shown_words, after, strict=True)))


def words_of(words: Words, row: int) -> tuple[str, ...] | None:
    """Return the words of one sentence; None where only their number is known."""
    if words.strings is None:
        return None
    a, b = words.offsets[row : row + 2].tolist()
    return tuple(words.strings.slice(a, b - a).to_pylist())


def entities_of(entities: Entities, row: int, labels: Sequence[str], words: Sequence[str] | None) -> tuple[Entity, ...]:
    """Return the entities of one sentence, which has these words."""
    a, b = entities.offsets[row : row + 2].tolist()
    columns = (column[a:b].tolist() for column in (entities.start, entities.end, entities.label))
    return tuple(Entity(x, y, labels[label], text_of(words, x, y)) for x, y, label in zip(*columns, strict=True))


def text_of(words: Sequence[str] | None, start: int, end: int) -> str | None:
    """Return the words of a span, joined by spaces; None where they are not known."""
    return None if words is None else " ".join(words[start:end])


def id_of(ids: Any, row: int) -> Any:
    """Return the id of one sentence, None where there are none."""
    return None if ids is None else ids[row].as_py()


def confidences_of(column: NDArray[np.float32] | None, entities: Entities, row: int) -> tuple[float, ...] | None:
    """Return how sure each entity of one sentence is, None where nobody says."""
    return None if column is None else tuple(column[slice(*entities.offsets[row : row + 2].tolist())].tolist())


def marks_of(entities: Sequence[Entity], confidences: Sequence[float] | None) -> list[Mark]:
    """Return the marks of entities."""
    from xproj_fast.marks import Mark

    sure = repeat(None, len(entities)) if confidences is None else confidences
    return [Mark(each.start, each.end, each.label, p) for each, p in zip(entities, sure, strict=True)]
