"""The checks that let every other kernel trust its input. Each returns (fault, sentence, item) of the first fault.

Checks run once per batch over all of it, mostly to find nothing: the loops that touch every value have no early exit.
"""

from __future__ import annotations

import numpy as np

from xproj_fast.arrays import LabelId, Offsets, WordIndex
from xproj_fast.kernels.numba.columns import LinkColumns, SpanColumns
from xproj_fast.kernels.numba.jit import helper, kernel
from xproj_fast.kernels.protocol import Fault, Finding, SpanRule

NONE = int(Fault.NONE)
BOUNDS = int(Fault.BOUNDS)
EMPTY = int(Fault.EMPTY)
ORDER = int(Fault.ORDER)
OVERLAP = int(Fault.OVERLAP)
TARGET_BOUNDS = int(Fault.TARGET_BOUNDS)
DISJOINT = int(SpanRule.DISJOINT)
DISTINCT = int(SpanRule.DISTINCT)

NOTHING = Finding(Fault.NONE, 0, 0)


@helper
def span_fault(starts: WordIndex, ends: WordIndex, i: int, words: int, rule: int) -> int:
    """Return the fault of span ``i`` of a sentence."""
    start, end = starts[i], ends[i]
    if start < 0 or start >= words or end > words:
        return BOUNDS
    if end <= start:
        return EMPTY
    if i == 0:
        return NONE
    if start < starts[i - 1]:
        return ORDER
    if rule == DISJOINT and start < ends[i - 1]:
        return OVERLAP
    if rule == DISTINCT and start == starts[i - 1] and end <= ends[i - 1]:
        return ORDER
    return NONE


@kernel
def first_bad_span(spans: SpanColumns, word_offsets: Offsets, rule: int) -> tuple[int, int, int]:
    """Check all spans."""
    for s in range(len(spans.offsets) - 1):
        words = word_offsets[s + 1] - word_offsets[s]
        starts = spans.start[spans.offsets[s] : spans.offsets[s + 1]]
        ends = spans.end[spans.offsets[s] : spans.offsets[s + 1]]
        for i in range(len(starts)):
            fault = span_fault(starts, ends, i, words, rule)
            if fault != NONE:
                return fault, s, spans.offsets[s] + i
    return NONE, 0, 0


@kernel
def first_bad_link(links: LinkColumns, source_offsets: Offsets, target_offsets: Offsets) -> tuple[int, int, int]:
    """Check all links."""
    for s in range(len(links.offsets) - 1):
        # A negative index, read as unsigned, is larger than any sentence.
        sources = np.uint32(source_offsets[s + 1] - source_offsets[s])
        targets = np.uint32(target_offsets[s + 1] - target_offsets[s])
        first, after = links.offsets[s], links.offsets[s + 1]
        outside = 0
        for i in range(first, after):
            outside |= int(np.uint32(links.source[i]) >= sources) | int(np.uint32(links.target[i]) >= targets)
        if outside == 0:
            continue
        for i in range(first, after):
            if np.uint32(links.source[i]) >= sources:
                return BOUNDS, s, i
            if np.uint32(links.target[i]) >= targets:
                return TARGET_BOUNDS, s, i
    return NONE, 0, 0


def check_offsets(offsets: Offsets, values: int) -> Finding:
    """Check that offsets start at 0, never decrease and end at ``values``."""
    if len(offsets) == 0 or offsets[0] != 0:
        return Finding(Fault.FIRST_OFFSET, 0, 0)
    decreases = offsets[1:] < offsets[:-1]
    if decreases.any():
        return Finding(Fault.DECREASING, int(decreases.argmax()), 0)
    if offsets[-1] != values:
        return Finding(Fault.LAST_OFFSET, len(offsets) - 1, 0)
    return NOTHING


def require_offsets(offsets: Offsets, values: int) -> None:
    """Raise IndexError for bad offsets: for what writes by index, which looks itself, whoever has looked before."""
    if check_offsets(offsets, values).fault is not Fault.NONE:
        raise IndexError(f"expected offsets that start at 0, never decrease and end at {values}")


def check_labels(offsets: Offsets, labels: LabelId, count: int) -> Finding:
    """Check 0 <= label < count."""
    outside = labels.view(np.uint32) >= np.uint32(count)  # a negative id, read as unsigned, is larger than any
    if not outside.any():
        return NOTHING
    item = int(outside.argmax())
    return Finding(Fault.LABEL, int(np.searchsorted(offsets, item, side="right")) - 1, item)


def found(fault: int, sentence: int, item: int) -> Finding:
    """Return what a compiled check found."""
    return Finding(Fault(fault), int(sentence), int(item))
