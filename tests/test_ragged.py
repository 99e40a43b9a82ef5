"""Arithmetic on ragged data against plain lists of lists."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Entities, WordProbabilities, Words
from xproj_fast.ragged import (
    cut,
    flat,
    gather,
    joined,
    keep,
    offsets_of,
    offsets_of_lists,
    per_item,
    ranges,
    row_numbers,
    rows_of,
    spread,
    take,
)

ragged = st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6)


def flat_of(rows: list[list[int]]) -> list[int]:
    return list(chain.from_iterable(rows))


@given(ragged)
def test_rows_and_items(rows: list[list[int]]) -> None:
    offsets = offsets_of_lists(rows)
    assert offsets.dtype == np.int64
    assert offsets.tolist() == offsets_of([len(row) for row in rows]).tolist()
    assert row_numbers(offsets).tolist() == [r for r, row in enumerate(rows) for _ in row]
    assert cut(flat_of(rows), offsets) == rows
    names = np.arange(len(rows)) * 10
    assert per_item(names, offsets).tolist() == [10 * r for r, row in enumerate(rows) for _ in row]


@given(ragged, st.data())
def test_gathered_rows(rows: list[list[int]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8)) if rows else []
    offsets, items = gather(offsets_of_lists(rows), np.array(chosen, np.int64))
    assert cut(np.array(flat_of(rows), np.int64)[items].tolist(), offsets) == [rows[i] for i in chosen]


@given(ragged, ragged)
def test_joined_parts(a: list[list[int]], b: list[list[int]]) -> None:
    assert joined([offsets_of_lists(a), offsets_of_lists(b)]).tolist() == offsets_of_lists(a + b).tolist()
    assert joined([offsets_of_lists(a)]).tolist() == offsets_of_lists(a).tolist()


@given(ragged)
def test_rows_put_back_among_empty_ones(rows: list[list[int]]) -> None:
    some = np.array([r for r, row in enumerate(rows) if row], np.int64)
    offsets, _ = gather(offsets_of_lists(rows), some)
    assert spread(offsets, some, len(rows)).tolist() == offsets_of_lists(rows).tolist()


def test_places_inside_rows() -> None:
    words, spans = offsets_of([3, 0, 4]), offsets_of([2, 0, 1])
    assert flat(np.array([0, 2, 3], np.int32), spans, words).tolist() == [0, 2, 6]
    assert ranges(np.array([5, 0, 2]), np.array([2, 0, 3])).tolist() == [5, 6, 2, 3, 4]


def test_entities_that_stay() -> None:
    entities = Entities(offsets_of([2, 1]), *(np.array(c, np.int32) for c in ([0, 2, 1], [1, 3, 2], [0, 1, 0])))
    kept = keep(entities, np.array([False, True, True]))
    assert (kept.offsets.tolist(), kept.start.tolist(), kept.label.tolist()) == ([0, 1, 2], [2, 1], [1, 0])


def test_records_keep_what_belongs_to_rows_and_to_all() -> None:
    places = np.array([0, 2, 0], np.int32)
    words = Words(offsets_of([2, 1]), pa.array(["a", "b", "c"]), pa.array(["a b", "c"]), places, places + 1)
    taken = take(words, np.array([1]))
    assert (taken.to_lists(), taken.texts.to_pylist(), taken.text_start.tolist()) == ([["c"]], ["c"], [0])
    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    probabilities = take(WordProbabilities(words.offsets, values, ("O", "B-X")), np.array([1, 0]))
    assert probabilities.values.tolist() == [[4, 5], [0, 1], [2, 3]]
    assert probabilities.tags == ("O", "B-X")


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        (slice(1, None), [1, 2]),
        (slice(None, None, -1), [2, 1, 0]),
        ([2, -3], [2, 0]),
        (np.array([True, False, True]), [0, 2]),
        ([], []),
        (np.array([], np.float64), []),
    ],
)
def test_rows_that_are_named(key: Any, rows: list[int]) -> None:
    assert rows_of(key, 3).tolist() == rows


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        ([3], IndexError, "expected rows below 3, got 3"),
        ([0, -4], IndexError, "expected rows below 3, got -4"),
        ([True, False], IndexError, "expected a mask of 3 values, got 2"),
        ([0.5], TypeError, r"expected a row number, a slice, a mask or a list of row numbers, got \[0.5\]"),
        ("ab", TypeError, "got 'ab'"),
        ([[0]], TypeError, "got"),
    ],
)
def test_rows_that_are_not_there(key: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rows_of(key, 3)
