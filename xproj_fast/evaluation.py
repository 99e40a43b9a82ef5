"""Span precision, recall and F1, equal to seqeval's on the same labels.

An entity is correct where sentence, start, end and class all agree. Tags are read as seqeval (Nakayama 2018)
reads them: leniently as conlleval does, or strictly as IOB2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.ragged import row_numbers
from xproj_fast.reliability import Reliability, reliability
from xproj_fast.sides import SCHEMES, Labelled, Side, error_in, side_of
from xproj_fast.wording import shown, table


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The scores of one class, or of all together.

    Attributes:
        label: the class.
        precision: correct / predicted, 0 to 1; 0 where nothing was predicted.
        recall: correct / gold, 0 to 1; 0 where there is nothing to find.
        f1: their harmonic mean, 0 where both are 0.
        correct: entities found exactly.
        predicted: entities predicted.
        gold: entities there are.
    """

    label: str
    precision: float
    recall: float
    f1: float
    correct: int
    predicted: int
    gold: int

    @classmethod
    def of(cls, label: str, correct: int, predicted: int, gold: int) -> ClassScore:
        """Return the scores of counts; 0/0 = 0, as seqeval has it."""
        precision = correct / predicted if predicted else 0.0
        recall = correct / gold if gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if correct else 0.0
        return cls(label, precision, recall, f1, correct, predicted, gold)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well predicted entities match gold ones.

    Attributes:
        micro: over all entities; its label is ``"micro"``.
        macro_f1: the mean F1 of the classes, 0 where there is none.
        classes: the scores of each class that has a gold or predicted entity, by name.
        sentence_accuracy: share of sentences whose entities are exactly right, after ignoring labels.
        sentences: number of sentences.
        reliability: how far the confidences of what was predicted can be trusted; None where there are none.

    >>> import xproj_fast as xp
    >>> figures = xp.evaluate([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "O"]])
    >>> figures.micro.precision, figures.micro.recall, figures.classes["LOC"].f1
    (1.0, 0.5, 0.0)
    """

    micro: ClassScore
    macro_f1: float
    classes: dict[str, ClassScore]
    sentence_accuracy: float
    sentences: int
    reliability: Reliability | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return asdict(self)

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [("", "precision", "recall", "f1", "correct", "predicted", "gold")]
        for score in (*self.classes.values(), self.micro):
            shares = (f"{share:.4f}" for share in (score.precision, score.recall, score.f1))
            rows.append((score.label, *shares, *map(str, (score.correct, score.predicted, score.gold))))
        rows.append(("macro", "", "", f"{self.macro_f1:.4f}", "", "", ""))
        return rows

    def _about_sentences(self) -> str:
        return f"sentences {self.sentences}, all entities right in {self.sentence_accuracy:.4f} of them"

    def _repr_html_(self) -> str:
        from xproj_fast.markup import tables_html

        more = [] if self.reliability is None else self.reliability.tables()
        return tables_html(f"Evaluation: {self._about_sentences()}", self._rows(), *more)

    def __str__(self) -> str:
        lines = table([(shown(name), *cells) for name, *cells in self._rows()])
        lines.append(self._about_sentences())
        if self.reliability is not None:
            lines += ["", str(self.reliability)]
        return "\n".join(lines)


def evaluate(
    gold: Labelled,
    predicted: Labelled,
    *,
    mode: str = "default",
    ignore_labels: Sequence[str] = (),
) -> Evaluation:
    """Score predicted entities against gold ones as seqeval does (https://github.com/chakki-works/seqeval).

    ``gold`` and ``predicted`` are each one of: ``LabelledSentences``, as ``read_labelled`` returns; a ``Projection``;
    lists of tags, one list per sentence; ``(Entities, labels)``; an Arrow table or frame with words and tags, see
    ``LabelledSentences.from_arrow``. Where the first two have confidences, it is also told how far those of
    ``predicted`` can be trusted.

    >>> found = evaluate([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]])
    >>> found.micro.f1, found.micro.gold
    (0.0, 1)

    Args:
        gold: the right entities of N sentences.
        predicted: the predicted entities of the same sentences.
        mode: ``"default"`` reads tags as conlleval does, whatever their scheme (L- and U- as E- and S-, which
            seqeval itself would not); ``"strict"`` reads IOB2: what does not start with B- is no entity.
        ignore_labels: classes to leave out on both sides; one that neither side has is an error.

    Returns:
        Scores from 0 to 1, micro and per class, with their counts.

    Raises:
        InputError: for different numbers of sentences or words, a tag that is not O or PREFIX-CLASS (strict:
            the prefix must be B or I), an unknown mode or class, sentences without entities, label ids without a
            name.
    """
    sides = check_sides(gold, predicted, mode, ignore_labels)
    return _score(*sides, frozenset(ignore_labels))


def check_sides(gold: Labelled, predicted: Labelled, mode: str, ignore_labels: Sequence[str]) -> tuple[Side, Side]:
    """Return both sides of an evaluation, checked.

    Raises:
        InputError: see ``evaluate``.
    """
    if mode not in SCHEMES:
        raise unknown_name("mode", mode, SCHEMES)
    if isinstance(ignore_labels, str):
        raise InputError(f"ignore_labels: expected a list of labels, got the string {ignore_labels!r}")
    sides = (side_of(gold, "gold", mode), side_of(predicted, "predicted", mode))
    _check_same_shape(*sides)
    check_ignored(ignore_labels, [*sides[0].names, *sides[1].names])
    return sides


def check_ignored(names: Sequence[str], known: Sequence[str]) -> None:
    """Check that classes to leave out exist.

    Raises:
        InputError: for the first that is none of those known.
    """
    for name in names:
        if name not in known:
            raise unknown_name("ignore_labels", name, sorted(set(known)), "some of the classes of either side,")


def _check_same_shape(gold: Side, predicted: Side) -> None:
    counts = len(gold.entities), len(predicted.entities)
    if counts[0] != counts[1]:
        raise InputError(
            f"predicted: expected as many sentences as gold, {counts[0]:,}, got {counts[1]:,}",
            field="predicted",
        )
    if gold.word_offsets is None or predicted.word_offsets is None:
        return
    words = np.diff(gold.word_offsets), np.diff(predicted.word_offsets)
    for s in np.flatnonzero(words[0] != words[1])[:1].tolist():
        raise error_in("predicted", s, f"expected as many words as gold, {words[0][s]}, got {words[1][s]}")


def _score(gold: Side, predicted: Side, ignored: frozenset[str]) -> Evaluation:
    sentences = len(gold.entities)
    names = sorted({*gold.names, *predicted.names} - ignored)
    columns = zip(*(_columns(x, names, i) for i, x in enumerate((gold, predicted))), strict=True)
    found = _Found(*map(np.concatenate, columns))
    owner = found.sentence * max(len(names), 1) + found.label
    # Equal entities become neighbours, gold first. Sets are compared, as in seqeval: what one side has twice
    # (nested entities may be) counts once.
    order = np.lexsort((found.side, found.span, owner))
    sentence, label, span, side, owner = (
        x[order] for x in (found.sentence, found.label, found.span, found.side, owner)
    )
    same = np.zeros(len(order), bool)
    same[1:] = (owner[1:] == owner[:-1]) & (span[1:] == span[:-1])
    twice = same.copy()
    twice[1:] &= side[1:] == side[:-1]
    right = same & ~twice

    def per_class(mask: NDArray[np.bool_]) -> list[int]:
        return cast("list[int]", np.bincount(label[mask], minlength=len(names)).tolist())

    correct, predictions, there = per_class(right), per_class(~twice & (side == 1)), per_class(~twice & (side == 0))
    classes = {
        name: ClassScore.of(name, c, p, g)
        for name, c, p, g in zip(names, correct, predictions, there, strict=True)
        if p or g
    }
    exact = np.bincount(sentence[~twice], minlength=sentences) == 2 * np.bincount(sentence[right], minlength=sentences)
    sure = predicted.confidences
    return Evaluation(
        ClassScore.of("micro", sum(correct), sum(predictions), sum(there)),
        float(np.mean([score.f1 for score in classes.values()])) if classes else 0.0,
        classes,
        float(np.mean(exact)) if sentences else 0.0,
        sentences,
        None if sure is None else _reliability(found, right[np.argsort(order)], sure, sum(there)),
    )


def _reliability(
    found: _Found, right: NDArray[np.bool_], confidences: NDArray[np.float32], gold: int
) -> Reliability | None:
    mine = found.side == 1
    spans, number = np.unique(found.span, return_inverse=True)
    place = found.sentence * len(spans) + number
    right_span = np.isin(place[mine], place[~mine])
    return reliability(confidences[found.entity[mine]], right[mine], right_span, gold)


class _Found(NamedTuple):
    """The entities of both sides whose class counts, as int64 columns."""

    sentence: NDArray[np.int64]
    label: NDArray[np.int64]  # its place among the names
    span: NDArray[np.int64]  # start and end
    entity: NDArray[np.int64]  # its place among those of its side
    side: NDArray[np.int64]  # 0 = gold, 1 = predicted


def _columns(side: Side, names: list[str], number: int) -> _Found:
    """Return the columns of one side."""
    entities = side.entities
    position = {name: i for i, name in enumerate(names)}
    class_of = np.array([position.get(name, -1) for name in side.names], np.int64)
    label = class_of[entities.label]
    entity = np.flatnonzero(label >= 0)
    sentence = row_numbers(entities.offsets)[entity]
    span = (entities.start[entity].astype(np.int64) << 32) | entities.end[entity]
    return _Found(sentence, label[entity], span, entity, np.full(len(entity), number, np.int64))
