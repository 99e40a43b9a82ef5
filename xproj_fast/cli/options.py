"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from xproj_fast.cli.lists import names, words
from xproj_fast.errors import InputError


def positive(text: str) -> int:
    """Parse a count of 1 or more."""
    if not text.isdecimal() or not 1 <= int(text) < 1 << 31:
        raise argparse.ArgumentTypeError(f"expected a count of 1 or more, got {text}")
    return int(text)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add what every long-running command takes."""
    group = parser.add_argument_group("running")
    group.add_argument(
        "--threads", type=positive, metavar="N", help="CPU threads (default: all; same result for any N)"
    )
    group.add_argument("--quiet", action="store_true", help="no progress and no summary")
    group.add_argument("--json", action="store_true", help="print the summary to standard output as JSON")


def add_chunk(parser: argparse.ArgumentParser) -> None:
    """Add how much is in memory."""
    parser.add_argument(
        "--chunk", type=positive, default=65_536, metavar="N", help="sentences in memory at a time (65536)"
    )


def add_drop_labels(group: Any) -> None:
    """Add classes that are left out."""
    group.add_argument(
        "--drop-labels", type=names, default=(), metavar="A,B", help="leave out entities of these classes: MISC,DATE"
    )


def add_stop_words(group: Any) -> None:
    """Add words that no candidate may hold."""
    group.add_argument(
        "--stop-words",
        type=words,
        default=("!", "?"),
        metavar="A,B",
        help="words that no span may hold, '' = none; a comma itself stands in double quotes: '!,\",\"' (!,?)",
    )


def add_model(group: Any) -> None:
    """Add where and in what portions a model runs."""
    add_device(group)
    group.add_argument(
        "--batch-tokens",
        type=positive,
        metavar="N",
        help="padded sub-tokens a batch, halved where memory is short (256 or 512 on a CPU, 8192 on a GPU)",
    )


def add_device(group: Any) -> None:
    """Add where models run."""
    group.add_argument(
        "--device", default="auto", metavar="D", help="auto, cpu, cuda or cuda:N; auto = a GPU that works (auto)"
    )


def add_resume(group: Any) -> None:
    """Add what to do with an interrupted run."""
    either = group.add_mutually_exclusive_group()
    either.add_argument("--resume", action="store_true", help="go on with an interrupted run, where there is one")
    either.add_argument("--restart", action="store_true", help="throw an interrupted run away")


def make_folder(path: Path) -> None:
    """Make a folder for output, where it is not there."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: expected a folder to write into, got a file")
    path.mkdir(parents=True, exist_ok=True)


def refuse_overwriting(output: Path, *inputs: Path | None) -> None:
    """See ``streams.refuse_overwriting``, which is imported only when it is needed."""
    from xproj_fast.formats import streams

    streams.refuse_overwriting(output, *inputs)
