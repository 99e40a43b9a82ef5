"""The scores of a method, each made with what it asks for, as one weighted sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import Any, NamedTuple

from xproj_fast.arrays import PairScores, Spans
from xproj_fast.pairs import SentencePairs
from xproj_fast.registry import call
from xproj_fast.scores.columns import as_scores
from xproj_fast.scores.evidence import Evidence, require_evidence
from xproj_fast.scores.fuse import fuse
from xproj_fast.scores.registry import SCORES, Probabilities


class Sum(NamedTuple):
    """What is added up.

    Attributes:
        weights: by score.
        thresholds: by score, in place of the one in its options.
        minimum: the least sum that counts.
        options: of the scores, by the name by which they take them.
    """

    weights: Mapping[str, float]
    thresholds: Mapping[str, float]
    minimum: float
    options: Mapping[str, Any]


class Total(NamedTuple):
    """What was added up.

    Attributes:
        scores: the sums.
        probabilities: of the score among them that is a probability, however small its weight; None where none is.
    """

    scores: PairScores
    probabilities: PairScores | None


def total_scores(
    pairs: SentencePairs, candidates: Spans, what: Sum, evidence: Evidence, *, backend: str, threads: int | None
) -> Total:
    """Make the scores that have a weight and add them up.

    Scores that ask for the sum of the ``other`` ones are made last.

    Raises:
        InputError: for missing alignments or evidence, and as ``fuse`` and the scores themselves do.
    """
    known = {
        **what.options,
        "probabilities": evidence.probabilities,
        "phrases": evidence.mt,
        "counts": evidence.counts,
        "learned_score": evidence.learned,
        "source_confidence": evidence.source_confidence,
        "backend": backend,
        "threads": threads,
    }
    made: dict[str, PairScores] = {}
    least = dict(what.thresholds)

    def make(name: str, **more: Any) -> None:
        if name in SCORES:
            score = SCORES[name]
            require_evidence(f"the score {name!r}", score.needs, evidence)
            own = {}
            if name in what.thresholds:
                records = [key for key in score.takes if is_dataclass(what.options.get(key))]
                own = {key: replace(what.options[key], threshold=what.thresholds[name]) for key in records}
            found = call(score.make, {**known, **own, **more}, pairs, candidates)
            if score.probability and isinstance(found, Probabilities):
                least.setdefault(name, found.threshold)
                found = found.values
        else:
            given = evidence.given[name]
            found = given if isinstance(given, PairScores) else given(pairs, candidates)
        made[name] = as_scores(name, found, pairs, candidates)

    last = [name for name in what.weights if name in SCORES and "other" in SCORES[name].takes]
    for name in what.weights:
        if name not in last:
            make(name)
    # With weight 0 a score says nothing, which is not to say that nothing speaks for a pair.
    weights = {name: what.weights[name] for name in made if what.weights[name] > 0}
    other = fuse(made, weights, _of(weights, least)) if last and weights else None
    for name in last:
        make(name, other=other, weight=what.weights[name])
    if dict(what.weights) == {"alignment": 1.0} and not what.thresholds and what.minimum == 0:
        return Total(made["alignment"], None)  # as it is
    sure = [made[name] for name in made if name in SCORES and SCORES[name].probability]
    return Total(fuse(made, what.weights, least, what.minimum), sure[0] if sure else None)


def _of(names: Mapping[str, float], thresholds: Mapping[str, float]) -> dict[str, float]:
    return {name: least for name, least in thresholds.items() if name in names}
