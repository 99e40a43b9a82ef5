"""Exceptions: what is wrong with the input, and where."""

from __future__ import annotations


class InputError(ValueError):
    """Input that cannot be used; the message says what, got, expected and where.

    Attributes:
        field: the part of the input at fault (``"alignments"``, ``"entities"``, ...), or None.
        sentence: its 0-based sentence, or None. Readers use both to name the file and line.
    """

    def __init__(self, message: str, *, field: str | None = None, sentence: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.sentence = sentence


class MissingDependencyError(ImportError):
    """An optional package is needed; the message says which and how to install it."""


class InternalError(RuntimeError):
    """A broken invariant of this package: a bug, please report it."""


def check_options(options: object, *rules: tuple[str, bool, str]) -> None:
    """Check a record of options.

    Args:
        options: the record.
        rules: name of an attribute, whether it is good, and what is expected of it.

    Raises:
        InputError: for the first that is not good.
    """
    for name, good, expected in rules:
        if not good:
            raise InputError(f"{name}: expected {expected}, got {getattr(options, name)!r}", field=name)


def a(noun: str) -> str:
    """Return a noun with its article, for messages."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
