"""The number of threads changes no result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from common import assert_same, by_reference, by_sentence, links_array
from strategies import Batch, large_batch

from xproj_fast.candidates import aligned_ngrams, ngrams
from xproj_fast.kernels.protocol import HeuristicOptions, Kernels, Symmetrization
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.heuristic import heuristic
from xproj_fast.projector import project
from xproj_fast.scores.alignment import alignment_scores


@pytest.fixture(scope="module")
def large() -> Batch:
    return large_batch(5000)


def on_threads(run: Callable[[int], Any]) -> Any:
    one = run(1)
    for threads in (2, 3, 64):
        assert_same(run(threads), one)
    return one


@pytest.mark.parametrize("limit", ["<=1", "=2", ">=1"])
def test_threads_change_nothing(backend: str, large: Batch, limit: str) -> None:
    pairs = large.pairs()
    shared: dict[str, Any] = {"limit": limit, "backend": backend}
    fused = on_threads(lambda threads: project(pairs, threads=threads, **shared).matches)
    spans = on_threads(lambda threads: ngrams(pairs, backend=backend, threads=threads))
    scores = on_threads(lambda threads: alignment_scores(pairs, spans, backend=backend, threads=threads))
    staged = on_threads(lambda threads: greedy(pairs, spans, scores, threads=threads, **shared))
    assert_same(fused, staged)
    rows = by_sentence(fused.offsets, fused.entity, fused.start, fused.end)
    for s in range(0, len(large), 131):  # sentences of every chunk
        got = rows[s]
        expected = by_reference(large, s, "ngrams", limit, (1, 10), ("!", "?"))
        assert got == [span[:3] for span in expected.spans]


def test_threads_change_no_aligned_ngrams(backend: str, large: Batch) -> None:
    pairs = large.pairs()
    on_threads(lambda threads: aligned_ngrams(pairs, min_words=2, backend=backend, threads=threads))


def test_threads_change_nothing_elsewhere(kernels: Kernels, large: Batch) -> None:
    pairs = large.pairs()
    for overwrite in (False, True):
        options = HeuristicOptions(length_ratio=0.4, overwrite=overwrite)
        on_threads(lambda threads, o=options: heuristic(pairs, o, threads=threads))
    links = pairs.alignments
    turned = links_array([large.links[s][::2] for s in range(len(large))])
    for method in Symmetrization:
        on_threads(lambda threads, m=method: kernels.symmetrize(links, turned, m, threads))


def test_all_cpus_are_the_default(backend: str, large: Batch) -> None:
    pairs = large.pairs()
    assert_same(project(pairs, backend=backend).matches, project(pairs, backend=backend, threads=1).matches)
