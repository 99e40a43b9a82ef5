"""A tag per word, to entities: what columns, records and Arrow lists share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xproj_fast.arrays import Entities, Offsets, TagId, sentence_of
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.row_faults import Report, firsts_of, raise_it
from xproj_fast.tags import SCHEMES, TAG_EXPECTED, parse, tag_table

TAGS_KEYS = ("ner_tags", "tags")  # the first that is there counts
# What the numbers mean where a file does not say: the order of the datasets' own loading scripts.
TAG_NAMES = {
    "wikiann": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"),
    "masakhaner2": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-DATE", "I-DATE"),
    "conll2003": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"),
}


def resolved_names(tag_names: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names of numbered tags, given themselves or by the name of a data set.

    Raises:
        InputError: for a data set that is not known.
    """
    if not isinstance(tag_names, str):
        return None if tag_names is None else tuple(tag_names)
    if tag_names not in TAG_NAMES:
        raise InputError(f"tag_names: expected names, or one of {', '.join(TAG_NAMES)}, got {tag_names!r}")
    return TAG_NAMES[tag_names]


def unnamed(key: str, number: int) -> InputError:
    """Return the error of numbers for tags that nothing names."""
    return InputError(
        f"expected tags under {key!r}, got numbers that the file does not name ({number}): --tag-names "
        f"{'|'.join(TAG_NAMES)}, or all their names in order, such as O,B-PER,I-PER",
        field="entities",
    )


def tag_name(number: int, names: Sequence[str]) -> str:
    """Return the name of a numbered tag."""
    if not 0 <= number < len(names):
        raise InputError(
            f"expected a tag from 0 to {len(names) - 1} ({', '.join(names)}), got {number}", field="entities"
        )
    return names[number]


def appeared(ids: TagId, names: Sequence[str]) -> tuple[TagId, list[str]]:
    """Return ids into the names that there are, in the order in which they first appear."""
    used, first, ranks = np.unique(ids, return_index=True, return_inverse=True)
    order = np.argsort(first)
    places = np.argsort(order).astype(np.int32)
    return places[ranks] if len(used) else ids, [names[i] for i in used[order]]


class TagError(InputError):
    """A tag that is none, or breaks its scheme; ``word`` is its flat index, the message says nothing of the place."""

    def __init__(self, message: str, offsets: Offsets, word: int) -> None:
        super().__init__(message, field="entities", sentence=sentence_of(offsets, word))
        self.word = word


def entities_of_tags(
    offsets: Offsets,
    ids: TagId,
    names: Sequence[str],
    labels: list[str],
    scheme: str = "iob2",
    words: Any = None,
    report: Report = raise_it,
    option: str = "--scheme {}",
) -> Entities:
    """Read a tag per word as entities.

    Args:
        offsets: int64[N + 1] into the words.
        ids: int32[words] into ``names``.
        names: the tags, O, B-PER ..., in the order in which they first appear.
        labels: the classes so far; new ones are appended as they appear.
        scheme: see ``ConllOptions``.
        words: Arrow array of the words, for messages; None = they are not named.
        report: called with the error of each sentence at fault, of which no entity is read.
        option: how the caller's users name another scheme, for messages.

    Raises:
        TagError: for what is no tag or breaks the scheme, where ``report`` raises it.
    """
    meanings = list(names)
    for i, name in enumerate(names):
        expected = _fault_of(name, scheme)
        if expected:
            meanings[i] = "O"
            for word in firsts_of(offsets, np.flatnonzero(ids == i)).tolist():
                report(TagError(f"expected {expected}, got {name!r}", offsets, word))
    kernels, table = get("cpp"), tag_table(meanings, labels)
    found, all_broken = kernels.decode_tags(offsets, ids, *table, SCHEMES[scheme])
    if len(all_broken):
        readings = list(SCHEMES.items())[:4]
        fitting = [
            name for name, reading in readings if not len(kernels.decode_tags(offsets, ids, *table, reading).broken)
        ]
        advice = f"(the tags read so far are valid as {' and '.join(fitting)}: {option.format(fitting[0])})"
    for broken in all_broken.tolist():
        sentence = sentence_of(offsets, broken)
        if sentence in report:
            continue
        first = int(offsets[sentence])
        before = "the start of the sentence" if broken == first else names[ids[broken - 1]]
        word = "" if words is None else f" on {words[broken].as_py()!r}"
        message = f"expected a tag that {scheme.upper()} allows after {before}, got {names[ids[broken]]}{word} {advice}"
        report(TagError(message, offsets, broken))
    return found


def _fault_of(name: str, scheme: str) -> str | None:
    """Return what was expected in place of a tag, or None where it is one."""
    if any(c.isspace() for c in name):
        return "a tag without white space"
    if name.startswith("O-"):
        return "O without a class, or a class behind B-, I-, E-, L-, S- or U-"
    if scheme == "drop" and name[:1] not in tuple("OBI"):
        return "O or a class behind B- or I- (as the scheme is IOB2)"
    return TAG_EXPECTED if parse(name) is None else None
