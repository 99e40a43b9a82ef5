"""A time limit of the exact matchers: seconds, or None."""

from __future__ import annotations

import math

from xproj_fast.errors import InputError

DEFAULT_TIME_LIMIT = 0.8  # seconds per sentence, of "exact"


def check_time_limit(time_limit: float | None) -> None:
    """Check that a time limit is one."""
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time_limit: expected seconds above 0 (None = no limit), got {time_limit}")


def seconds(time_limit: float | None) -> float:
    """Return a time limit as a number: none is infinite."""
    return math.inf if time_limit is None else time_limit
