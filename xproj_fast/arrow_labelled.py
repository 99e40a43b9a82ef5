"""Labelled sentences from Arrow data, one row per sentence, whatever layout its columns have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Words
from xproj_fast.arrow_layouts import as_table, column_of, list_column, strings
from xproj_fast.arrow_names import entities_of_tag_lists
from xproj_fast.arrow_spans import holds_spans, span_confidences
from xproj_fast.errors import InputError
from xproj_fast.hub_features import names_of_numbers
from xproj_fast.labelled import LabelledSentences
from xproj_fast.row_faults import raise_it
from xproj_fast.tag_columns import TAGS_KEYS

WORDS_COLUMNS = ("tokens", "words", "target_words")


def labelled_from_arrow(
    data: Any,
    *,
    words: str | None = None,
    tags: str | None = None,
    names: tuple[str, ...] = (),
    scheme: str = "iob2",
) -> LabelledSentences:
    """Make labelled sentences from Arrow data; see ``LabelledSentences.from_arrow``."""
    table = as_table(data)
    words_name = words or the_only(table, WORDS_COLUMNS, "words")
    tags_name = tags or the_only(table, TAGS_KEYS, "tags")
    offsets, values = list_column(table, words_name, full=False)
    columns = Words(offsets, strings(values, words_name, offsets))
    entities, labels = entities_of_tag_lists(
        column_of(table, tags_name, full=False),
        tags_name,
        offsets,
        names or names_of_numbers(table.schema, tags_name),
        scheme,
        raise_it,
    )
    ids = column_of(table, "id") if "id" in table.schema.names else None
    sure = _confidences(table, entities, labels) if tags_name == "tags" else None
    return LabelledSentences.from_columns(columns, entities, labels, ids, confidences=sure, copy=False)


def _confidences(table: Any, entities: Entities, labels: Sequence[str]) -> NDArray[np.float32] | None:
    """Return what the spans that this package writes beside tags say of them."""
    if table.schema.names.count("spans") != 1 or not holds_spans(table.schema.field("spans").type):
        return None
    try:
        return span_confidences(column_of(table, "spans"), entities, labels)
    except InputError as error:
        s = error.sentence
        where = "spans" if s is None else f"spans: sentence {s}"
        raise InputError(f"{where}: {error}", field=error.field, sentence=s) from None


def the_only(table: Any, names: tuple[str, ...], what: str) -> str:
    """Return the one of some names that a table has a column of.

    Raises:
        InputError: where it has none of them, or several.
    """
    there = [name for name in names if name in table.schema.names]
    if len(there) != 1:
        got = f"{' and '.join(there)} ({what}=... says which)" if there else ", ".join(table.schema.names) or "none"
        expected = f"a column of {what}, {' or '.join(map(repr, names))}"
        raise InputError(f"{what}: expected {expected}, got {got}", field=what)
    return there[0]
