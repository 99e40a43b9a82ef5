"""The colours of classes, the same in notebooks and pages, on light ground and dark."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32


class Colour(NamedTuple):
    """What a class is marked with: ``#rrggbb``, both always given together, whatever the ground around them.

    Attributes:
        background: of the words.
        ink: the words themselves.
    """

    background: str
    ink: str


INK = "#1b1f24"
USUAL = {  # classes that most data has
    "PER": Colour("#ddd2f4", INK),
    "ORG": Colour("#fbd9b5", INK),
    "LOC": Colour("#c5e8cf", INK),
    "MISC": Colour("#c9dcf7", INK),
}
OTHERS = tuple(
    Colour(background, INK)
    for background in (
        "#f6cfd8",
        "#c3e6e8",
        "#f3e3a8",
        "#e3d3c4",
        "#d6e6b0",
        "#edcdf0",
        "#cfd6df",
        "#f7d3c6",
    )
)


def colour_of(label: str) -> Colour:
    """Return the colour of a class, which its name alone decides, in every process.

    >>> colour_of("PER")
    Colour(background='#ddd2f4', ink='#1b1f24')
    """
    return USUAL.get(label) or OTHERS[crc32(label.encode("utf-8", "surrogatepass")) % len(OTHERS)]
