"""Limits: every form, and every text that is none."""

from __future__ import annotations

import pytest
from strategies import LIMITS

from xproj_fast.arrays import UNLIMITED
from xproj_fast.errors import InputError
from xproj_fast.matching.limit import Limit


@pytest.mark.parametrize("text", LIMITS)
def test_forms(text: str) -> None:
    assert Limit.parse(text) == LIMITS[text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  <= 12 ", (0, 12)),
        ("\t=\t1", (1, 1)),
        ("<=01", (0, 1)),
        (f"<={UNLIMITED}", (0, UNLIMITED)),
        (f">={UNLIMITED}", (UNLIMITED, UNLIMITED)),
    ],
)
def test_spaces_and_large_counts(text: str, expected: tuple[int, int]) -> None:
    assert Limit.parse(text) == expected


def test_unlimited() -> None:
    assert UNLIMITED == 2**31 - 1
    assert Limit.parse(">=0").hi == UNLIMITED


def test_default_is_at_most_once() -> None:
    assert Limit() == Limit.parse("<=1")


def test_a_limit_is_itself() -> None:
    assert Limit.parse(Limit(1, 3)) == (1, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "<=",
        "=<1",
        "=>1",
        "!=1",
        "≤1",
        "<=1.5",
        "<=1 2",
        "<=1<=2",
        "1<=",
        "<=x",
        "<>1",
        None,
        1,
        1.0,
        b"<=1",
    ],
)
def test_no_limit(text: object) -> None:
    with pytest.raises(InputError, match="limit: expected one of <=, =, >=, <, > and a count") as caught:
        Limit.parse(text)
    assert f"got {text!r}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "<=0",
        "<1",
        "<0",
        "=0",
        "==0",
        "<=-1",
        "=-1",
        ">=-1",
        ">-1",
        f">={2**31}",
        f">{2**31 - 1}",
        f"<={2**31}",
    ],
)
def test_limits_that_let_nothing_be(text: str) -> None:
    with pytest.raises(InputError, match="limit: expected a count that lets an entity have a span") as caught:
        Limit.parse(text)
    assert f"got {text!r}" in str(caught.value)


@pytest.mark.parametrize("limit", [Limit(0, 0), Limit(0, -1), Limit(-1, 1), Limit(2, 1), Limit(0, 2**31)])
def test_limits_of_ones_own_are_checked(limit: Limit) -> None:
    """The kernels divide by ``hi``: a limit that skips this check stops the process."""
    with pytest.raises(InputError, match=r"limit: expected .* got"):
        Limit.parse(limit)
