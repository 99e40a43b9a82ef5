"""What is known about sentence pairs beyond the pairs themselves, and how names become candidates and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from xproj_fast.arrays import PairScores, Spans, WordProbabilities
from xproj_fast.candidates import DEFAULT_STOP_WORDS, aligned_ngrams, ner_candidates, ngrams
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.alignment import alignment_scores
from xproj_fast.scores.fuse import NO_THRESHOLDS, PRESETS, fuse
from xproj_fast.scores.ner import DEFAULT_NER_OPTIONS, NerOptions, ner_scores
from xproj_fast.scores.string import DEFAULT_STRING_OPTIONS, StringOptions, string_scores

CANDIDATES = ("ngrams", "aligned", "ner", "ner_sub_spans")
SCORES = ("alignment", "ner", "ner_spans", "mt", "string")

MtScorer = Callable[[SentencePairs, Spans, PairScores | None], PairScores]
OwnScorer = Callable[[SentencePairs, Spans], PairScores]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What scores and candidates need beyond the sentence pairs; only what is asked for is looked at.

    Attributes:
        probabilities: a tagger's word probabilities of the target words, for "ner", "ner_spans" and candidates "ner"
            and "ner_sub_spans".
        ner: options of "ner" and "ner_spans" (which sets ``spans_only`` itself); ``ner.classes`` also says which
            predicted spans are candidates.
        string: options of "string".
        mt: makes the scores "mt", called with the pairs, the candidates and the sum of the other scores that have a
            weight above 0 (None where there are none), by which it may leave out what cannot win.
        given: further scores by name: ``PairScores`` of the candidates, or what makes them from pairs and
            candidates.
    """

    probabilities: WordProbabilities | None = None
    ner: NerOptions = DEFAULT_NER_OPTIONS
    string: StringOptions = DEFAULT_STRING_OPTIONS
    mt: MtScorer | None = None
    given: Mapping[str, PairScores | OwnScorer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "given", MappingProxyType(dict(self.given)))  # checked once, and never changed
        for name in self.given:
            if name in SCORES or name in PRESETS:
                raise InputError(f"evidence: expected names of their own for given scores, got {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as a plain dictionary, as no process can be sent a view of one."""
        return _evidence, (self.probabilities, self.ner, self.string, self.mt, dict(self.given))


def _evidence(*parts: Any) -> Evidence:
    """Return what was pickled; what has arrived is nobody else's, and nobody may write to it."""
    found = Evidence(*parts)
    for record in (found.probabilities, *found.given.values()):
        if isinstance(record, (WordProbabilities, PairScores)):
            record.offsets.flags.writeable = record.values.flags.writeable = False
    return found


NO_EVIDENCE = Evidence()


class Fusion(NamedTuple):
    """Which scores, and how they are added up; see ``fuse``."""

    weights: Mapping[str, float]
    thresholds: Mapping[str, float] = NO_THRESHOLDS
    minimum: float = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as plain dictionaries; see ``Evidence``."""
        return Fusion, (dict(self.weights), dict(self.thresholds), self.minimum)

    @property
    def is_alignment(self) -> bool:
        """Whether this is the plain alignment score, for which there are faster ways."""
        return dict(self.weights) == {"alignment": 1.0} and not self.thresholds and self.minimum == 0


ALIGNMENT = Fusion({"alignment": 1.0})


class SpanLimits(NamedTuple):
    """Which target spans may be candidates."""

    min_words: int
    max_words: int | None
    stop_words: Sequence[str] = DEFAULT_STOP_WORDS


def weights_of(scores: str | Mapping[str, float], evidence: Evidence = NO_EVIDENCE) -> dict[str, float]:
    """Return the weights that the name of a preset or of one score stands for; weights as they are.

    Raises:
        InputError: for a name that is none of them.
    """
    known = [*SCORES, *evidence.given]
    if isinstance(scores, str):
        if scores in PRESETS:
            return dict(PRESETS[scores])
        if scores in known:
            return {scores: 1.0}
    elif isinstance(scores, Mapping):
        unknown = [name for name in scores if name not in known]
        if not unknown:
            return dict(scores)
        raise unknown_name("scores", unknown[0], known, "weights of")
    raise unknown_name("scores", scores, [*known, *PRESETS], also=", weights by name, or PairScores")


def list_candidates(
    kind: str, pairs: SentencePairs, limits: SpanLimits, evidence: Evidence, backend: str, threads: int
) -> Spans:
    """List the candidates of a kind in ``CANDIDATES``.

    Raises:
        InputError: for another kind, bad limits, missing alignments or evidence.
    """
    options: dict[str, Any] = {**limits._asdict(), "backend": backend, "threads": threads}
    if kind == "ngrams":
        return ngrams(pairs, **options)
    if kind == "aligned":
        return aligned_ngrams(pairs, **options)
    if kind not in CANDIDATES:
        raise unknown_name("candidates", kind, CANDIDATES, also=" or Spans")
    probabilities = _probabilities(evidence, f"candidates={kind!r}")
    return ner_candidates(
        pairs, probabilities, sub_spans=kind == "ner_sub_spans", classes=evidence.ner.classes, **options
    )


def score_pairs(
    pairs: SentencePairs, candidates: Spans, fusion: Fusion, evidence: Evidence, backend: str, threads: int
) -> PairScores:
    """Make the scores that have a weight and add them up.

    Raises:
        InputError: for missing alignments or evidence, and as ``fuse`` and the scores themselves do.
    """
    require_evidence(fusion.weights, evidence)
    made = {
        name: _score(name, pairs, candidates, evidence, backend, threads) for name in fusion.weights if name != "mt"
    }
    if fusion.is_alignment:
        return made["alignment"]
    if "mt" in fusion.weights:
        assert evidence.mt is not None
        # With weight 0 a score says nothing, which is not to say that nothing speaks for a pair.
        weights = {name: weight for name, weight in fusion.weights.items() if name != "mt" and weight > 0}
        thresholds = {name: least for name, least in fusion.thresholds.items() if name in weights}
        made["mt"] = evidence.mt(pairs, candidates, fuse(made, weights, thresholds) if weights else None)
    return fuse(made, *fusion)


def require_evidence(weights: Mapping[str, float], evidence: Evidence) -> None:
    """Refuse scores whose evidence is not there, before anything is computed."""
    for name in weights:
        if name in ("ner", "ner_spans"):
            _probabilities(evidence, f"the score {name!r}")
    if "mt" in weights and evidence.mt is None:
        raise InputError(
            "evidence: the score 'mt' needs a translator: pass evidence=Evidence(mt=...), a function of the pairs, "
            "the candidates and the other scores, such as xproj_fast.scores.mt makes",
            field="evidence",
        )


def _score(
    name: str, pairs: SentencePairs, candidates: Spans, evidence: Evidence, backend: str, threads: int
) -> PairScores:
    if name == "alignment":
        return alignment_scores(pairs, candidates, backend=backend, threads=threads)
    if name in ("ner", "ner_spans"):
        probabilities = _probabilities(evidence, f"the score {name!r}")
        options = replace(evidence.ner, spans_only=name == "ner_spans")
        return ner_scores(pairs, candidates, probabilities, options, backend=backend, threads=threads)
    if name == "string":
        return string_scores(pairs, candidates, evidence.string, backend=backend)
    own = evidence.given[name]
    return own if isinstance(own, PairScores) else own(pairs, candidates)


def _probabilities(evidence: Evidence, what: str) -> WordProbabilities:
    if evidence.probabilities is None:
        raise InputError(
            f"evidence: {what} needs a tagger's probabilities of the target words: pass "
            "evidence=Evidence(probabilities=...), such as xproj_fast.models.tagger makes",
            field="evidence",
        )
    return evidence.probabilities
