"""``LearnedScore``: the weights of the learned score, by name; kept in files of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.scores.learned_features import FEATURE_VERSION, LEARNED_FEATURES
from xproj_fast.stored_json import Value, read_json

SHIPPED = Path(__file__).parent / "learned_weights.json"  # bench/fit_weights.py makes it
KEYS = ("feature_version", "made_from", "bias", "weights")


@dataclass(frozen=True, slots=True)
class LearnedScore:
    """How probable it is that a candidate is the translation of an entity: a weight for each of what is known of both.

    ``learn`` makes one. It pickles, and two of the same weights are equal.

    >>> import xproj_fast as xp
    >>> score = xp.LearnedScore.shipped()
    >>> score.weights["hull_start"] > 0  # that it begins where the links begin speaks for a candidate
    True
    >>> xp.LearnedScore.from_dict(score.to_dict()) == score
    True

    Attributes:
        weights: by the names of the features, see ``scores.learned_features``.
        bias: what is added to their sum.
        feature_version: of the features that the weights are for.
        made_from: what they were made from, as plain values: ``weights`` (``"own"``, ``"mean"``, ``"shipped"``,
            ``"gold"``), ``silver_sentences``, ``seed``, ``caseless``, and ``why`` where it is not what was asked for.

    Raises:
        InputError: for weights of other features, or that are no finite numbers.
    """

    weights: Mapping[str, float]
    bias: float
    feature_version: int
    made_from: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.feature_version != FEATURE_VERSION:
            raise InputError(
                f"feature_version: expected weights for the features of version {FEATURE_VERSION}, got version "
                f"{self.feature_version}: learn them anew"
            )
        for name in self.weights:
            if name not in LEARNED_FEATURES:
                raise unknown_name("weights", name, LEARNED_FEATURES, "names of features,")
        for name, value in {**{name: self.weights.get(name) for name in LEARNED_FEATURES}, "bias": self.bias}.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise InputError(f"weights: expected a finite number for {name!r}, got {value!r}", field="weights")
        ordered = {name: float(self.weights[name]) for name in LEARNED_FEATURES}
        object.__setattr__(self, "weights", MappingProxyType(ordered))  # nobody else's to change
        object.__setattr__(self, "bias", float(self.bias))
        object.__setattr__(self, "made_from", MappingProxyType(dict(self.made_from)))

    @classmethod
    def of(cls, coefficients: NDArray[np.float64], made_from: Mapping[str, Any]) -> LearnedScore:
        """Return the score of a weight per feature, in their order, and the bias behind them."""
        *weights, bias = coefficients.tolist()
        return cls(dict(zip(LEARNED_FEATURES, weights, strict=True)), bias, FEATURE_VERSION, made_from)

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """The weights in the order of the features, and the bias behind them."""
        return np.array([*self.weights.values(), self.bias])

    def to_dict(self) -> dict[str, Any]:
        """Return the score as plain values."""
        made_from = {name: list(v) if isinstance(v, tuple) else v for name, v in self.made_from.items()}
        return dict(zip(KEYS, (self.feature_version, made_from, self.bias, dict(self.weights)), strict=True))

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> LearnedScore:
        """Return the score of what ``to_dict`` made.

        Raises:
            InputError: for other keys, weights of other features, or that are no finite numbers.
        """
        return cls._of(Value(dict(found), "the learned score"))

    def save(self, path: Path | str) -> None:
        """Write the score to a file, as JSON that people can read."""
        Path(path).write_text(self.to_json(), "utf-8")

    def to_json(self) -> str:
        """Return what ``save`` writes."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    @classmethod
    def load(cls, path: Path | str) -> LearnedScore:
        """Read what ``save`` wrote.

        Raises:
            InputError: naming the file, for one that holds something else: NaN, weights of other features, ...
            OSError: where it cannot be read.
        """
        return cls._of(read_json(Path(path)))

    @classmethod
    def shipped(cls, *, caseless: bool = False) -> LearnedScore:
        """Return the weights that come with the package, learned from the silver of several languages.

        Args:
            caseless: those that look at neither letters nor capitals, for two scripts of which one has no case.
        """
        return _shipped()["caseless" if caseless else "cased"]

    @classmethod
    def _of(cls, stored: Value) -> LearnedScore:
        version = stored.table().get("feature_version", stored)
        if version is not stored and version.whole() != FEATURE_VERSION:  # else it is another version's names that miss
            version.fail(f"weights for the features of version {FEATURE_VERSION}", f"{version.value}: learn them anew")
        record = stored.record(*KEYS)
        weights = {name: each.number() for name, each in record["weights"].table().items()}
        made_from = {name: each.value for name, each in record["made_from"].table().items()}
        try:
            return cls(weights, record["bias"].number(), record["feature_version"].whole(), made_from)
        except InputError as error:
            raise InputError(f"{stored.file}: {error}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as plain dictionaries, as no process can be sent a view of one."""
        return type(self), (dict(self.weights), self.bias, self.feature_version, dict(self.made_from))


@cache
def _shipped() -> dict[str, LearnedScore]:
    return {name: LearnedScore._of(each) for name, each in read_json(SHIPPED).table().items()}
