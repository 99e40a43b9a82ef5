"""What a run learns from its first chunks: from how much, whatever the chunks are, and kept when it is resumed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xproj_fast.runs.learning import MOST, STEP, after_learning, first_rows


def tried(sizes: list[int], enough_at: int) -> tuple[list[int], int]:
    """Return on how many sentences it was tried to learn, and how many chunks were read before the first came out."""
    tries: list[int] = []
    read: list[int] = []

    def chunks() -> Iterator[int]:
        for size in sizes:
            read.append(size)
            yield size

    def learn(held: list[int], sentences: int) -> bool:
        assert sum(first_rows(held, sentences)) == sentences
        tries.append(sentences)
        return sentences >= enough_at

    came = after_learning(chunks(), lambda size: size, learn)
    first = next(came, None)
    held = len(read)
    assert [first, *came][: len(sizes)] == sizes
    return tries, held


@pytest.mark.parametrize("size", [1, 100, STEP, 700, 4 * STEP, 10**5])
@pytest.mark.parametrize(
    ("enough_at", "expected"),
    [
        (0, [STEP]),
        (STEP + 1, [STEP, 2 * STEP]),
        (10**9, [*range(STEP, MOST + 1, STEP)]),  # never enough
    ],
)
def test_from_how_much_is_learnt_does_not_depend_on_chunks(size: int, enough_at: int, expected: list[int]) -> None:
    sizes = [size] * (2 * MOST // size + 1)
    tries, held = tried(sizes, enough_at)
    assert tries == expected
    assert held == -(-expected[-1] // size), "chunks were held back that nothing was learnt from"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], [0]),
        ([0], [0]),
        ([5, 7], [12]),
        ([STEP], [STEP]),
        ([STEP, 1], [STEP, STEP + 1]),
        ([MOST - 1], [*range(STEP, MOST, STEP), MOST - 1]),
        ([MOST], [*range(STEP, MOST + 1, STEP)]),
    ],
)
def test_all_of_a_short_input_is_learnt_from(sizes: list[int], expected: list[int]) -> None:
    assert tried(sizes, 10**9) == (expected, len(sizes))


def test_the_first_rows_of_chunks() -> None:
    assert first_rows([3, 0, 4, 5], 5) == [3, 0, 2, 0]
    assert first_rows([3], 9) == [3]
