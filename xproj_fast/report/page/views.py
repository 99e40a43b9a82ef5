"""What a page shows, as columns: sentences, their entities, what became of them, how they differ from others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, EntityIndex, Links, Words
from xproj_fast.confidence import sentence_certainty
from xproj_fast.difference import Difference, differences
from xproj_fast.errors import InputError
from xproj_fast.evaluation import ClassScore, evaluate
from xproj_fast.labelled import LabelledSentences
from xproj_fast.projection import Projection
from xproj_fast.ragged import Rows, gather, row_numbers, take
from xproj_fast.same_words import first_unlike
from xproj_fast.sides import HasLabels, Labelled, side_of
from xproj_fast.wording import count

if TYPE_CHECKING:
    import pyarrow as pa

Shown: TypeAlias = Projection | LabelledSentences


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One way to label the sentences of the target.

    Attributes:
        name: what it is called.
        entities: ordered by start inside a sentence.
        labels: their names; ``entities.label`` indexes them.
        confidence: float32[entities], where it is known.
        source: int32[entities], the source entity of each, where it is known.
        difference: uint8[entities], ``Difference`` from what they are compared with, where they are.
    """

    name: str
    entities: Entities
    labels: Sequence[str]
    confidence: NDArray[np.float32] | None = None
    source: EntityIndex | None = None
    difference: NDArray[np.uint8] | None = None

    def some(self, rows: Rows) -> Layer:
        """Return the layer of some sentences."""
        items = gather(self.entities.offsets, rows)[1]
        columns: dict[str, Any] = {name: getattr(self, name) for name in ("confidence", "source", "difference")}
        some: dict[str, Any] = {name: None if column is None else column[items] for name, column in columns.items()}
        return replace(self, entities=take(self.entities, rows), **some)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """N sentences, or pairs of them, with one or several ways to label the target.

    Attributes:
        name: of the data, where several are shown.
        target: the sentences that are labelled.
        layers: how; the first is what is inspected.
        reference: what the layers are compared with: gold labels, or those of another output.
        source: what was projected from, where it is known.
        entities: the entities of the source.
        labels: the names of their labels.
        outcome: uint8[source entities], see ``Outcome``.
        links: word alignments.
        ids: the caller's ids.
        scores: how well each layer agrees with the reference.
        gold: whether the reference is right.
    """

    name: str
    target: Words
    layers: tuple[Layer, ...]
    reference: Layer | None = None
    source: Words | None = None
    entities: Entities | None = None
    labels: Sequence[str] = ()
    outcome: NDArray[np.uint8] | None = None
    links: Links | None = None
    ids: pa.Array | None = None
    scores: tuple[ClassScore, ...] = ()
    gold: bool = False

    def __len__(self) -> int:
        return len(self.target)

    def some(self, rows: Rows) -> View:
        """Return the view of some sentences, in the order named; the scores stay those of all."""
        outcome = self.outcome
        if self.entities is not None and outcome is not None:
            outcome = outcome[gather(self.entities.offsets, rows)[1]]
        return replace(
            self,
            target=take(self.target, rows),
            layers=tuple(layer.some(rows) for layer in self.layers),
            reference=None if self.reference is None else self.reference.some(rows),
            source=None if self.source is None else take(self.source, rows),
            entities=None if self.entities is None else take(self.entities, rows),
            outcome=outcome,
            links=None if self.links is None else take(self.links, rows),
            ids=None if self.ids is None else self.ids.take(rows),
        )

    def everything(self) -> Iterator[Layer]:
        """Yield the layers and the reference, where there is one."""
        yield from self.layers
        if self.reference is not None:
            yield self.reference

    def errors(self) -> NDArray[np.int64]:
        """Return int64[N]: in how many entities the first layer differs from the reference."""
        found = np.zeros(len(self), np.int64)
        if self.reference is not None:
            for layer, counted in ((self.layers[0], _WRONG), (self.reference, [Difference.MISSING])):
                assert layer.difference is not None
                at = row_numbers(layer.entities.offsets)[np.isin(layer.difference, counted)]
                found += np.bincount(at, minlength=len(self))
        return found

    def certainty(self) -> NDArray[np.float32]:
        """Return float32[N], see ``sentence_certainty``."""
        first = self.layers[0]
        spans = first.entities.offsets
        entities = None if self.entities is None else self.entities.offsets
        return sentence_certainty(spans, first.confidence, entities, self.outcome)


_WRONG = [each for each in Difference if each not in (Difference.RIGHT, Difference.MISSING)]


def view_of(
    shown: Shown,
    *,
    gold: Labelled | None = None,
    against: Labelled | None = None,
    name: str = "",
    names: Sequence[str] = (),
) -> View:
    """Return the view of what was projected or labelled.

    Args:
        shown: what is inspected.
        gold: the right entities of the same sentences.
        against: another way to label them.
        name: of the data.
        names: of what is inspected and of ``against``; () = "projected" or "labelled", and "other".

    Raises:
        InputError: for sides of other sentences.
    """
    kind = "projected" if isinstance(shown, Projection) else "labelled"
    called = names or (kind, "other")
    found = shown.labelled()
    words = found.words
    source = shown.matches.entity[shown.order] if isinstance(shown, Projection) else None
    layers = [replace(_layer(called[0], found), source=source)]
    if against is not None:
        layers.append(_layer(called[1], _labelled(against, "against", words)))
    reference = None
    if gold is not None:
        reference = _layer("gold", _labelled(gold, "gold", words))
    elif against is not None:
        reference = layers.pop()
    scores = []
    if reference is not None:
        right = _side(reference)
        for i, layer in enumerate(layers):
            differ = differences(right, _side(layer))
            layers[i] = replace(layer, difference=differ.of_predicted)
            scores.append(evaluate(right, _side(layer)).micro)
            if i == 0:
                reference = replace(reference, difference=differ.of_gold)
    view = View(name, words, tuple(layers), reference, ids=found.ids, scores=tuple(scores), gold=gold is not None)
    if not isinstance(shown, Projection):
        return view
    return replace(
        view,
        source=shown.pairs.source,
        entities=shown.pairs.entities,
        labels=shown.pairs.labels,
        outcome=shown.matches.outcome,
        links=shown.pairs.alignments,
    )


def _side(layer: Layer) -> tuple[Entities, Sequence[str]]:
    return layer.entities, layer.labels


def _layer(name: str, found: LabelledSentences) -> Layer:
    return Layer(name, found.entities, found.labels, found.confidences)


def _labelled(other: Labelled, field: str, ours: Words) -> LabelledSentences:
    """Return another side, whose sentences must be those of what is inspected."""
    if not callable(getattr(other, "labelled", None)):
        side = side_of(other, field, "default")
        offsets = ours.offsets if side.word_offsets is None else side.word_offsets
        sure = side.confidences
        other = LabelledSentences(Words(offsets), side.entities, tuple(side.names), confidences=sure)
    found = cast("HasLabels", other).labelled()
    if len(ours) != len(found):
        expected = f"expected {count(len(ours), 'sentence')}, as are inspected"
        raise InputError(f"{field}: {expected}, got {len(found):,}", field=field)
    unlike = first_unlike(ours, found.words)
    if unlike is not None:
        s, mine, theirs = unlike
        told = f"{count(mine, 'word')}, as are" if isinstance(mine, int) else f"{mine!r}, as is"
        raise InputError(f"{field}: sentence {s}: expected {told} inspected, got {theirs!r}", field=field, sentence=s)
    return found
