"""The column ``spans`` of what this package writes, beside that of tags: the same entities, and how sure each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, sentence_of
from xproj_fast.arrow_layouts import integers, is_list, is_string, list_items, strings
from xproj_fast.errors import InputError
from xproj_fast.ragged import Rows, row_numbers
from xproj_fast.row_faults import RowFaults

SPAN_FIELDS = ("start", "end", "label")
CONFIDENCE = "confidence"  # of a span, where it is known
HINT = "without the column 'spans' the tags alone count"


def holds_spans(kind: Any) -> bool:
    """Return whether a type is that of lists of spans with labels."""
    import pyarrow as pa

    if not is_list(kind) or not pa.types.is_struct(kind.value_type):
        return False
    places = [kind.value_type.get_field_index(name) for name in SPAN_FIELDS]
    if min(places) < 0:
        return False
    start, end, label = (kind.value_type.field(place).type for place in places)
    return pa.types.is_integer(start) and pa.types.is_integer(end) and is_string(label)


def span_confidences(column: Any, tagged: Entities, labels: Sequence[str]) -> NDArray[np.float32] | None:
    """Check that spans say what the tags do, as one of them may have been corrected by hand.

    Args:
        column: lists of spans.
        tagged: the entities that the tags stand for.
        labels: the names of their labels.

    Returns:
        How sure each entity is; None where the spans do not say: they have no such field, or it is null in all.

    Raises:
        InputError: for other spans, and what is no confidence; the message does not say of which sentence.
    """
    if not holds_spans(column.type):
        raise InputError(f"expected 'spans' as lists of start, end and label, got {column.type} ({HINT})")
    if column.null_count:
        s = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise InputError("expected a list under 'spans', got null", field="entities", sentence=s)
    order = _order(column, tagged, labels)
    if order is None:
        raise _difference(column, tagged, labels)
    items = list_items(column, "spans")[1]
    if items.type.get_field_index(CONFIDENCE) < 0:
        return None
    values = items.field(CONFIDENCE)
    if values.null_count == len(values) > 0:
        return None
    return _checked(values.take(_array(order)), tagged)


def _order(column: Any, tagged: Entities, labels: Sequence[str]) -> Rows | None:
    """Return which span each entity is; None where they are not the same."""
    offsets, items = list_items(column, "spans")
    start, end, label = (items.field(name) for name in SPAN_FIELDS)
    if items.null_count or start.null_count or end.null_count or label.null_count:
        return None
    # What does not fit int32 is no word, so that it differs, which is all that counts here.
    starts, ends = (integers(each, "spans", offsets, RowFaults()) for each in (start, end))
    names = strings(label, "spans", offsets).dictionary_encode()
    ids = {name: i for i, name in enumerate(labels)}
    known = np.array([ids.get(name, -1) for name in names.dictionary.to_pylist()], np.int64)
    order = np.lexsort((starts, row_numbers(offsets)))
    found: list[NDArray[Any]] = [offsets, starts[order], ends[order], known[names.indices.to_numpy()][order]]
    wanted: list[NDArray[Any]] = [tagged.offsets, tagged.start, tagged.end, tagged.label]
    return order if all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True)) else None


def _difference(column: Any, tagged: Entities, labels: Sequence[str]) -> InputError:
    own = zip(tagged.start.tolist(), tagged.end.tolist(), [labels[i] for i in tagged.label.tolist()], strict=True)
    flat, bounds = list(own), tagged.offsets.tolist()
    for s, spans in enumerate(column.to_pylist()):
        said = [tuple(span[name] for name in SPAN_FIELDS) if span else () for span in spans]
        here = flat[bounds[s] : bounds[s + 1]]
        if Counter(said) != Counter(here):
            expected = f"expected the same entities under 'tags' and 'spans', got {here} and {said} ({HINT})"
            return InputError(expected, field="entities", sentence=s)
    return InputError(f"expected the same entities under 'tags' and 'spans', got others ({HINT})", field="entities")


def _checked(values: Any, tagged: Entities) -> NDArray[np.float32]:
    import pyarrow as pa

    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type) or pa.types.is_null(values.type)):
        raise InputError(f"expected 'spans' with confidences from 0 to 1, got {values.type}", field="confidences")
    sure = np.asarray(values.to_numpy(zero_copy_only=False), np.float64)
    fine = (sure >= 0) & (sure <= 1)  # NaN is neither, and null is NaN
    if not fine.all():
        i = int(np.argmin(fine))
        where, value = f"spans [{tagged.start[i]}, {tagged.end[i]})", values[i].as_py()
        raise InputError(
            f"{where}: expected a confidence from 0 to 1, got {'null' if value is None else value}",
            field="confidences",
            sentence=sentence_of(tagged.offsets, i),
        )
    return sure.astype(np.float32)


def _array(rows: Rows) -> Any:
    import pyarrow as pa

    return pa.array(rows)
