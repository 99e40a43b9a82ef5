"""Options that cannot be used, alone or together: the errors."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xproj_fast.errors import InputError


class UsageError(InputError):
    """Options that cannot be, alone or together: exit code 2."""


@contextmanager
def usage_errors(**own: str) -> Iterator[None]:
    """Turn what the library says about its options into wrong usage.

    Args:
        own: argument of the library -> what sets it in this command, where ``messages`` cannot know that.
    """
    try:
        yield
    except InputError as error:
        argument, colon, rest = str(error).partition(":")
        raise UsageError(f"{own.get(argument, argument)}{colon}{rest}", field=error.field) from None


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Name the input in what a writer finds wrong with its words."""
    try:
        yield
    except InputError as error:
        if error.sentence is None:
            raise
        raise InputError(f"{path}: {error}", field=error.field, sentence=error.sentence) from None


def require(args: argparse.Namespace, names: Iterable[str], what: str) -> None:
    """Raise a UsageError for options that were given, and mean nothing without ``what``."""
    _raise(args, names, f"requires {what}")


def refuse(args: argparse.Namespace, names: Iterable[str], what: str) -> None:
    """Raise a UsageError for options that were given, and mean nothing with ``what``."""
    _raise(args, names, f"not allowed with {what}")


def _raise(args: argparse.Namespace, names: Iterable[str], why: str) -> None:
    known = [args.known[name] for name in names]
    given = [
        option.option_strings[-1] for option in known if getattr(args, option.dest, option.default) != option.default
    ]
    if given:
        raise UsageError(f"{', '.join(given)}: {why}")
