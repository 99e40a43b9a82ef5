"""Each kernel by itself, with pytest-benchmark, on 14,041 real sentences: for finding what a change did.

.venv/bin/pytest bench/test_kernels.py --benchmark-group-by=func
"""

from __future__ import annotations

import pytest

from xproj_fast.candidates import aligned_ngrams, ngrams
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.heuristic import heuristic
from xproj_fast.projector import project
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


def test_staged_greedy(benchmark, pairs, backend):
    spans = ngrams(pairs)
    benchmark(greedy, pairs, spans, alignment_scores(pairs, spans), backend=backend, threads=1)


def test_staged_exact(benchmark, pairs):
    spans = ngrams(pairs)
    benchmark(exact, pairs, spans, alignment_scores(pairs, spans), threads=1)


def test_heuristic(benchmark, pairs):
    benchmark(heuristic, pairs, threads=1)


@pytest.mark.parametrize("limit", ["<=1", "<=2"])
def test_fused_greedy(benchmark, pairs, backend, limit):
    benchmark(project, pairs, limit=limit, backend=backend, threads=1)


@pytest.mark.parametrize("limit", ["<=1", "<=2"])
def test_fused_exact(benchmark, pairs, limit):
    benchmark(project, pairs, matcher="exact", limit=limit, threads=1)
