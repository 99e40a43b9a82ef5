"""Labelled sentences as an output holds them: its suffix says in which format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES
from xproj_fast.formats.files import LABELLED, format_of
from xproj_fast.formats.streams import compression_of, format_suffix
from xproj_fast.formats.writers import TEXT_FORMATS
from xproj_fast.projection import Projection


def labelled_suffix(path: Path, fmt: str | None = None) -> str:
    """Return the suffix of the parts of a labelled file: ``"conll"``, ``"jsonl"`` or one of Arrow's.

    Args:
        path: its name.
        fmt: ``"conll"``, ``"jsonl"`` or ``"arrow"``; None = by the name.

    Raises:
        InputError: for a format that holds no labels.
    """
    kind = format_of(path, fmt)
    if kind not in LABELLED:
        raise InputError(f"{path}: expected conll, jsonl or arrow for labelled output, got {kind}")
    if kind != "arrow":
        return kind
    suffix = format_suffix(path)
    if suffix not in ARROW_SUFFIXES or compression_of(path):
        raise InputError(f"{path}: expected a name that ends in {', '.join('.' + s for s in ARROW_SUFFIXES)}")
    return suffix


def labelled_data(projection: Projection, suffix: str) -> Any:
    """Return labelled sentences as the bytes of a text format, or as a table.

    Raises:
        InputError: for a word that the format cannot hold.
    """
    return TEXT_FORMATS[suffix](projection) if suffix in TEXT_FORMATS else projection.to_arrow()
