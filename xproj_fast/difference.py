"""How predicted entities differ from gold ones: which are missing, spurious, of other bounds or of another class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities
from xproj_fast.evaluation import check_sides
from xproj_fast.ragged import keep, ranges, row_numbers
from xproj_fast.sides import Labelled, Side
from xproj_fast.wording import brief, table

NONE = "(none)"  # shown in place of a class where one side has no entity


class Difference(IntEnum):
    """How an entity of one side stands to those of the other.

    Gold and predicted entities of a sentence are paired one to one: first equal ones, then those of the same words,
    then those that share words and have the same class, then those that share words; what shares most goes first.

    >>> import xproj_fast as xp
    >>> found = xp.differences([["B-PER", "I-PER"]], [["B-PER", "O"]])
    >>> xp.Difference(found.of_gold[0]).name
    'BOUNDARY'
    """

    RIGHT = 0  #: the same words and the same class
    LABEL = 1  #: the same words, another class
    BOUNDARY = 2  #: the same class, some words of the other
    BOTH = 3  #: another class, some words of the other
    MISSING = 4  #: a gold entity without a predicted one
    SPURIOUS = 5  #: a predicted entity without a gold one


@dataclass(frozen=True, slots=True)
class Confusion:
    """One kind of error, and how often it is made.

    Attributes:
        gold: the class of the gold entity; None = there is none (spurious).
        predicted: the class of the predicted entity; None = there is none (missing).
        difference: what differs.
        count: how often.
    """

    gold: str | None
    predicted: str | None
    difference: Difference
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Which gold entity belongs to which predicted one, and how they differ; see ``Difference``.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> found = xp.differences(xp.read_labelled("de.gold.conll"), xp.project(pairs))
    >>> found.counts()
    {'right': 104, 'label': 1, 'boundary': 1, 'both': 0, 'missing': 0, 'spurious': 1}
    >>> [(each.gold, each.predicted, each.count) for each in found.confusions(2)]
    [(None, 'ORG', 1), ('LOC', 'LOC', 1)]

    Attributes:
        gold: the gold entities whose class counts.
        predicted: the predicted ones.
        labels: the classes of both; ``label`` of either side indexes them.
        of_gold: uint8[gold entities], the difference of each.
        of_predicted: uint8[predicted entities].
        partner: int64[gold entities], the place of the predicted entity that it was paired with, -1 = none.
    """

    gold: Entities
    predicted: Entities
    labels: tuple[str, ...]
    of_gold: NDArray[np.uint8]
    of_predicted: NDArray[np.uint8]
    partner: NDArray[np.int64]

    def counts(self) -> dict[str, int]:
        """Return how many pairs, or entities without a partner, there are of each difference."""
        found = np.bincount(self.of_gold, minlength=len(Difference))
        found[Difference.SPURIOUS] = np.count_nonzero(self.of_predicted == Difference.SPURIOUS)
        return {each.name.lower(): int(found[each]) for each in Difference}

    def errors(self) -> dict[str, int]:
        """Return the counts of what is wrong."""
        return {name: number for name, number in self.counts().items() if name != Difference.RIGHT.name.lower()}

    def confusions(self, most: int = 10) -> list[Confusion]:
        """Return the most frequent errors, of equally frequent ones in the order of their classes."""
        wrong = np.flatnonzero(self.of_gold != Difference.RIGHT)
        partner = self.partner[wrong]
        of_partner = np.full(len(wrong), -1, np.int64)
        of_partner[partner >= 0] = self.predicted.label[partner[partner >= 0]]
        spurious = self.predicted.label[self.of_predicted == Difference.SPURIOUS].tolist()
        counts = Counter(
            zip(self.gold.label[wrong].tolist(), of_partner.tolist(), self.of_gold[wrong].tolist(), strict=True)
        )
        counts.update((-1, label, int(Difference.SPURIOUS)) for label in spurious)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
        names: list[str | None] = [*self.labels, None]  # -1 is the last
        return [Confusion(names[g], names[p], Difference(kind), count) for (g, p, kind), count in ordered]

    def to_dict(self) -> dict[str, Any]:
        """Return the errors by kind and the ten most frequent confusions as plain values, ready for JSON."""
        confusions = [asdict(each) | {"difference": each.difference.name.lower()} for each in self.confusions()]
        return {"errors": self.errors(), "confusions": confusions}

    def tables(self) -> list[list[tuple[str, ...]]]:
        """Return what is printed, as rows of cells, headings first: errors by kind, confusions; none = no errors."""
        errors = self.errors()
        total = sum(errors.values())
        if not total:
            return []
        kinds: list[tuple[str, ...]] = [("error", "count", "share")]
        kinds += [(name, f"{number:,}", f"{number / total:.4f}") for name, number in errors.items()]
        confusions: list[tuple[str, ...]] = [("error", "gold", "predicted", "count")]
        for each in self.confusions():
            classes = (NONE if name is None else brief(name) for name in (each.gold, each.predicted))
            confusions.append((each.difference.name.lower(), *classes, f"{each.count:,}"))
        return [kinds, confusions]

    def _repr_html_(self) -> str:
        from xproj_fast.markup import tables_html

        return tables_html("Errors, and the most frequent confusions" if self.tables() else "no errors", *self.tables())

    def __str__(self) -> str:
        return "\n\n".join("\n".join(table(rows)) for rows in self.tables()) or "no errors"


def differences(
    gold: Labelled, predicted: Labelled, *, mode: str = "default", ignore_labels: Sequence[str] = ()
) -> Differences:
    """Pair gold entities with predicted ones and say how they differ.

    >>> found = differences([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "O", "O", "B-ORG"]])
    >>> found.counts()
    {'right': 0, 'label': 1, 'boundary': 1, 'both': 0, 'missing': 0, 'spurious': 0}

    Args:
        gold: see ``evaluate``.
        predicted: see ``evaluate``.
        mode: see ``evaluate``.
        ignore_labels: see ``evaluate``.

    Raises:
        InputError: see ``evaluate``.
    """
    sides = check_sides(gold, predicted, mode, ignore_labels)
    labels = tuple(sorted({*sides[0].names, *sides[1].names}.difference(ignore_labels)))
    ours, theirs = (_counting(side, labels) for side in sides)
    of_gold = np.full(len(ours.start), Difference.MISSING, np.uint8)
    of_predicted = np.full(len(theirs.start), Difference.SPURIOUS, np.uint8)
    partner = np.full(len(ours.start), -1, np.int64)
    g, p, kind, shared = _touching(ours, theirs)
    # Most entities touch one another alone: they are no choice.
    alone = (np.bincount(g, minlength=len(of_gold))[g] == 1) & (np.bincount(p, minlength=len(of_predicted))[p] == 1)
    partner[g[alone]] = p[alone]
    of_gold[g[alone]] = of_predicted[p[alone]] = kind[alone]
    g, p, kind, shared = (each[~alone] for each in (g, p, kind, shared))
    for i in np.lexsort((p, g, -shared, kind)).tolist():
        if partner[g[i]] < 0 and of_predicted[p[i]] == Difference.SPURIOUS:
            partner[g[i]] = p[i]
            of_gold[g[i]] = of_predicted[p[i]] = kind[i]
    return Differences(ours, theirs, labels, of_gold, of_predicted, partner)


def _counting(side: Side, labels: tuple[str, ...]) -> Entities:
    """Return the entities whose class counts, their labels as places in ``labels``."""
    place = {name: i for i, name in enumerate(labels)}
    ids = np.array([place.get(name, -1) for name in side.names], np.int32)[side.entities.label]
    entities = Entities(side.entities.offsets, side.entities.start, side.entities.end, ids)
    return keep(entities, ids >= 0)


def _touching(
    gold: Entities, predicted: Entities
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs that share a word: gold, predicted, how they differ, how many words they share."""
    # Words of all sentences in one line, so that what may touch an entity is a run of those ordered by their starts:
    # from the first by which one has ended behind its start, to the last that starts before its end.
    width = 1 + max(int(side.end.max(initial=0)) for side in (gold, predicted))
    ours, theirs = (row_numbers(side.offsets) * width for side in (gold, predicted))
    order = np.argsort(theirs + predicted.start, kind="stable")
    ends = np.maximum.accumulate((theirs + predicted.end)[order])
    first = np.searchsorted(ends, ours + gold.start, "right")
    sizes = np.maximum(np.searchsorted((theirs + predicted.start)[order], ours + gold.end) - first, 0)
    g = np.repeat(np.arange(len(gold.start)), sizes)
    p = order[ranges(first, sizes)]
    shared = np.minimum(gold.end[g], predicted.end[p]) - np.maximum(gold.start[g], predicted.start[p])
    there = shared > 0
    g, p, shared = g[there], p[there], shared[there].astype(np.int64)
    same_words = (gold.start[g] == predicted.start[p]) & (gold.end[g] == predicted.end[p])
    kind = np.where(same_words, 0, Difference.BOUNDARY) + (gold.label[g] != predicted.label[p])
    return g, p, kind.astype(np.int64), shared
