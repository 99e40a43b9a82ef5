"""Options and evidence reach another process as they are; models do in test_model_identity, arrays by their tests."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import multiprocessing
import pickle
import pkgutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xproj_fast
from xproj_fast import PairScores, SentencePairs, WordProbabilities, project
from xproj_fast.method import Method
from xproj_fast.models.alignment import EflomalOptions
from xproj_fast.scores.evidence import NO_EVIDENCE, Evidence

PAIRS = SentencePairs.from_lists([["John"]], [["John", "Smith"]], [[(0, 1, "PER")]], [[(0, 0)]])
OPTIONAL = ("xproj_fast.export", "xproj_fast.report.plot", "xproj_fast.__main__", "xproj_fast.kernels.numba")


def options() -> Iterator[Any]:
    """Yield every kind of options that the package has, as it is by default."""
    for module in pkgutil.walk_packages(xproj_fast.__path__, "xproj_fast."):
        if module.name.startswith(OPTIONAL):
            continue
        for name, kind in vars(importlib.import_module(module.name)).items():
            if dataclasses.is_dataclass(kind) and kind.__module__ == module.name and name.endswith("Options"):
                needed = [f for f in dataclasses.fields(kind) if _is_needed(f)]  # languages
                yield kind(*(("deu_Latn",) if field.name == "languages" else "eng_Latn" for field in needed))  # type: ignore[operator]


def _is_needed(field: Any) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


ALL = [*options(), Method(), Method(scores={"mt": 1.0}, thresholds={"mt": 0.1})]


@pytest.mark.parametrize("how", ALL, ids=lambda how: type(how).__name__)
def test_options_stay_what_they_are(how: Any) -> None:
    assert how.__dataclass_params__.frozen
    assert pickle.loads(pickle.dumps(how)) == how
    assert copy.deepcopy(how) == how


def test_there_are_options() -> None:
    names = {type(how).__name__ for how in ALL}
    assert names >= {
        "ConllOptions",
        "JsonlOptions",
        "ReadOptions",
        "TaggerOptions",
        "EflomalOptions",
        "LabelOptions",
    }


def word_lengths(pairs: SentencePairs, candidates: Any) -> PairScores:
    """Score as the longest candidate does best."""
    offsets = np.append(0, np.cumsum(np.diff(candidates.offsets)))
    return PairScores(offsets, (candidates.end - candidates.start).astype(np.float32))


def evidence() -> Evidence:
    probabilities = WordProbabilities(np.array([0, 2]), np.full((2, 2), 0.5, np.float32), ("O", "B-PER"))
    own = PairScores(np.array([0, 3]), np.ones(3, np.float32))
    return Evidence(probabilities, given={"own": own, "lengths": word_lengths})


def spans_by(found: Evidence) -> Any:
    return project(PAIRS, scores="lengths", evidence=found).spans()


def test_evidence_reaches_another_process() -> None:
    found = evidence()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(spans_by, found).result(timeout=120) == spans_by(found)


@pytest.mark.parametrize("travel", [lambda found: pickle.loads(pickle.dumps(found)), copy.deepcopy])
def test_evidence_that_arrives_is_frozen(travel: Any) -> None:
    found = travel(evidence())
    assert found.given.keys() == {"own", "lengths"}
    for record in (found.probabilities, found.given["own"]):
        with pytest.raises(ValueError, match="read-only"):
            record.values[0] = 2
        with pytest.raises(ValueError, match="read-only"):
            record.offsets[0] = 2
    with pytest.raises(TypeError):
        found.given["alignment"] = found.given["own"]


def test_evidence_is_checked_once_and_for_all() -> None:
    given: dict[str, Any] = {"lengths": word_lengths}
    found = Evidence(given=given)
    given["alignment"] = word_lengths  # a name that was refused, had it been there
    assert list(found.given) == ["lengths"]


def test_what_is_there_by_default() -> None:
    assert pickle.loads(pickle.dumps(NO_EVIDENCE)).given == {}


def phrases(a: Any, b: Any) -> Any:
    return np.array([float(x == y) for x, y in zip(a, b, strict=True)], np.float32)


def test_the_mt_score_travels_with_its_scorer() -> None:
    found = Evidence(mt=phrases)
    twin = pickle.loads(pickle.dumps(found))
    both = [project(PAIRS, scores="mt", evidence=one).spans() for one in (found, twin)]
    assert both[0] == both[1]
    assert [span[:3] for span in both[0][0]] == [(0, 1, "PER")]


def test_options_of_eflomal(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    how = EflomalOptions(extra_text=(tmp_path / "a.txt", tmp_path / "a.txt"), samplers=1)
    assert pickle.loads(pickle.dumps(how)) == how
