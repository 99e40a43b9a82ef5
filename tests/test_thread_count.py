"""How many threads there are where nobody says: the CPUs this process may use, or its share of them."""

from __future__ import annotations

import os

import pytest

from xproj_fast.arrays import thread_count

THERE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.mark.parametrize(
    ("share", "expected"),
    [("1", 1), ("1,2", 1), (" 1 ", 1), ("100000", THERE), ("", THERE), ("0", THERE), ("many", THERE), ("-1", THERE)],
)
def test_the_share_of_a_process(share: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", share)
    assert thread_count(None) == expected
    assert thread_count(3) == 3  # what is said is said


def test_all_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert thread_count(None) == THERE
