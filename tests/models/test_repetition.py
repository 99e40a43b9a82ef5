"""Loops are found by any definition of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.models.repetition import MIN_RUN, MIN_TIMES, Loop, find_loop, repeats


def slow(tokens: list[str]) -> Loop | None:
    """Try every start, period and length."""
    best = None
    n = len(tokens)
    for period in range(1, min(64, n // MIN_TIMES) + 1):
        for start in range(n - period):
            length = period
            while start + length < n and tokens[start + length] == tokens[start + length - period]:
                length += 1
            if length >= max(MIN_RUN, MIN_TIMES * period) and (best is None or length > best.length):
                best = Loop(start, period, length)
    return best


@given(st.lists(st.sampled_from("ab"), max_size=8), st.lists(st.sampled_from("abc"), min_size=1, max_size=7), st.data())
def test_every_loop_is_found(before: list[str], cycle: list[str], data: st.DataObject) -> None:
    times = data.draw(st.integers(1, 20))
    tokens = before + cycle * times + data.draw(st.lists(st.sampled_from("abc"), max_size=8))
    assert find_loop(tokens) == slow(tokens)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the cat sat on the mat and the dog sat on the cat",
        "ha ha ha ha",
        "1 , 000 , 000 , 000",
        "no no no no no no no no no no no no no no no",  # fifteen
        "a b c d a b c d a b c d e",  # three times
    ],
)
def test_style_is_no_loop(text: str) -> None:
    assert find_loop(text.split()) is None


def test_loops() -> None:
    assert find_loop(["x", *["no"] * 16]) == Loop(1, 1, 16)
    assert find_loop(list("xabcdeabcdeabcdeabcdey")) == Loop(1, 5, 20)


def test_a_loop_of_the_source_is_no_fault_of_the_translation() -> None:
    laughter = ["ha"] * 30
    assert not repeats(laughter, ["ja"] * 40)
    assert repeats(laughter, ["ja"] * 61)
    assert repeats(["x"], laughter)
    assert not repeats(laughter, ["x"])
