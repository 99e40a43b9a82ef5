"""A tag a word, as lists: the hub's datasets, and the Parquet and Arrow files of this package."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xproj_fast.arrays import Entities, Offsets, TagId, sentence_of
from xproj_fast.errors import InputError
from xproj_fast.formats.conll import SCHEMES, tag_table
from xproj_fast.kernels import get

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


def entities_of_tags(
    offsets: Offsets, ids: TagId, names: Sequence[str], labels: list[str], scheme: str = "iob2"
) -> Entities:
    """Read a tag a word as entities.

    Args:
        offsets: int64[N + 1] into the words.
        ids: int32[words] into ``names``.
        names: the tags: O, B-PER ...
        labels: the classes so far; new ones are appended as they appear.
        scheme: see ``ConllOptions``.

    Raises:
        InputError: for what is no tag or breaks the scheme; ``sentence`` says where, the message does not.
    """
    used, first = np.unique(ids, return_index=True)
    order = np.argsort(first)
    appeared = [names[i] for i in used[order]]
    for name, word in zip(appeared, first[order].tolist(), strict=True):
        fault = _fault_of(name, scheme)
        if fault:
            raise InputError(fault, field="entities", sentence=sentence_of(offsets, word))
    prefixes, classes = tag_table(appeared, labels)
    ranks = np.argsort(order).astype(np.int32)[np.searchsorted(used, ids)] if len(used) else ids
    found, broken = get("cpp").decode_tags(offsets, ranks, prefixes, classes, SCHEMES[scheme])
    if broken >= 0:
        before = "the start of the sentence" if broken in offsets else appeared[ranks[broken - 1]]
        raise InputError(
            f"expected a tag that {scheme.upper()} allows after {before}, got {appeared[ranks[broken]]} "
            "(--scheme any reads what there is as conlleval does)",
            field="entities",
            sentence=sentence_of(offsets, broken),
        )
    return found


def _fault_of(name: str, scheme: str) -> str | None:
    if any(c.isspace() for c in name):
        return f"expected a tag without white space, got {name!r}"
    if name.startswith("O-"):
        return f"expected O without a class, or a class behind B-, I-, E-, L-, S- or U-, got {name!r}"
    if scheme == "drop" and name[:1] not in tuple("OBI"):
        return f"expected O or a class behind B- or I- (as the scheme is IOB2), got {name!r}"
    try:
        tag_table([name], [])
    except InputError as error:
        return str(error).removeprefix("tags: ")
    return None
