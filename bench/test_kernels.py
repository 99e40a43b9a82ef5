"""Each kernel by itself, with pytest-benchmark, on 14,041 real sentences: for finding what a change did.

.venv/bin/pytest bench/test_kernels.py --benchmark-group-by=func
"""

from __future__ import annotations

import pytest

from xproj_fast.candidates import aligned_ngrams, ngrams
from xproj_fast.matching import exact, greedy, heuristic
from xproj_fast.projection import project
from xproj_fast.scores.alignment import alignment_scores

from corpora import require_data, translate_train


@pytest.fixture(scope="module")
def pairs():
    require_data()
    return translate_train("de").pairs()


@pytest.fixture(scope="module", params=["cpp", "numba"])
def backend(request):
    return request.param


def test_ngrams(benchmark, pairs, backend):
    benchmark(ngrams, pairs, backend=backend, threads=1)


def test_aligned_ngrams(benchmark, pairs, backend):
    benchmark(aligned_ngrams, pairs, backend=backend, threads=1)


def test_alignment_scores(benchmark, pairs, backend):
    benchmark(alignment_scores, pairs, ngrams(pairs), backend=backend, threads=1)


@pytest.mark.parametrize("matcher", [greedy, exact])
def test_staged(benchmark, pairs, backend, matcher):
    spans = ngrams(pairs)
    benchmark(matcher, pairs, spans, alignment_scores(pairs, spans), backend=backend, threads=1)


def test_heuristic(benchmark, pairs, backend):
    benchmark(heuristic, pairs, backend=backend, threads=1)


@pytest.mark.parametrize("limit", ["<=1", "<=2"])
@pytest.mark.parametrize("matcher", ["greedy", "exact"])
def test_fused(benchmark, pairs, backend, matcher, limit):
    benchmark(project, pairs, matcher=matcher, limit=limit, backend=backend, threads=1)
