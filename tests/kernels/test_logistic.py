"""The fit equals NumPy's, whatever the threads; columns and rows of one kind make it no trouble."""

from __future__ import annotations

import numpy as np
import pytest
import reference.logistic as reference
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from xproj_fast.kernels import get

L2, STEPS = 0.5, 12


def rows_of(size: int, columns: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return rows of which some columns say what is right, some nothing, and one is 0 or 1."""
    random = np.random.default_rng(seed)
    features = random.normal(random.normal(size=columns), 10.0 ** random.integers(-2, 3, columns), (size, columns))
    features[:, 0] = features[:, 0] > 0
    sides = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-9) @ random.normal(size=columns)
    right = sides + random.logistic(size=size) > 0.5
    return features.astype(np.float32), right.astype(np.uint8)


def logits(features: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return features.astype(float) @ weights[:-1] + weights[-1]


@given(size=st.integers(1, 60), columns=st.integers(1, 6), seed=st.integers(0, 99), l2=st.sampled_from([0.1, 0.5, 9.0]))
def test_small(size: int, columns: int, seed: int, l2: float) -> None:
    features, right = rows_of(size, columns, seed)
    got = get().fit_logistic(features, right, l2, STEPS, 1)
    assert got.dtype == np.float64
    assert got.shape == (columns + 1,)
    expected = logits(features, reference.fit(features, right, l2, STEPS))
    np.testing.assert_allclose(logits(features, got), expected, rtol=1e-8, atol=1e-8)


def test_large_on_any_number_of_threads() -> None:
    features, right = rows_of(30_000, 35, 1)
    one = get().fit_logistic(features, right, L2, STEPS, 1)
    for threads in (2, 3, 64):
        assert get().fit_logistic(features, right, L2, STEPS, threads).tobytes() == one.tobytes()
    expected = logits(features, reference.fit(features, right, L2, STEPS))
    np.testing.assert_allclose(logits(features, one), expected, rtol=1e-8, atol=1e-8)
    said = logits(features, one) > 0
    assert (said == right).mean() > 0.85


def test_a_column_of_one_value_says_nothing() -> None:
    """Not even where its mean, added up, is another number: .1 is none of float32's."""
    features, right = rows_of(999, 4, 2)
    without = get().fit_logistic(features, right, L2, STEPS, 1)
    for value in (0.0, 0.1, -3e7):
        wide = np.insert(features, 2, np.float32(value), axis=1)
        got = get().fit_logistic(wide, right, L2, STEPS, 1)
        assert got[2] == 0.0
        np.testing.assert_allclose(np.delete(got, 2), without, rtol=1e-9)


@pytest.mark.parametrize("kind", [0, 1])
def test_rows_of_one_kind(kind: int) -> None:
    features, _ = rows_of(500, 5, 3)
    got = get().fit_logistic(features, np.full(500, kind, np.uint8), L2, STEPS, 1)
    assert np.isfinite(got).all()
    assert ((logits(features, got) > 2) == bool(kind)).all()


def test_no_rows() -> None:
    assert get().fit_logistic(np.zeros((0, 3), np.float32), np.zeros(0, np.uint8), L2, STEPS, 1).tolist() == [0.0] * 4


def test_shapes_and_dtypes() -> None:
    right = np.zeros(3, np.uint8)
    for features in (np.zeros((2, 3), np.float32), np.zeros(3, np.float32)):
        with pytest.raises(IndexError, match="expected one row of features for each of 3 labels"):
            get().fit_logistic(features, right, L2, STEPS, 1)
    for wrong in (np.zeros((3, 2)), np.zeros((3, 4), np.float32)[:, ::2]):
        with pytest.raises(TypeError):
            get().fit_logistic(wrong, right, L2, STEPS, 1)
