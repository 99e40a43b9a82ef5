"""Our columns as Arrow arrays: the same memory, and types that are made once.

For one pair it is not the values that cost: a list type, a schema or an array of label names made anew each time takes
longer than all else. This module loads pyarrow; import it where Arrow is wanted.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xproj_fast.arrays import UNLIMITED, Offsets

NUMBERS = {"i": pa.int32(), "f": pa.float32(), "d": pa.float64()}
NAMES = pa.dictionary(pa.int32(), pa.string())


def numbers(values: NDArray[Any]) -> pa.Array:
    """Return int32, float32 or float64 values."""
    return pa.Array.from_buffers(NUMBERS[values.dtype.char], len(values), [None, pa.py_buffer(values)])


def named(ids: NDArray[Any], names: tuple[str, ...]) -> pa.Array:
    """Return ids (any integers) as a dictionary array of what they stand for."""
    return pa.DictionaryArray.from_arrays(numbers(ids.astype(np.int32, copy=False)), _strings(names))


def lists(offsets: Offsets, values: pa.Array) -> pa.Array:
    """Return lists of numbers, names or strings; large_list where 32-bit offsets cannot hold them."""
    return _lists(offsets, values, values.type)


def struct_lists(offsets: Offsets, **columns: pa.Array) -> pa.Array:
    """Return lists of structs of numbers and names; large_list where 32-bit offsets cannot hold them."""
    children = list(columns.values())
    kind = _struct_type(tuple(columns), tuple(child.type.id for child in children))
    return _lists(offsets, pa.Array.from_buffers(kind, len(children[0]), [None], children=children), kind)


def table(columns: dict[str, pa.Array]) -> pa.Table:
    """Return columns of one length as a table."""
    return pa.Table.from_arrays(list(columns.values()), list(columns))


def _lists(offsets: Offsets, values: pa.Array, kind: pa.DataType) -> pa.Array:
    if offsets[-1] > UNLIMITED:
        return pa.LargeListArray.from_arrays(pa.array(offsets), values)
    short = pa.py_buffer(offsets.astype(np.int32))
    return pa.Array.from_buffers(pa.list_(kind), len(offsets) - 1, [None, short], children=[values])


@lru_cache(maxsize=64)
def _strings(names: tuple[str, ...]) -> pa.Array:
    return pa.array(names, pa.string())


@cache
def _struct_type(names: tuple[str, ...], ids: tuple[int, ...]) -> pa.DataType:
    kinds = {kind.id: kind for kind in (*NUMBERS.values(), NAMES)}
    return pa.struct([(name, kinds[i]) for name, i in zip(names, ids, strict=True)])
