"""Exceptions: what is wrong with the input, and where.

Messages quote files, names and values of somebody else's. So every message is one line of bounded length, which a
terminal shows as it is: ``str(error)`` may be printed wherever it is caught.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from xproj_fast.wording import did_you_mean, listed, shown

STDOUT = "standard output"


class InputError(ValueError):
    """Input that cannot be used; the message says what, got, expected and where.

    Attributes:
        field: the part of the input at fault (``"alignments"``, ``"entities"``, ...), or None.
        sentence: its 0-based sentence, or None. Readers use both to name the file and line.

    >>> import xproj_fast as xp
    >>> try:
    ...     xp.SentencePairs.from_lists([["Maria"]], [["Maria"]], [[(0, 2, "PER")]])
    ... except xp.InputError as error:
    ...     print(error.field, error.sentence)
    entities 0
    """

    def __init__(self, message: str, *, field: str | None = None, sentence: int | None = None) -> None:
        super().__init__(shown(message))
        self.field = field
        self.sentence = sentence


class MissingDependencyError(ImportError):
    """An optional package is needed; the message says which and how to install it.

    >>> import xproj_fast as xp
    >>> issubclass(xp.MissingDependencyError, ImportError)
    True
    """

    def __init__(self, message: str) -> None:
        super().__init__(shown(message))


class InternalError(RuntimeError):
    """A broken invariant of this package: a bug, please report it.

    >>> import xproj_fast as xp
    >>> issubclass(xp.InternalError, ValueError)  # unlike InputError
    False
    """

    def __init__(self, message: str) -> None:
        super().__init__(shown(message))


@contextmanager
def blamed(name: object) -> Iterator[None]:
    """Name the file in what the system says of it; writing, closing and syncing raise errors without a name."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(name)
        raise


def check_options(options: object, *rules: tuple[str, bool, str | Sequence[str]]) -> None:
    """Check a record of options.

    Args:
        options: the record.
        rules: name of an attribute, whether it is good, and what is expected of it: words, or a list of names.

    Raises:
        InputError: for the first that is not good.
    """
    for name, good, expected in rules:
        if not good and not isinstance(expected, str):
            raise unknown_name(name, getattr(options, name), expected)
        if not good:
            raise InputError(f"{name}: expected {expected}, got {getattr(options, name)!r}", field=name)


def unknown_name(field: str, got: object, known: Iterable[str], what: str = "one of", also: str = "") -> InputError:
    """Return the error for a name that does not exist: those that do, and the one that was probably meant.

    Args:
        field: the argument at fault.
        got: its value, or the one of its values at fault.
        known: the names that there are.
        what: what was expected, in front of them.
        also: what else would do, behind them.
    """
    names = list(known)
    return InputError(
        f"{field}: expected {what} {listed(names) or '(there are none)'}{also}, got {got!r}{did_you_mean(got, names)}",
        field=field,
    )


def a(noun: str) -> str:
    """Return a noun with its article, for messages."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
