"""Exact matching as an integer linear program, solved by HiGHS."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from itertools import pairwise, takewhile
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Matches, Outcome, PairScores, Proof, Score, Spans, Status, thread_count
from xproj_fast.candidates import check_candidates
from xproj_fast.errors import InputError, InternalError, MissingDependencyError
from xproj_fast.kernels import get
from xproj_fast.matching.greedy import check_scores
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import register
from xproj_fast.matching.time_limit import check_time_limit, seconds
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import ranges
from xproj_fast.threads import start_threads

logger = logging.getLogger(__name__)

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

# HiGHS takes bounds this close for equal. Each sentence's scores are scaled to a largest one of 2**11 to 2**12, which
# makes that 5e-10 of it: below what float32 scores resolve.
TOLERANCE, SCALE = 1e-6, 12
PAIRS_A_SECOND = 100_000  # that a model can have to be made and looked at by HiGHS, roughly


@register("ilp", packages=["highspy"], solver="highs")
def ilp(
    pairs: SentencePairs,
    candidates: Spans,
    scores: PairScores,
    *,
    limit: str | Limit = "<=1",
    forbid_adjacent: bool = False,
    time_limit: float | None = None,
    batch: int = 1,
    threads: int | None = None,
) -> Matches:
    """Choose the spans with the largest sum of scores: the integer linear program of the thesis, by HiGHS.

    Chosen spans never overlap. Entities with no positive score are dropped first (``UNSCORED``). Where the others
    cannot all have their lower limit, the sentence is ``INFEASIBLE``: the most entities that have theirs, then the
    largest sum. Exact to 1e-9 of the largest score; of several optima any: compare objectives, never spans.

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.scores.alignment import alignment_scores
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> spans = ngrams(pairs)
    >>> found = ilp(pairs, spans, alignment_scores(pairs, spans))
    >>> found.start, found.end, found.score
    (array([0], dtype=int32), array([1], dtype=int32), array([1.], dtype=float32))

    Args:
        pairs: the sentence pairs.
        candidates: target spans, strictly ordered by (start, end).
        scores: one score per pair, any finite float32; only positive ones are chosen.
        limit: spans per entity, such as ``"<=1"``, ``"=1"``, ``">=1"``, ``"<3"``.
        forbid_adjacent: two spans of one entity may not touch (limits above 1 reward cutting a span up).
        time_limit: seconds per model; None = no limit. All sentences of a model that reaches it are ``LIMIT`` and have
            the best spans found, which may miss lower limits. A model of more than 100,000 pairs with a positive score
            for each second is not begun; its sentences are ``LIMIT`` and have no spans.
        batch: sentences per model. Many solve faster in all, but share the time limit.
        threads: models solved side by side; None = all CPUs; the same result for any number.

    Returns:
        Matches, as ``exact`` returns them.

    Raises:
        InputError: for NaN or infinite scores, arrays that do not fit together, or a bad number.
        InternalError: where HiGHS ends neither optimal, nor infeasible, nor at the time limit.
        MissingDependencyError: where highspy cannot be loaded.
    """
    spans = Limit.parse(limit)
    if batch < 1:
        raise InputError(f"batch: expected at least 1 sentence, got {batch}")
    check_time_limit(time_limit)
    each = np.full(len(pairs), seconds(time_limit))
    return solve(pairs, candidates, scores, spans, forbid_adjacent, each, batch, thread_count(threads))


def solve(
    pairs: SentencePairs,
    candidates: Spans,
    scores: PairScores,
    limit: Limit,
    forbid_adjacent: bool,
    time_limits: NDArray[np.float64],
    batch: int,
    workers: int,
) -> Matches:
    """Do what ``ilp`` says, with a time limit for each sentence: a model has the least of its sentences'."""
    kernels = get()
    check_candidates(kernels, pairs, candidates)
    scored = _positive(pairs, candidates, check_scores(pairs, candidates, scores))
    outcome = np.full(len(pairs.entities.start), Outcome.UNSCORED, np.uint8)
    outcome[scored.entity] = Outcome.OVERLAP
    scored = scored.take(_minimal(scored, pairs))
    firsts = np.flatnonzero(np.diff(scored.sentence, prepend=-1))[::batch].tolist()
    groups = [scored.take(slice(a, b)) for a, b in pairwise([*firsts, len(scored.score)])]
    status = np.full(len(pairs), Status.OPTIMAL, np.uint8)
    proof = np.full(len(pairs), Proof.CERTIFICATE, np.uint8)  # where there is nothing to choose from
    taken = [np.zeros(0, bool)]
    least = [float(time_limits[group.sentence].min()) for group in groups]
    ends = _solve_all(groups, limit, forbid_adjacent, least, min(workers, len(groups)))
    for group, (chosen, ended) in zip(groups, ends, strict=True):
        taken.append(chosen)
        status[group.sentence] = ended
        proof[group.sentence] = np.where(ended == Status.LIMIT, Proof.NONE, Proof.ILP)
    best = scored.take(np.concatenate(taken))
    outcome[best.entity] = Outcome.PROJECTED
    shift = pairs.target.offsets[best.sentence]
    columns = (best.entity - pairs.entities.offsets[best.sentence], best.start - shift, best.end - shift)
    entity, start, end = (column.astype(np.int32) for column in columns)
    offsets = np.searchsorted(best.sentence, np.arange(len(pairs) + 1)).astype(np.int64)
    # bincount adds up in output order
    objective = np.asarray(np.bincount(best.sentence, weights=best.score, minlength=len(pairs)), np.float64)
    return Matches(offsets, entity, start, end, best.score, objective, status, outcome, proof)


class _Pairs(NamedTuple):
    """Pairs with a positive score, by sentence, entity, start, end; words and entities counted through the batch."""

    sentence: Ints
    entity: Ints
    start: Ints
    end: Ints
    score: Score

    def take(self, which: Bools | slice) -> _Pairs:
        return _Pairs(self.sentence[which], self.entity[which], self.start[which], self.end[which], self.score[which])


class _Rows(NamedTuple):
    """``size`` constraints ``lower <= sum of value * x[column] <= upper``, with entries at (row, column)."""

    size: int
    row: Ints
    column: Ints
    value: float | NDArray[np.float64] = 1.0
    lower: float | Ints = -np.inf
    upper: float = 1.0


def _positive(pairs: SentencePairs, candidates: Spans, scores: PairScores) -> _Pairs:
    position = np.flatnonzero(scores.values > 0)
    sentence = np.searchsorted(scores.offsets, position, side="right") - 1
    row, column = np.divmod(position - scores.offsets[sentence], np.diff(candidates.offsets)[sentence])
    entity, span = pairs.entities.offsets[sentence] + row, candidates.offsets[sentence] + column
    start, end = (ends[span] + pairs.target.offsets[sentence] for ends in (candidates.start, candidates.end))
    return _Pairs(sentence, entity, start, end, scores.values[position])


def _minimal(scored: _Pairs, pairs: SentencePairs) -> Bools:
    """Return which spans hold no other span of their entity that scores at least as much.

    No optimum needs the others: the inner span in their place keeps count and score, and touches no more.
    """
    words, length = np.diff(pairs.target.offsets)[scored.sentence], scored.end - scored.start
    new = np.diff(scored.entity, prepend=-1) != 0
    # Each entity has a row with a cell per word. inner[cell]: the best score of a span in the window of the current
    # length that starts there. Windows that leave their row are wrong, and no window that does not looks at them.
    cell = np.cumsum(np.where(new, words, 0)) - words + scored.start - pairs.target.offsets[scored.sentence]
    inner = np.zeros(int(words[new].sum()) + 1, np.float32)
    keep = np.ones(len(cell), bool)
    order = np.argsort(length, kind="stable")
    ends = np.searchsorted(length[order], np.arange(int(length.max(initial=0)) + 2))
    for a, b in pairwise(ends.tolist()):
        these = order[a:b]
        np.maximum(inner[:-1], inner[1:], out=inner[:-1])
        inside, own = inner[cell[these]], scored.score[these]
        keep[these] = own > inside
        inner[cell[these]] = np.maximum(own, inside)
    return keep


def _solve_all(
    groups: list[_Pairs], limit: Limit, forbid_adjacent: bool, time_limits: list[float], workers: int
) -> list[tuple[Bools, Any]]:
    """Solve one model a group, see ``_solve``.

    HiGHS runs in threads of our own: it lets go of the GIL, so several run at once; its scheduler belongs to a thread,
    where the caller may have another; and the caller stays free to take a KeyboardInterrupt. HiGHS looks at ``stop``
    between LPs only, so the threads are daemons, not waited for long.
    """
    stop = threading.Event()
    todo = takewhile(lambda _: not stop.is_set(), enumerate(groups))  # the threads share it
    done: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()

    def work() -> None:
        try:
            solver = _Solver(stop)
            for k, group in todo:
                done.put((k, _solve(solver, group, limit, forbid_adjacent, time_limits[k])))
        except BaseException as error:
            done.put((-1, error))

    solved: dict[int, tuple[Bools, Any]] = {}
    threads = start_threads(work, workers, "xproj-fast-ilp")
    if not threads:
        work()
    try:
        for k, result in (done.get() for _ in groups):
            if k < 0:
                raise result
            solved[k] = result
    finally:
        stop.set()
        for thread in threads:
            thread.join(0.5 / workers)
    return [solved[k] for k in range(len(groups))]


def _solve(solver: _Solver, group: _Pairs, limit: Limit, forbid_adjacent: bool, time_limit: float) -> tuple[Bools, Any]:
    """Return which pairs are chosen and, a pair, how its sentence ended."""
    deadline, n = time.monotonic() + time_limit, len(group.score)
    if n > PAIRS_A_SECOND * time_limit:
        return np.zeros(n, bool), Status.LIMIT
    lo, hi = limit.lo, min(limit.hi, n)
    each = np.arange(n)
    entity, sentence = (np.cumsum(np.diff(ids, prepend=-1) != 0) - 1 for ids in (group.entity, group.sentence))
    owner = sentence[np.flatnonzero(np.diff(entity, prepend=-1))]  # the sentence of each entity
    entities, k = np.bincount(owner), len(owner)
    top = np.maximum.reduceat(group.score, np.flatnonzero(np.diff(sentence, prepend=-1)))
    cost = np.ldexp(group.score.astype(np.float64), SCALE - np.frexp(top)[1][sentence])
    # Words that one entity alone wants need no row where its spans are apart for another reason.
    rows = [_cliques(group.start, group.end, entity if hi == 1 or forbid_adjacent else each)]
    if forbid_adjacent:  # spans that touch overlap when a word longer; each entity has an axis of its own
        axis = entity * (group.end.max() - group.start.min() + 2)
        rows.append(_cliques(group.start + axis, group.end + axis + 1, each))

    met, ended, taken = entities, Status.INFEASIBLE, None
    able = np.flatnonzero(np.bincount(entity) >= lo)
    if len(able) == k:
        ended, taken = solver.solve([*rows, _Rows(k, entity, each, 1.0, lo, hi)], cost, deadline)
    if ended == Status.INFEASIBLE:
        # One more variable an entity, "it has its lower limit". First as many of these as can be ...
        flag = n + np.arange(len(able))
        column, value = np.concatenate([each, flag]), np.repeat([1.0, -lo], [n, len(able)])
        rows.append(_Rows(k, entity, each, 1.0, 0, hi))
        rows.append(_Rows(k, np.concatenate([entity, able]), column, value, 0, np.inf))
        ended, taken = solver.solve(rows, (column >= n).astype(np.float64), deadline)
        if ended == Status.OPTIMAL and taken is not None:  # ... then the score, with no fewer in any sentence.
            met = np.bincount(owner[able[taken[n:]]], minlength=len(entities))
            rows.append(_Rows(len(entities), owner[able], flag, 1.0, met, np.inf))
            ended, best = solver.solve(rows, np.append(cost, np.zeros(len(flag))), deadline)
            taken = taken if best is None else best
        if ended == Status.INFEASIBLE:
            raise InternalError("HiGHS ended with status 'Infeasible' on a model that has a solution")
    chosen = np.zeros(n, bool) if taken is None else taken[:n]
    if ended == Status.LIMIT or cost.min() < TOLERANCE:
        chosen = _fill(group, chosen, hi, forbid_adjacent)
    reached = np.where(met < entities, Status.INFEASIBLE, Status.OPTIMAL)[sentence]
    return chosen, Status.LIMIT if ended == Status.LIMIT else reached


def _cliques(start: Ints, end: Ints, owner: Ints) -> _Rows:
    """Return "at most one" rows of overlapping spans: one per word, but for words that other rows speak for.

    A word is needed if a span ends there and one starts since the last such word: else another has all its spans. A
    row of a single owner is not.
    """
    last = np.unique(end)
    last = last[np.diff(np.searchsorted(np.sort(start), last), prepend=0) > 0]
    first = np.searchsorted(last, start, side="right")
    count = np.searchsorted(last, end, side="right") - first
    column = np.repeat(np.arange(len(start)), count)
    row = ranges(first, count)
    pairs = np.unique(row * len(owner) + owner[column])  # one per row and owner
    shared = np.bincount(pairs // len(owner), minlength=len(last)) > 1
    keep = shared[row]
    return _Rows(int(shared.sum()), (np.cumsum(shared) - 1)[row[keep]], column[keep])


def _fill(group: _Pairs, chosen: Bools, hi: int, forbid_adjacent: bool) -> Bools:
    """Add greedily what still fits: to a solution cut short, or where scores are below the solver's tolerance."""
    used: set[Any] = set()  # words, and the ends of spans by entity
    counts: Counter[int] = Counter()
    filled = np.zeros_like(chosen)
    for v in np.lexsort((group.end, group.start, group.entity, -group.score, ~chosen)).tolist():
        e, start, end = int(group.entity[v]), int(group.start[v]), int(group.end[v])
        own = {*range(start, end), *([(e, start), (e, end)] if forbid_adjacent else [])}
        if counts[e] < hi and used.isdisjoint(own):
            filled[v] = True
            counts[e] += 1
            used |= own
    return filled


class _Solver:
    """One HiGHS, for one model after the other."""

    def __init__(self, stop: threading.Event) -> None:
        try:
            import highspy
        except ImportError as error:
            raise MissingDependencyError(f"matcher 'ilp' needs the package highspy ({error})") from error
        module: Any = highspy
        self.statuses, self.error, self.highs = module.HighsModelStatus, module.HighsStatus.kError, module.Highs()
        debug = logger.isEnabledFor(logging.DEBUG)
        # Silent before any model is passed: it prints its name then. The feasibility jump takes longer than all else.
        options = {"output_flag": debug, "log_to_console": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
        for name, value in [*options.items(), ("mip_heuristic_run_feasibility_jump", False)]:
            if self.highs.setOptionValue(name, value) == self.error:
                raise InternalError(f"HiGHS refused the option {name}={value}")
        if debug:
            self.highs.cbLogging.subscribe(lambda event: logger.debug(event.message.rstrip()))
        self.highs.cbMipInterrupt.subscribe(lambda event: event.interrupt(stop.is_set()))

    def solve(self, rows: list[_Rows], cost: NDArray[np.float64], deadline: float) -> tuple[Status, Bools | None]:
        """Maximise; returns OPTIMAL, INFEASIBLE or LIMIT, and the best solution if there is one."""
        first = np.cumsum([0, *(block.size for block in rows)])
        row = np.concatenate([block.row + k for block, k in zip(rows, first, strict=False)])
        column = np.concatenate([block.column for block in rows])
        value = np.concatenate([np.full(len(block.row), block.value) for block in rows])
        lower, upper = (np.concatenate([np.full(r.size, r[i], float) for r in rows]) for i in (4, 5))
        order = np.argsort(row, kind="stable")
        row, column, value = row[order], column[order].astype(np.int32), value[order]
        n, m = len(cost), len(lower)
        head = (n, m, len(row), 2, -1, 0.0, cost, np.zeros(n), np.ones(n), lower, upper)  # 2 = by row, -1 = maximise
        start = np.searchsorted(row, np.arange(m)).astype(np.int32)
        if self.highs.passModel(*head, start, column, value, np.ones(n, np.int32)) == self.error:
            raise InternalError("HiGHS refused the model")
        self.highs.setOptionValue("time_limit", max(deadline - time.monotonic(), 0.0))
        self.highs.run()
        ended = self.highs.getModelStatus()
        if ended == self.statuses.kInfeasible:
            return Status.INFEASIBLE, None
        if ended not in (self.statuses.kOptimal, self.statuses.kTimeLimit):
            raise InternalError(f"HiGHS ended with status {self.highs.modelStatusToString(ended)!r}")
        if ended == self.statuses.kTimeLimit and self.highs.getInfo().primal_solution_status != 2:  # 2 = feasible
            return Status.LIMIT, None
        taken = np.array(self.highs.getSolution().col_value) > 0.5
        total = np.bincount(row, weights=value * taken[column], minlength=m)
        if np.any((total < lower) | (total > upper)):  # HiGHS keeps rows to a tolerance, we to the letter
            raise InternalError("HiGHS returned a solution that breaks the model")
        return Status.OPTIMAL if ended == self.statuses.kOptimal else Status.LIMIT, taken
