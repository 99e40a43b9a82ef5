"""The view of a labelled file: of both sides, where it is a table that has them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, EntityIndex
from xproj_fast.arrow_columns import OUTCOMES
from xproj_fast.arrow_layouts import column_of, list_column, list_items, strings
from xproj_fast.arrow_pairs import Columns, pairs_from_arrow
from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import read_batches
from xproj_fast.formats.registry import format_of
from xproj_fast.formats.streams import format_suffix
from xproj_fast.labelled import LabelledSentences
from xproj_fast.ragged import Rows, row_numbers
from xproj_fast.report.page.views import View, view_of
from xproj_fast.sides import Labelled

FIRST = 65_536  # rows
COLUMNS = Columns(tags="source_tags")
NEEDED = ("source_words", "source_tags", "target_words", "outcomes")  # what ``to_arrow(with_source=True)`` writes


def stored_view(
    found: LabelledSentences,
    path: Path,
    fmt: str | None = None,
    *,
    gold: Labelled | None = None,
    against: Labelled | None = None,
    names: Sequence[str] = (),
) -> View:
    """Return the view of a labelled file.

    Args:
        found: what was read from it.
        path: the file.
        fmt: its format; None = by the suffix.
        gold: see ``view_of``.
        against: see ``view_of``.
        names: see ``view_of``.

    Raises:
        InputError: for a source that does not belong to what was labelled, and see ``view_of``.
    """
    view = view_of(found, gold=gold, against=against, names=names)
    if format_of(path, fmt) != "arrow":
        return view
    table = _both_sides(path)
    if table is None:
        return view
    try:
        pairs = pairs_from_arrow(table, COLUMNS)
        outcome = _outcomes(table, pairs.entities.offsets)
    except InputError as error:
        raise InputError(f"{path}: {error}", field=error.field, sentence=error.sentence) from None
    first = replace(view.layers[0], source=_sources(table, found.entities))
    return replace(
        view,
        layers=(first, *view.layers[1:]),
        source=pairs.source,
        entities=pairs.entities,
        labels=pairs.labels,
        outcome=outcome,
        links=pairs.alignments,
    )


def _both_sides(path: Path) -> Any:
    """Return the table of a file; None, after a look at the first rows, where it has one side."""
    import pyarrow as pa

    with closing(read_batches(path, format_suffix(path), FIRST)) as batches:
        first, _ = next(batches)
        if not set(NEEDED) <= set(first.schema.names):
            return None
        return pa.Table.from_batches([first, *(batch for batch, _ in batches)])


def _sources(table: Any, entities: Entities) -> EntityIndex | None:
    """Return which source entity each span is of; None where the spans do not say."""
    if "spans" not in table.schema.names:
        return None
    offsets, spans = list_items(column_of(table, "spans"), "spans")
    if "entity" not in [field.name for field in spans.type] or spans.field("entity").null_count:
        return None
    # Spans say the same as the tags (``span_confidences``): ordered by their starts they are the entities.
    start = spans.field("start").to_numpy(zero_copy_only=False)
    order = np.lexsort((start, row_numbers(offsets)))
    found: EntityIndex = spans.field("entity").to_numpy(zero_copy_only=False)[order].astype(np.int32)
    return found if len(found) == len(entities.start) else None


def _outcomes(table: Any, expected: Rows) -> NDArray[np.uint8]:
    """Return what became of each source entity."""
    offsets, values = list_column(table, "outcomes", full=False)
    wrong = np.flatnonzero(np.diff(offsets) != np.diff(expected))
    for s in wrong[:1].tolist():
        counts = [int(each[s + 1] - each[s]) for each in (expected, offsets)]
        raise InputError(
            f"outcomes: sentence {s}: expected one for each of {counts[0]} source entities, got {counts[1]}",
            field="outcomes",
            sentence=s,
        )
    names = strings(values, "outcomes", offsets).dictionary_encode()
    ids = {name: i for i, name in enumerate(OUTCOMES)}
    unknown = [name for name in names.dictionary.to_pylist() if name not in ids]
    if unknown:
        raise InputError(f"outcomes: expected some of {', '.join(OUTCOMES)}, got {unknown[0]!r}", field="outcomes")
    table_of = np.array([ids[name] for name in names.dictionary.to_pylist()], np.uint8)
    found: NDArray[np.uint8] = table_of[names.indices.to_numpy()]
    return found
