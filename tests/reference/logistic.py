"""Logistic regression with an L2 penalty of all standardised weights and the bias, by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fit(features: NDArray[np.float32], right: NDArray[np.uint8], l2: float, steps: int) -> NDArray[np.float64]:
    """Return the weight of each feature as it is, then the bias."""
    x, y = features.astype(float), right.astype(float)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    constant = (x == x[:1]).all(axis=0)
    scale[constant] = np.inf
    z = np.hstack([(x - mean) / scale, np.ones((len(x), 1))])
    weights = np.zeros(z.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(z @ weights, -30, 30)))
        curvature = (z.T * (p * (1 - p) + 1e-6)) @ z + l2 * np.eye(len(weights))
        change = np.linalg.solve(curvature, z.T @ (y - p) - l2 * weights)
        weights += change
        if np.abs(change).max() < 1e-4:
            break
    raw = weights[:-1] / scale
    return np.append(raw, weights[-1] - raw @ mean)
