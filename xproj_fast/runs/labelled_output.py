"""Labelled sentences as an output holds them: its suffix says in which format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES
from xproj_fast.formats.registry import format_of, that_write
from xproj_fast.formats.streams import compression_of, format_suffix
from xproj_fast.formats.writers import Labelled, text_encoder
from xproj_fast.wording import listed


def labelled_suffix(path: Path, fmt: str | None = None) -> str:
    """Return the suffix of the parts of a labelled file: ``"conll"``, ``"jsonl"`` or one of Arrow's.

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
        return kind
    suffix = format_suffix(path)
    if suffix not in ARROW_SUFFIXES or compression_of(path):
        raise InputError(f"{path}: expected a name that ends in {', '.join('.' + s for s in ARROW_SUFFIXES)}")
    return suffix


def labelled_data(result: Labelled, suffix: str) -> Any:
    """Return labelled sentences as the bytes of a text format, or as a table.

    Raises:
        InputError: for a word that the format cannot hold.
    """
    encode = text_encoder(suffix)
    return result.to_arrow() if encode is None else encode(result)
