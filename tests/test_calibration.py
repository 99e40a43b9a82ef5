"""A calibration undoes what is wrong with confidences, from a sample of sentences with gold entities."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from xproj_fast.calibration import PULL, Calibration, calibrate, fit_calibration
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project


def drawn(count: int, seed: int, slope: float, intercept: float) -> tuple[Any, Any]:
    """Return confidences, and what is right as often as the corrected ones say."""
    rng = np.random.default_rng(seed)
    sure = rng.uniform(0.02, 0.98, count).astype(np.float32)
    return sure, rng.random(count) < Calibration(slope, intercept).of(sure)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.7)])
def test_what_was_bent_is_straightened(slope: float, intercept: float) -> None:
    found = fit_calibration(*drawn(40_000, 1, slope, intercept))
    assert found.slope == pytest.approx(slope, rel=0.05)
    assert found.intercept == pytest.approx(intercept, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_likeliest(seed: int) -> None:
    sure, right = drawn(200, seed, 0.6, -0.4)
    x = np.log(sure / (1 - sure.astype(np.float64)))

    def loss(w: Any) -> Any:
        z = w[0] * x + w[1]
        return np.sum(np.logaddexp(0, z) - right * z) + 0.5 * PULL * ((w[0] - 1) ** 2 + w[1] ** 2)

    best = minimize(loss, [1.0, 0.0], tol=1e-10).x
    found = fit_calibration(sure, right)
    assert [found.slope, found.intercept] == pytest.approx(best, abs=1e-4)


def test_order_and_ends_stay() -> None:
    sure = np.linspace(0, 1, 101).astype(np.float32)
    for calibration in (Calibration(0.3, -2.0), Calibration(4.0, 3.0)):
        found = calibration.of(sure)
        assert found.dtype == np.float32
        assert (np.diff(found) >= 0).all()
        assert 0 <= found[0] <= found[-1] <= 1
    np.testing.assert_allclose(Calibration(1.0, 0.0).of(sure), sure, atol=2e-4)


@pytest.mark.parametrize("right", [True, False])
def test_a_sample_of_one_kind_does_not_make_certain(right: bool) -> None:
    sure = np.linspace(0.5, 0.95, 150).astype(np.float32)
    found = fit_calibration(sure, np.full(150, right))
    assert found.slope == 1
    mean = float(found.of(sure).mean())
    assert (0.9 < mean < 1) if right else (0 < mean < 0.1)


def test_a_pull_towards_no_correction_spares_what_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = np.linspace(0.05, 0.95, 19).astype(np.float32)

    def harm() -> float:
        found = [fit_calibration(*drawn(150, seed, 1.0, 0.0)).of(sure) for seed in range(20)]
        return float(np.mean(np.abs(np.stack(found) - sure)))

    with_it = harm()
    monkeypatch.setattr("xproj_fast.calibration.PULL", 1e-9)
    assert with_it < harm() < 0.1


@pytest.mark.parametrize("sure", [np.zeros(0), np.ones(3)])
def test_every_span_needs_both(sure: Any) -> None:
    with pytest.raises(InputError, match="confidence: expected one for each of some spans, got"):
        fit_calibration(sure, np.zeros(0, np.bool_))


def test_a_confidence_that_says_the_opposite() -> None:
    sure, right = drawn(500, 3, 2.0, 0.0)
    with pytest.raises(InputError, match="expected surer spans to be more often right, got the opposite in 500 spans"):
        fit_calibration(sure, ~right)


@pytest.mark.parametrize(("slope", "intercept"), [(0.0, 0.0), (-1.0, 0.0), (math.nan, 0.0), (1.0, math.inf)])
def test_what_is_no_calibration(slope: float, intercept: float) -> None:
    with pytest.raises(InputError, match="calibration: expected a slope above 0 and a finite intercept"):
        Calibration(slope, intercept)


COUNT = 300


def made(seed: int = 0) -> tuple[Projection, LabelledSentences]:
    """Return a projection whose confidences are too high, and the right labels of its sentences."""
    words = [[f"w{i}", "and", f"v{i}"] for i in range(COUNT)]
    links = [[(0, 0), (1, 1), (2, 2)]] * COUNT
    entities = [[(0, 1, "PER"), (2, 3, "LOC")]] * COUNT
    plain = project(SentencePairs.from_lists(words, words, entities, links))
    sure, right = drawn(2 * COUNT, seed, 0.5, -1.0)
    result = Projection(plain.pairs, plain.matches, plain.options, sure)
    gold = [[e for e, ok in zip(both, right[2 * s :], strict=False) if ok] for s, both in enumerate(entities)]
    return result, LabelledSentences.from_lists(words, gold, labels=["LOC", "PER"])


def test_a_sample_is_found_by_its_words() -> None:
    result, gold = made()
    whole = calibrate(result, gold)
    assert whole.slope == pytest.approx(0.5, abs=0.2)
    assert whole.intercept == pytest.approx(-1, abs=0.3)
    shuffled = np.random.default_rng(0).permutation(COUNT)
    again = calibrate(result, gold[shuffled])
    assert [again.slope, again.intercept] == pytest.approx([whole.slope, whole.intercept])
    some = calibrate(result, gold[shuffled[:150]])
    rows = np.sort(shuffled[:150])
    alone = calibrate(result[rows], gold[rows])
    assert [some.slope, some.intercept] == pytest.approx([alone.slope, alone.intercept])
    assert pickle.loads(pickle.dumps(some)) == some


def test_a_sentence_that_is_there_twice_is_two() -> None:
    words = [["same"]] * 200
    twice = LabelledSentences.from_lists(words, [[]] * 200)
    pairs = SentencePairs.from_lists(words, words, [[(0, 1, "PER")]] * 200, [[(0, 0)]] * 200)
    plain = project(pairs)
    same = Projection(pairs, plain.matches, plain.options, np.full(200, 0.5, np.float32))
    assert calibrate(same, twice).intercept < 0
    with pytest.raises(
        InputError, match="gold: sentence 199: expected one that was projected onto, got 'same' more often"
    ):
        calibrate(same[:199], twice)


def test_what_is_no_sample() -> None:
    result, gold = made()
    with pytest.raises(InputError, match="gold: expected a sample of at least 150 sentences, got 149"):
        calibrate(result, gold[:149])
    with pytest.raises(
        InputError, match=r"gold: sentence 150: expected one that was projected onto, got 'w150 and v150'"
    ):
        calibrate(result[:150], gold)
    bare = Projection(result.pairs, result.matches, result.options)
    with pytest.raises(InputError, match="expected a projection by a score that is a probability, got one without"):
        calibrate(bare, gold)
    nothing = project(SentencePairs.from_lists([["a"]] * 150, [["a"]] * 150, [[]] * 150, [[]] * 150))
    empty = Projection(nothing.pairs, nothing.matches, nothing.options, np.zeros(0, np.float32))
    with pytest.raises(InputError, match="gold: expected a sample with projected spans, got none in any sentence"):
        calibrate(empty, LabelledSentences.from_lists([["a"]] * 150, [[]] * 150))
