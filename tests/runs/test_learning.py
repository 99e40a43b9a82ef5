"""What a run learns from its first chunks: from how much, whatever the chunks are, and kept when it is resumed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xproj_fast.runs.learning import MOST, STEP, after_learning, first_rows


def learnt_from(sizes: list[int], enough_at: int) -> tuple[int, int]:
    """Return from how many sentences was learnt, and how many chunks were read before the first came out."""
    learnt: list[int] = []
    read: list[int] = []

    def chunks() -> Iterator[int]:
        for size in sizes:
            read.append(size)
            yield size

    def enough(held: list[int], sentences: int) -> bool:
        assert sum(first_rows(held, sentences)) == sentences
        return sentences >= enough_at

    came = after_learning(chunks(), lambda size: size, enough, lambda held, sentences: learnt.append(sentences))
    first = next(came, None)
    held = len(read)
    assert [first, *came][: len(sizes)] == sizes
    (sentences,) = learnt
    return sentences, held


@pytest.mark.parametrize("size", [1, 100, STEP, 700, 4 * STEP, 10**5])
@pytest.mark.parametrize(("enough_at", "expected"), [(0, STEP), (STEP + 1, 2 * STEP), (10**9, MOST)])
def test_from_how_much_is_learnt_does_not_depend_on_chunks(size: int, enough_at: int, expected: int) -> None:
    sizes = [size] * (2 * MOST // size + 1)
    assert learnt_from(sizes, enough_at) == (expected, -(-expected // size)), "held back, and not learnt from"


@pytest.mark.parametrize("sizes", [[], [0], [5, 7], [STEP - 1], [STEP], [STEP, 1], [MOST - 1], [MOST], [1] * 900])
def test_all_of_a_short_input_is_learnt_from(sizes: list[int]) -> None:
    assert learnt_from(sizes, 10**9) == (sum(sizes), len(sizes))


def test_the_first_rows_of_chunks() -> None:
    assert first_rows([3, 0, 4, 5], 5) == [3, 0, 2, 0]
    assert first_rows([3], 9) == [3]
