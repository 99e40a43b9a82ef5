"""Symmetrisation equals the dense pseudo-code."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import reference.symmetrize as reference
from common import by_sentence, links_array
from hypothesis import given
from hypothesis import strategies as st
from strategies import links_of

from xproj_fast.kernels.protocol import Kernels, Symmetrization

METHODS = {method.name.lower(): method for method in Symmetrization}

Links = list[tuple[int, int]]


@st.composite
def directed_pairs(draw: st.DrawFn) -> list[tuple[Links, Links]]:
    """Draw two alignments each of some sentences that share many links, so that there is something to grow from."""
    sentences = []
    for _ in range(draw(st.integers(0, 4))):
        sources, targets = draw(st.integers(0, 7)), draw(st.integers(0, 7))
        shared = draw(links_of(sources, targets, most=4))
        both = [draw(links_of(sources, targets, most=10)) + shared for _ in range(2)]
        sentences.append((both[0], draw(st.permutations(both[1]))))
    return sentences


# method -> links, for two alignments worked by hand
FORWARD = [(0, 0), (1, 1), (1, 2), (3, 4), (5, 0)]
REVERSE = [(0, 0), (1, 1), (2, 1), (3, 5), (6, 6)]
HAND = {
    "intersection": [(0, 0), (1, 1)],
    "union": [(0, 0), (1, 1), (1, 2), (2, 1), (3, 4), (3, 5), (5, 0), (6, 6)],
    # (1, 2): its target is free; (2, 1): its source is free; nothing else touches what is aligned
    "grow_diag": [(0, 0), (1, 1), (1, 2), (2, 1)],
    # both ends free: (3, 4) from forward, then (3, 5) no more; (5, 0) has a taken target; (6, 6) from reverse
    "grow_diag_final_and": [(0, 0), (1, 1), (1, 2), (2, 1), (3, 4), (6, 6)],
}


@pytest.mark.parametrize("method", HAND)
def test_reference(method: str) -> None:
    assert reference.symmetrize(method, FORWARD, REVERSE) == HAND[method]


@pytest.mark.parametrize("method", HAND)
def test_by_hand(kernels: Kernels, method: str) -> None:
    got = kernels.symmetrize(links_array([FORWARD]), links_array([REVERSE]), METHODS[method], 1)
    assert by_sentence(got.offsets, got.source, got.target) == [HAND[method]]


def test_reference_grows_diagonally_and_in_order() -> None:
    # (1, 1) is a diagonal neighbour of (0, 0) with both ends free; from it (2, 2) is reached, and so on
    chain = [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert reference.symmetrize("grow_diag", chain, [(0, 0)]) == chain
    # a direct neighbour comes before a diagonal one: (1, 1) finds both its ends taken by (0, 1) and (1, 0)
    square = [(0, 1), (1, 0), (1, 1)]
    assert reference.symmetrize("grow_diag", [(0, 0), *square], [(0, 0)]) == [(0, 0), (0, 1), (1, 0)]
    # FINAL takes forward before reverse
    assert reference.symmetrize("grow_diag_final_and", [(0, 5)], [(0, 3)]) == [(0, 5)]


@pytest.mark.parametrize("method", METHODS)
@given(sentences=directed_pairs())
def test_symmetrize(kernels: Kernels, method: str, sentences: list[tuple[Links, Links]]) -> None:
    forward, reverse = ([pair[k] for pair in sentences] for k in (0, 1))
    got = kernels.symmetrize(links_array(forward), links_array(reverse), METHODS[method], 2)
    assert got.source.dtype == got.target.dtype == np.int32
    assert by_sentence(got.offsets, got.source, got.target) == [
        reference.symmetrize(method, *pair) for pair in sentences
    ]


@given(sentences=directed_pairs())
def test_each_method_holds_the_one_before(kernels: Kernels, sentences: list[tuple[Links, Links]]) -> None:
    forward, reverse = (links_array([pair[k] for pair in sentences]) for k in (0, 1))
    order = ("INTERSECTION", "GROW_DIAG", "GROW_DIAG_FINAL_AND", "UNION")
    results = [kernels.symmetrize(forward, reverse, Symmetrization[name], 1) for name in order]
    listed = [by_sentence(got.offsets, got.source, got.target) for got in results]
    for smaller, larger in pairwise(listed):
        assert all(set(a) <= set(b) for a, b in zip(smaller, larger, strict=True))
