"""Comparisons between the flat arrays of the package and the lists of the reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from reference.alignment import scores
from reference.greedy import Result, greedy
from reference.ngrams import aligned_ngrams, ngrams
from strategies import LIMITS, Batch

from xproj_fast import candidates
from xproj_fast.arrays import UNLIMITED, Links, Matches, PairScores, Spans
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs

MATCHES_DTYPES = {
    "offsets": np.int64,
    "entity": np.int32,
    "start": np.int32,
    "end": np.int32,
    "score": np.float32,
    "objective": np.float64,
    "status": np.uint8,
    "outcome": np.uint8,
}


def offsets_of(lists: Sequence[Sequence[Any]]) -> np.ndarray:
    return np.cumsum([0, *map(len, lists)], dtype=np.int64)


def flat(lists: Sequence[Sequence[Any]]) -> list[Any]:
    return [item for items in lists for item in items]


def column(lists: Sequence[Sequence[Any]], i: int, dtype: type = np.int32) -> np.ndarray:
    return np.array([item[i] for item in flat(lists)], dtype)


def by_sentence(offsets: np.ndarray, *columns: np.ndarray) -> list[list[tuple[Any, ...]]]:
    """Return rows as tuples of Python values, one list per sentence."""
    rows = list(zip(*(values.tolist() for values in columns), strict=True))
    assert offsets.dtype == np.int64
    assert offsets[0] == 0
    assert offsets[-1] == len(rows)
    bounds = offsets.tolist()
    return [rows[bounds[s] : bounds[s + 1]] for s in range(len(bounds) - 1)]


def links_array(lists: Sequence[Sequence[tuple[int, int]]]) -> Links:
    return Links(offsets_of(lists), column(lists, 0), column(lists, 1))


def given(pairs: SentencePairs, lists: Sequence[Sequence[tuple[int, int]]]) -> Spans:
    """Return candidates of one's own."""
    return candidates.given(pairs, offsets_of(lists), column(lists, 0), column(lists, 1))


def pair_scores(blocks: Sequence[Sequence[Sequence[np.float32]]]) -> PairScores:
    """Flatten one (entities x candidates) block a sentence."""
    rows = [flat(block) for block in blocks]
    return PairScores(offsets_of(rows), np.array(flat(rows), np.float32))


def assert_spans(got: Spans, expected: Sequence[Sequence[tuple[int, int]]]) -> None:
    assert got.start.dtype == got.end.dtype == np.int32
    assert by_sentence(got.offsets, got.start, got.end) == list(expected)


def assert_matches(got: Matches, expected: Sequence[Result]) -> None:
    """Assert that every array equals the reference, to the bit and with the documented dtype."""
    assert {name: getattr(got, name).dtype for name in MATCHES_DTYPES} == MATCHES_DTYPES
    rows = by_sentence(got.offsets, got.entity, got.start, got.end, got.score)
    assert rows == [[(e, a, b, float(score)) for e, a, b, score in r.spans] for r in expected]
    assert got.objective.tolist() == [r.objective for r in expected]
    assert got.status.tolist() == [int(r.status) for r in expected]
    assert got.outcome.tolist() == [int(outcome) for r in expected for outcome in r.outcomes]


def assert_same(a: Any, b: Any) -> None:
    """Assert that two records (Spans, Links, PairScores, Matches) hold the same arrays, to the bit."""
    assert type(a) is type(b)
    for name in a.__dataclass_fields__:
        left, right = getattr(a, name), getattr(b, name)
        if left is right is None:  # a column that neither matcher fills
            continue
        assert left.dtype == right.dtype, name
        assert left.shape == right.shape, name
        assert left.tobytes() == right.tobytes(), name


def batch_of(pairs: SentencePairs, sentences: Sequence[int]) -> Batch:
    """Return some sentences as plain lists."""
    e, a = pairs.entities, pairs.alignments
    assert a is not None
    source, target = pairs.source.to_lists(), pairs.target.to_lists()
    spans = by_sentence(e.offsets, e.start, e.end, e.label)
    links = by_sentence(a.offsets, a.source, a.target)
    return Batch(
        [source[s] for s in sentences],
        [target[s] for s in sentences],
        [[(start, end, pairs.labels[label]) for start, end, label in spans[s]] for s in sentences],
        [links[s] for s in sentences],
    )


def by_reference(
    batch: Batch, s: int, kind: str, limit: str, words: tuple[int, int | None], stop_words: tuple[str, ...]
) -> Result:
    """Candidates, scores and greedy matching of sentence s."""
    lo, hi = words[0], UNLIMITED if words[1] is None else words[1]
    stop, entities, links = batch.stop(s, stop_words), batch.spans(s), batch.links[s]
    listed = ngrams(stop, lo, hi) if kind == "ngrams" else aligned_ngrams(stop, entities, links, lo, hi)
    return greedy(listed, scores(entities, listed, links), *LIMITS[limit])


# Bad input: how to pass it, the field and sentence at fault, and a pattern of what the message says of it.
Make = Callable[[], object]
Case = tuple[Make, str | None, int | None, str]


def assert_input_error(case: Case) -> None:
    """Assert an InputError that names field, sentence, expected and got."""
    make, field, sentence, pattern = case
    with pytest.raises(InputError) as caught:
        make()
    message = str(caught.value)
    where = "" if field is None else f"{field}: "
    where += "" if sentence is None else f"sentence {sentence}[:,] .*?"
    assert re.search(f"^{where}{pattern}", message, re.DOTALL), message
    assert (caught.value.field, caught.value.sentence) == (field, sentence)
    assert "expected" in message
    assert "got" in message
