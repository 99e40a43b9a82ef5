"""Real sentences: the kernels equal the reference, and F1 is what shared/data/README.md says."""

from __future__ import annotations

import random
import warnings
from dataclasses import asdict

import pytest
import reference.heuristic
from common import assert_matches, assert_same, batch_of, by_reference
from conftest import RealData
from seqeval.metrics import f1_score

from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.projector import project

# overall micro F1 by seqeval: heuristic (ratio .8, merge 1, all runs), n-gram greedy
FIGURES = {
    "europarl_de_intersect": (0.7909, 0.8747),
    "europarl_de_gdfa": (0.7648, 0.8309),
    "europarl_es_intersect": (0.8778, 0.8561),
    "europarl_es_gdfa": (0.8884, 0.8742),
    "bambara": (0.5875, 0.5558),
    "translate_test_de": (0.6190, 0.6267),
    "translate_test_es": (0.6254, 0.6267),
}
TRAIN = ("translate_train_de", "translate_train_es")


@pytest.fixture(scope="session", params=FIGURES)
def named(request: pytest.FixtureRequest) -> tuple[str, RealData]:
    """Name each data set with known figures in turn."""
    return request.param, request.getfixturevalue(request.param)


@pytest.fixture(scope="session", params=[*FIGURES, *TRAIN])
def data(request: pytest.FixtureRequest) -> RealData:
    """Return each data set in turn."""
    return request.getfixturevalue(request.param)


def f1(gold: list[list[str]], predicted: list[list[str]]) -> float:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="seqeval")
        return round(float(f1_score(gold, predicted)), 4)


@pytest.mark.parametrize(("matcher", "backend"), [("heuristic", "cpp"), ("greedy", "cpp"), ("greedy", "numba")])
def test_known_figures(named: tuple[str, RealData], matcher: str, backend: str) -> None:
    name, data = named
    options = HeuristicOptions(length_ratio=0.8, merge_distance=1)
    result = project(data.pairs, matcher=matcher, heuristic=options, backend=backend)
    assert f1(data.gold, result.tags()) == FIGURES[name][matcher == "greedy"]


@pytest.mark.parametrize("limit", ["<=1", "=2", ">=1"])
def test_project_equals_the_reference(backend: str, data: RealData, limit: str) -> None:
    sentences = random.Random(limit).sample(range(len(data.pairs)), 25)
    batch = batch_of(data.pairs, sentences)
    stop_words = ("!", "?")
    expected = [by_reference(batch, s, "aligned", limit, (1, 10), stop_words) for s in range(len(batch))]
    pairs = data.pairs.from_lists(batch.source, batch.target, batch.entities, batch.links, labels=data.pairs.labels)
    assert_matches(project(pairs, limit=limit, backend=backend).matches, expected)


@pytest.mark.parametrize("words", [(1, 10), (2, 4)])
def test_ngrams_equal_the_reference(backend: str, data: RealData, words: tuple[int, int]) -> None:
    """The same with every n-gram listed, which the reference takes long over: short sentences."""
    target = data.pairs.target.offsets
    short = [s for s in range(len(data.pairs)) if target[s + 1] - target[s] <= 15]
    batch = batch_of(data.pairs, random.Random(1).sample(short, 20))
    pairs = data.pairs.from_lists(batch.source, batch.target, batch.entities, batch.links, labels=data.pairs.labels)
    result = project(pairs, min_words=words[0], max_words=words[1], backend=backend)
    stop_words = ("!", "?")
    assert_matches(
        result.matches, [by_reference(batch, s, "ngrams", "<=1", words, stop_words) for s in range(len(batch))]
    )


@pytest.mark.parametrize(
    "options",
    [
        HeuristicOptions(),
        HeuristicOptions(merge_distance=2, length_ratio=0.5, top_k=1),
        HeuristicOptions(length_ratio=0.0, shortest_first=False, overwrite=True),
    ],
)
def test_heuristic_equals_the_reference(data: RealData, options: HeuristicOptions) -> None:
    batch = batch_of(data.pairs, random.Random(2).sample(range(len(data.pairs)), 100))
    pairs = data.pairs.from_lists(batch.source, batch.target, batch.entities, batch.links, labels=data.pairs.labels)
    result = project(pairs, matcher="heuristic", heuristic=options)
    expected = [
        reference.heuristic.heuristic(len(batch.target[s]), batch.spans(s), batch.links[s], **asdict(options))
        for s in range(len(batch))
    ]
    assert_matches(result.matches, expected)


def test_cpp_and_numba_agree_on_every_sentence(data: RealData) -> None:
    cpp, numba = (project(data.pairs, backend=name) for name in ("cpp", "numba"))
    assert_same(cpp.matches, numba.matches)
    assert cpp.tags() == numba.tags()
    assert cpp.spans() == numba.spans()
