"""Checks of Arrow arrays: whoever made one, in memory or in a file, may have made its offsets point anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        validate(column) if full else column.validate()
    except pa.ArrowInvalid as error:
        raise InputError(f"{name}: expected a whole Arrow array, got a broken one: {error}", field=name) from None


def check_array(array: Any, name: str) -> None:
    """Check that something is an Arrow array, and a whole one.

    Raises:
        InputError: where it is not.
    """
    import pyarrow as pa

    if not isinstance(array, pa.Array):
        raise InputError(f"{name}: expected an Arrow array, got {type(array).__name__}", field=name)
    check_column(array, name)


def validate(column: Any) -> None:
    """Check what ``column.validate(full=True)`` checks, words and texts in a fifth of its time.

    Arrow looks at one string after the other. All their bytes are UTF-8, and none begins inside a character: that says
    the same, and is fast to see.

    Raises:
        pyarrow.ArrowInvalid: for an array that is broken.
    """
    import pyarrow as pa

    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else (column,):
        chunk.validate()
        strings = chunk
        if isinstance(chunk, pa.ListArray | pa.LargeListArray) and not chunk.null_count:
            strings = chunk.values
            _validate_offsets(chunk.offsets.to_numpy())
        if isinstance(strings, pa.StringArray | pa.LargeStringArray) and not (chunk.null_count or strings.null_count):
            _validate_strings(strings)
        else:
            chunk.validate(full=True)


def _validate_offsets(offsets: NDArray[Any]) -> None:
    import pyarrow as pa

    decreases = offsets[1:] < offsets[:-1]
    if decreases.any():
        i = int(decreases.argmax())
        raise pa.ArrowInvalid(f"offsets decrease at slot {i}: {offsets[i]}, then {offsets[i + 1]}")


def _validate_strings(strings: Any) -> None:
    import pyarrow as pa

    offsets, buffer = string_buffers(strings)
    _validate_offsets(offsets)
    text = np.frombuffer(buffer, np.uint8)[offsets[0] : offsets[-1]]
    if not len(text) or text.max() < 0x80:
        return
    bounds = np.array([0, len(text)])
    pa.LargeStringArray.from_buffers(1, pa.py_buffer(bounds), pa.py_buffer(text)).validate(full=True)
    starts = offsets[: np.searchsorted(offsets, offsets[-1])]  # empty strings at the end have no byte
    first = text.view(np.int8).take(starts - offsets[0])
    if first.min(initial=0) < -64:  # 10xxxxxx, a byte inside a character
        raise pa.ArrowInvalid("Invalid UTF8 payload: a string begins inside a character")


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
    try:
        _validate_offsets(string_buffers(strings)[0])
    except pa.ArrowInvalid as error:
        raise InputError(f"{name}: expected a whole Arrow array, got a broken one: {error}", field=name) from None


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
    if not byte_offsets.flags.aligned:
        byte_offsets = byte_offsets.copy()
    return byte_offsets, b"" if text is None else text
