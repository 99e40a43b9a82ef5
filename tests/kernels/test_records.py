"""What the core says of records that are not what it takes, and that what it makes is read-only from the start."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from xproj_fast.arrays import Entities, LearnedRows, Links, Matches, PairScores, Record, Spans, Words
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NO_STOP_WORDS, HeuristicOptions, SpanRule
from xproj_fast.scores.learned_features import LEARNED_FEATURES
from xproj_fast.text.word_shapes import word_shapes

WORDS = np.array([0, 3, 4])
SPANS = Spans(np.array([0, 1, 2]), np.zeros(2, np.int32), np.ones(2, np.int32))
LINKS = Links(np.array([0, 1, 2]), np.zeros(2, np.int32), np.zeros(2, np.int32))
SHAPES = word_shapes(Words(WORDS, pa.array(["a", "b", "c", "d"])))
CORE = get()

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "another dtype": (
        lambda: CORE.symmetrize(LINKS, replace(LINKS, target=np.zeros(2)), 0, 1),
        "Links.target: expected a contiguous array of int32, got float64",
    ),
    "steps": (
        lambda: CORE.check_spans(replace(SPANS, start=np.zeros(4, np.int32)[::2]), WORDS, SpanRule.DISTINCT),
        "Spans.start: expected a contiguous array of int32, got int32, not contiguous",
    ),
    "no array": (
        lambda: CORE.check_spans(replace(SPANS, offsets=[0, 1, 2]), WORDS, SpanRule.DISTINCT),
        "Spans.offsets: expected a contiguous array of int64, got list",
    ),
    "another record": (
        lambda: CORE.check_links(SPANS, WORDS, WORDS),
        "expected Links with a field 'source', got Spans",
    ),
    "nothing of the kind": (
        lambda: CORE.check_spans((WORDS,), WORDS, SpanRule.DISTINCT),
        "expected Spans with a field 'offsets', got tuple",
    ),
    "a number too large": (
        lambda: CORE.heuristic(WORDS, SPANS, LINKS, Loose(top_k=2**40), 1),
        "HeuristicOptions.top_k: expected a number that fits, got int",
    ),
}


class Loose:
    """Options that nobody has checked."""

    def __init__(self, **changes: Any) -> None:
        self.__dict__ |= {name: getattr(HeuristicOptions(), name) for name in HeuristicOptions.__slots__} | changes


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named(case: str) -> None:
    call, message = REFUSED[case]
    with pytest.raises(TypeError, match="^" + re.escape(message)):
        call()


class Broken:
    """A record whose field cannot be read for another reason than that it is not there."""

    @property
    def offsets(self) -> Any:
        raise ZeroDivisionError("mine")


def test_an_error_of_a_field_is_the_callers_own() -> None:
    with pytest.raises(ZeroDivisionError, match="mine"):
        CORE.check_spans(Broken(), WORDS, SpanRule.DISTINCT)


MADE: dict[str, tuple[type[Record], Callable[[], Record]]] = {
    "ngrams": (Spans, lambda: CORE.ngrams(WORDS, NO_STOP_WORDS, 1, 2, 1)),
    "alignment_scores": (PairScores, lambda: CORE.alignment_scores(WORDS, SPANS, LINKS, SPANS, 1)),
    "learned_scores": (
        PairScores,
        lambda: CORE.learned_scores(SHAPES, SHAPES, SPANS, LINKS, SPANS, np.zeros(len(LEARNED_FEATURES) + 1), 1),
    ),
    "learned_rows": (LearnedRows, lambda: CORE.learned_rows(SHAPES, SHAPES, SPANS, LINKS, SPANS, 1)),
    "greedy_alignment": (Matches, lambda: CORE.greedy_alignment(WORDS, NO_STOP_WORDS, SPANS, LINKS, 3, 0, 1, 1)),
    "exact_alignment": (
        Matches,
        lambda: CORE.exact_alignment(WORDS, NO_STOP_WORDS, SPANS, LINKS, 3, 0, 2, False, 9, 1.0, 1)[0],
    ),
    "links_from_lists": (Links, lambda: CORE.links_from_lists([[(0, 0)], []])),
    "entities_from_lists": (Entities, lambda: CORE.entities_from_lists([[(0, 1, "PER")]], [])[0]),
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_is_a_record_that_nobody_can_write_to(name: str) -> None:
    kind, make = MADE[name]
    record = make()
    assert type(record) is kind
    rebuilt = kind(*(np.array(values) for values in astuple(record) if values is not None))  # type: ignore[call-overload]
    for field in kind.__dataclass_fields__:
        values = getattr(record, field)
        assert np.array_equal(values, getattr(rebuilt, field))
        if values is not None:
            with pytest.raises(ValueError, match="read-only"):
                values[...] = 0
