"""What each matcher costs and what it gives: paired timing, objective, proof, F1. Pure data, no pictures."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Matches, Proof, Status
from xproj_fast.errors import InputError
from xproj_fast.evaluation import check_ignored, evaluate
from xproj_fast.kernels import installed
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.report.contenders import Contender, Gold, Setting, contenders, head_entities

# Objectives closer than this, relative to the larger of 1 and the objective, are equal: float32 scores carry no more.
TOLERANCE = 1e-6
LEAST = 0.03  # seconds a contender is timed for in a round

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One matcher with one backend and one limit.

    Attributes:
        matcher: its name.
        backend: ``"cpp"``, ``"numba"`` (greedy only), or ``"highs"`` for the ILP.
        limit: spans per entity; None for the heuristic, which has none.
        sentences: how many it was given; for a capped ILP fewer than there are, and all below is of those.
        seconds: of one call of ``project()`` with one thread, median of the rounds.
        sentences_per_second: ``sentences / seconds``.
        objective: sum of the scores of all chosen spans.
        spans: number of chosen spans.
        short_share: share of sentences, 0 to 1, where the objective is below that of exact (or of the ILP, where
            exact was not run), or a lower limit is missed that exact meets; None without either.
        shortfall: mean of 1 - objective / exact objective over those sentences, 0 where there is none.
        statuses: sentences by status, lower case.
        proofs: sentences by proof, lower case; None where the matcher proves nothing.
        f1: micro F1, 0 to 1; None without gold. precision and recall likewise.
    """

    matcher: str
    backend: str
    limit: str | None
    sentences: int
    seconds: float
    sentences_per_second: float
    objective: float
    spans: int
    short_share: float | None
    shortfall: float | None
    statuses: dict[str, int]
    proofs: dict[str, int] | None
    f1: float | None
    precision: float | None
    recall: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    def flat(self) -> dict[str, Any]:
        """Return one plain value per column, the same columns for every row: for CSV."""
        row = self.to_dict()
        statuses, proofs = row.pop("statuses"), row.pop("proofs")
        row |= {f"status_{s.name.lower()}": statuses.get(s.name.lower(), 0) for s in Status}
        row |= {f"proof_{p.name.lower()}": None if proofs is None else proofs.get(p.name.lower(), 0) for p in Proof}
        return row


def compare(
    pairs: SentencePairs,
    *,
    gold: Gold | None = None,
    matchers: Sequence[str] | None = None,
    limits: Sequence[str] = ("<=1", "<=2"),
    backends: Sequence[str] | None = None,
    rounds: int = 5,
    setting: Setting | None = None,
    progress: Report = lambda share: None,
) -> list[Row]:
    """Run every matcher with every limit, and greedy with every backend, on the same pairs, each on one thread.

    Contenders run in turn, round after round, and the first round is thrown away (it compiles and warms up): what
    else the machine does hits all of them. What is done in under 30 ms is called several times a round.

    Args:
        pairs: sentence pairs with alignments.
        gold: the right target entities and their label names; None = no F1.
        matchers: None = all that there are. The heuristic has no limit and is run once.
        limits: spans per entity, such as ``"<=1"``.
        backends: ``"cpp"``, ``"numba"``, for greedy: the heuristic and exact always run on the core, the ILP in HiGHS;
            None = those that are installed.
        rounds: rounds that count.
        setting: what all share; None = the defaults.
        progress: called with the share done, 0 to 1.

    Raises:
        InputError: for an unknown name, a bad number, no sentences, or pairs without alignments.
        MissingDependencyError: where a backend or HiGHS is not there.
    """
    chosen = setting or Setting()
    if rounds < 1:
        raise InputError(f"rounds: expected at least 1, got {rounds}")
    backends = installed() if backends is None else backends
    field = contenders(pairs, MATCHERS.names() if matchers is None else matchers, limits, backends, chosen)
    if gold is not None:  # before minutes are spent
        check_ignored(chosen.ignore_labels, [*gold[1], *pairs.labels])
    seconds: list[list[float]] = [[] for _ in field]
    calls = [1] * len(field)
    results: list[Projection] = []
    for turn in range(rounds + 1):
        results = []
        for k, contender in enumerate(field):
            result, taken = _timed(contender, calls[k])
            results.append(result)
            if turn:
                seconds[k].append(taken)
            elif taken < LEAST:  # a second look, now that it is warm, tells how often to call it in a round
                calls[k] = math.ceil(LEAST / max(_timed(contender, 1)[1], 1e-6))
            progress((turn * len(field) + k + 1) / ((rounds + 1) * len(field)))
    best = _references(field, results, len(pairs))
    return [
        _row(contender, result, median(times), None if contender.limit is None else best.get(contender.limit), gold)
        for contender, result, times in zip(field, results, seconds, strict=True)
    ]


def _timed(contender: Contender, calls: int) -> tuple[Projection, float]:
    """Return what the contender finds, and its seconds per call."""
    before = time.perf_counter()
    for _ in range(calls):
        result = contender.run()
    return result, (time.perf_counter() - before) / calls


def _references(field: Sequence[Contender], results: Sequence[Projection], sentences: int) -> dict[str, Matches]:
    """Return by limit what is provably best: exact's result, else that of an ILP on all sentences."""
    best: dict[str, Matches] = {}
    proved = [(c, r) for c, r in zip(field, results, strict=True) if r.matches.proof is not None]
    for c, result in sorted(proved, key=lambda each: bool(MATCHERS[each[0].matcher].solver)):
        if c.limit is not None and len(result) == sentences:
            best.setdefault(c.limit, result.matches)
    return best


def _row(c: Contender, result: Projection, seconds: float, best: Matches | None, gold: Gold | None) -> Row:
    matches, n = result.matches, len(result)
    figures = None
    if gold is not None:
        there = (head_entities(gold[0], n), gold[1])
        figures = evaluate(there, result, ignore_labels=c.setting.ignore_labels).micro
    share, mean = (None, None) if best is None else _shortfall(matches, best)
    return Row(
        c.matcher,
        c.engine,
        c.limit,
        n,
        seconds,
        n / seconds,
        float(matches.objective.sum()),
        len(matches.start),
        share,
        mean,
        _counts(matches.status, Status),
        None if matches.proof is None else _counts(matches.proof, Proof),
        None if figures is None else figures.f1,
        None if figures is None else figures.precision,
        None if figures is None else figures.recall,
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
