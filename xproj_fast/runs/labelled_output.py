"""Labelled sentences as an output holds them: its suffix says in which format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES
from xproj_fast.formats.kept_columns import KeptColumns
from xproj_fast.formats.registry import FORMATS, format_of, that_write
from xproj_fast.formats.streams import compression_of, format_suffix
from xproj_fast.formats.writers import Labelled, table_of, text_encoder
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


def kept_columns(source: Any, names: Sequence[str], reading: InputOptions, suffix: str) -> KeptColumns | None:
    """Return the further columns of an input that an output keeps; None = none.

    Raises:
        InputError: see ``KeptColumns``; for sentences in memory.
    """
    if not names:
        return None
    if not isinstance(source, str | Path):
        raise InputError("keep_columns: expected a file, got sentences in memory (LabelBatches keeps all columns)")
    kind = suffix.removeprefix(JOINED).partition(".")[0]
    return KeptColumns(source, names, reading.format, "arrow" if kind in ARROW_SUFFIXES else kind)


def labelled_data(result: Labelled, suffix: str, *, with_source: bool = False) -> Any:
    """Return labelled sentences as the bytes of a text format, or as a table.

    Raises:
        InputError: for a word that the format cannot hold; for the source, in a format or of what has none.
    """
    encode = text_encoder(suffix)
    if encode is None:
        return table_of(result, with_source=with_source)
    if with_source:
        raise InputError(f"with_source: expected output as arrow or hf, got {suffix}", field="with_source")
    return encode(result)
