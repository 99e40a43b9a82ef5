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

from xproj_fast.arrays import Entities, Links, Matches, Proof, Status, Words
from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS, require_alignments
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.evaluation import check_ignored, evaluate
from xproj_fast.kernels import BACKENDS, installed
from xproj_fast.matching import Limit
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.report.noise import add_noise

MATCHERS = ("heuristic", "greedy", "exact", "ilp")
CORE = "cpp"  # the backend of matchers that have no kernel elsewhere
SOLVER = "highs"  # that of matcher "ilp": the kernels only check its input
# Objectives closer than this, relative to the larger of 1 and the objective, are equal: float32 scores carry no more.
TOLERANCE = 1e-6
LEAST = 0.03  # seconds a contender is timed for in a round

Gold = tuple[Entities, Sequence[str]]
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all contenders share.

    Attributes:
        max_words: most words of an n-gram; None = no limit.
        stop_words: words no n-gram may hold; () = none.
        ignore_labels: classes that F1 leaves out.
        ilp_sentences: matcher "ilp" takes the first so many sentences; None = all.
    """

    max_words: int | None = DEFAULT_MAX_WORDS
    stop_words: Sequence[str] = DEFAULT_STOP_WORDS
    ignore_labels: Sequence[str] = ()
    ilp_sentences: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One matcher with one backend and one limit.

    Attributes:
        matcher: its name.
        backend: ``"cpp"``, ``"numba"`` (greedy only), or ``"highs"`` for the ILP.
        limit: spans an entity; None for the heuristic, which has none.
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
        """Return one plain value a column, the same columns for every row: for CSV."""
        row = self.to_dict()
        statuses, proofs = row.pop("statuses"), row.pop("proofs")
        row |= {f"status_{s.name.lower()}": statuses.get(s.name.lower(), 0) for s in Status}
        row |= {f"proof_{p.name.lower()}": None if proofs is None else proofs.get(p.name.lower(), 0) for p in Proof}
        return row


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """One matcher at one noise level: mean, lowest and highest micro F1 of ``draws`` draws of the noise."""

    matcher: str
    limit: str | None
    noise: float
    draws: int
    f1: float
    f1_low: float
    f1_high: float


@dataclass(frozen=True, slots=True)
class _Contender:
    matcher: str
    backend: str
    limit: str | None
    pairs: SentencePairs
    setting: Setting

    def run(self) -> Projection:
        if self.limit is None:
            return project(self.pairs, matcher="heuristic", backend=self.backend, threads=1)
        return project(
            self.pairs,
            matcher=self.matcher,
            limit=self.limit,
            max_words=self.setting.max_words,
            stop_words=self.setting.stop_words,
            backend=CORE if self.backend == SOLVER else self.backend,
            threads=1,
        )


def compare(
    pairs: SentencePairs,
    *,
    gold: Gold | None = None,
    matchers: Sequence[str] = MATCHERS,
    limits: Sequence[str] = ("<=1", "<=2"),
    backends: Sequence[str] | None = None,
    rounds: int = 5,
    setting: Setting | None = None,
    progress: Report = lambda share: None,
) -> list[Row]:
    """Run every matcher with every limit, and greedy with every backend, on the same pairs.

    Candidates are n-grams, the score is that of the alignment, on one thread.

    Contenders run in turn, round after round, and the first round is thrown away (it compiles and warms up): what
    else the machine does hits all of them. What is done in under 30 ms is called several times a round.

    Args:
        pairs: sentence pairs with alignments.
        gold: the right target entities and their label names; None = no F1.
        matchers: of ``MATCHERS``. The heuristic has no limit and is run once.
        limits: spans an entity, such as ``"<=1"``.
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
    contenders = _contenders(pairs, matchers, limits, installed() if backends is None else backends, chosen)
    if gold is not None:  # before minutes are spent
        check_ignored(chosen.ignore_labels, [*gold[1], *pairs.labels])
    seconds: list[list[float]] = [[] for _ in contenders]
    calls = [1] * len(contenders)
    results: list[Projection] = []
    for turn in range(rounds + 1):
        results = []
        for k, contender in enumerate(contenders):
            result, taken = _timed(contender, calls[k])
            results.append(result)
            if turn:
                seconds[k].append(taken)
            elif taken < LEAST:  # a second look, now that it is warm, tells how often to call it in a round
                calls[k] = math.ceil(LEAST / max(_timed(contender, 1)[1], 1e-6))
            progress((turn * len(contenders) + k + 1) / ((rounds + 1) * len(contenders)))
    best = _references(contenders, results, len(pairs))
    return [
        _row(contender, result, median(times), None if contender.limit is None else best.get(contender.limit), gold)
        for contender, result, times in zip(contenders, results, seconds, strict=True)
    ]


def compare_noise(
    pairs: SentencePairs,
    gold: Gold,
    *,
    levels: Sequence[float],
    matchers: Sequence[str] = MATCHERS,
    limit: str = "<=1",
    backend: str = "cpp",
    seed: int = 0,
    draws: int = 5,
    setting: Setting | None = None,
    progress: Report = lambda share: None,
) -> list[NoiseRow]:
    """Score every matcher on alignments with noise, see ``add_noise``; all get the same noise.

    A capped ILP (``setting.ilp_sentences`` below the number of sentences) is left out: its F1 would be of other text.

    Args:
        pairs: sentence pairs with alignments.
        gold: the right target entities and their label names.
        levels: probabilities that a link changes.
        matchers: of ``MATCHERS``.
        limit: spans an entity.
        backend: ``"cpp"`` or ``"numba"``, for greedy.
        seed: draw d has the seed ``seed + d``.
        draws: how often noise is drawn; level 0 needs one.
        setting: what all share; None = the defaults.
        progress: called with the share done, 0 to 1.

    Raises:
        InputError: see ``compare`` and ``add_noise``.
    """
    chosen = setting or Setting()
    if draws < 1:
        raise InputError(f"draws: expected at least 1, got {draws}")
    kept = [c for c in _contenders(pairs, matchers, [limit], [backend], chosen) if len(c.pairs) == len(pairs)]
    rows = []
    for done, level in enumerate(levels):
        scores: list[list[float]] = [[] for _ in kept]
        for draw in range(draws if level else 1):
            noisy = add_noise(pairs, level, seed + draw)
            for found, c in zip(scores, kept, strict=True):
                result = _Contender(c.matcher, c.backend, c.limit, noisy, chosen).run()
                found.append(evaluate(gold, result, ignore_labels=chosen.ignore_labels).micro.f1)
            progress((done + (draw + 1) / (draws if level else 1)) / len(levels))
        rows += [
            NoiseRow(c.matcher, c.limit, level, len(found), float(np.mean(found)), min(found), max(found))
            for c, found in zip(kept, scores, strict=True)
        ]
    return rows


def head(pairs: SentencePairs, sentences: int) -> SentencePairs:
    """Return the first sentences of pairs with alignments."""
    links = require_alignments(pairs)

    def words(side: Words) -> Words:
        offsets = side.offsets[: sentences + 1]
        return Words(offsets, None if side.strings is None else side.strings.slice(0, int(offsets[-1])))

    offsets = links.offsets[: sentences + 1]
    return SentencePairs.from_columns(
        words(pairs.source),
        words(pairs.target),
        head_entities(pairs.entities, sentences),
        pairs.labels,
        Links(offsets, links.source[: offsets[-1]], links.target[: offsets[-1]]),
        nested=True,
        copy=False,
    )


def head_entities(entities: Entities, sentences: int) -> Entities:
    """Return the entities of the first sentences."""
    offsets = entities.offsets[: sentences + 1]
    return Entities(offsets, *(x[: offsets[-1]] for x in (entities.start, entities.end, entities.label)))


def _contenders(
    pairs: SentencePairs,
    matchers: Sequence[str],
    limits: Sequence[str],
    backends: Sequence[str],
    setting: Setting,
) -> list[_Contender]:
    for name in matchers:
        if name not in MATCHERS:
            raise unknown_name("matchers", name, MATCHERS, "some of")
    for name in backends:
        if name not in BACKENDS:
            raise unknown_name("backends", name, BACKENDS, "some of")
    if not (matchers and limits and backends):
        raise InputError("compare: expected at least one matcher, one limit and one backend")
    for text in limits:
        Limit.parse(text)
    require_alignments(pairs)
    cap = setting.ilp_sentences
    if cap is not None and cap < 1:
        raise InputError(f"ilp_sentences: expected at least 1 (None = all), got {cap}")
    if not len(pairs):
        raise InputError("pairs: expected at least one sentence to compare on, got none")
    first = pairs if cap is None or cap >= len(pairs) or "ilp" not in matchers else head(pairs, cap)
    elsewhere = {"greedy": tuple(dict.fromkeys(backends)), "ilp": (SOLVER,)}
    found = []
    for matcher in dict.fromkeys(matchers):
        own: list[str | None] = [None] if matcher == "heuristic" else list(dict.fromkeys(limits))
        for backend in elsewhere.get(matcher, (CORE,)):
            for limit in own:
                given = first if matcher == "ilp" else pairs
                found.append(_Contender(matcher, backend, limit, given, setting))
    return found


def _timed(contender: _Contender, calls: int) -> tuple[Projection, float]:
    """Return what the contender finds, and its seconds a call."""
    before = time.perf_counter()
    for _ in range(calls):
        result = contender.run()
    return result, (time.perf_counter() - before) / calls


def _references(contenders: Sequence[_Contender], results: Sequence[Projection], sentences: int) -> dict[str, Matches]:
    """Return by limit what is provably best: exact's result, else that of an ILP on all sentences."""
    best: dict[str, Matches] = {}
    for matcher in ("exact", "ilp"):
        for c, result in zip(contenders, results, strict=True):
            if c.matcher == matcher and c.limit is not None and len(result) == sentences:
                best.setdefault(c.limit, result.matches)
    return best


def _row(c: _Contender, result: Projection, seconds: float, best: Matches | None, gold: Gold | None) -> Row:
    matches, n = result.matches, len(result)
    figures = None
    if gold is not None:
        there = (head_entities(gold[0], n), gold[1])
        figures = evaluate(there, result, ignore_labels=c.setting.ignore_labels).micro
    share, mean = (None, None) if best is None else _shortfall(matches, best)
    return Row(
        c.matcher,
        c.backend,
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
