"""Labelled sentences as an output holds them: its suffix says in which format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES
from xproj_fast.formats.kept_columns import KeptColumns
from xproj_fast.formats.registry import FORMATS, check_columns, format_of, that_write
from xproj_fast.formats.streams import compression_of, format_suffix
from xproj_fast.formats.writers import Labelled, no_source, table_of, text_encoder
from xproj_fast.wording import listed

if TYPE_CHECKING:
    from xproj_fast.runs.inputs import InputOptions

JOINED = "made-into-"  # in front of the format of a file whose parts are Parquet until all are there


def labelled_suffix(path: Path, fmt: str | None = None) -> str:
    """Return the suffix of the parts of a labelled file: ``"conll"``, ``"jsonl"``, one of Arrow's, or another.

    Args:
        path: its name.
        fmt: ``"conll"``, ``"jsonl"`` or ``"arrow"``; None = by the name.

    Raises:
        InputError: for a format that holds no labels.
    """
    kind = format_of(path, fmt)
    if kind not in that_write("labelled"):
        raise InputError(f"{path}: expected one of {listed(that_write('labelled'))} for labelled output, got {kind}")
    if kind != "arrow":
        return parts_suffix(kind)
    suffix = format_suffix(path)
    if suffix not in ARROW_SUFFIXES or compression_of(path):
        raise InputError(f"{path}: expected a name that ends in {', '.join('.' + s for s in ARROW_SUFFIXES)}")
    return suffix


def parts_suffix(fmt: str) -> str:
    """Return the suffix of the parts of a file: what cannot be written in parts is Parquet until the end."""
    made = FORMATS[fmt].labelled_tables is not None
    return f"{JOINED}{fmt}.parquet" if made else {"arrow": "parquet"}.get(fmt, fmt)


def joining_writer(suffix: str) -> Callable[[Path], AbstractContextManager[Callable[[Any], None]]] | None:
    """Return what opens the file that parts of a suffix become; None where they are of its own format."""
    name = suffix.rpartition(".")[0].rpartition(".")[2]
    return FORMATS[name.removeprefix(JOINED)].labelled_tables if name.startswith(JOINED) else None


def _format_of(suffix: str) -> str:
    """Return the format of the file that parts of a suffix become."""
    kind = suffix.removeprefix(JOINED).partition(".")[0]
    return "arrow" if kind in ARROW_SUFFIXES else kind


def check_source(suffix: str, *, projects: bool) -> None:
    """Check that an output can have what was projected from, before anything is.

    Raises:
        InputError: for a format that has no room for it, and a pipeline that projects nothing.
    """
    check_columns(_format_of(suffix), "with_source")
    if not projects:
        raise no_source()


def kept_columns(source: Any, names: Sequence[str], reading: InputOptions, suffix: str) -> KeptColumns | None:
    """Return the further columns of an input that an output keeps; None = none.

    Raises:
        InputError: see ``KeptColumns``; for sentences in memory.
    """
    if not names:
        return None
    if not isinstance(source, str | Path):
        raise InputError("keep_columns: expected a file, got sentences in memory (LabelBatches keeps all columns)")
    return KeptColumns(source, names, reading.format, _format_of(suffix))


def labelled_data(result: Labelled, suffix: str, *, with_source: bool = False) -> Any:
    """Return labelled sentences as the bytes of a text format, or as a table.

    Raises:
        InputError: for a word that the format cannot hold; for the source of what was not projected.
    """
    encode = text_encoder(suffix)
    return table_of(result, with_source=with_source) if encode is None else encode(result)
