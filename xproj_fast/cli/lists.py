"""The one syntax of lists in options: ``A,B,C``; an item that holds a comma stands in double quotes, as in CSV."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Sequence
from typing import Any

from xproj_fast.wording import did_you_mean, listed


class Listed:
    """What argparse takes as the type of an option that holds several items."""

    def __init__(
        self,
        item: Callable[[str], Any] = str,
        what: str = "names",
        *,
        choices: Sequence[str] | None = None,
        may_be_empty: bool = False,
    ) -> None:
        """Say what the items are.

        Args:
            item: makes each from its text; a ValueError says that it cannot.
            what: they are called in errors.
            choices: the only ones there are.
            may_be_empty: whether ``''`` is the list without items.
        """
        self._item, self._what, self._choices, self._may_be_empty = item, what, choices, may_be_empty

    def __call__(self, text: str) -> tuple[Any, ...]:
        """Parse a list."""
        if not text.strip() and self._may_be_empty:
            return ()
        try:
            [texts] = csv.reader([text], skipinitialspace=True, strict=True)
            found = [part.strip() for part in texts]
            if not found or not all(found):
                raise ValueError
            items = tuple(map(self._item, found))
        except (ValueError, csv.Error):
            raise argparse.ArgumentTypeError(
                f'expected {self._what} with commas between them (one that holds a comma in double quotes: ",", '
                f"a double quote twice), got {text!r}"
            ) from None
        for name in found:
            if self._choices is not None and name not in self._choices:
                hint = did_you_mean(name, self._choices)
                raise argparse.ArgumentTypeError(f"expected some of {listed(self._choices)}, got {name!r}{hint}")
        return items


def numbered(text: str) -> dict[str, float]:
    """Parse ``NAME=NUMBER,NAME=NUMBER``."""
    items: tuple[tuple[str, float], ...] = Listed(_numbered, "NAME=NUMBER")(text)
    if len(dict(items)) < len(items):
        raise argparse.ArgumentTypeError(f"expected each name once, got {text!r}")
    return dict(items)


def weighted(text: str) -> str | dict[str, float]:
    """Parse one name, or ``NAME=WEIGHT,NAME=WEIGHT``."""
    return numbered(text) if "=" in text or "," in text else text


def renamings(text: str) -> dict[str, str]:
    """Parse ``OLD=NEW,OLD=NEW``."""
    items: tuple[tuple[str, str], ...] = Listed(_renaming, "OLD=NEW")(text)
    if len(dict(items)) < len(items):
        raise argparse.ArgumentTypeError(f"expected each class once, got {', '.join(old for old, _ in items)}")
    return dict(items)


def is_list(kind: Any) -> bool:
    """Whether the type of an option takes several values with commas."""
    return isinstance(kind, Listed) or kind in (numbered, renamings, weighted)


def _numbered(text: str) -> tuple[str, float]:
    name, equals, number = text.partition("=")
    if not (name.strip() and equals):
        raise ValueError
    return name.strip(), float(number)


def _renaming(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise ValueError
    return old, new


names = Listed()
numbers = Listed(float, "numbers")
words = Listed(what="words", may_be_empty=True)
