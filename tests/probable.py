"""A score that is a probability, for tests of confidence: any number will do, as long as it is always the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from xproj_fast.arrays import Spans
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.registry import SCORES, Probabilities, Score

THRESHOLD = 0.25


def probability(label: Any, source: Any, target_start: Any, target_end: Any) -> Any:
    """Return a number from 0 to 1 of an entity and a candidate, by their places in the sentence."""
    mixed = 7919 * np.asarray(label) + 104729 * np.asarray(source) + 1299709 * np.asarray(target_start)
    return ((mixed + 15485863 * np.asarray(target_end)) % 1009 / 1008).astype(np.float32)


def probabilities(pairs: SentencePairs, candidates: Spans) -> Any:
    pair = pair_columns(pairs, candidates)
    found = probability(pair.label, pair.source_start, pair.target_start, pair.target_end)
    return Probabilities(found, THRESHOLD)


def register(monkeypatch: pytest.MonkeyPatch, make: Any = probabilities, name: str = "sure") -> None:
    """Make it known for one test."""
    len(SCORES)  # the package's own are all there
    monkeypatch.setitem(SCORES._entries, name, Score(make, frozenset(), None, True))
