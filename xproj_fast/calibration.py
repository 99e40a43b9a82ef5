"""Correct confidences by sentences of which the right labels are known (Platt 1999)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError
from xproj_fast.ragged import row_numbers

if TYPE_CHECKING:
    from xproj_fast.arrays import Words
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.projection import Projection

FEWEST_SENTENCES = 150  # of gold: fewer say too little, of F1 as of confidence
SURE = 1e-4  # nothing counts as surer than 1 - this
# Towards no correction, as strong as some ten spans are: chosen on samples of 150 German and Spanish sentences.
PULL = 4.0
STEPS = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """What corrects a confidence p: ``1 / (1 + exp(-(slope * log(p / (1 - p)) + intercept)))``.

    Order stays: what was surer is surer. ``calibrate`` makes one.

    >>> corrected = Calibration(slope=1.0, intercept=-1.0).of(np.array([0.5, 0.9], np.float32))
    >>> [round(p, 2) for p in corrected.tolist()]
    [0.27, 0.77]

    Attributes:
        slope: above 0; below 1 where confidences were too extreme.
        intercept: below 0 where they were too high.

    Raises:
        InputError: for numbers that are not finite, and a slope that is not above 0.
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.slope) and self.slope > 0 and math.isfinite(self.intercept)):
            raise InputError(
                f"calibration: expected a slope above 0 and a finite intercept, got {self.slope} and {self.intercept}",
                field="calibration",
            )

    def of(self, confidence: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the corrected confidences."""
        return _sigmoid(self.slope * _logit(confidence) + self.intercept).astype(np.float32)


def fit_calibration(confidence: NDArray[Any], right: NDArray[Any]) -> Calibration:
    """Fit a correction to spans of which it is known whether they are right.

    What is found is pulled a little towards no correction at all, so that a small sample does no harm where confidences
    are good already. Of a sample that is all right, or all wrong, nothing but the intercept is fitted.

    >>> said = np.repeat([0.6, 0.9], 100)  # and of each hundred this many are right:
    >>> right = np.arange(200) % 100 < np.repeat([30, 60], 100)
    >>> corrected = fit_calibration(said, right).of(np.array([0.6, 0.9], np.float32))
    >>> [round(p, 1) for p in corrected.tolist()]
    [0.3, 0.6]

    Args:
        confidence: [spans], from 0 to 1.
        right: bool[spans].

    Raises:
        InputError: for no span, and where what is surer is not more often right: nothing can be corrected then.
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, np.bool_)
    if not len(confidence) or confidence.shape != right.shape:
        raise InputError(
            f"confidence: expected one for each of some spans, got {len(confidence)} for {len(right)}",
            field="confidence",
        )
    x = np.stack([_logit(confidence), np.ones(len(right))])
    none = np.array([1.0, 0.0])
    weights = none.copy()
    free = slice(1 if right.all() or not right.any() else 0, 2)
    for _ in range(STEPS):  # Newton, from no correction at all
        p = _sigmoid(weights @ x)
        curve = (x[free] * (p * (1 - p))) @ x[free].T + PULL * np.eye(len(x[free]))
        step = np.linalg.solve(curve, x[free] @ (right - p) - PULL * (weights - none)[free])
        weights[free] += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    if weights[0] <= 0:
        raise InputError(
            f"confidence: expected surer spans to be more often right, got the opposite in {len(right):,} spans: there "
            "is nothing to correct",
            field="confidence",
        )
    return Calibration(float(weights[0]), float(weights[1]))


def calibrate(result: Projection, gold: LabelledSentences) -> Calibration:
    """Fit a correction of confidences to a sample of target sentences of which the right entities are known.

    The projection must have been made without a calibration; hand the result on as ``Evidence(calibration=...)``.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> xp.calibrate(xp.project(pairs, scores="learned"), xp.read_labelled("de.gold.conll"))
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: gold: expected a sample of at least 150 sentences, got 40

    Args:
        result: a projection with confidences.
        gold: at least 150 of its target sentences, found there by their words, with their entities.

    Raises:
        InputError: for a projection without confidences, too few sentences, one that was not projected, no span in
            any of them, and as ``fit_calibration``.
    """
    if result.confidence is None:
        raise InputError("calibration: expected a projection by a score that is a probability, got one without")
    if len(gold) < FEWEST_SENTENCES:
        raise InputError(
            f"gold: expected a sample of at least {FEWEST_SENTENCES} sentences, got {len(gold)}", field="gold"
        )
    rows = _found(result.pairs.target, gold.words)
    some = result[rows].labelled()
    confidence = some.confidences
    assert confidence is not None
    if not len(confidence):
        raise InputError("gold: expected a sample with projected spans, got none in any sentence of it", field="gold")
    there = set(_spans(gold))
    return fit_calibration(confidence, np.array([span in there for span in _spans(some)]))


def _found(words: Words, sample: Words) -> NDArray[np.int64]:
    """Return where the sentences of a sample are; of equal ones each another, as long as there are any."""
    places: dict[tuple[str, ...], list[int]] = {}
    for row, sentence in enumerate(words.to_lists()):
        places.setdefault(tuple(sentence), []).append(row)
    for rows in places.values():
        rows.reverse()
    found = []
    for s, sentence in enumerate(sample.to_lists()):
        rows = places.get(tuple(sentence), [])
        if not rows:
            often = " more often than it is there" if tuple(sentence) in places else ""
            raise InputError(
                f"gold: sentence {s}: expected one that was projected onto, got {' '.join(sentence)!r}{often}",
                field="gold",
                sentence=s,
            )
        found.append(rows.pop())
    return np.array(found, np.int64)


def _spans(sentences: LabelledSentences) -> list[tuple[int, int, int, str]]:
    entities = sentences.entities
    columns = (row_numbers(entities.offsets).tolist(), entities.start.tolist(), entities.end.tolist())
    return list(zip(*columns, [sentences.labels[i] for i in entities.label.tolist()], strict=True))


def _logit(confidence: NDArray[Any]) -> NDArray[np.float64]:
    p = np.clip(np.asarray(confidence, np.float64), SURE, 1 - SURE)
    found: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return found


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 0.5 * (1 + np.tanh(0.5 * x))  # never overflows
    return found
