"""Batches: every item in one that ended well, within the cap, smaller where memory is short."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.errors import InputError
from xproj_fast.models.batches import run_in_batches


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 120), st.integers(40, 200))
def test_every_item_ends_well_once(sizes: list[int], cap: int, memory: int) -> None:
    lengths = np.array(sizes, np.int64)
    ran: list[int] = []
    shares: list[float] = []

    def run(batch: np.ndarray) -> None:
        tokens = len(batch) * int(lengths[batch].max())
        assert tokens <= cap or len(batch) == 1
        if tokens > memory:
            raise RuntimeError("CUDA failed with error out of memory")
        ran.extend(batch.tolist())

    left = run_in_batches(lengths, cap, run, what="testing", progress=shares.append)
    assert sorted(ran) == list(range(len(sizes)))
    assert [sizes[i] for i in ran] == sorted(sizes, reverse=True)
    assert left <= cap
    assert shares == sorted(shares)
    assert shares[-1:] == ([1.0] if sizes else [])


def test_short_memory_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    def run(batch: np.ndarray) -> None:
        if len(batch) > 2:
            raise MemoryError

    with caplog.at_level(logging.WARNING):
        run_in_batches(np.full(100, 10), 1000, run, what="tagging")
    assert [record.getMessage() for record in caplog.records] == [
        "tagging: out of memory with 1000 subwords per batch; continuing with smaller batches"
    ]


def test_one_sentence_that_does_not_fit_is_an_error() -> None:
    def run(batch: np.ndarray) -> None:
        raise RuntimeError("Failed to allocate memory for requested buffer of size 1")

    with pytest.raises(InputError, match="tagging: one sentence of 9 subwords does not fit into memory"):
        run_in_batches(np.array([9, 3]), 100, run, what="tagging")


def test_other_errors_pass() -> None:
    def run(batch: np.ndarray) -> None:
        raise RuntimeError("no such node")

    with pytest.raises(RuntimeError, match="no such node"):
        run_in_batches(np.array([9, 3]), 100, run, what="tagging")


def test_the_cap_is_checked() -> None:
    with pytest.raises(InputError, match="batch_tokens: expected at least 1, got 0"):
        run_in_batches(np.array([1]), 0, lambda batch: None, what="tagging")
