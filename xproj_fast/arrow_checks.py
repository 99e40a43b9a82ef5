"""Checks of Arrow arrays in memory: whoever made one may have made its offsets point anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from xproj_fast.errors import InputError


def check_column(column: Any, name: str, *, full: bool = True) -> None:
    """Check a column, chunk by chunk.

    Args:
        column: an Arrow array or chunked array of any type.
        name: names it in messages.
        full: everything, which costs a look at every byte of text; False = what costs no look at any value: the sizes
            of the buffers, the first and the last offset.

    Raises:
        InputError: for offsets or indices that point outside their buffers, text that is no UTF-8, counts that lie.
    """
    import pyarrow as pa

    try:
        column.validate(full=full)
    except pa.ArrowInvalid as error:
        raise InputError(f"{name}: expected a whole Arrow array, got a broken one: {error}", field=name) from None


def check_strings(strings: Any, name: str) -> None:
    """Check that an array holds strings, none of them null, and that each lies inside its buffer.

    Not that its bytes are UTF-8: a full ``check_column`` does that.

    Raises:
        InputError: where it does not.
    """
    import pyarrow as pa

    if not isinstance(strings, pa.StringArray | pa.LargeStringArray):
        got = strings.type if isinstance(strings, pa.Array) else type(strings).__name__
        raise InputError(f"{name}: expected an Arrow string or large_string array, got {got}", field=name)
    if strings.null_count:
        raise InputError(f"{name}: expected no nulls, got {strings.null_count}", field=name)
    check_column(strings, name, full=False)
    byte_offsets, _ = string_buffers(strings)
    decreases = byte_offsets[1:] < byte_offsets[:-1]
    if decreases.any():
        i = int(decreases.argmax())
        raise InputError(
            f"{name}: string {i}: expected Arrow offsets that never decrease, got {byte_offsets[i]} then "
            f"{byte_offsets[i + 1]}",
            field=name,
        )


def string_buffers(strings: Any) -> tuple[Any, Any]:
    """Return the byte offsets (int32 or int64[words + 1]) and the bytes of an Arrow string array, zero-copy.

    But for offsets that are not aligned, as a file may have them: kernels take them for what they say they are.
    """
    import pyarrow as pa

    dtype = np.int64 if pa.types.is_large_string(strings.type) else np.int32
    _, offsets, text = strings.buffers()
    if offsets is None or len(strings) == 0:  # Arrow lets an empty array have no offsets
        return np.zeros(1, dtype), b""
    byte_offsets = np.frombuffer(offsets, dtype, len(strings) + 1, strings.offset * np.dtype(dtype).itemsize)
    return np.require(byte_offsets, requirements="A"), b"" if text is None else text
