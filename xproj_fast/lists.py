"""Python lists of a caller's as columns, which need no further check of their form: kernels have just made them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from xproj_fast import checks
from xproj_fast.arrays import Entities, Links, Words
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.wording import brief

P = ParamSpec("P")
T = TypeVar("T")


def word_columns(sentences: Any, field: str = "words") -> Words:
    """Return lists of words as columns.

    Raises:
        InputError: naming ``field``, the sentence and the word.
    """
    import pyarrow as pa

    kernels = get()
    offsets, byte_offsets, text = _read(field, kernels.words_from_lists, sentences)
    checks.check_offsets(kernels, offsets, len(byte_offsets) - 1, field, "words")  # too many words of one sentence
    strings = pa.LargeStringArray.from_buffers(len(byte_offsets) - 1, pa.py_buffer(byte_offsets), pa.py_buffer(text))
    return Words(offsets, strings)


def entity_columns(entities: Any, labels: Sequence[str] | None) -> tuple[Entities, list[str]]:
    """Return lists of (start, end, label) or dicts as columns, with the label names: those given come first.

    Raises:
        InputError: naming the sentence and the entity.
    """
    checks.check_names(labels or ())
    return _read("entities", get().entities_from_lists, entities, list(labels or ()))


def link_columns(alignments: Any) -> Links:
    """Return lists of (source, target) word index pairs as columns.

    Raises:
        InputError: naming the sentence and the link.
    """
    return _read("alignments", get().links_from_lists, alignments)


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


def _read(field: str, kernel: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a kernel that reads lists; its ListError(sentence, item, expected, got) becomes one about ``field``."""
    try:
        return kernel(*args, **kwargs)
    except ValueError as error:
        from xproj_fast._core import ListError  # it loads: this is one of its kernels

        if not isinstance(error, ListError):
            raise
        sentence, item, expected, got = error.args
        where = "" if sentence < 0 else f" sentence {sentence}" + ("" if item < 0 else f", item {item}")
        raise InputError(
            f"{field}:{where or ' the whole argument'}: expected {expected}, got {brief(repr(got))}",
            field=field,
            sentence=None if sentence < 0 else sentence,
        ) from None
