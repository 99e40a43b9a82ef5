"""The sides of an evaluation: entities, whatever form they come in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Offsets
from xproj_fast.arrow_layouts import Rows, gives_arrow, is_dataset
from xproj_fast.checks import check_confidences
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.labelled import LabelledSentences
from xproj_fast.ragged import offsets_of_lists
from xproj_fast.tags import PREFIXES, TagPrefix, TagScheme, parse
from xproj_fast.tags import SCHEMES as TAG_SCHEMES

SCHEMES = {"default": TagScheme.ANY, "strict": TagScheme.IOB2_OR_DROP}
ALLOWED = {"default": tuple(PREFIXES), "strict": ("B", "I")}


class HasLabels(Protocol):
    """What has labelled sentences to give: ``LabelledSentences``, ``Projection``, what ``read_sentences`` returns."""

    def labelled(self) -> LabelledSentences:
        """Return them."""


Labelled: TypeAlias = Sequence[Sequence[str]] | HasLabels | Rows | tuple[Entities, Sequence[str]]


class Side(NamedTuple):
    """One side: its entities, the names of their classes, where words are and how sure each is, as far as known."""

    entities: Entities
    names: Sequence[str]
    word_offsets: Offsets | None  # None where only the entities are known
    confidences: NDArray[np.float32] | None = None


def side_of(value: Any, field: str, mode: str) -> Side:
    """Return what was given as ``gold`` or ``predicted``, checked.

    Args:
        value: see ``Labelled``.
        field: its name in errors.
        mode: see ``evaluate``.
    """
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Entities):
        return _checked(Side(value[0], value[1], None), field)
    is_ours = callable(getattr(value, "labelled", None))  # a frame may have a column of this name
    if is_ours or gives_arrow(value) or is_dataset(value):
        try:
            found = value.labelled() if is_ours else _from_arrow(value, mode)
        except InputError as error:
            raise InputError(f"{field}: {error}", field=field, sentence=error.sentence) from None
        return _checked(Side(found.entities, found.labels, found.words.offsets, found.confidences), field)
    return _decode(value, field, mode)


def _from_arrow(value: Any, mode: str) -> LabelledSentences:
    scheme = next(name for name, scheme in TAG_SCHEMES.items() if scheme is SCHEMES[mode])
    return LabelledSentences.from_arrow(value, scheme=scheme)


def _checked(side: Side, field: str) -> Side:
    entities = side.entities
    sizes = {len(entities.start), len(entities.end), len(entities.label), int(entities.offsets[-1])}
    if len(sizes) > 1:
        raise InputError(f"{field}: expected entity columns of one length, got {sorted(sizes)}", field=field)
    wrong = entities.label[(entities.label < 0) | (entities.label >= len(side.names))]
    if len(wrong):
        raise InputError(f"{field}: expected label ids in [0, {len(side.names)}), got {wrong[0]}", field=field)
    if side.confidences is not None:
        try:
            check_confidences(side.confidences, entities)
        except InputError as error:
            raise InputError(f"{field}: {error}", field=field, sentence=error.sentence) from None
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


def _decode(value: Any, field: str, mode: str) -> Side:
    try:
        sentences = list(value)
    except TypeError:
        expected = "lists of tags, a Projection, (Entities, labels) or sentences with entities"
        raise InputError(f"{field}: expected {expected}, got {type(value).__name__}", field=field) from None
    for s, sentence in enumerate(sentences):
        # A string is iterable, too: a flat list of tags would become one sentence a tag.
        if isinstance(sentence, (str, bytes)) or not hasattr(sentence, "__len__"):
            raise error_in(field, s, f"expected a list of tags, got {sentence!r}")
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
    return Side(decoded.entities, list(ids.names), offsets)


def _tag_error(sentences: list[Any], field: str, mode: str) -> InputError:
    for s, sentence in enumerate(sentences):
        for w, tag in enumerate(sentence):
            try:
                _parse_tag(tag, mode)
            except ValueError:
                prefixes = ", ".join(f"{prefix}-" for prefix in ALLOWED[mode])
                return error_in(
                    field, s, f"word {w}: expected O or a class after one of {prefixes} (mode {mode!r}), got {tag!r}"
                )
    return InputError(f"{field}: expected lists of tags that are as long as they say", field=field)


def error_in(field: str, sentence: int, message: str) -> InputError:
    """Return the error of a sentence."""
    return InputError(f"{field}: sentence {sentence}: {message}", field=field, sentence=sentence)
