"""The backends differ in five kernels, equal to the bit; all others are the compiled core's."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from common import assert_same
from strategies import large_batch

from xproj_fast.candidates import aligned_ngrams, ngrams
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NO_STOP_WORDS, Kernels
from xproj_fast.matching.greedy import greedy
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.scores.alignment import alignment_scores

OWN = {"ngrams", "aligned_ngrams", "alignment_scores", "greedy", "greedy_alignment"}


@pytest.fixture(scope="module")
def pairs() -> SentencePairs:
    return large_batch(3000, seed=5).pairs()


def test_numba_has_these_kernels_of_its_own() -> None:
    core, numba = get("cpp"), get("numba")
    kernels = {name for name in vars(Kernels) if not name.startswith("_")}
    assert {name for name in kernels if getattr(numba, name) is not getattr(core, name)} == OWN


@pytest.mark.parametrize("options", [{}, {"min_words": 2, "max_words": None, "stop_words": ()}])
@pytest.mark.parametrize("kind", [ngrams, aligned_ngrams])
def test_candidates_and_scores_agree_to_the_bit(pairs: SentencePairs, kind: Any, options: dict[str, Any]) -> None:
    spans = kind(pairs, **options)
    assert len(spans.start) > 1000
    assert_same(kind(pairs, backend="numba", **options), spans)
    scores = alignment_scores(pairs, spans)
    assert np.count_nonzero(scores.values) > 1000
    assert_same(alignment_scores(pairs, spans, backend="numba"), scores)


@pytest.mark.parametrize("limit", ["<=1", "=1", "<=2", "=2", ">=1", ">0"])
def test_greedy_agrees_to_the_bit(pairs: SentencePairs, limit: str) -> None:
    """Staged and fused, with scores that tie often (alignment) and hardly ever."""
    spans = ngrams(pairs)
    aligned = alignment_scores(pairs, spans)
    values = np.random.default_rng(0).random(len(aligned.values)).astype(np.float32)
    for scores in (aligned, replace(aligned, values=values)):
        found = greedy(pairs, spans, scores, limit=limit)
        assert len(found.start) > 1000
        assert_same(greedy(pairs, spans, scores, limit=limit, backend="numba"), found)
    assert_same(project(pairs, limit=limit, backend="numba").matches, project(pairs, limit=limit).matches)


@pytest.mark.parametrize("matcher", ["heuristic", "exact", "ilp"])
def test_every_matcher_takes_either(matcher: str) -> None:
    few = large_batch(50, seed=6).pairs()
    assert_same(*(project(few, matcher=matcher, backend=name).matches for name in ("cpp", "numba")))


def test_kernels_take_the_exact_dtypes_only(backend: str, pairs: SentencePairs) -> None:
    kernels, offsets, links = get(backend), pairs.target.offsets, pairs.alignments
    assert links is not None
    with pytest.raises(TypeError):
        kernels.ngrams(offsets.astype(np.int32), NO_STOP_WORDS, 1, 10, 1)
    wide = replace(links, **{field.name: getattr(links, field.name).astype(np.int64) for field in fields(links)})
    with pytest.raises(TypeError):
        kernels.alignment_scores(offsets, pairs.entities, wide, ngrams(pairs), 1)
