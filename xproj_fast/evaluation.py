"""Span precision, recall and F1, equal to seqeval's on the same labels.

An entity is correct where sentence, start, end and class all agree. Tags are read as seqeval (Nakayama 2018)
reads them: leniently as conlleval does, or strictly as IOB2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Offsets
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import get
from xproj_fast.labelled import LabelledSentences
from xproj_fast.ragged import offsets_of_lists, row_numbers
from xproj_fast.tags import PREFIXES, TagPrefix, TagScheme, parse
from xproj_fast.tags import SCHEMES as TAG_SCHEMES
from xproj_fast.wording import shown

SCHEMES = {"default": TagScheme.ANY, "strict": TagScheme.IOB2_OR_DROP}
ALLOWED = {"default": tuple(PREFIXES), "strict": ("B", "I")}


class HasLabels(Protocol):
    """What has labelled sentences to give: ``LabelledSentences``, ``Projection``, what ``read_sentences`` returns."""

    def labelled(self) -> LabelledSentences:
        """Return them."""


class HasRows(Protocol):
    """What gives Arrow data: tables of pyarrow, frames of polars and pandas, relations of duckdb."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return it as a stream."""


Labelled: TypeAlias = Sequence[Sequence[str]] | HasLabels | HasRows | tuple[Entities, Sequence[str]]


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

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("", "precision", "recall", "f1", "correct", "predicted", "gold")]
        for score in (*self.classes.values(), self.micro):
            shares = (f"{share:.4f}" for share in (score.precision, score.recall, score.f1))
            rows.append((shown(score.label), *shares, *map(str, (score.correct, score.predicted, score.gold))))
        rows.append(("macro", "", "", f"{self.macro_f1:.4f}", "", "", ""))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        lines.append(f"sentences {self.sentences}, all entities right in {self.sentence_accuracy:.4f} of them")
        return "\n".join(line.rstrip() for line in lines)


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
    ``LabelledSentences.from_arrow``.

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
    if mode not in SCHEMES:
        raise unknown_name("mode", mode, SCHEMES)
    if isinstance(ignore_labels, str):
        raise InputError(f"ignore_labels: expected a list of labels, got the string {ignore_labels!r}")
    sides = (_side(gold, "gold", mode), _side(predicted, "predicted", mode))
    _check_same_shape(*sides)
    check_ignored(ignore_labels, [*sides[0].names, *sides[1].names])
    return _score(*sides, frozenset(ignore_labels))


def check_ignored(names: Sequence[str], known: Sequence[str]) -> None:
    """Check that classes to leave out exist.

    Raises:
        InputError: for the first that is none of those known.
    """
    for name in names:
        if name not in known:
            raise unknown_name("ignore_labels", name, sorted(set(known)), "some of the classes of either side,")


class _Side(NamedTuple):
    entities: Entities
    names: Sequence[str]
    word_offsets: Offsets | None  # None where only the entities are known


def _side(value: Any, field: str, mode: str) -> _Side:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Entities):
        return _checked(_Side(value[0], value[1], None), field)
    is_ours = callable(getattr(value, "labelled", None))  # a frame may have a column of this name
    if is_ours or hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        try:
            found = value.labelled() if is_ours else _from_arrow(value, mode)
        except InputError as error:
            raise InputError(f"{field}: {error}", field=field, sentence=error.sentence) from None
        return _checked(_Side(found.entities, found.labels, found.words.offsets), field)
    return _decode(value, field, mode)


def _from_arrow(value: Any, mode: str) -> LabelledSentences:
    scheme = next(name for name, scheme in TAG_SCHEMES.items() if scheme is SCHEMES[mode])
    return LabelledSentences.from_arrow(value, scheme=scheme)


def _checked(side: _Side, field: str) -> _Side:
    entities = side.entities
    sizes = {len(entities.start), len(entities.end), len(entities.label), int(entities.offsets[-1])}
    if len(sizes) > 1:
        raise InputError(f"{field}: expected entity columns of one length, got {sorted(sizes)}", field=field)
    wrong = entities.label[(entities.label < 0) | (entities.label >= len(side.names))]
    if len(wrong):
        raise InputError(f"{field}: expected label ids in [0, {len(side.names)}), got {wrong[0]}", field=field)
    return side


class _TagIds(dict[str, int]):
    """Tag -> id, filled as tags are met: one dictionary look-up a word, and each tag is parsed once."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.prefixes: list[int] = []
        self.labels: list[int] = []
        self.names: dict[str, int] = {}

    def __missing__(self, tag: str) -> int:
        prefix, label = _parse_tag(tag, self.mode)
        self.prefixes.append(prefix)
        self.labels.append(self.names.setdefault(label, len(self.names)) if label else -1)
        self[tag] = len(self)
        return self[tag]


def _parse_tag(tag: Any, mode: str) -> tuple[TagPrefix, str]:
    """Return the prefix of a tag and its class (``""`` for O), or raise ValueError where it is no tag."""
    if isinstance(tag, str):
        found = parse(tag)
        if found is not None and (tag == "O" or tag[0] in ALLOWED[mode]):
            return found
    raise ValueError


def _decode(value: Any, field: str, mode: str) -> _Side:
    try:
        sentences = list(value)
    except TypeError:
        expected = "lists of tags, a Projection, (Entities, labels) or sentences with entities"
        raise InputError(f"{field}: expected {expected}, got {type(value).__name__}", field=field) from None
    for s, sentence in enumerate(sentences):
        # A string is iterable, too: a flat list of tags would become one sentence a tag.
        if isinstance(sentence, (str, bytes)) or not hasattr(sentence, "__len__"):
            raise _error(field, s, f"expected a list of tags, got {sentence!r}")
    offsets = offsets_of_lists(sentences)
    ids = _TagIds(mode)
    try:
        tags = np.fromiter(map(ids.__getitem__, chain.from_iterable(sentences)), np.int32, int(offsets[-1]))
    except (ValueError, TypeError):  # TypeError: a tag that no dictionary can hold
        raise _tag_error(sentences, field, mode) from None
    # A sentence list without words has no tag at all; the kernel wants one row in its tables nevertheless.
    prefixes = np.array(ids.prefixes or [TagPrefix.O], np.uint8)
    labels = np.array(ids.labels or [-1], np.int32)
    decoded = get().decode_tags(offsets, tags, prefixes, labels, SCHEMES[mode])
    return _Side(decoded.entities, list(ids.names), offsets)


def _tag_error(sentences: list[Any], field: str, mode: str) -> InputError:
    for s, sentence in enumerate(sentences):
        for w, tag in enumerate(sentence):
            try:
                _parse_tag(tag, mode)
            except ValueError:
                prefixes = ", ".join(f"{prefix}-" for prefix in ALLOWED[mode])
                return _error(
                    field, s, f"word {w}: expected O or a class after one of {prefixes} (mode {mode!r}), got {tag!r}"
                )
    return InputError(f"{field}: expected lists of tags that are as long as they say", field=field)


def _error(field: str, sentence: int, message: str) -> InputError:
    return InputError(f"{field}: sentence {sentence}: {message}", field=field, sentence=sentence)


def _check_same_shape(gold: _Side, predicted: _Side) -> None:
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
        raise _error("predicted", s, f"expected as many words as gold, {words[0][s]}, got {words[1][s]}")


def _score(gold: _Side, predicted: _Side, ignored: frozenset[str]) -> Evaluation:
    sentences = len(gold.entities)
    names = sorted({*gold.names, *predicted.names} - ignored)
    sentence, label, span, side = (
        np.concatenate(pair)
        for pair in zip(*(_columns(x, names, i) for i, x in enumerate((gold, predicted))), strict=True)
    )
    owner = sentence * max(len(names), 1) + label
    # Equal entities become neighbours, gold first. Sets are compared, as in seqeval: what one side has twice
    # (nested entities may be) counts once.
    order = np.lexsort((side, span, owner))
    sentence, label, span, side, owner = (column[order] for column in (sentence, label, span, side, owner))
    same = np.zeros(len(order), bool)
    same[1:] = (owner[1:] == owner[:-1]) & (span[1:] == span[:-1])
    twice = same.copy()
    twice[1:] &= side[1:] == side[:-1]
    right = same & ~twice

    def per_class(mask: NDArray[np.bool_]) -> list[int]:
        return cast("list[int]", np.bincount(label[mask], minlength=len(names)).tolist())

    correct, found, there = per_class(right), per_class(~twice & (side == 1)), per_class(~twice & (side == 0))
    classes = {
        name: ClassScore.of(name, c, p, g) for name, c, p, g in zip(names, correct, found, there, strict=True) if p or g
    }
    exact = np.bincount(sentence[~twice], minlength=sentences) == 2 * np.bincount(sentence[right], minlength=sentences)
    return Evaluation(
        ClassScore.of("micro", sum(correct), sum(found), sum(there)),
        float(np.mean([score.f1 for score in classes.values()])) if classes else 0.0,
        classes,
        float(np.mean(exact)) if sentences else 0.0,
        sentences,
    )


def _columns(side: _Side, names: list[str], number: int) -> tuple[NDArray[np.int64], ...]:
    """Return int64 columns of the entities whose class counts: sentence, class in ``names``, span, side."""
    entities = side.entities
    position = {name: i for i, name in enumerate(names)}
    class_of = np.array([position.get(name, -1) for name in side.names], np.int64)
    label = class_of[entities.label]
    keep = label >= 0
    sentence = row_numbers(entities.offsets)
    span = (entities.start.astype(np.int64) << 32) | entities.end
    return sentence[keep], label[keep], span[keep], np.full(int(keep.sum()), number, np.int64)
