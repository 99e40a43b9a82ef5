"""Sentences that nobody writes: so many entities, links and words that the usual way would be quadratic.

Matchers go another way there, which is another way to be wrong: it equals the reference, too.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

import common
import numpy as np
import pytest
from common import assert_matches, assert_same, by_reference
from reference.alignment import scores as reference_scores
from reference.ngrams import ngrams as reference_ngrams
from strategies import Batch

from xproj_fast.arrays import PairScores, Status
from xproj_fast.candidates import aligned_ngrams, ngrams
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.ilp import ilp
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.scores.alignment import alignment_scores

WORDS, MAX_WORDS = 24, 3


def crowd(seed: int, sources: int, links: int, targets: int = WORDS, *, nested: bool = False) -> Batch:
    """Return one pair; every source word is an entity, or starts one of a few words where they are nested."""
    rng = random.Random(seed)
    entities = [(w, min(w + (rng.randint(1, 4) if nested else 1), sources), "PER") for w in range(sources)]
    pairs = [(rng.randrange(sources), rng.randrange(targets)) for _ in range(links)]
    return Batch([["s"] * sources], [rng.choices(["t", "!"], [9, 1], k=targets)], [entities], [pairs], nested)


CROWDS = {
    "entities": lambda: crowd(0, 80, 150),
    "nested entities": lambda: crowd(1, 70, 80, nested=True),
    "links of a few": lambda: crowd(2, 3, 60),
    "links of one": lambda: crowd(3, 1, 20),
}


@cache
def expected(name: str, limit: str) -> common.Result:
    return by_reference(CROWDS[name](), 0, "ngrams", limit, (1, MAX_WORDS), ("!",))


@pytest.mark.parametrize("limit", ["<=1", "=2", ">0"])
@pytest.mark.parametrize("name", CROWDS)
def test_greedy_equals_the_reference(name: str, limit: str, backend: str) -> None:
    pairs = CROWDS[name]().pairs()
    fused = project(pairs, limit=limit, max_words=MAX_WORDS, stop_words=("!",), backend=backend).matches
    assert_matches(fused, [expected(name, limit)])
    spans = ngrams(pairs, max_words=MAX_WORDS, stop_words=("!",), backend=backend)
    staged = greedy(pairs, spans, alignment_scores(pairs, spans, backend=backend), limit=limit, backend=backend)
    assert_same(staged, fused)


def test_crowds_among_other_sentences(backend: str) -> None:
    """The Numba matchers leave their loop at a crowd and go on behind it."""
    batch = crowd(0, 5, 9)
    for more in (crowd(4, 70, 90), crowd(5, 4, 9), crowd(6, 2, 60), crowd(7, 90, 0), crowd(8, 6, 9)):
        for name in ("source", "target", "entities", "links"):
            getattr(batch, name).extend(getattr(more, name))
    found = project(batch.pairs(), limit=">0", max_words=MAX_WORDS, stop_words=("!",), backend=backend).matches
    assert_matches(found, [by_reference(batch, s, "ngrams", ">0", (1, MAX_WORDS), ("!",)) for s in range(len(batch))])


@pytest.mark.parametrize("limit", ["<=1", "=1", "<=3", ">0"])
@pytest.mark.parametrize("name", CROWDS)
def test_exact_is_as_good_as_highs(name: str, limit: str) -> None:
    pairs = CROWDS[name]().pairs()
    spans = ngrams(pairs, max_words=MAX_WORDS)
    scores = alignment_scores(pairs, spans)
    best = ilp(pairs, spans, scores, limit=limit)
    for found in (
        exact(pairs, spans, scores, limit=limit, time_limit=None),
        project(pairs, limit=limit, max_words=MAX_WORDS, matcher="exact", time_limit=None).matches,
    ):
        assert found.status.tolist() == best.status.tolist()
        assert found.objective[0] == pytest.approx(best.objective[0], rel=1e-5)


def test_aligned_candidates_of_a_crowd(backend: str) -> None:
    pairs = CROWDS["entities"]().pairs()
    links = sorted(CROWDS["entities"]().links[0])
    inside = set()
    for word in range(80):
        ends = [target for source, target in links if source == word]
        inside |= {
            (a, b) for a, b in reference_ngrams([False] * WORDS, 1, 3) if ends and min(ends) <= a < b <= max(ends) + 1
        }
    common.assert_spans(aligned_ngrams(pairs, max_words=3, stop_words=(), backend=backend), [sorted(inside)])


def test_scores_of_few_candidates(backend: str) -> None:
    """Where candidates are few and words many, links are looked up and not counted word by word."""
    batch = crowd(9, 6, 40, targets=200)
    spans = [(0, 200), (3, 5), (17, 90)]
    pairs = batch.pairs()
    found = alignment_scores(pairs, common.given(pairs, [sorted(spans)]), backend=backend)
    expected = reference_scores(batch.spans(0), sorted(spans), batch.links[0])
    assert found.values.tolist() == [float(score) for row in expected for score in row]


def test_time_limit_is_for_the_whole_search() -> None:
    """Where time is up the best spans found come back, and the sentence is not handed to HiGHS for more time."""
    rng = np.random.default_rng(0)
    entities = [(w, w + 1, "PER") for w in range(40)]
    pairs = SentencePairs.from_lists([["s"] * 40], [["t"] * 60], [entities])
    spans = ngrams(pairs, max_words=6)
    offsets = score_offsets(pairs.entities, spans)
    scores = PairScores(offsets, rng.random(offsets[-1], np.float32))
    found = exact(pairs, spans, scores, time_limit=1e-9)
    assert found.status.tolist() == [Status.LIMIT]
    by_greedy = greedy(pairs, spans, scores)
    assert found.objective[0] == by_greedy.objective[0] > 0
    with pytest.raises(InputError, match="expected seconds above 0"):
        exact(pairs, spans, scores, time_limit=0.0)


@pytest.mark.parametrize(
    "options",
    [
        {"matcher": "greedy"},
        {"matcher": "greedy", "limit": ">0"},
        {"matcher": "exact"},
        {"matcher": "exact", "limit": ">0"},
        {"matcher": "heuristic"},
    ],
)
def test_a_sentence_of_a_hundred_thousand_words(options: dict[str, str]) -> None:
    """Quadratic work would not end here, cubic work not in a lifetime."""
    words = 100_000
    offsets = np.array([0, words])
    starts = np.arange(0, words, 5, dtype=np.int32)
    links = np.arange(words, dtype=np.int32)
    pairs = SentencePairs.from_arrays(
        source_offsets=offsets,
        target_offsets=offsets,
        entity_offsets=np.array([0, len(starts)]),
        entity_start=starts,
        entity_end=starts + 1,
        entity_label=np.zeros(len(starts), np.int32),
        labels=["PER"],
        alignment_offsets=offsets,
        alignment_source=links,
        alignment_target=(links.astype(np.int64) * 7919 % words).astype(np.int32),
    )
    found = project(pairs, **options)
    assert len(found.matches.start) >= len(starts) / 2
    spans = sorted(zip(found.matches.start.tolist(), found.matches.end.tolist(), strict=True))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
