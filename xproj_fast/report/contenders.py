"""Who takes part in a comparison: matchers with their limits and backends, and scores, on the same pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xproj_fast.arrays import Entities
from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import BACKENDS
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.method import DEFAULT_METHOD, Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.scores.evidence import NO_EVIDENCE, Evidence
from xproj_fast.scores.fuse import PRESETS
from xproj_fast.scores.named import check_scores_named, weights_of
from xproj_fast.scores.registry import SCORES

Gold = tuple[Entities, Sequence[str]]
Scores = str | Mapping[str, float]
GIVEN = "given"  # the links that came with the pairs


@dataclass(frozen=True, slots=True)
class Setting:
    """What all contenders share.

    Attributes:
        method: all but the matcher and the limit; what means nothing to a matcher is left out for it.
        evidence: what its scores and candidates need.
        rivals: scores, names or weights, that greedy (or the first matcher that takes scores) also runs with.
        ignore_labels: classes that F1 leaves out.
        ilp_sentences: matchers that HiGHS does throughout take the first so many sentences; None = all.
    """

    method: Method = DEFAULT_METHOD
    evidence: Evidence = field(default=NO_EVIDENCE)
    rivals: Sequence[Scores] = ()
    ignore_labels: Sequence[str] = ()
    ilp_sentences: int | None = None


@dataclass(frozen=True, slots=True)
class Contender:
    """One matcher with its scores, one limit and one backend, on one set of links.

    Attributes:
        method: what it does.
        backend: of the kernels that it runs on.
        pairs: what it does it to.
        evidence: of these pairs.
        setting: what it shares with the others.
        links: where those of the pairs are from.
        learnt_in: seconds of learning what it needs from the pairs, once; None where it learns nothing.
    """

    method: Method
    backend: str
    pairs: SentencePairs
    evidence: Evidence
    setting: Setting
    links: str = GIVEN
    learnt_in: float | None = None

    @property
    def matcher(self) -> str:
        """Its matcher's name."""
        return self.method.matcher

    @property
    def limit(self) -> str | None:
        """Spans per entity; None where the matcher has no limit."""
        return str(self.method.limit) if "limit" in MATCHERS[self.matcher].takes else None

    @property
    def scores(self) -> str | None:
        """Its scores, as an option of the command; None where the matcher takes none."""
        return said(self.method.scores) if MATCHERS[self.matcher].scored else None

    @property
    def engine(self) -> str:
        """What does the work: the backend, or a solver."""
        return MATCHERS[self.matcher].solver or self.backend

    def run(self) -> Projection:
        """Project, on one thread."""
        return project(self.pairs, self.method, evidence=self.evidence, backend=self.backend, threads=1)


def contenders(
    pairs: SentencePairs,
    matchers: Sequence[str],
    limits: Sequence[str],
    backends: Sequence[str],
    setting: Setting,
    links: str = GIVEN,
) -> list[Contender]:
    """Return every matcher with every limit that it has, and every backend that makes a difference to it.

    The rivals come last: greedy, or the first matcher that takes scores, with the first limit, on the first backend.

    Raises:
        InputError: for an unknown name, a bad number or option, no sentences, or alignments that are missing.
    """
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
    cap = setting.ilp_sentences
    if cap is not None and cap < 1:
        raise InputError(f"ilp_sentences: expected at least 1 (None = all), got {cap}")
    if not len(pairs):
        raise InputError("pairs: expected at least one sentence to compare on, got none")
    capped = (pairs, setting.evidence)
    if cap is not None and cap < len(pairs):
        capped = (pairs[:cap], setting.evidence.first(cap, int(pairs.entities.offsets[cap])))
    found = []
    for name in dict.fromkeys(matchers):
        matcher = MATCHERS[name]
        given, evidence = capped if matcher.solver else (pairs, setting.evidence)
        for backend in dict.fromkeys(backends) if "backend" in matcher.takes else ("cpp",):
            for limit in dict.fromkeys(limits) if "limit" in matcher.takes else (DEFAULT_METHOD.limit,):
                method = replace(setting.method, matcher=name, limit=limit).narrowed()
                method.check(setting.evidence)
                if method.needs_links:
                    require_alignments(pairs)
                found.append(Contender(method, backend, given, evidence, setting, links))
    scored = sorted(
        (each for each in found if MATCHERS[each.matcher].scored),
        key=lambda each: each.matcher != DEFAULT_METHOD.matcher,
    )
    return found + [_rival(scored[0], scores) for scores in setting.rivals if scored]


def _rival(base: Contender, scores: Scores) -> Contender:
    """Return a contender with other scores; thresholds of scores that it has not mean nothing to it."""
    check_scores_named(scores, base.setting.evidence.given)
    weights = weights_of(scores)
    thresholds = {name: least for name, least in base.setting.method.thresholds.items() if name in weights}
    method = replace(
        base.setting.method, matcher=base.matcher, limit=base.method.limit, scores=scores, thresholds=thresholds
    ).narrowed()
    method.check(base.setting.evidence)
    if method.needs_links:
        require_alignments(base.pairs)
    return replace(base, method=method)


def said(scores: Scores) -> str:
    """Return scores as an option of the command has them: ``learned``, ``alignment=0.5,ner=0.5``."""
    return scores if isinstance(scores, str) else ",".join(f"{name}={weight:g}" for name, weight in scores.items())


def rivals_of(base: Scores, there: Collection[str]) -> list[str]:
    """Return the scores worth running beside others: the learned one, and the presets that can be had.

    Args:
        base: the others.
        there: what there is: of ``"links"``, ``"texts"``, ``"tagger"``, ``"translator"``.
    """
    names = [name for name in ("learned", *PRESETS) if name in SCORES or name in PRESETS]
    found: dict[frozenset[tuple[str, float]], str] = {}
    for name in names:
        weights = weights_of(name)
        if all(SCORES[each].needs.issubset(there) for each in weights):
            found.setdefault(frozenset(weights.items()), name)
    found.pop(frozenset(weights_of(base).items()), None)
    return list(found.values())


def head_entities(entities: Entities, sentences: int) -> Entities:
    """Return the entities of the first sentences."""
    offsets = entities.offsets[: sentences + 1]
    return Entities(offsets, *(x[: offsets[-1]] for x in (entities.start, entities.end, entities.label)))
