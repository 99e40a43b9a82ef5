"""How many spans one entity may be projected onto."""

from __future__ import annotations

import re
from typing import NamedTuple

from xproj_fast.arrays import UNLIMITED
from xproj_fast.errors import InputError


class Limit(NamedTuple):
    """Between ``lo`` and ``hi`` spans per entity; ``hi`` = ``UNLIMITED`` for no upper bound.

    >>> Limit.parse("<=2"), Limit.parse("=1")
    (Limit(lo=0, hi=2), Limit(lo=1, hi=1))
    """

    lo: int = 0
    hi: int = 1

    def __str__(self) -> str:
        """Return what ``parse`` reads: ``"<=1"``; of limits on both sides ``"2 to 3"``, which it does not."""
        if self.lo == self.hi:
            return f"={self.lo}"
        if self.hi == UNLIMITED:
            return f">={self.lo}"
        return f"<={self.hi}" if self.lo == 0 else f"{self.lo} to {self.hi}"

    @classmethod
    def parse(cls, text: str | Limit) -> Limit:
        """Read ``"<=1"``, ``"=1"``, ``">=2"``, ``"<3"`` or ``">0"`` (the limits of the thesis).

        Raises:
            InputError: for any other text, a negative count, or a limit that forbids every projection.
        """
        if isinstance(text, Limit):
            if (
                not all(isinstance(n, int) for n in text)
                or not 0 <= text.lo <= text.hi
                or not 1 <= text.hi <= UNLIMITED
            ):
                raise InputError(f"limit: expected 0 <= lo <= hi and hi of at least 1, got {text}")
            return text
        found = re.fullmatch(r"\s*(<=|>=|==?|<|>)\s*(-?\d+)\s*", str(text))
        if not found:
            raise InputError(f"limit: expected one of <=, =, >=, <, > and a count, such as '<=1', got {text!r}")
        sign, count = found[1], int(found[2])
        lo, hi = {
            "<=": (0, count),
            "<": (0, count - 1),
            "=": (count, count),
            "==": (count, count),
            ">=": (count, UNLIMITED),
            ">": (count + 1, UNLIMITED),
        }[sign]
        if count < 0 or hi < 1 or lo > UNLIMITED or hi > UNLIMITED:
            raise InputError(
                f"limit: expected a count that lets an entity have a span, got {text!r} (between {lo} and {hi})"
            )
        return cls(lo, hi)
