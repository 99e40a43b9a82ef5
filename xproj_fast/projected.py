"""``ProjectedPair``: what indexing a projection returns, one pair as plain Python values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xproj_fast.arrays import Matches, Outcome, Status
from xproj_fast.drawn import Drawn, displacy_of
from xproj_fast.pairs import SentencePairs
from xproj_fast.sentence import Entity, entities_of, id_of, picture, text_of, words_of
from xproj_fast.text.running import RunningText, raw_text
from xproj_fast.wording import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xproj_fast.marks import Item

REASONS = {  # what became of a source entity, for people
    Outcome.PROJECTED: "projected",
    Outcome.UNSCORED: "no candidate scored",
    Outcome.OVERLAP: "words taken by others",
    Outcome.TOO_SHORT: "runs too short",
    Outcome.UNSURE: "less sure than the minimum",
}


@dataclass(frozen=True, slots=True)
class TargetSpan(Entity):
    """A span that a source entity was projected onto.

    Attributes:
        score: its score.
        confidence: the probability that it and its label are right; None where no score says it.
    """

    score: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class SourceEntity(Entity):
    """A source entity, and what became of it.

    Attributes:
        outcome: whether it was projected, or why not.
        spans: the target spans it was projected onto, by start.
    """

    outcome: Outcome
    spans: tuple[TargetSpan, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ProjectedPair(Drawn):
    """One sentence pair with the entities of both sides; ``str`` shows them in brackets, a notebook in colour.

    >>> import xproj_fast as xp
    >>> pair = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"))[0]
    >>> pair
    [Maria Lopez]PER joined the [Berlin]LOC office of [Siemens]ORG last spring .
    [Maria Lopez]PER wechselte im letzten Frühjahr in das [Berliner]LOC Büro von [Siemens]ORG .
    >>> pair.entities[1].text, pair.entities[1].outcome.name, pair.entities[1].spans[0].text
    ('Berlin', 'PROJECTED', 'Berliner')

    Attributes:
        source: the source words; None where only their number is known.
        target: the target words.
        entities: the source entities with their outcomes and spans.
        status: how the matching of the pair ended.
        id: the caller's id, or None.
        source_raw: the raw source sentence and where its words stand in it; None = not known.
        target_raw: the same of the target sentence.

    >>> import xproj_fast as xp
    >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"))
    >>> [(entity.label, [(span.start, span.end) for span in entity.spans]) for entity in result[7].entities]
    [('LOC', [(0, 1)]), ('MISC', [(6, 7)]), ('LOC', [(4, 5)])]
    """

    source: tuple[str, ...] | None
    target: tuple[str, ...] | None
    entities: tuple[SourceEntity, ...]
    status: Status
    id: Any = None
    source_raw: RunningText | None = field(default=None, compare=False)
    target_raw: RunningText | None = field(default=None, compare=False)

    @property
    def spans(self) -> tuple[TargetSpan, ...]:
        """All projected spans, by start."""
        found = (span for entity in self.entities for span in entity.spans)
        return tuple(sorted(found, key=lambda span: (span.start, span.end)))

    def displacy(self) -> dict[str, Any]:
        """Return the target sentence as displaCy draws it: see ``LabelledSentences.displacy``."""
        return displacy_of(self.target, self.spans, self.target_raw, self.id)

    def _left_out(self) -> Iterator[tuple[str, SourceEntity]]:
        """Yield what was not projected, each with its name."""
        for entity in self.entities:
            if entity.outcome is not Outcome.PROJECTED:
                yield f"[{entity.start}, {entity.end})" if entity.text is None else entity.text, entity

    def _drawing(self) -> Item:
        from xproj_fast.marks import Item, Mark, Reason, Sentence

        source = [Mark(x.start, x.end, x.label, projected=x.outcome is Outcome.PROJECTED) for x in self.entities]
        target = [Mark(x.start, x.end, x.label, x.confidence) for x in self.spans]
        reasons = [Reason(name, entity.label, REASONS[entity.outcome]) for name, entity in self._left_out()]
        sides = [Sentence(self.source, source, self.source_raw), Sentence(self.target, target, self.target_raw)]
        return Item([*sides, *reasons], self.id)

    def __repr__(self) -> str:
        lines = [picture(self.source, self.entities), picture(self.target, self.spans)]
        for name, entity in self._left_out():
            lines.append(shown(f"not projected: {name} {entity.label} ({entity.outcome.name.lower()})"))
        return "\n".join(lines)


def pair_of(
    pairs: SentencePairs, matches: Matches, row: int, confidence: NDArray[np.float32] | None = None
) -> ProjectedPair:
    """Return one pair with what was projected in it; ``confidence``: of all spans, where it is known."""
    target = words_of(pairs.target, row)
    source = words_of(pairs.source, row)
    entities = entities_of(pairs.entities, row, pairs.labels, source)
    spans: list[list[TargetSpan]] = [[] for _ in entities]
    a, b = matches.offsets[row : row + 2].tolist()
    columns = [column[a:b].tolist() for column in (matches.entity, matches.start, matches.end, matches.score)]
    columns.append([None] * (b - a) if confidence is None else confidence[a:b].tolist())
    for entity, start, end, score, sure in zip(*columns, strict=True):
        text = text_of(target, start, end)
        spans[entity].append(TargetSpan(start, end, entities[entity].label, text, score, sure))
    first = int(pairs.entities.offsets[row])
    found = tuple(
        SourceEntity(e.start, e.end, e.label, e.text, Outcome(int(matches.outcome[first + i])), tuple(spans[i]))
        for i, e in enumerate(entities)
    )
    return ProjectedPair(
        source,
        target,
        found,
        Status(int(matches.status[row])),
        id_of(pairs.ids, row),
        raw_text(pairs.source, row),
        raw_text(pairs.target, row),
    )
