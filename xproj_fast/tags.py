"""IOB tags: what a tag says, how schemes read a row of them, and the tags of entity classes (labels).

>>> parse("B-PER")
(<TagPrefix.B: 1>, 'PER')
>>> tag_names(["PER", "LOC"])
['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC']
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError


class TagPrefix(IntEnum):
    """The part of a tag before its class (E is BILOU's L, S its U)."""

    O = 0  # noqa: E741
    B = 1
    I = 2  # noqa: E741
    E = 3
    S = 4


class TagScheme(IntEnum):
    """How a sequence of tags is read."""

    ANY = 0  # conlleval's lenient reading: nothing is an error
    IOB1 = 1
    IOB2 = 2
    BILOU = 3
    IOB2_OR_DROP = 4  # seqeval's strict mode: what does not start with B- is no entity


SCHEMES = {
    "iob1": TagScheme.IOB1,
    "iob2": TagScheme.IOB2,
    "bilou": TagScheme.BILOU,
    "any": TagScheme.ANY,
    "drop": TagScheme.IOB2_OR_DROP,
}
PREFIXES = {"B": TagPrefix.B, "I": TagPrefix.I, "E": TagPrefix.E, "L": TagPrefix.E, "S": TagPrefix.S, "U": TagPrefix.S}
IN_IOB = {"S": "B", "U": "B", "E": "I", "L": "I"}  # the prefix of BIOES and BILOU -> that of IOB2
TAG_EXPECTED = f"O or a prefix of {', '.join(PREFIXES)} and a class"


def parse(tag: str) -> tuple[TagPrefix, str] | None:
    """Return the prefix and the class (``""`` of O) of a tag, None where it is no tag."""
    if tag == "O":
        return TagPrefix.O, ""
    prefix, _, label = tag.partition("-")
    return (PREFIXES[prefix], label) if label and prefix in PREFIXES else None


def tag_names(labels: Sequence[str]) -> list[str]:
    """Return the IOB2 tag of each tag id: 0 = O, 1 + 2 * label = B-label, 2 + 2 * label = I-label."""
    return ["O", *(prefix + name for name in labels for prefix in ("B-", "I-"))]


def in_iob(tags: Sequence[str]) -> list[str]:
    """Return tags of BIOES or BILOU as IOB2 has them; others as they are."""
    parts = [tag.partition("-") for tag in tags]
    return [IN_IOB.get(prefix, prefix) + dash + name if dash else prefix for prefix, dash, name in parts]


def tag_table(tags: Sequence[str], labels: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return what each tag means: its ``TagPrefix`` and label id, -1 for O; new labels are appended to ``labels``.

    Raises:
        InputError: for what is no tag.
    """
    known = {name: i for i, name in enumerate(labels)}
    prefixes = np.zeros(max(len(tags), 1), np.uint8)
    ids = np.full(max(len(tags), 1), -1, np.int32)
    for i, tag in enumerate(tags):
        found = parse(tag)
        if found is None:
            raise InputError(f"tags: expected {TAG_EXPECTED}, got {tag!r}")
        prefixes[i], label = found
        if label:
            if label not in known:
                known[label] = len(labels)
                labels.append(label)
            ids[i] = known[label]
    return prefixes, ids


def class_columns(tags: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return for each class of a tagger the columns of its first word (B-) and of the words after it (I-).

    Where the model has only one of the two (FacebookAI/xlm-roberta-large-finetuned-conll03-english writes IOB1: I-
    almost everywhere, and no B-PER at all) it stands for both.
    """
    columns: dict[str, dict[TagPrefix, int]] = {}
    for column, tag in enumerate(tags):
        prefix, label = parse(tag) or (TagPrefix.O, "")
        if prefix in (TagPrefix.B, TagPrefix.I):
            columns.setdefault(label, {})[prefix] = column
    b, i = TagPrefix.B, TagPrefix.I
    return {name: (found.get(b, found.get(i, 0)), found.get(i, found.get(b, 0))) for name, found in columns.items()}
