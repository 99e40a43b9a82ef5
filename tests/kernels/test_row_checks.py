"""Checks that find the first fault of each sentence, and the layouts that columns of tables come in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast import _core
from xproj_fast.arrays import Links, Spans
from xproj_fast.formats.pharaoh import parse_pharaoh
from xproj_fast.kernels.protocol import Fault, Finding, Kernels, SpanRule
from xproj_fast.ragged import gather, offsets_of

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
    offsets, text = _core.flatten_string_views(views, [each or b"" for each in texts], valid)
    flat = text.tobytes()
    got = [flat[a:b].decode() for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    assert got == [word or "" for word in words]


def test_string_views_of_another_size() -> None:
    with pytest.raises(IndexError, match="expected 16 bytes a string"):
        _core.flatten_string_views(np.zeros(15, np.uint8), [], np.zeros(0, np.uint8))
    with pytest.raises(IndexError, match="as many marks of valid ones"):
        _core.flatten_string_views(np.zeros(16, np.uint8), [], np.ones(2, np.uint8))


NAMES = ["O", "B-PER", "é", "", "x" * 40]


@given(ids=st.lists(st.integers(0, len(NAMES) - 1)))
def test_names(ids: list[int]) -> None:
    offsets, text = _core.spell_names(np.array(ids, np.int32), NAMES)
    array = pa.StringArray.from_buffers(len(ids), pa.py_buffer(offsets), pa.py_buffer(text))
    array.validate(full=True)
    assert array.to_pylist() == [NAMES[i] for i in ids]


def test_names_that_are_not_there() -> None:
    for wrong in (-1, 5):
        with pytest.raises(IndexError, match=rf"item 1: expected an id in \[0, 5\), got {wrong}"):
            _core.spell_names(np.array([0, wrong], np.int32), NAMES)
    with pytest.raises(OverflowError, match="less than 2 GiB, got 3000000000 bytes"):
        _core.spell_names(np.zeros(3_000_000, np.int32), ["x" * 1000])


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
