"""Positions in a text as other programs count them, as characters (Unicode code points)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate

from xproj_fast.text.scripts import Span

# What a position counts: Python and spaCy count code points; browsers, Java and C# UTF-16 code units, of which a
# character beyond U+FFFF (an emoji) has two; Go and Rust bytes.
UNITS = {"characters": "characters", "utf16": "UTF-16 code units", "bytes": "bytes of UTF-8"}


class TextOffsets:
    """Positions in one text.

    Attributes:
        length: of the text, in the unit that positions count.
        plain: whether positions are characters, unchanged.
    """

    __slots__ = ("_starts", "length", "plain")

    def __init__(self, text: str, unit: str) -> None:
        self.length = len(text)
        self.plain = unit == "characters" or text.isascii() or (unit == "utf16" and max(text) <= "\uffff")
        self._starts: list[int] = []
        if not self.plain:
            sizes = (1 + (c > "\uffff") for c in text) if unit == "utf16" else (len(c.encode()) for c in text)
            self._starts = list(accumulate(sizes, initial=0))
            self.length = self._starts[-1]

    def character(self, position: int) -> int | None:
        """Return which character stands at a position from 0 to ``length``; None = it lies inside a character."""
        if self.plain:
            return position
        found = bisect_left(self._starts, position)
        return found if self._starts[found] == position else None

    def span(self, start: int, end: int) -> Span | None:
        """Return a half-open span in characters; None where it is none of the text's."""
        if not 0 <= start < end <= self.length:
            return None
        first, last = self.character(start), self.character(end)
        return None if first is None or last is None else (first, last)


def fitting(text: str, start: int, end: int, unit: str, fits: Callable[[int, int], bool]) -> str:
    """Return a hint at the options that give a span which fits, where ``unit`` does not; "" where none does."""
    spans = {name: TextOffsets(text, name).span(start, end) for name in UNITS}
    names = [name for name, span in spans.items() if span not in (None, spans[unit]) and fits(*span)]
    return f"; --offsets {' or '.join(names)} fits" if names else ""
