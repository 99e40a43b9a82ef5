"""What each matcher and each score costs and gives: paired timing, objective, proof, F1. Pure data, no pictures."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from xproj_fast.arrays import Matches
from xproj_fast.errors import InputError
from xproj_fast.evaluation import check_ignored
from xproj_fast.kernels import installed
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.report.contenders import GIVEN, Contender, Gold, Setting, contenders
from xproj_fast.report.resampling import sentence_counts, spread
from xproj_fast.report.rows import Row, row_of
from xproj_fast.scores.learning import learn

LEAST = 0.03  # seconds a contender is timed for in a round
LONG = 10.0  # seconds of one call from which a contender runs once: what warms up is nothing beside it

Report = Callable[[float], None]


def compare(
    pairs: SentencePairs | Mapping[str, SentencePairs],
    *,
    gold: Gold | None = None,
    matchers: Sequence[str] | None = None,
    limits: Sequence[str] = ("<=1", "<=2"),
    backends: Sequence[str] | None = None,
    rounds: int = 5,
    setting: Setting | None = None,
    progress: Report = lambda share: None,
) -> list[Row]:
    """Run every matcher with every limit, greedy with every backend, and the rival scores, each on one thread.

    Contenders run in turn, round after round, and the first round is thrown away (it compiles and warms up): what
    else the machine does hits all of them. What is done in under 30 ms is called several times a round; what takes
    more than 10 s is called once in all.

    Args:
        pairs: sentence pairs with alignments; or the same pairs with several, by the names of their aligners.
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
    names = MATCHERS.names() if matchers is None else matchers
    texts = pairs if isinstance(pairs, Mapping) else {GIVEN: pairs}
    whole = max(map(len, texts.values()), default=0)
    if gold is not None:  # before minutes are spent
        check_ignored(chosen.ignore_labels, [*gold[1], *(label for each in texts.values() for label in each.labels)])
    field: list[Contender] = []
    for links, text in texts.items():
        field += taught(contenders(text, names, limits, backends, chosen, links))
    seconds: list[list[float]] = [[] for _ in field]
    calls = [1] * len(field)
    results: dict[int, Projection] = {}
    for turn in range(rounds + 1):
        for k, contender in enumerate(field):
            if not (turn and seconds[k] and seconds[k][0] > LONG):
                results[k], taken = _timed(contender, calls[k])
                if turn or taken > LONG:
                    seconds[k].append(taken)
                elif taken < LEAST:  # a second look, now that it is warm, tells how often to call it in a round
                    calls[k] = math.ceil(LEAST / max(_timed(contender, 1)[1], 1e-6))
            progress((turn * len(field) + k + 1) / ((rounds + 1) * len(field)))
    best = _references(field, results, whole)
    spreads = _spreads(field, results, gold, whole)
    return [
        row_of(c, results[k], median(seconds[k]), best=best.get(_problem(c)), gold=gold, spread=spreads.get(k))
        for k, c in enumerate(field)
    ]


def _timed(contender: Contender, calls: int) -> tuple[Projection, float]:
    """Return what the contender finds, and its seconds per call."""
    before = time.perf_counter()
    for _ in range(calls):
        result = contender.run()
    return result, (time.perf_counter() - before) / calls


def taught(field: Sequence[Contender]) -> list[Contender]:
    """Return contenders on the same pairs; the learned score that some have is learnt from these, once."""
    learners = [c for c in field if "learned" in c.method.weights and c.evidence.learned is None]
    if not learners:
        return list(field)
    pairs = max((c.pairs for c in learners), key=len)
    before = time.perf_counter()
    score = learn(pairs, learners[0].method.learned, threads=1)
    seconds = time.perf_counter() - before
    return [
        replace(c, evidence=replace(c.evidence, learned=score), learnt_in=seconds) if c in learners else c
        for c in field
    ]


def _problem(c: Contender) -> tuple[str, str | None, str | None]:
    """Return what contenders share that have the same objective."""
    return c.links, c.scores, c.limit


def _references(
    field: Sequence[Contender], results: Mapping[int, Projection], sentences: int
) -> dict[tuple[str, str | None, str | None], Matches]:
    """Return by problem what is provably best: exact's result, else that of an ILP on all sentences."""
    best: dict[tuple[str, str | None, str | None], Matches] = {}
    proved = [(c, results[k]) for k, c in enumerate(field) if results[k].matches.proof is not None]
    for c, result in sorted(proved, key=lambda each: bool(MATCHERS[each[0].matcher].solver)):
        if c.limit is not None and len(result) == sentences:
            best.setdefault(_problem(c), result.matches)
    return best


def _spreads(
    field: Sequence[Contender], results: Mapping[int, Projection], gold: Gold | None, sentences: int
) -> dict[int, tuple[float, float, float]]:
    """Return how sure the F1 of each contender is that ran on all sentences; see ``Row``."""
    rows = [k for k in range(len(field)) if len(results[k]) == sentences]
    if gold is None or not rows:
        return {}
    counts = [
        sentence_counts(gold, (found.entities, found.labels), field[k].setting.ignore_labels)
        for k, found in ((k, results[k].labelled()) for k in rows)
    ]
    drawn = spread(counts)
    return dict(zip(rows, zip(drawn.low, drawn.high, drawn.level, strict=True), strict=True))
