"""Arrow columns of labels and tags: strings, dictionaries, or whole numbers with the names that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import checks
from xproj_fast.arrays import Entities, LabelId, Offsets
from xproj_fast.arrow_checks import check_column
from xproj_fast.arrow_layouts import integers, is_string, list_items, strings
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.row_faults import Report, report_items
from xproj_fast.tag_columns import TagError, entities_of_tags
from xproj_fast.tags import SCHEMES


def label_ids(
    values: Any, name: str, offsets: Offsets, numbered: Sequence[str] | None, report: Report
) -> tuple[LabelId, tuple[str, ...]]:
    """Return int32 ids of labels, -1 for what is none, and the names that the ids stand for.

    Args:
        values: the labels of all sentences.
        name: the column's, for messages.
        offsets: int64[N + 1], the sentences they belong to.
        numbered: what whole numbers stand for; None = nobody says.
        report: called with the error of each sentence with a null, a number without a name, or a label with a space.

    Raises:
        InputError: for another type, numbers that nobody names, and a broken array.
    """
    ids, names = _named(values, name, offsets, numbered, report)
    places = {label: i for i, label in enumerate(dict.fromkeys(filter(checks.is_name, names)))}
    if list(places) == names:
        return ids, tuple(places)
    for i, label in enumerate(names):
        if label not in places:
            expected = f"expected {checks.NAME_EXPECTED}, got {label!r}"
            report_items(report, offsets, np.flatnonzero(ids == i), name, expected)
    table = np.array([*(places.get(label, -1) for label in names), -1], np.int32)  # the last is that of id -1
    return table[ids], tuple(places)


def entities_of_tag_lists(
    column: Any, name: str, words: Offsets, numbered: Sequence[str] | None, scheme: str, report: Report
) -> tuple[Entities, tuple[str, ...]]:
    """Return the entities that lists of tags, one per word, stand for, and the names of their labels.

    Args:
        column: the lists.
        name: the column's, for messages.
        words: int64[N + 1], the offsets of the words.
        numbered: see ``label_ids``.
        scheme: see ``tag_columns.entities_of_tags``.
        report: called with the error of each sentence whose tags are none, break the scheme, or are not as many as its
            words.

    Raises:
        InputError: as for ``label_ids``.
    """
    if scheme not in SCHEMES:
        raise unknown_name("scheme", scheme, SCHEMES)
    offsets, values = list_items(column, name, report)
    if len(offsets) == len(words):  # that there are as many sentences is for all columns to settle
        for s in np.flatnonzero(np.diff(offsets) != np.diff(words)).tolist():
            expected, got = (int(counts[s + 1] - counts[s]) for counts in (words, offsets))
            message = f"{name}: sentence {s}: expected a tag per word, {expected}, got {got}"
            report(InputError(message, field=name, sentence=s))
    ids, names = _named(values, name, offsets, numbered, report)
    tags = ["O" if tag is None else tag for tag in [*names, None]]  # no id is that of a null; the last is that of -1
    if (ids < 0).any():
        ids = np.where(ids < 0, len(names), ids).astype(np.int32)

    labels: list[str] = []
    placed = _Placed(report, name, offsets)
    found = entities_of_tags(offsets, ids, tags, labels, scheme, report=placed, option="scheme={!r}")
    return found, tuple(labels)


class _Placed(Report):
    """Reports what is wrong with tags with its place."""

    def __init__(self, report: Report, name: str, offsets: Offsets) -> None:
        self._report = report
        self._name = name
        self._offsets = offsets

    def __contains__(self, row: int) -> bool:
        return row in self._report

    def __call__(self, error: InputError) -> None:
        s = error.sentence or 0
        word = f", word {error.word - int(self._offsets[s])}" if isinstance(error, TagError) else ""
        self._report(InputError(f"{self._name}: sentence {s}{word}: {error}", field=self._name, sentence=s))


def _named(
    values: Any, name: str, offsets: Offsets, numbered: Sequence[str] | None, report: Report
) -> tuple[NDArray[np.int32], list[Any]]:
    """Return int32 ids, -1 for nulls and numbers without a name, which are reported, and what the ids stand for."""
    import pyarrow as pa

    if pa.types.is_integer(values.type):
        return _numbered(values, name, offsets, numbered, report)
    if not pa.types.is_dictionary(values.type) or not is_string(values.type):
        if not (is_string(values.type) or pa.types.is_null(values.type)):
            expected = "strings, a dictionary of strings or whole numbers that have names"
            raise InputError(f"{name}: expected {expected}, got {values.type}", field=name)
        values = strings(values, name, offsets, report)
        check_column(values, name)
        values = values.dictionary_encode()
    else:
        check_column(values, name)
    ids, names = values.indices, values.dictionary.to_pylist()
    if not values.null_count and None not in names:
        return np.require(ids.to_numpy(zero_copy_only=False), np.int32, requirements=("C", "A")), names
    numbers = ids.cast("int32").fill_null(-1).to_numpy(zero_copy_only=False).copy()
    numbers[np.isin(numbers, [i for i, each in enumerate(names) if each is None])] = -1  # a null of the dictionary's
    report_items(report, offsets, np.flatnonzero(numbers < 0), name, "expected a string, got null")
    return numbers, names


def _numbered(
    values: Any, name: str, offsets: Offsets, numbered: Sequence[str] | None, report: Report
) -> tuple[NDArray[np.int32], list[str]]:
    names = list(numbered or ())
    if not names and len(values):
        expected = "strings, or whole numbers that the schema's metadata or names=(...) names"
        raise InputError(f"{name}: expected {expected}, got {values.type} without names", field=name)
    ids = integers(values, name, offsets, report)
    outside = (ids < 0) | (ids >= len(names))
    if not outside.any():
        return ids, names
    for number in np.unique(ids[outside]).tolist():
        expected = f"expected a number from 0 to {len(names) - 1} ({', '.join(names)}), got {number}"
        report_items(report, offsets, np.flatnonzero(ids == number), name, expected)
    return np.where(outside, -1, ids).astype(np.int32), names
