"""The word-to-word heuristic equals the reference."""

from __future__ import annotations

from dataclasses import asdict, astuple

import numpy as np
import pytest
import reference.heuristic as reference
from common import assert_matches
from hypothesis import given
from hypothesis import strategies as st
from strategies import Batch, batches

from xproj_fast.arrays import Matches, Outcome, Status
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.heuristic import heuristic
from xproj_fast.pairs import SentencePairs

P, U, O, T = Outcome.PROJECTED, Outcome.UNSCORED, Outcome.OVERLAP, Outcome.TOO_SHORT  # noqa: E741

options = st.builds(
    HeuristicOptions,
    merge_distance=st.sampled_from([0, 1, 1, 2, 3, 50]),
    length_ratio=st.sampled_from([0.0, 0.5, 0.8, 0.8, 1.0, 2 / 3, 4.0]),
    top_k=st.sampled_from([0, 0, 1, 2, 3]),
    shortest_first=st.booleans(),
    overwrite=st.booleans(),
    merge_only_i_labels=st.booleans(),
)


def match(words: int, entities: list[tuple[int, int]], links: list[tuple[int, int]], **kwargs: object) -> Matches:
    pairs = SentencePairs.from_lists(
        [["s"] * 9],
        [["t"] * words],
        [[(*span, "PER") for span in entities]],
        [links],
        nested=True,
    )
    return heuristic(pairs, HeuristicOptions(**kwargs))


# words, entities, links, options -> (entity, start, end), outcomes; worked by hand from methods.md
HAND = {
    "one run": (4, [(0, 2)], [(0, 1), (1, 2)], {}, [(0, 1, 3)], [P]),
    "links in any order, twice": (4, [(0, 2)], [(1, 2), (0, 1), (1, 2), (0, 1)], {}, [(0, 1, 3)], [P]),
    "a gap of one word merges": (5, [(0, 2)], [(0, 1), (1, 3)], {}, [(0, 1, 4)], [P]),
    "a gap of two words does not": (6, [(0, 1)], [(0, 1), (0, 4)], {}, [(0, 1, 2), (0, 4, 5)], [P]),
    "merge_distance 0 never merges": (
        5,
        [(0, 1)],
        [(0, 1), (0, 3)],
        {"merge_distance": 0},
        [(0, 1, 2), (0, 3, 4)],
        [P],
    ),
    "merging goes on": (9, [(0, 1)], [(0, 0), (0, 2), (0, 4), (0, 7)], {}, [(0, 0, 5), (0, 7, 8)], [P]),
    "ratio 4 / 5 is not above .8": (9, [(0, 5)], [(0, 0), (1, 1), (2, 2), (3, 3)], {}, [], [T]),
    "ratio 5 / 6 is": (9, [(0, 6)], [(i, i) for i in range(5)], {}, [(0, 0, 5)], [P]),
    "the ratio is that of the merged run": (9, [(0, 3)], [(0, 2), (2, 4)], {}, [(0, 2, 5)], [P]),
    "ratio 0 keeps all": (9, [(0, 9)], [(0, 3)], {"length_ratio": 0.0}, [(0, 3, 4)], [P]),
    "no link": (3, [(0, 1), (1, 2)], [(0, 2)], {}, [(0, 2, 3)], [P, U]),
    "top 1 keeps the longest": (9, [(0, 1)], [(0, 0), (0, 4), (0, 5)], {"top_k": 1}, [(0, 4, 6)], [P]),
    "top 1, a tie: the earlier": (9, [(0, 1)], [(0, 6), (0, 2)], {"top_k": 1}, [(0, 2, 3)], [P]),
    "top 2 of 3": (
        9,
        [(0, 1)],
        [(0, 0), (0, 3), (0, 4), (0, 7), (0, 8)],
        {"top_k": 2},
        [(0, 3, 5), (0, 7, 9)],
        [P],
    ),
    "the shortest entity first": (
        4,
        [(0, 3), (3, 4)],
        [(0, 0), (1, 1), (2, 2), (3, 2)],
        {},
        [(1, 2, 3)],
        [O, P],
    ),
    "sentence order": (
        4,
        [(0, 3), (3, 4)],
        [(0, 0), (1, 1), (2, 2), (3, 2)],
        {"shortest_first": False},
        [(0, 0, 3)],
        [P, O],
    ),
    "equally short: sentence order": (4, [(0, 1), (1, 2)], [(0, 1), (1, 1)], {}, [(0, 1, 2)], [P, O]),
    "later runs overwrite": (
        4,
        [(0, 3), (3, 4)],
        [(0, 0), (1, 1), (2, 2), (3, 2)],
        {"shortest_first": False, "overwrite": True},
        [(0, 0, 2), (1, 2, 3)],
        [P, P],
    ),
    "overwriting cuts in two": (
        4,
        [(0, 3), (3, 4)],
        [(0, 0), (1, 1), (2, 2), (3, 1)],
        {"shortest_first": False, "overwrite": True},
        [(0, 0, 1), (0, 2, 3), (1, 1, 2)],
        [P, P],
    ),
    "overwritten altogether": (
        4,
        [(0, 1), (1, 2)],
        [(0, 1), (1, 1)],
        {"overwrite": True},
        [(1, 1, 2)],
        [O, P],
    ),
    "a run that begins the entity anew stays apart": (
        9,
        [(0, 2)],
        [(0, 0), (1, 2), (0, 4), (1, 6), (0, 6)],
        {"merge_only_i_labels": True, "length_ratio": 0.0},
        [(0, 0, 3), (0, 4, 5), (0, 6, 7)],
        [P],
    ),
    "inside a run nothing is apart": (
        4,
        [(0, 2)],
        [(1, 1), (0, 2)],
        {"merge_only_i_labels": True},
        [(0, 1, 3)],
        [P],
    ),
    "apart by the first word of its own entity only": (
        9,
        [(0, 1), (1, 4)],
        [(0, 5), (1, 0), (2, 2), (0, 2), (3, 3)],
        {"merge_only_i_labels": True, "shortest_first": False},
        [(0, 2, 3), (0, 5, 6)],
        [P, O],
    ),
    "a clashing run goes, the others stay": (
        9,
        [(0, 1), (1, 2)],
        [(0, 0), (1, 0), (1, 1), (1, 5)],
        {},
        [(0, 0, 1), (1, 5, 6)],
        [P, P],
    ),
}


@pytest.mark.parametrize("case", HAND)
def test_reference(case: str) -> None:
    words, entities, links, kwargs, chosen, outcomes = HAND[case]
    result = reference.heuristic(words, entities, links, **kwargs)
    assert [span[:3] for span in result.spans] == chosen
    assert (result.status, result.outcomes) == (Status.FEASIBLE, outcomes)


@pytest.mark.parametrize("case", HAND)
def test_by_hand(case: str) -> None:
    words, entities, links, kwargs, chosen, outcomes = HAND[case]
    got = match(words, entities, links, **kwargs)
    assert list(zip(got.entity.tolist(), got.start.tolist(), got.end.tolist(), strict=True)) == chosen
    assert got.status.tolist() == [Status.FEASIBLE]
    assert got.outcome.tolist() == outcomes


def test_score_is_the_alignment_score() -> None:
    got = match(5, [(0, 2)], [(0, 1), (1, 3), (1, 3), (0, 3)])
    assert got.score.tolist() == [float(np.float32(6) / np.float32(5))]
    assert got.objective.tolist() == got.score.tolist()


def test_defaults_are_those_of_the_literature() -> None:
    assert astuple(HeuristicOptions()) == (1, 0.8, 0, True, False, False)


@given(batch=batches(), chosen=options)
def test_heuristic(batch: Batch, chosen: HeuristicOptions) -> None:
    got = heuristic(batch.pairs(), chosen)
    expected = [
        reference.heuristic(len(batch.target[s]), batch.spans(s), batch.links[s], **asdict(chosen))
        for s in range(len(batch))
    ]
    assert_matches(got, expected)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("merge_distance", -1, "merge_distance: expected a count of 0 or more, got -1"),
        ("top_k", -2, "top_k: expected a count of 0 or more, got -2"),
        ("top_k", 2**31, "top_k: expected a count of 0 or more, got 2147483648"),
        ("length_ratio", -0.5, "length_ratio: expected a finite number of 0 or more, got -0.5"),
        ("length_ratio", float("nan"), "length_ratio: expected a finite number of 0 or more, got nan"),
        ("length_ratio", float("inf"), "length_ratio: expected a finite number of 0 or more, got inf"),
    ],
)
def test_bad_options(name: str, value: float, message: str) -> None:
    with pytest.raises(InputError) as caught:
        match(1, [(0, 1)], [], **{name: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(("name", "value"), [("merge_distance", 1.5), ("top_k", "1"), ("length_ratio", "x")])
def test_options_of_other_types(name: str, value: object) -> None:
    with pytest.raises((InputError, TypeError)):
        match(1, [(0, 1)], [], **{name: value})


def test_largest_merge_distance() -> None:
    got = match(9, [(0, 1)], [(0, 0), (0, 8)], merge_distance=2**31 - 1, length_ratio=0.0)
    assert list(zip(got.start.tolist(), got.end.tolist(), strict=True)) == [(0, 9)]


def test_no_alignments() -> None:
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]])
    with pytest.raises(InputError, match=r"alignments: .* the pairs have none") as caught:
        heuristic(pairs)
    assert caught.value.field == "alignments"


def test_no_sentences() -> None:
    pairs = SentencePairs.from_lists([], [], [], [])
    assert_matches(heuristic(pairs), [])


@pytest.mark.parametrize(
    ("name", "value"),
    [("top_k", -1), ("top_k", 1.0), ("merge_distance", True), ("length_ratio", float("nan")), ("length_ratio", -0.1)],
)
def test_bad_options_are_refused_where_they_are_made(name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"{name}: expected a (count|finite number) of 0 or more, got "):
        HeuristicOptions(**{name: value})
