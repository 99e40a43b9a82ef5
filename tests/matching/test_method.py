"""A pipeline's method: what it is told by name reaches the scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from xproj_fast import SentencePairs, WordProbabilities
from xproj_fast.runs.method import Method
from xproj_fast.scores.mt import MtOptions

PAIRS = SentencePairs.from_lists([["abcd"]], [["axxx", "y"]], [[(0, 1, "PER")]], [[(0, 0)]])


def phrases(**scores: float) -> Any:
    def score(a: Sequence[str], b: Sequence[str]) -> Any:
        return np.array([scores[phrase.replace(" ", "_")] for phrase in b], np.float32)

    return score


@pytest.mark.parametrize(("name", "least"), [("string", 0.2), ("ner", 0.01), ("ner_spans", 0.01), ("mt", 0.02)])
def test_a_threshold_below_a_score_s_own(name: str, least: float) -> None:
    def spans(**thresholds: float) -> list[Any]:
        method = Method(scores=name, thresholds=thresholds, mt=MtOptions(min_other=None))
        mt = method.mt_scorer(phrases(axxx=0.05, y=0.0, axxx_y=0.0), "eng_Latn", "deu_Latn")
        return method.project(PAIRS, probabilities=probabilities, mt=mt).spans()

    values = np.array([[0.96, 0.04, 0], [1, 0, 0]], np.float32)
    probabilities = WordProbabilities(np.array([0, 2]), values, ("O", "B-PER", "I-PER"))
    assert spans() == [[]]
    assert [span[:3] for span in spans(**{name: least})[0]] == [(0, 1, "PER")]


def test_the_weight_of_mt_bounds_what_can_win() -> None:
    method = Method(scores={"alignment": 0.5, "mt": 3.0}, mt=MtOptions(top_k=1, bound=1.0))
    mt = method.mt_scorer(phrases(axxx=0.3, axxx_y=1.0), "eng_Latn", "deu_Latn")
    assert [span[:2] for span in method.project(PAIRS, mt=mt).spans()[0]] == [(0, 2)]
