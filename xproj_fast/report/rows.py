"""A row of a comparison: what one contender cost and gave."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Matches, Proof, Status
from xproj_fast.evaluation import evaluate
from xproj_fast.projection import Projection
from xproj_fast.reliability import Reliability
from xproj_fast.report.contenders import Contender, Gold, head_entities

# Objectives closer than this, relative to the larger of 1 and the objective, are equal: float32 scores carry no more.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Row:
    """One matcher with its scores, one backend and one limit, on one set of links.

    Attributes:
        links: where the word alignments are from: ``"given"``, or an aligner's name.
        scores: as an option of the command; None for a matcher that takes none.
        matcher: its name.
        backend: ``"cpp"``, ``"numba"`` (greedy only), or ``"highs"`` for the ILP.
        limit: spans per entity; None for the heuristic, which has none.
        sentences: how many it was given; for a capped ILP fewer than there are, and all below is of those.
        seconds: of one call of ``project()`` with one thread, median of the rounds; what was learnt before is not in
            it.
        sentences_per_second: ``sentences / seconds``.
        objective: sum of the scores of all chosen spans; None for a matcher that maximises none (heuristic).
        spans: number of chosen spans.
        short_share: share of sentences, 0 to 1, where the objective is below that of exact (or of the ILP, where
            exact was not run), or a lower limit is missed that exact meets; None without either.
        shortfall: mean of 1 - objective / exact objective over those sentences, 0 where there is none.
        statuses: sentences by status, lower case.
        proofs: sentences by proof, lower case; None where the matcher proves nothing.
        f1: micro F1, 0 to 1; None without gold. precision and recall likewise.
        f1_low: 95% of 1,000 draws of the sentences have an F1 from here to ``f1_high``; None without gold, or on
            fewer sentences than others.
        level: share of these draws in which it is at least as good as the best row; None likewise.
        learnt_in: seconds of learning the score from these pairs, once; None where nothing is learnt.
        confidence: mean confidence of its spans, the precision that it expects; None without confidence.
        auc: how well the confidence tells right spans from wrong ones, .5 = not at all; None without gold or
            confidence.
        ece: expected calibration error, how far confidence is from precision; None likewise.
        reliability: all figures of the confidence, of which the last two are part; None likewise.
    """

    links: str
    scores: str | None
    matcher: str
    backend: str
    limit: str | None
    sentences: int
    seconds: float
    sentences_per_second: float
    objective: float | None
    spans: int
    short_share: float | None
    shortfall: float | None
    statuses: dict[str, int]
    proofs: dict[str, int] | None
    f1: float | None
    precision: float | None
    recall: float | None
    f1_low: float | None
    f1_high: float | None
    level: float | None
    learnt_in: float | None
    confidence: float | None
    auc: float | None
    ece: float | None
    reliability: Reliability | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    def flat(self) -> dict[str, Any]:
        """Return one plain value per column, the same columns for every row: for CSV."""
        row = self.to_dict()
        del row["reliability"]  # its tables have no place in a row
        statuses, proofs = row.pop("statuses"), row.pop("proofs")
        row |= {f"status_{s.name.lower()}": statuses.get(s.name.lower(), 0) for s in Status}
        row |= {f"proof_{p.name.lower()}": None if proofs is None else proofs.get(p.name.lower(), 0) for p in Proof}
        return row


def row_of(
    c: Contender,
    result: Projection,
    seconds: float,
    *,
    best: Matches | None,
    gold: Gold | None,
    spread: tuple[float, float, float] | None,
) -> Row:
    """Return the row of a contender.

    Args:
        c: who it is.
        result: what it found.
        seconds: it took.
        best: what is provably best under the same scores and limit, where that is known.
        gold: of all sentences.
        spread: ``f1_low``, ``f1_high`` and ``level``, where they are known.
    """
    matches, n = result.matches, len(result)
    found = None
    if gold is not None:
        found = evaluate((head_entities(gold[0], n), gold[1]), result, ignore_labels=c.setting.ignore_labels)
    share, mean = (None, None) if best is None else _shortfall(matches, best)
    low, high, level = spread or (None, None, None)
    sure = result.confidence
    reliability = None if found is None else found.reliability
    return Row(
        links=c.links,
        scores=c.scores,
        matcher=c.matcher,
        backend=c.engine,
        limit=c.limit,
        sentences=n,
        seconds=seconds,
        sentences_per_second=n / seconds,
        objective=None if c.scores is None else float(matches.objective.sum()),
        spans=len(matches.start),
        short_share=share,
        shortfall=mean,
        statuses=_counts(matches.status, Status),
        proofs=None if matches.proof is None else _counts(matches.proof, Proof),
        f1=None if found is None else found.micro.f1,
        precision=None if found is None else found.micro.precision,
        recall=None if found is None else found.micro.recall,
        f1_low=low,
        f1_high=high,
        level=level,
        learnt_in=c.learnt_in,
        confidence=None if sure is None or not len(sure) else float(sure.mean(dtype=np.float64)),
        auc=None if reliability is None else reliability.auc,
        ece=None if reliability is None else reliability.calibration_error,
        reliability=reliability,
    )


def _shortfall(matches: Matches, best: Matches) -> tuple[float, float]:
    """Return the share of sentences that fall short of the best, and by how much on average in those."""
    n = len(matches.objective)
    objective, top = matches.objective, best.objective[:n]
    missed = (matches.status == Status.INFEASIBLE) & (best.status[:n] != Status.INFEASIBLE)
    short = missed | (objective < top - TOLERANCE * np.maximum(1.0, top))
    if not short.any():
        return 0.0, 0.0
    relative = 1 - objective[short] / np.maximum(top[short], np.finfo(np.float64).tiny)
    return float(short.mean()), float(np.maximum(relative, 0).mean())


def _counts(codes: NDArray[np.uint8], names: type[Status] | type[Proof]) -> dict[str, int]:
    numbers = np.bincount(codes, minlength=len(names))
    return {name.name.lower(): int(numbers[name]) for name in names if numbers[name]}
