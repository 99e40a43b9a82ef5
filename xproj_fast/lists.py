"""Python lists of a caller's as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xproj_fast import checks
from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import Kernels


def word_columns(kernels: Kernels, sentences: Any, field: str) -> Words:
    """Return lists of words as columns.

    Raises:
        InputError: naming ``field``, the sentence and the word.
    """
    import pyarrow as pa

    with checks.list_errors(field):
        offsets, byte_offsets, text = kernels.words_from_lists(sentences)
    strings = pa.LargeStringArray.from_buffers(len(byte_offsets) - 1, pa.py_buffer(byte_offsets), pa.py_buffer(text))
    return Words(offsets, strings)


def entity_columns(kernels: Kernels, entities: Any, labels: Sequence[str] | None) -> tuple[Entities, list[str]]:
    """Return lists of (start, end, label) or dicts as columns, with the label names: those given come first.

    Raises:
        InputError: naming the sentence and the entity.
    """
    checks.check_names(labels or ())
    with checks.list_errors("entities"):
        return kernels.entities_from_lists(entities, list(labels or ()))


def id_column(ids: Sequence[Any] | None) -> Any:
    """Return ids as an Arrow array; None for None.

    Raises:
        InputError: for ids of several types.
    """
    if ids is None:
        return None
    import pyarrow as pa

    try:
        return pa.array(ids)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"ids: expected ids of one type, got others: {error}", field="ids") from None
