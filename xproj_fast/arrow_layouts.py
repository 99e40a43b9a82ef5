"""Arrow columns of any layout, as the arrays that everything else reads.

Lists may be list, large_list, list_view, large_list_view and fixed_size_list; strings string, large_string,
string_view and dictionaries of these. Whoever made them may have made their offsets point anywhere.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xproj_fast import _core, checks
from xproj_fast.arrays import Offsets
from xproj_fast.arrow_checks import check_column, string_buffers
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.ragged import offsets_of
from xproj_fast.row_faults import Report, firsts_of, raise_it, report_items


class Rows(Protocol):
    """What gives Arrow data: tables of pyarrow, frames of polars and pandas, relations of duckdb; see ``as_table``."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return it as a stream."""


def gives_arrow(data: Any) -> bool:
    """Return whether something gives Arrow data by Arrow's own protocol."""
    return hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def no_rows(schema: Any) -> Any:
    """Return a record batch of a schema without rows; not ``empty_table``, which knows no dictionaries of views."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def as_table(data: Any, field: str = "table") -> Any:
    """Return anything that gives Arrow data as a table or record batch, sharing its memory.

    Args:
        data: a pyarrow table, record batch or reader, a frame of polars, pandas or duckdb: whatever has
            ``__arrow_c_stream__`` or ``__arrow_c_array__``; or a ``Dataset`` of ``datasets``, which has neither.
        field: names it in messages.

    Raises:
        InputError: for anything else.
    """
    import pyarrow as pa

    if isinstance(data, pa.Table | pa.RecordBatch):
        return data
    try:
        if hasattr(data, "__arrow_c_stream__"):
            return pa.table(data)
        if hasattr(data, "__arrow_c_array__"):
            return pa.record_batch(data)
        if is_dataset(data) and hasattr(data, "__len__"):  # a streaming one has no length, and no end either
            return data.with_format("arrow")[:]
        got = type(data).__name__
    except (pa.ArrowException, TypeError, ValueError) as error:  # a column, say
        got = f"{type(data).__name__}: {error}"
    raise InputError(
        f"{field}: expected an Arrow table (of pyarrow, polars, pandas, duckdb, ...: anything with "
        f"__arrow_c_stream__), got {got}",
        field=field,
    )


def is_dataset(data: Any) -> bool:
    """Return whether something is a ``Dataset`` of ``datasets``: its rows may be some of its table, in any order."""
    return hasattr(data, "with_format") and hasattr(data, "features") and hasattr(data, "iter")


def column_of(table: Any, name: str, *, full: bool = True) -> Any:
    """Return a column as one array.

    Args:
        table: that has it.
        name: the column's.
        full: see ``check_column``.

    Raises:
        InputError: for no such column, or several, and for a broken one.
    """
    import pyarrow as pa

    names = table.schema.names
    if names.count(name) != 1:
        many = f"{names.count(name)} of them in" if name in names else "columns"
        raise InputError(f"{name}: expected a column of this name, got {many} {', '.join(names)}", field=name)
    column = table.column(name)
    check_column(column, name, full=full)
    try:
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    except pa.ArrowException as error:  # more than 2 GiB of text under 32-bit offsets, say
        raise InputError(f"{name}: expected a column that fits into one array: {error}", field=name) from None
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def is_list(kind: Any) -> bool:
    """Return whether a type is one of lists, whatever their layout."""
    import pyarrow as pa

    t = pa.types
    whole = t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind)
    return bool(whole or t.is_list_view(kind) or t.is_large_list_view(kind))


def is_string(kind: Any) -> bool:
    """Return whether a type is one of strings, whatever their layout."""
    import pyarrow as pa

    t = pa.types
    if t.is_dictionary(kind):
        return is_string(kind.value_type)
    return bool(t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind))


def list_column(table: Any, name: str, *, full: bool = True, report: Report = raise_it) -> tuple[Offsets, Any]:
    """Return int64 offsets that start at 0, and the values they cover, of a list column; see ``list_items``."""
    return list_items(column_of(table, name, full=full), name, report)


def list_items(column: Any, name: str, report: Report = raise_it) -> tuple[Offsets, Any]:
    """Return int64 offsets that start at 0 and never decrease, and the values they cover, of an array of lists.

    Args:
        column: the array.
        name: its column's, for messages.
        report: called with the error of each row that is null.

    Raises:
        InputError: for another type, and offsets that point outside the values.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):  # nobody has said of what these lists would be
        column = pa.nulls(len(column), pa.list_(pa.null()))
    elif not is_list(kind):
        raise InputError(f"{name}: expected a list column, got {kind}", field=name)
    if column.null_count:
        for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            report(InputError(f"{name}: sentence {row}: expected a list, got null", field=name, sentence=row))
    if pa.types.is_fixed_size_list(kind):
        size = kind.list_size
        return np.arange(len(column) + 1) * size, column.values.slice(column.offset * size, len(column) * size)
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        return _viewed(column, name)
    offsets = column.offsets.to_numpy().astype(np.int64, copy=False)
    first, last = int(offsets[0]), int(offsets[-1])
    if first:
        offsets = offsets - first
    values = column.values.slice(first, max(last - first, 0))
    checks.check_offsets(get(), offsets, len(values), name, "items")
    return offsets, values


def _viewed(column: Any, name: str) -> tuple[Offsets, Any]:
    """Return offsets and values of lists that lie anywhere in their values, in any order."""
    import pyarrow as pa

    check_column(column, name)
    starts = column.offsets.to_numpy().astype(np.int64)
    counts = np.where(column.is_valid().to_numpy(zero_copy_only=False), column.sizes.to_numpy(), 0)
    full = np.flatnonzero(counts)
    if not len(full):
        return offsets_of(counts), column.values.slice(0, 0)
    # Rows that lie behind each other, as they nearly always do, are one piece. (pyarrow 26 casts list_view to list
    # wrongly, and takes no items of string_view.)
    first, last = starts[full], (starts + counts)[full]
    begins = np.append(True, first[1:] != last[:-1])
    ends = np.append(begins[1:], True)
    pieces = [column.values.slice(a, b - a) for a, b in zip(first[begins].tolist(), last[ends].tolist(), strict=True)]
    return offsets_of(counts), pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces)


def strings(values: Any, name: str, offsets: Offsets, report: Report = raise_it) -> Any:
    """Return strings of any layout as a string or large_string array without nulls.

    Args:
        values: of the lists of a column.
        name: the column's, for messages.
        offsets: int64[N + 1], the sentences they belong to.
        report: called with the error of each sentence with a null.

    Raises:
        InputError: for another type, and for a broken array.
    """
    import pyarrow as pa

    if pa.types.is_null(values.type):
        values = pa.nulls(len(values), pa.string())
    if not is_string(values.type):
        raise InputError(f"{name}: expected lists of strings, got {values.type}", field=name)
    if pa.types.is_dictionary(values.type):
        check_column(values, name)
        names = values.dictionary  # which may hold a null of its own
        plain = pa.array(names.to_pylist(), pa.large_string()) if pa.types.is_string_view(names.type) else names
        values = pa.DictionaryArray.from_arrays(values.indices, plain).dictionary_decode()
    if values.null_count:
        nulls = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))
        report_items(report, offsets, nulls, name, "expected a string, got null")
    return _flat(values, name)


def _flat(values: Any, name: str) -> Any:
    """Return a string array without nulls: they become what lies behind them, or empty."""
    import pyarrow as pa

    if pa.types.is_string_view(values.type):
        return _unviewed(values, name)
    if not values.null_count:
        return values
    _, *buffers = values.buffers()
    return pa.Array.from_buffers(values.type, len(values), [None, *buffers], offset=values.offset)


def _unviewed(values: Any, name: str) -> Any:
    import pyarrow as pa

    if not len(values):
        return pa.array([], pa.string())
    _, views, *texts = values.buffers()
    at = np.frombuffer(views, np.uint8)[values.offset * 16 : (values.offset + len(values)) * 16]
    none = np.zeros(0, np.uint8)
    valid = values.is_valid().to_numpy(zero_copy_only=False).view(np.uint8) if values.null_count else none
    try:
        large, *buffers = _core.flatten_string_views(at, [each or b"" for each in texts], valid, pa.allocate_buffer)
    except IndexError as error:
        raise InputError(f"{name}: expected a whole Arrow array, got a broken one: {error}", field=name) from None
    return pa.Array.from_buffers(pa.large_string() if large else pa.string(), len(values), [None, *buffers])


def integers(values: Any, name: str, offsets: Offsets, report: Report = raise_it) -> NDArray[np.int32]:
    """Return whole numbers of any width as int32.

    Args:
        values: of the lists of a column.
        name: the column's, for messages.
        offsets: int64[N + 1], the sentences they belong to.
        report: called with the error of each sentence with a null or a number that does not fit.

    Raises:
        InputError: for another type.
    """
    import pyarrow as pa

    if pa.types.is_null(values.type):
        values = pa.nulls(len(values), pa.int32())
    if not pa.types.is_integer(values.type):
        raise InputError(f"{name}: expected integers, got {values.type}", field=name)
    if values.null_count:
        nulls = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))
        report_items(report, offsets, nulls, name, "expected a number, got null")
        values = values.fill_null(0)
    numbers = values.to_numpy(zero_copy_only=False)
    info = np.iinfo(np.int32)
    if numbers.dtype == np.int32:
        return np.require(numbers, requirements=("C", "A"))
    if len(numbers) and (numbers.min() < info.min or numbers.max() > info.max):
        outside = np.flatnonzero((numbers < info.min) | (numbers > info.max))
        for item in outside[np.unique(np.searchsorted(offsets, outside, "right"), return_index=True)[1]]:
            got = f"expected values that fit int32, got {numbers[item]}"
            report_items(report, offsets, np.array([item]), name, got)
        numbers = np.clip(numbers, info.min, info.max)
    return np.ascontiguousarray(numbers, np.int32)


def probabilities(values: Any, name: str, offsets: Offsets, report: Report = raise_it) -> NDArray[np.float32]:
    """Return floats of any width, each from 0 to 1, as float32; what is none is 0.

    Args:
        values: of the lists of a column.
        name: the column's, for messages.
        offsets: int64[N + 1], the sentences they belong to.
        report: called with the error of each sentence with a null or a number that is no probability.

    Raises:
        InputError: for another type.
    """
    import pyarrow as pa

    if not pa.types.is_floating(values.type):
        raise InputError(f"{name}: expected floats, got {values.type}", field=name)
    given = values.to_numpy(zero_copy_only=False)
    fine = (given >= 0) & (given <= 1)  # NaN is neither, and null is NaN
    if not fine.all():
        for item in firsts_of(offsets, np.flatnonzero(~fine)).tolist():
            value = values[item].as_py()
            got = f"expected a probability from 0 to 1, got {'null' if value is None else value}"
            report_items(report, offsets, np.array([item]), name, got)
        given = np.where(fine, given, 0)
    return np.require(given, np.float32, requirements=("C", "A"))


def plain_strings(column: Any, name: str) -> tuple[NDArray[np.int64], Any]:
    """Return int64 byte offsets and the bytes of a column of one string a row; nulls are not looked for."""
    offsets, text = string_buffers(column)
    if (offsets[1:] < offsets[:-1]).any() or offsets[0] < 0 or offsets[-1] > memoryview(text).nbytes:
        raise InputError(f"{name}: expected a whole Arrow array, got one whose offsets decrease", field=name)
    return offsets.astype(np.int64), text
