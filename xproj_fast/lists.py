"""Python lists of a caller's as columns, which need no further check of their form: kernels have just made them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar

from xproj_fast import checks
from xproj_fast.arrays import Entities, Links, Offsets, Words, copied
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.ragged import offsets_of_lists
from xproj_fast.row_faults import raise_it
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


def tagged_entities(
    tags: Any, words: Offsets, tag_names: Sequence[str] = (), scheme: str = "iob2", field: str = "source_tags"
) -> tuple[Entities, tuple[str, ...]]:
    """Return lists of tags, one per word, as entities, with the label names.

    Raises:
        InputError: naming ``field``, the sentence and the word.
    """
    import pyarrow as pa

    from xproj_fast.arrow_names import entities_of_tag_lists

    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise InputError(f"{field}: expected lists of tags, got {brief(repr(tags))}", field=field)
    tags = list(tags)
    for s, row in enumerate(tags):
        if isinstance(row, str) or not isinstance(row, Iterable):
            raise InputError(
                f"{field}: sentence {s}: expected a list of tags, got {brief(repr(row))}", field=field, sentence=s
            )
    try:
        column = pa.array(tags)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{field}: expected lists of tags, or of whole numbers: {error}", field=field) from None
    if pa.types.is_null(column.type):  # no sentence
        column = column.cast(pa.list_(pa.null()))
    return entities_of_tag_lists(column, field, words, tag_names, scheme, raise_it)


def link_columns(alignments: Any, *, copy: bool = True) -> Links:
    """Return links as columns: pairs of (source, target) word indices, or a string ``"0-0 1-2"``, per sentence.

    Args:
        alignments: these, or links that are columns already, of which the arrays alone are checked.
        copy: keep a copy of such.

    Raises:
        InputError: naming the sentence and the link.
    """
    if isinstance(alignments, Links):
        checks.check_dtypes("alignments", alignments, Links)
        return copied(alignments) if copy else alignments
    if isinstance(alignments, (list, tuple)) and alignments and isinstance(alignments[0], str):
        return _parsed(alignments)
    return _read("alignments", get().links_from_lists, alignments)


def _parsed(lines: Sequence[Any]) -> Links:
    from xproj_fast import _core  # pairs that have none of these can do without

    for s, line in enumerate(lines):
        if not isinstance(line, str):
            message = f"expected a string of links, as for the first sentence, got {brief(repr(line))}"
            raise InputError(f"alignments: sentence {s}: {message}", field="alignments", sentence=s)
    text = [line.encode("utf-8", "surrogatepass") for line in lines]
    links, faults = _core.read_link_strings(offsets_of_lists(text), b"".join(text))
    for s, message in faults[:1]:
        raise InputError(f"alignments: sentence {s}: {message}", field="alignments", sentence=s)
    return links


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
