"""Weights of the learned score: kept in files, read back as they were, and nothing else is read for them."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xproj_fast.errors import InputError
from xproj_fast.scores.learned_features import FEATURE_VERSION, LEARNED_FEATURES, NEED_CASE
from xproj_fast.scores.learned_score import LearnedScore


def score() -> LearnedScore:
    weights = np.random.default_rng(0).normal(size=len(LEARNED_FEATURES) + 1)
    return LearnedScore.of(weights, {"weights": "own", "silver_sentences": 300, "seed": 1, "caseless": False})


WAYS: dict[str, Callable[[LearnedScore], LearnedScore]] = {
    "pickle": lambda it: pickle.loads(pickle.dumps(it)),
    "deepcopy": copy.deepcopy,
    "dict": lambda it: LearnedScore.from_dict(it.to_dict()),
    "json": lambda it: LearnedScore.from_dict(json.loads(json.dumps(it.to_dict()))),
    "replace": replace,
}


@pytest.mark.parametrize("way", WAYS)
def test_it_comes_back_as_it_was(way: str) -> None:
    it = score()
    back = WAYS[way](it)
    assert back == it
    assert back.coefficients.tobytes() == it.coefficients.tobytes()
    assert dict(back.made_from) == dict(it.made_from)


def test_files(tmp_path: Path) -> None:
    it = score()
    it.save(tmp_path / "weights.json")
    assert LearnedScore.load(str(tmp_path / "weights.json")) == it
    read = json.loads((tmp_path / "weights.json").read_text("utf-8"))
    assert list(read["weights"]) == list(LEARNED_FEATURES)  # in their order, for people


def test_the_order_of_names_is_nobodys_business() -> None:
    it = score()
    turned = dict(reversed(it.weights.items()))
    assert replace(it, weights=turned).coefficients.tobytes() == it.coefficients.tobytes()


def test_nobody_can_change_it() -> None:
    it, weights = score(), dict(score().weights)
    mine = replace(it, weights=weights)
    weights["alignment"] = 99.0
    assert mine == it
    with pytest.raises(TypeError):
        it.weights["alignment"] = 0.0  # type: ignore[index]


def changed(**changes: Any) -> dict[str, Any]:
    return score().to_dict() | changes


WEIGHTS = dict(score().weights)
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "NaN": (changed(weights=WEIGHTS | {"similarity": math.nan}), "a finite number for 'similarity', got nan"),
    "infinity": (changed(bias=math.inf), "a finite number for 'bias', got inf"),
    "no number": (changed(weights=WEIGHTS | {"similarity": "much"}), 'similarity: expected a number, got "much"'),
    "a flag": (changed(bias=True), "bias: expected a number, got true"),
    "unknown": (changed(weights=WEIGHTS | {"similarty": 1.0}), r"got 'similarty' \(did you mean similarity\?\)"),
    "missing": (changed(weights={**WEIGHTS, "similarity": None}), "similarity: expected a number, got null"),
    "left out": (changed(weights={"alignment": 1.0}), "a finite number for 'covered_source', got None"),
    "version": (changed(feature_version=FEATURE_VERSION + 1), f"version {FEATURE_VERSION}, got {FEATURE_VERSION + 1}"),
    "no weights": (
        {k: v for k, v in score().to_dict().items() if k != "weights"},
        "weights: expected a value, got none",
    ),
    "more": (changed(more=1), "more: expected no such key, got one"),
    "list": (changed(weights=[1.0]), "weights: expected an object, got a list"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_score_is_refused(case: str) -> None:
    found, message = BAD[case]
    with pytest.raises(InputError, match=message):
        LearnedScore.from_dict(found)


@pytest.mark.parametrize("case", BAD)
def test_files_of_what_is_no_score_are_named(case: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(BAD[case][0]), "utf-8")
    with pytest.raises(InputError, match=f"^{path}: .*expected"):
        LearnedScore.load(path)


def test_a_version_of_more_features_is_another_version() -> None:
    """Not a list of names that nobody knows."""
    found = changed(feature_version=FEATURE_VERSION + 1, weights=WEIGHTS | {"mood": 1.0})
    with pytest.raises(InputError, match=r"feature_version: expected .* learn them anew"):
        LearnedScore.from_dict(found)


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '{"weights": 1}'])
def test_other_files(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(InputError, match="expected"):
        LearnedScore.load(tmp_path / "x.json")


def test_bad_weights_are_refused_wherever_they_come_from() -> None:
    with pytest.raises(InputError, match="weights: expected a finite number for 'alignment', got nan"):
        replace(score(), weights=WEIGHTS | {"alignment": math.nan})
    with pytest.raises(InputError, match="feature_version: expected weights for the features of version"):
        replace(score(), feature_version=FEATURE_VERSION + 1)


def test_the_shipped_weights() -> None:
    """Without case, nothing is said of letters and capitals; both know that links and sameness speak for a pair."""
    cased, caseless = LearnedScore.shipped(), LearnedScore.shipped(caseless=True)
    assert (cased.made_from["caseless"], caseless.made_from["caseless"]) == (False, True)
    assert {caseless.weights[name] for name in NEED_CASE} == {0.0}
    assert all(cased.weights[name] != 0 for name in NEED_CASE)
    for each in (cased, caseless):
        assert each.made_from["weights"] == "shipped"
        assert each.weights["hull_start"] > 0
        assert each.weights["hull_end"] > 0
