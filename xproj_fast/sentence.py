"""One sentence, or one pair of them, as plain Python values: what indexing a batch returns, printed as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from xproj_fast.arrays import Entities, Words
from xproj_fast.wording import shown


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
class LabelledSentence:
    """A sentence with its entities; ``str`` shows them in brackets.

    Attributes:
        words: its words; None where only their number is known.
        entities: its entities, by start.
        id: the caller's id, or None.
    """

    words: tuple[str, ...] | None
    entities: tuple[Entity, ...]
    id: Any = None

    def __repr__(self) -> str:
        return picture(self.words, self.entities)


@dataclass(frozen=True, slots=True, repr=False)
class SentencePair:
    """A pair of sentences with the entities of the source; ``str`` shows both.

    Attributes:
        source: the source words; None where only their number is known.
        target: the target words.
        entities: the source entities.
        alignments: (source word, target word) pairs, or None.
        id: the caller's id, or None.
    """

    source: tuple[str, ...] | None
    target: tuple[str, ...] | None
    entities: tuple[Entity, ...]
    alignments: tuple[tuple[int, int], ...] | None = None
    id: Any = None

    def __repr__(self) -> str:
        return f"{picture(self.source, self.entities)}\n{picture(self.target, ())}"


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
