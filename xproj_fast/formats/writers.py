"""Projections to files, chunk by chunk, whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xproj_fast.errors import STDOUT, InputError
from xproj_fast.formats.arrow import arrow_writer
from xproj_fast.formats.conll_writer import conll_bytes
from xproj_fast.formats.files import format_of
from xproj_fast.formats.jsonl_writer import jsonl_bytes
from xproj_fast.formats.outputs import whole_output
from xproj_fast.formats.sentences import error_at
from xproj_fast.projection import Projection

Write = Callable[[Projection], None]
TEXT_FORMATS: dict[str, Callable[[Projection], bytes]] = {
    "conll": lambda result: conll_bytes(result.pairs.target, result.tag_ids(), result.tag_names),
    "jsonl": jsonl_bytes,
}


@contextmanager
def projection_writer(path: str | Path, fmt: str | None = None) -> Iterator[Write]:
    """Open a file for projections; yields the function that appends one.

    Args:
        path: where to; ``"-"`` = standard output (CoNLL or JSONL).
        fmt: ``"conll"`` (IOB2), ``"jsonl"`` (character offsets) or ``"arrow"`` (Parquet or Arrow by the suffix);
            None = by the suffix, CoNLL for ``"-"``.

    Raises:
        InputError: for a format that cannot hold projections, or a folder that is not there.
    """
    to_stdout = str(path) == "-"
    file = Path(STDOUT if to_stdout else path)
    kind = fmt or "conll" if to_stdout else format_of(file, fmt)
    if kind != "arrow" or to_stdout:
        encode = _text_writer(kind, file)
        with whole_output(path) as write:
            yield lambda result: _append(write, encode(result))
        return
    with arrow_writer(file) as append:
        yield lambda result: append(result.to_arrow())


def _text_writer(kind: str, path: Path) -> Callable[[Projection], bytes]:
    if kind not in TEXT_FORMATS:
        known = "conll or jsonl" if str(path) == STDOUT else "conll, jsonl or arrow"
        raise InputError(f"{path}: expected {known} for labelled output, got {kind}")
    done = 0

    def write(result: Projection) -> bytes:
        nonlocal done
        try:
            data = TEXT_FORMATS[kind](result)
        except InputError as error:
            raise error_at("", error, done) from None  # the file at fault is the one the words came from
        done += len(result)
        return data

    return write


def _append(write: Callable[[bytes], object], data: bytes) -> None:
    write(data)
