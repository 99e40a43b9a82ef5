"""Windows over long sentences: every piece is kept from exactly one window, the one that shows more around it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.errors import InputError
from xproj_fast.models.windows import cut


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(1, 12), st.data())
def test_every_piece_is_kept_once(sizes: list[int], room: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, room - 1))
    offsets = np.cumsum([0, *sizes], dtype=np.int64)
    windows = cut(offsets, room, overlap)
    kept = np.zeros(offsets[-1], int)
    for sentence, first, length, a, b in zip(
        windows.sentence, windows.first, windows.length, windows.keep_from, windows.keep_to, strict=True
    ):
        assert offsets[sentence] <= first
        assert first + length <= offsets[sentence + 1]
        assert length <= room
        assert 0 <= a < b <= length
        kept[first + a : first + b] += 1
    assert (kept == 1).all()
    assert sorted(np.bincount(windows.sentence, minlength=len(sizes)) >= 1) == sorted(size > 0 for size in sizes)


def test_a_sentence_that_fits_is_one_window() -> None:
    windows = cut(np.array([0, 5, 5, 15]), 10, 4)
    assert windows.sentence.tolist() == [0, 2]
    assert windows.length.tolist() == [5, 10]
    assert windows.keep_from.tolist() == [0, 0]
    assert windows.keep_to.tolist() == [5, 10]


def test_each_piece_has_half_the_overlap_around_it() -> None:
    windows = cut(np.array([0, 1000]), 100, 40)
    inner = slice(1, None)
    assert (windows.keep_from[inner] >= 20).all()
    assert (windows.length[:-1] - windows.keep_to[:-1] >= 20).all()


@pytest.mark.parametrize("overlap", [-1, 10, 11])
def test_overlap_must_leave_room(overlap: int) -> None:
    with pytest.raises(InputError, match=rf"overlap: expected 0 to below the 10 subwords .* got {overlap}"):
        cut(np.array([0, 5]), 10, overlap)
