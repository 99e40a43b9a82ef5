"""Tags to entities and spans to IOB2 tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, LabelId, Mask, Offsets, TagId, WordIndex
from xproj_fast.kernels.numba.checks import require_offsets
from xproj_fast.kernels.numba.columns import SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.protocol import DecodedTags, TagPrefix, TagScheme

O, B, I, E, S = (int(prefix) for prefix in TagPrefix)  # noqa: E741
IOB1 = int(TagScheme.IOB1)
IOB2 = int(TagScheme.IOB2)
BILOU = int(TagScheme.BILOU)
IOB2_OR_DROP = int(TagScheme.IOB2_OR_DROP)


@helper
def is_inside(prefix: int) -> bool:
    """Return whether a prefix says that an entity goes on."""
    return prefix in (I, E)


@helper
def is_open(prefix: int) -> bool:
    """Return whether an entity may go on after this prefix."""
    return prefix in (B, I)


@helper
def starts_entity(previous: int, previous_label: int, prefix: int, label: int) -> bool:
    """Return conlleval's rule, which covers IOB1, IOB2 and BILOU at once."""
    if prefix == O:
        return False
    if prefix in (B, S):
        return True
    return not is_open(previous) or previous_label != label


@helper
def may_follow(previous: int, previous_label: int, prefix: int, label: int, scheme: int) -> bool:
    """Return whether a tag may follow another. The end of a sentence is a final O."""
    same = previous_label == label
    if scheme == IOB1:
        if prefix == B:
            return is_open(previous) and same
        return prefix not in (E, S)
    if scheme == IOB2:
        if prefix == I:
            return is_open(previous) and same
        return prefix not in (E, S)
    if scheme == BILOU:
        return (is_inside(prefix) and same) if is_open(previous) else not is_inside(prefix)
    return True


@kernel
def decode(
    word_offsets: Offsets,
    tags: TagId,
    prefixes: Mask,
    labels: LabelId,
    scheme: int,
    offsets: Offsets,
    start: WordIndex,
    end: WordIndex,
    label: LabelId,
) -> tuple[int, int, int, int]:
    """Return the whole sentences, the starts and ends written, and the first word that breaks the scheme or -1."""
    starts = 0
    ends = 0
    for s in range(len(word_offsets) - 1):
        first, after = word_offsets[s], word_offsets[s + 1]
        previous, previous_label = O, -1
        in_entity = False
        for w in range(first, after + 1):
            prefix, tag_label = O, -1
            if w < after:
                prefix = int(prefixes[tags[w]])
                if prefix != O:
                    tag_label = int(labels[tags[w]])
            if not may_follow(previous, previous_label, prefix, tag_label, scheme):
                return s, starts, ends, (w if w < after else w - 1)
            if scheme == IOB2_OR_DROP:
                begins = prefix == B
            else:
                begins = starts_entity(previous, previous_label, prefix, tag_label)
            continues = is_inside(prefix) and not begins and tag_label == previous_label
            if in_entity and not continues:
                end[ends] = w - first
                ends += 1
                in_entity = False
            if begins:
                start[starts] = w - first
                label[starts] = tag_label
                starts += 1
                in_entity = True
            previous, previous_label = prefix, tag_label
        offsets[s + 1] = starts
    return len(word_offsets) - 1, starts, ends, -1


@kernel
def encode(word_offsets: Offsets, spans: SpanColumns, labels: LabelId, classes: int, tags: TagId) -> int:
    """Write the tags of all spans over zeros; return the first that has no place, or no tag, or -1."""
    for s in range(len(spans.offsets) - 1):
        first = word_offsets[s]
        words = word_offsets[s + 1] - first
        for i in range(spans.offsets[s], spans.offsets[s + 1]):
            start, end, label = spans.start[i], spans.end[i], labels[i]
            if start < 0 or start >= end or end > words or label < 0 or label >= classes:
                return i
            tags[first + start] = 1 + 2 * label
            tags[first + start + 1 : first + end] = 2 + 2 * label
    return -1


def entities_of_tags(
    word_offsets: Offsets, tags: TagId, prefixes: NDArray[np.uint8], labels: LabelId, scheme: TagScheme
) -> DecodedTags:
    """Read all entities; where a tag breaks the scheme the arrays end as they were then."""
    words = int(word_offsets[-1] - word_offsets[0])
    offsets = np.zeros(len(word_offsets), np.int64)
    start, end, label = (np.empty(words, np.int32) for _ in range(3))
    sentences, starts, ends, broken = decode(
        word_offsets, tags, prefixes, labels, int(scheme), offsets, start, end, label
    )
    return DecodedTags(Entities(offsets[: sentences + 1], start[:starts], end[:ends], label[:starts]), broken)


def iob2_of_spans(word_offsets: Offsets, spans: SpanColumns, labels: LabelId, classes: int) -> TagId:
    """Return one tag id a word."""
    require_offsets(word_offsets, int(word_offsets[-1]) if len(word_offsets) else 0)
    require_offsets(spans.offsets, len(spans.start))
    if len(word_offsets) != len(spans.offsets) or not len(spans.start) == len(spans.end) == len(labels):
        raise IndexError("expected spans of as many sentences as words, and a label a span")
    tags = np.zeros(word_offsets[-1], np.int32)
    broken = encode(word_offsets, spans, labels, classes, tags)
    if broken >= 0:
        raise IndexError(
            f"span {broken}: expected one inside its sentence with a label in [0, {classes}), got "
            f"[{spans.start[broken]}, {spans.end[broken]}) with label {labels[broken]}"
        )
    return tags
