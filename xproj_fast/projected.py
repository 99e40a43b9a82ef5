"""``ProjectedPair``: what indexing a projection returns, one pair as plain Python values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xproj_fast.arrays import Matches, Outcome, Status
from xproj_fast.pairs import SentencePairs
from xproj_fast.sentence import Entity, entities_of, id_of, picture, text_of, words_of
from xproj_fast.wording import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
class ProjectedPair:
    """One sentence pair with the entities of both sides; ``str`` shows them in brackets.

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

    @property
    def spans(self) -> tuple[TargetSpan, ...]:
        """All projected spans, by start."""
        found = (span for entity in self.entities for span in entity.spans)
        return tuple(sorted(found, key=lambda span: (span.start, span.end)))

    def __repr__(self) -> str:
        lines = [picture(self.source, self.entities), picture(self.target, self.spans)]
        for entity in self.entities:
            if entity.outcome is not Outcome.PROJECTED:
                name = f"[{entity.start}, {entity.end})" if entity.text is None else entity.text
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
    return ProjectedPair(source, target, found, Status(int(matches.status[row])), id_of(pairs.ids, row))
