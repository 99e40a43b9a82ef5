"""How far confidences can be trusted: whether they tell right from wrong, and whether 0.9 means nine in ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xproj_fast.wording import table

BINS = 10
SHARES = tuple(i / 20 for i in range(20, 0, -1))  # of the spans, the surest first
SHOWN = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)  # of these, in print

Numbers = NDArray[np.float64]
Rows: TypeAlias = list[tuple[str, ...]]  # of a table


@dataclass(frozen=True, slots=True)
class Bin:
    """Spans of about the same confidence.

    Attributes:
        confidence: the mean.
        precision: share of the spans that are right.
        spans: how many there are.
    """

    confidence: float
    precision: float
    spans: int


@dataclass(frozen=True, slots=True)
class Covered:
    """What is left where only the surest spans are kept.

    Attributes:
        coverage: their share of all spans.
        confidence: the least of any of them: the threshold that leaves them.
        precision: share of them that are right.
        recall: share of the gold entities that they find.
        f1: the harmonic mean of the last two.
        spans: how many they are.
    """

    coverage: float
    confidence: float
    precision: float
    recall: float
    f1: float
    spans: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the confidences of predicted entities can be trusted, against gold ones; see ``Evaluation``.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> gold = xp.read_labelled("de.gold.conll")
    >>> found = xp.evaluate(gold, xp.project(pairs, scores="learned")).reliability
    >>> surest = found.coverage[-1]  # the twentieth that can be trusted most
    >>> surest.spans, surest.precision
    (5, 1.0)

    Attributes:
        auc: the probability that an entity that is right is surer than one that is wrong: 0.5 = confidence says
            nothing, 1 = it tells them apart; None where all are right or all wrong.
        calibration_error: how far confidence is from precision, in the mean over ten bins of as many entities each.
        span_auc: the same as ``auc`` where the class of an entity does not count.
        span_calibration_error: likewise.
        bins: the ten, the least sure first; fewer where there are not as many entities.
        coverage: what precision is to be had by keeping the surest 100 %, 95 %, ... of the entities.
    """

    auc: float | None
    calibration_error: float
    span_auc: float | None
    span_calibration_error: float
    bins: tuple[Bin, ...]
    coverage: tuple[Covered, ...]

    def tables(self) -> tuple[Rows, Rows, Rows]:
        """Return what is printed, as rows of cells, headings first: the figures, the bins, the coverage."""
        figures: Rows = [("confidence", "AUC", "calibration error")]
        for name, auc, error in (
            ("span and class", self.auc, self.calibration_error),
            ("span alone", self.span_auc, self.span_calibration_error),
        ):
            figures.append((name, "-" if auc is None else f"{auc:.4f}", f"{error:.4f}"))
        bins: Rows = [("mean confidence", "precision", "spans")]
        bins += [(f"{each.confidence:.4f}", f"{each.precision:.4f}", f"{each.spans:,}") for each in self.bins]
        kept: Rows = [("surest", "confidence from", "precision", "recall", "f1", "spans")]
        for each in self.coverage:
            if each.coverage in SHOWN:
                shares = (f"{value:.4f}" for value in (each.confidence, each.precision, each.recall, each.f1))
                kept.append((f"{each.coverage:.0%}", *shares, f"{each.spans:,}"))
        return figures, bins, kept

    def _repr_html_(self) -> str:
        from xproj_fast.markup import tables_html

        return tables_html("Reliability of confidences", *self.tables())

    def __str__(self) -> str:
        return "\n\n".join("\n".join(table(rows)) for rows in self.tables())


def reliability(
    confidence: NDArray[np.float32], right: NDArray[np.bool_], right_span: NDArray[np.bool_], gold: int
) -> Reliability | None:
    """Return how far confidences can be trusted; None where there are none.

    Entities of the same confidence count as equally often right each, whatever order they come in.

    Args:
        confidence: [entities], 0 to 1.
        right: bool[entities], whether span and class are.
        right_span: bool[entities], whether the span is.
        gold: how many there are to find.
    """
    if not len(confidence):
        return None
    order = np.argsort(-confidence, kind="stable")
    sure = confidence[order].astype(np.float64)
    hits, span_hits = (_evenly(confidence, each)[order] for each in (right, right_span))
    bins = tuple(
        Bin(float(sure[part].mean()), float(hits[part].mean()), len(part))
        for part in reversed(np.array_split(np.arange(len(sure)), BINS))
        if len(part)
    )
    return Reliability(
        _auc(confidence, right),
        _error(sure, hits),
        _auc(confidence, right_span),
        _error(sure, span_hits),
        bins,
        tuple(_covered(share, sure, hits, gold) for share in SHARES),
    )


def _covered(share: float, sure: Numbers, hits: Numbers, gold: int) -> Covered:
    spans = max(1, round(share * len(sure)))
    found = float(hits[:spans].sum())
    precision, recall = found / spans, found / gold if gold else 0.0
    f1 = 2 * found / (spans + gold)
    return Covered(share, float(sure[spans - 1]), precision, recall, f1, spans)


def _evenly(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> Numbers:
    """Return how often an entity of the same confidence is right."""
    _, group, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    found: Numbers = (np.bincount(group, right) / sizes)[group]
    return found


def _error(sure: Numbers, hits: Numbers) -> float:
    parts = np.array_split(np.arange(len(sure)), BINS)
    return float(sum(abs(sure[part].sum() - hits[part].sum()) for part in parts)) / len(sure)


def _auc(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve: entities of the same confidence are neither surer."""
    hits = int(right.sum())
    misses = len(right) - hits
    if not hits or not misses:
        return None
    _, group, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    rank = np.cumsum(sizes) - (sizes - 1) / 2  # the mean rank of each confidence, from 1
    return float((rank[group][right].sum() - hits * (hits + 1) / 2) / (hits * misses))
