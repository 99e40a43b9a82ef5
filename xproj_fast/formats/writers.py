"""Labelled sentences, projections among them, to files: chunk by chunk, whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from xproj_fast.arrow_layouts import Rows
from xproj_fast.errors import STDOUT, InputError
from xproj_fast.formats.outputs import whole_output
from xproj_fast.formats.registry import FORMATS, check_columns, format_of, that_write
from xproj_fast.formats.sentences import error_at
from xproj_fast.labelled import LabelledSentences
from xproj_fast.wording import listed

if TYPE_CHECKING:
    import pyarrow as pa

    from xproj_fast.projection import Projection


class Labelled(Protocol):
    """What can be written: ``LabelledSentences``, ``Projection``, and what is like them."""

    def __len__(self) -> int: ...

    def labelled(self) -> LabelledSentences:
        """Return the sentences with their entities."""

    def to_arrow(self) -> pa.Table:
        """Return all that there is to tell of them, one row per sentence."""


Write: TypeAlias = Callable[[Labelled | Rows], None]


def _labelled(result: Labelled | Rows) -> Labelled:
    """Return what can be written of labelled sentences, a projection, or Arrow data with words and tags."""
    is_ours = callable(getattr(result, "labelled", None))  # a frame may have a column of this name
    return cast("Labelled", result) if is_ours else LabelledSentences.from_arrow(result)


def write(
    result: Labelled | Rows,
    path: str | Path,
    fmt: str | None = None,
    *,
    confidence_column: bool = False,
    with_source: bool = False,
) -> None:
    """Write labelled sentences or the target sentences of a projection; ``open_writer`` takes them chunk by chunk.

    >>> import tempfile, xproj_fast as xp
    >>> sentences = xp.LabelledSentences.from_lists([["Ada", "lived", "here"]], [[(0, 1, "PER")]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     xp.write(sentences, f"{folder}/ada.conll")
    ...     xp.read_labelled(f"{folder}/ada.conll")[0]
    [Ada]PER lived here

    Args:
        result: the sentences; or Arrow data with words and tags, see ``LabelledSentences.from_arrow``.
        path: where to; ``"-"`` = standard output.
        fmt: see ``open_writer``.
        confidence_column: see ``open_writer``.
        with_source: see ``open_writer``.

    Raises:
        InputError: see ``open_writer``; also for what the format cannot hold.
    """
    with open_writer(path, fmt, confidence_column=confidence_column, with_source=with_source) as append:
        append(result)


@contextmanager
def open_writer(
    path: str | Path, fmt: str | None = None, *, confidence_column: bool = False, with_source: bool = False
) -> Iterator[Write]:
    """Open a file for labelled sentences or projections; yields the function that appends some.

    >>> import tempfile, xproj_fast as xp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with xp.open_writer(f"{folder}/de.jsonl") as append:
    ...         for pairs in xp.iter_pairs("en.conll", "de.words", "en-de.pharaoh", chunk=10):
    ...             append(xp.project(pairs))
    ...     len(xp.read_labelled(f"{folder}/de.jsonl"))
    40

    The file appears when it is whole; .gz and .zst are compressed. Parquet and Arrow hold of a projection all that
    there is to tell (``Projection.to_arrow``), the others the target sentences with their entities.

    Args:
        path: where to; ``"-"`` = standard output (CoNLL or JSONL).
        fmt: ``"conll"`` (IOB2), ``"jsonl"`` (character offsets), ``"arrow"`` (Parquet or Arrow by the suffix), ``"hf"``
            (Hugging Face: tokens and ner_tags), ``"spacy"`` (DocBin), or another that writes labelled sentences; None =
            by the suffix, CoNLL for ``"-"``.
        confidence_column: CoNLL has a column with the confidence of each entity before that of the tags, ``-`` outside
            entities; the other formats always tell confidences, where they are known.
        with_source: Parquet, Arrow and data sets of the hub have what was projected from as well, see
            ``Projection.to_arrow``.

    Raises:
        InputError: for a format that cannot hold labelled sentences, or a folder that is not there; for a column of
            confidences, or the source, in a format that has none, or of what has none.

    >>> import xproj_fast as xp
    >>> with open_writer("de.jsonl") as write:
    ...     for pairs in xp.iter_pairs("en.conll", "de.words", "en-de.pharaoh", chunk=10):
    ...         write(xp.project(pairs))
    """
    to_stdout = str(path) == "-"
    file = Path(STDOUT if to_stdout else path)
    kind = fmt or "conll" if to_stdout else format_of(file, fmt)
    encode = text_encoder(kind, confidence_column=confidence_column)
    tables = FORMATS[kind].tables or FORMATS[kind].labelled_tables
    if with_source:
        check_columns(kind, "with_source")
    if encode is not None:
        done = 0
        with whole_output(path) as append_bytes:

            def append(given: Labelled | Rows) -> None:
                nonlocal done
                try:
                    result = _labelled(given)
                    data = encode(result)
                except InputError as error:
                    raise error_at("", error, done) from None  # the file at fault is the one the words came from
                append_bytes(data)
                done += len(result)

            yield append
    elif tables is not None and not to_stdout:
        with tables(file) as append_table:
            yield lambda result: append_table(table_of(_labelled(result), with_source=with_source))
    else:
        known = [name for name in that_write("labelled") if not to_stdout or text_encoder(name)]
        raise InputError(f"{file}: expected one of {listed(known)} for labelled output, got {kind}")


def no_source() -> InputError:
    """Return the error of labels that were not projected, whose source is asked for."""
    return InputError("with_source: expected a projection, got sentences that have no source", field="with_source")


def table_of(result: Labelled, *, with_source: bool = False) -> pa.Table:
    """Return all that there is to tell of sentences, and what they were projected from, where that is asked for.

    Raises:
        InputError: for the source of what was not projected.
    """
    if not with_source:
        return result.to_arrow()
    if isinstance(result, LabelledSentences):
        raise no_source()
    return cast("Projection", result).to_arrow(with_source=True)


def text_encoder(fmt: str, *, confidence_column: bool = False) -> Callable[[Labelled], bytes] | None:
    """Return what makes bytes of a chunk in a format; None where nothing does, as in Parquet.

    Raises:
        InputError: for a column of confidences in a format that has none.
    """
    encode = FORMATS[fmt].encode if fmt in FORMATS else None
    if confidence_column:
        encode = FORMATS[fmt].encode_confidences if fmt in FORMATS else None
        if encode is None:
            able = [name for name in FORMATS if FORMATS[name].encode_confidences is not None]
            raise InputError(
                f"confidence_column: expected output as {listed(able)}, got {fmt}, which tells confidences without it",
                field="confidence_column",
            )
    return None if encode is None else lambda result: encode(result.labelled())
