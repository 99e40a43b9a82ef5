"""Checks that find the first fault of each sentence, and the layouts that columns of tables come in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, Batch, batches

from xproj_fast import _core
from xproj_fast.arrays import Links, Spans
from xproj_fast.formats.pharaoh import parse_pharaoh
from xproj_fast.kernels.protocol import Fault, Finding, Kernels, SpanRule
from xproj_fast.ragged import gather, offsets_of
from xproj_fast.tags import tag_names

NUMBERS = st.integers(-1, 6)
COUNTS = st.lists(st.integers(0, 4), max_size=5)


@st.composite
def columns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw offsets of items, two columns of them, and offsets of source and target words."""
    counts = draw(COUNTS)
    first, second = (
        np.array(draw(st.lists(NUMBERS, min_size=sum(counts), max_size=sum(counts))), np.int32) for _ in "ab"
    )
    words = [offsets_of(draw(st.lists(st.integers(0, 6), min_size=len(counts), max_size=len(counts)))) for _ in "ab"]
    return offsets_of(counts), first, second, *words  # type: ignore[return-value]


def of_each(offsets: np.ndarray, check: Any) -> list[Finding]:
    """Return what a check finds in each sentence, alone."""
    found = []
    for s in range(len(offsets) - 1):
        own, items = gather(offsets, np.array([s]))
        finding = check(s, own, items)
        if finding.fault is not Fault.NONE:
            found.append(Finding(finding.fault, s, finding.item + int(offsets[s])))
    return found


@pytest.mark.parametrize("rule", SpanRule)
@given(drawn=columns())
def test_spans(kernels: Kernels, rule: SpanRule, drawn: Any) -> None:
    offsets, first, second, words, _ = drawn
    assert kernels.each_span_fault(Spans(offsets, first, second), words, rule) == of_each(
        offsets,
        lambda s, own, items: kernels.check_spans(
            Spans(own, first[items], second[items]), words[s : s + 2] - words[s], rule
        ),
    )


@given(drawn=columns())
def test_links(kernels: Kernels, drawn: Any) -> None:
    offsets, first, second, source, target = drawn
    assert kernels.each_link_fault(Links(offsets, first, second), source, target) == of_each(
        offsets,
        lambda s, own, items: kernels.check_links(
            Links(own, first[items], second[items]), source[s : s + 2] - source[s], target[s : s + 2] - target[s]
        ),
    )


@given(drawn=columns(), count=st.integers(0, 4))
def test_labels(kernels: Kernels, drawn: Any, count: int) -> None:
    offsets, first, *_ = drawn
    assert kernels.each_label_fault(offsets, first, count) == of_each(
        offsets, lambda s, own, items: kernels.check_labels(own, first[items], count)
    )


@given(words=st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=20))))
def test_string_views(words: list[str | None]) -> None:
    array = pa.array(words, pa.string_view())
    _, fields, *texts = array.buffers()
    views = np.frombuffer(fields or b"", np.uint8)[: 16 * len(words)]
    valid = np.array([word is not None for word in words], np.uint8)
    large, *buffers = _core.flatten_string_views(views, [each or b"" for each in texts], valid, pa.allocate_buffer)
    assert not large
    got = pa.StringArray.from_buffers(len(words), *buffers)
    got.validate(full=True)
    assert got.to_pylist() == [word or "" for word in words]


def test_string_views_of_another_size() -> None:
    with pytest.raises(IndexError, match="expected 16 bytes a string"):
        _core.flatten_string_views(np.zeros(15, np.uint8), [], np.zeros(0, np.uint8), pa.allocate_buffer)
    with pytest.raises(IndexError, match="as many marks of valid ones"):
        _core.flatten_string_views(np.zeros(16, np.uint8), [], np.ones(2, np.uint8), pa.allocate_buffer)


NAMES = ["O", "B-PER", "é", "", "x" * 40]


@given(ids=st.lists(st.integers(0, len(NAMES) - 1)))
def test_names(ids: list[int]) -> None:
    array = pa.StringArray.from_buffers(
        len(ids), *_core.spell_names(np.array(ids, np.int32), NAMES, pa.allocate_buffer)
    )
    array.validate(full=True)
    assert array.to_pylist() == [NAMES[i] for i in ids]


def test_names_that_are_not_there() -> None:
    for wrong in (-1, 5):
        with pytest.raises(IndexError, match=rf"item 1: expected an id in \[0, 5\), got {wrong}"):
            _core.spell_names(np.array([0, wrong], np.int32), NAMES, pa.allocate_buffer)
    with pytest.raises(OverflowError, match="less than 2 GiB, got 3000000000 bytes"):
        _core.spell_names(np.zeros(3_000_000, np.int32), ["x" * 1000], pa.allocate_buffer)


@given(batch=batches(nested=False))
def test_tags(kernels: Kernels, batch: Batch) -> None:
    words, spans = offsets_of([len(row) for row in batch.source]), offsets_of([len(row) for row in batch.entities])
    flat = [entity for row in batch.entities for entity in row]
    start, end = (np.array([entity[i] for entity in flat], np.int32) for i in range(2))
    labels = np.array([LABELS.index(entity[2]) for entity in flat], np.int32)
    names = tag_names(LABELS)
    buffers = _core.spell_tags(words, Spans(spans, start, end), labels, names, pa.allocate_buffer)
    array = pa.StringArray.from_buffers(int(words[-1]), *buffers)
    array.validate(full=True)
    ids = kernels.encode_iob2(words, Spans(spans, start, end), labels, len(LABELS))
    assert array.to_pylist() == [names[i] for i in ids]


@pytest.mark.parametrize(
    ("start", "end", "label"), [(-1, 1, 0), (0, 4, 0), (2, 2, 0), (2, 1, 0), (3, 4, 0), (0, 1, 1), (0, 1, -1)]
)
def test_tags_of_spans_that_leave_their_sentence(start: int, end: int, label: int) -> None:
    spans = Spans(np.array([0, 1]), np.array([start], np.int32), np.array([end], np.int32))
    labels = np.array([label], np.int32)
    with pytest.raises(IndexError, match="span 0: expected one inside its sentence with a label"):
        _core.spell_tags(np.array([0, 3]), spans, labels, tag_names(["PER"]), pa.allocate_buffer)


def test_tags_of_columns_that_do_not_fit() -> None:
    spans = Spans(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.int32))
    label = np.zeros(1, np.int32)
    for words, labels, names in (
        ([0, 3, 4], label, ["O", "B-X", "I-X"]),
        ([1, 3], label, ["O", "B-X", "I-X"]),
        ([0, 3], label[:0], ["O", "B-X", "I-X"]),
        ([0, 3], label, ["B-X", "I-X"]),
        ([], label, ["O", "B-X", "I-X"]),
    ):
        with pytest.raises(IndexError, match="expected"):
            _core.spell_tags(np.array(words, np.int64), spans, labels, names, pa.allocate_buffer)


def test_room_that_is_none() -> None:
    ids = np.zeros(9, np.int32)
    for allocate, kind in ((lambda size: bytearray(size - 1), IndexError), (bytes, BufferError), (int, TypeError)):
        with pytest.raises(kind):
            _core.spell_names(ids, NAMES, allocate)


LINES = st.lists(st.sampled_from(["", "0-0", "12-13 1-2", " 3-4\t5-6 ", "1-2\r", "x", "1-", "1-2:0.5", "1\n2", "é"]))


@given(lines=LINES)
def test_link_strings(lines: list[str]) -> None:
    text = [line.encode() for line in lines]
    links, faults = _core.read_link_strings(offsets_of([len(each) for each in text]), b"".join(text))
    wrong = {row for row, _ in faults}
    assert wrong == {row for row, line in enumerate(lines) if line in ("x", "1-", "1-2:0.5", "1\n2", "é")}
    good = parse_pharaoh(["" if row in wrong else line for row, line in enumerate(lines)])
    assert links.offsets.tolist() == good.offsets.tolist()
    assert links.source.tolist() == good.source.tolist()
    assert links.target.tolist() == good.target.tolist()


@pytest.mark.parametrize("offsets", [[], [1, 0], [-1, 0], [0, 4]])
def test_link_strings_outside(offsets: list[int]) -> None:
    with pytest.raises(IndexError, match="expected byte offsets that never decrease and stay inside the text"):
        _core.read_link_strings(np.array(offsets, np.int64), b"0-0")
