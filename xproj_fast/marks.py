"""What is drawn of sentences, in HTML or on a terminal: running text with marked spans, and why some have no span."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from xproj_fast.text.running import RunningText, joined
from xproj_fast.wording import MOST_OF_A_WORD, brief, count, without_middle

MOST_WORDS = 400  # of a sentence, in a drawing
UNKNOWN = "·"  # a word of which only the number is known


class Mark(NamedTuple):
    """A span to be marked: words ``[start, end)`` of a sentence.

    Attributes:
        start: its first word.
        end: one past its last word.
        label: its class.
        confidence: how sure it is, 0 to 1; None = nobody says.
        projected: False for a source entity that was not.
    """

    start: int
    end: int
    label: str
    confidence: float | None = None
    projected: bool = True


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its marks, of which one may lie in another.

    Attributes:
        words: its words; None where only their number is known.
        marks: in any order.
        raw: the raw sentence, where it is known.
    """

    words: Sequence[str] | None
    marks: Sequence[Mark]
    raw: RunningText | None = None

    def text(self) -> RunningText:
        """Return the sentence as it is drawn; words that are not known are dots, as many as the marks tell of."""
        if self.words is None:
            return joined([UNKNOWN] * max((mark.end for mark in self.marks), default=0))
        return self.raw or joined(self.words)


class Reason(NamedTuple):
    """Why an entity has no span.

    Attributes:
        name: its words, or where it stands.
        label: its class.
        why: the reason.
    """

    name: str
    label: str
    why: str


Line: TypeAlias = Sentence | Reason


@dataclass(frozen=True, slots=True)
class Item:
    """What is drawn of one pair or sentence.

    Attributes:
        lines: below each other.
        id: the caller's id, or None.
    """

    lines: Sequence[Line]
    id: object = None


class Edge(NamedTuple):
    """Where a mark begins or ends.

    Attributes:
        mark: which.
        opens: whether it begins here.
        broken: whether it goes on in another part: marks that share words, neither inside the other, have several.
    """

    mark: Mark
    opens: bool
    broken: bool = False

    def caption(self) -> str:
        """Return what stands at the end of the mark: its label, and how sure it is."""
        label = brief(self.mark.label)
        if self.broken:
            return f"{label}…"
        return label if self.mark.confidence is None else f"{label} {self.mark.confidence:.2f}"


def pieces(sentence: Sentence) -> Iterator[str | Edge]:
    """Yield text and edges of marks in their order; each mark ends inside the one it begins in.

    Of a very long sentence the first words come, then how much was left out.

    >>> sentence = Sentence(["Ada", "sang"], [Mark(0, 1, "PER")])
    >>> [piece if isinstance(piece, str) else "[" if piece.opens else "]" for piece in pieces(sentence)]
    ['', '[', 'Ada', ']', ' ', 'sang', '']
    """
    text = sentence.text()
    words = min(len(text.starts), MOST_WORDS)
    marks = sorted(sentence.marks, key=lambda mark: (mark.start, -mark.end))
    opened: list[Mark] = []
    following = 0
    at = 0  # in the text
    for word in range(words):
        yield from _closed(opened, word)
        yield _gap(text.text[at : text.starts[word]])
        while following < len(marks) and marks[following].start <= word:
            opened.append(marks[following])
            yield Edge(marks[following], opens=True)
            following += 1
        at = text.ends[word]
        yield without_middle(text.text[text.starts[word] : at], MOST_OF_A_WORD)
    left = len(text.starts) - words
    yield from _closed(opened, words)
    yield from (Edge(mark, opens=False, broken=True) for mark in reversed(opened))
    if left:
        unseen = len(marks) - following
        entities = f", with {count(unseen, 'entity')}" if unseen else ""
        yield f" ... {count(left, 'word')} more{entities}"
    else:
        yield _gap(text.text[at:])


def _closed(opened: list[Mark], word: int) -> Iterator[Edge]:
    """End the marks that end before a word, and those inside them that do not: these begin again."""
    outermost = next((i for i, mark in enumerate(opened) if mark.end <= word), len(opened))
    again = [mark for mark in opened[outermost:] if mark.end > word]
    for mark in reversed(opened[outermost:]):
        yield Edge(mark, opens=False, broken=mark.end > word)
    opened[outermost:] = again
    yield from (Edge(mark, opens=True) for mark in again)


def _gap(text: str) -> str:
    """Return what stands between two words, in one line."""
    return without_middle(re.sub(r"\s+", " ", text), MOST_OF_A_WORD)
