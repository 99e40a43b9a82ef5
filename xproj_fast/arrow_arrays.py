"""Our columns as Arrow arrays: the same memory, and types that are made once.

For one pair it is not the values that cost: a list type, a schema or an array of label names made anew each time takes
longer than all else.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import UNLIMITED, Offsets

if TYPE_CHECKING:
    import pyarrow as pa


def plain(values: NDArray[Any]) -> pa.Array:
    """Return numbers: int32, float32 or float64."""
    import pyarrow as pa

    return pa.Array.from_buffers(_types()[values.dtype.char], len(values), [None, pa.py_buffer(values)])


def named(ids: NDArray[Any], names: tuple[str, ...]) -> pa.Array:
    """Return a dictionary array of ids (any integers) and what they stand for."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(plain(ids.astype(np.int32, copy=False)), _strings(names))


def structs(**columns: pa.Array) -> pa.Array:
    """Return columns of one length, made here, side by side."""
    import pyarrow as pa

    kind = _struct_type(tuple(columns), tuple(column.type.id for column in columns.values()))
    children = list(columns.values())
    return pa.Array.from_buffers(kind, len(children[0]), [None], children=children)


def lists(offsets: Offsets, values: pa.Array) -> pa.Array:
    """Return a list array; large_list where 32-bit offsets cannot hold it."""
    import pyarrow as pa

    if offsets[-1] > UNLIMITED:
        return pa.LargeListArray.from_arrays(pa.array(offsets), values)
    return pa.ListArray.from_arrays(plain(offsets.astype(np.int32)), values)


@cache
def _types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    return {"i": pa.int32(), "f": pa.float32(), "d": pa.float64()}


@lru_cache(maxsize=64)
def _strings(names: tuple[str, ...]) -> pa.Array:
    import pyarrow as pa

    return pa.array(names, pa.string())


@cache
def _struct_type(names: tuple[str, ...], ids: tuple[int, ...]) -> pa.DataType:
    import pyarrow as pa

    kinds = {kind.id: kind for kind in (*_types().values(), pa.dictionary(pa.int32(), pa.string()))}
    return pa.struct([(name, kinds[i]) for name, i in zip(names, ids, strict=True)])
