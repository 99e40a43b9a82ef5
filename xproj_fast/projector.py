"""``project()``, the one fast entry point: a method applied to sentence pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from xproj_fast.arrays import Matches, PairScores, Spans, thread_count
from xproj_fast.candidates import CANDIDATES
from xproj_fast.confidence import confidence_of, drop_unsure
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.method import DEFAULT_METHOD, Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.registry import call
from xproj_fast.scores.evidence import NO_EVIDENCE, Evidence, require_evidence
from xproj_fast.scores.fuse import fuse
from xproj_fast.scores.options import LearnedOptions, MtOptions, NerOptions, StringOptions
from xproj_fast.scores.registry import SCORES
from xproj_fast.wording import did_you_mean

if TYPE_CHECKING:
    from typing import Unpack

    from xproj_fast.confidence import Confidence
    from xproj_fast.scores.total import Total

PLAIN = (str, int, float, bool, type(None))


class MethodOptions(TypedDict, total=False):
    """The fields of ``Method`` as keywords of ``project``, which also takes candidates and scores of your own."""

    matcher: str
    candidates: str | Spans
    scores: str | Mapping[str, float] | PairScores
    thresholds: Mapping[str, float]
    min_score: float
    min_confidence: float
    limit: str | Limit
    min_words: int
    max_words: int | None
    stop_words: Sequence[str]
    forbid_adjacent: bool
    time_limit: float | None
    heuristic: HeuristicOptions
    ner: NerOptions
    string: StringOptions
    mt: MtOptions
    learned: LearnedOptions


def project(
    pairs: SentencePairs,
    method: Method | None = None,
    *,
    evidence: Evidence = NO_EVIDENCE,
    backend: str = "cpp",
    threads: int | None = None,
    **options: Unpack[MethodOptions],
) -> Projection:
    """Project the source entities of sentence pairs onto their target words.

    >>> import xproj_fast as xp
    >>> source, target = [["Maria", "Lopez", "sang"]], [["Es", "sang", "Maria", "Lopez"]]
    >>> pairs = xp.SentencePairs.from_lists(source, target, [[(0, 2, "PER")]], [[(0, 2), (1, 3), (2, 1)]])
    >>> xp.project(pairs).spans()
    [[ProjectedSpan(start=2, end=4, label='PER', score=1.0)]]
    >>> xp.project(pairs, matcher="exact", limit="<=2").counts()["spans"]
    2
    >>> method = xp.Method(scores={"alignment": 1, "string": 0.25}, min_score=0.3)
    >>> xp.project(pairs, method, max_words=3).spans()
    [[ProjectedSpan(start=2, end=4, label='PER', score=1.25)]]

    Args:
        pairs: N sentence pairs.
        method: candidates, scores, matcher and their options; None = ``Method()``.
        evidence: what scores and candidates need beyond the pairs: a tagger's probabilities, a translator, scores of
            your own.
        backend: ``"cpp"`` or ``"numba"``, of candidates, alignment scores and greedy matching; the same result to the
            bit.
        threads: None = all CPUs; the same result for any number.
        **options: fields of ``Method``, in place of the method's. Candidates may also be ``Spans`` of your own, and
            then scores ``PairScores`` of your own.

    Returns:
        The projection, one row per sentence in the order of the input.

    Raises:
        InputError: for an unknown name, a bad number, an option that has no effect with the others, missing
            alignments or evidence, a class that the tagger lacks, NaN scores, spans outside a sentence.
        MissingDependencyError: for "string" without the package rapidfuzz, and a backend that is not there.
    """
    own: dict[str, Any] = {}
    if options:
        method, own = _changed(method, options)
    elif method is None:
        method = DEFAULT_METHOD
    _check_own(method, own)
    method.check(evidence, own)
    get(backend)  # at once, though it may not be needed
    stages = Stages(method, evidence, backend, thread_count(threads))
    told = method.described(own)
    told["backend"] = backend
    if not MATCHERS[method.matcher].scored:
        return Projection(pairs, stages.match(pairs), told)
    if "scores" in own:
        scores = own["scores"]
        if method.min_score > 0:
            scores = fuse({"scores": scores}, {"scores": 1.0}, minimum=method.min_score)
        return Projection(pairs, stages.match(pairs, own["candidates"], scores), told)
    if "candidates" not in own and stages.is_fused:
        return Projection(pairs, stages.match_alignment(pairs), told)
    stages.require_evidence(listed="candidates" not in own)  # before candidates are listed
    spans = own["candidates"] if "candidates" in own else stages.candidates(pairs)
    if "learned" in method.weights:
        stages = stages.learned(pairs)
        assert stages.evidence.learned is not None
        told["learned_from"] = stages.evidence.learned.to_dict()["made_from"]
    total = stages.scores(pairs, spans)
    matches, confidence = stages.match(pairs, spans, total.scores), None
    if total.probabilities is not None:
        matches, confidence = stages.trusted(pairs, spans, matches, total.probabilities)
    unheard = "learned" in method.weights or ("ner" in method.weights and method.ner.missing == "zero")
    if unheard and evidence.probabilities is not None:
        from xproj_fast.scores.ner import missing_classes

        told["entities_without_class"] = missing_classes(pairs, evidence.probabilities)
    return Projection(pairs, matches, told, confidence)


class Stages(NamedTuple):
    """A checked method, with what it runs on: its stages.

    Attributes:
        method: that was checked.
        evidence: see ``project``.
        backend: see ``project``.
        threads: how many.
    """

    method: Method
    evidence: Evidence
    backend: str
    threads: int

    @property
    def is_fused(self) -> bool:
        """Whether one kernel does it all, without a list of candidates."""
        method = self.method
        return (
            method.weights == {"alignment": 1.0}
            and not method.thresholds
            and method.min_score == 0
            and method.min_words == 1
            and CANDIDATES[method.candidates].holds_best
            and MATCHERS[method.matcher].fused is not None
        )

    def candidates(self, pairs: SentencePairs) -> Spans:
        """List the candidates."""
        kind = CANDIDATES[self.method.candidates].list
        return call(kind, self._known(probabilities=self.evidence.probabilities), pairs)

    def learned(self, pairs: SentencePairs) -> Stages:
        """Return the stages with the weights of the learned score, which are learned here where they are not given."""
        if self.evidence.learned is not None:
            return self
        from xproj_fast.scores.learning import learn  # few methods learn

        score = learn(pairs, self.method.learned, threads=self.threads)
        return self._replace(evidence=replace(self.evidence, learned=score))

    def scores(self, pairs: SentencePairs, candidates: Spans) -> Total:
        """Score the candidates."""
        from xproj_fast.scores.total import Sum, total_scores  # one kernel needs no sum

        how = Sum(self.method.weights, self.method.thresholds, self.method.min_score, self._known())
        return total_scores(pairs, candidates, how, self.evidence, backend=self.backend, threads=self.threads)

    def match(self, pairs: SentencePairs, *scored: Any) -> Matches:
        """Choose spans; ``scored`` is candidates and their scores, where the matcher takes them."""
        return call(MATCHERS[self.method.matcher].match, self._known(), pairs, *scored)

    def trusted(
        self, pairs: SentencePairs, candidates: Spans, matches: Matches, probabilities: PairScores
    ) -> tuple[Matches, Confidence]:
        """Return the chosen spans that can be trusted enough, and their confidence."""
        confidence = confidence_of(matches, pairs, candidates, probabilities)
        if self.evidence.calibration is not None:
            confidence = self.evidence.calibration.of(confidence)
        return drop_unsure(matches, pairs.entities.offsets, confidence, self.method.min_confidence)

    def match_alignment(self, pairs: SentencePairs) -> Matches:
        """Choose spans by the plain alignment score, see ``is_fused``."""

        def listed(some: SentencePairs) -> tuple[Spans, PairScores]:
            spans = self.candidates(some)
            return spans, self.scores(some, spans).scores

        fused = MATCHERS[self.method.matcher].fused
        assert fused is not None
        return call(fused, self._known(listed=listed), pairs)

    def require_evidence(self, listed: bool) -> None:
        """Refuse what needs evidence that is not there.

        Args:
            listed: whether candidates are listed here.
        """
        method, evidence = self.method, self.evidence
        for name in method.weights:
            if name in SCORES:
                require_evidence(f"the score {name!r}", SCORES[name].needs, evidence)
            elif listed and isinstance(evidence.given[name], PairScores):
                raise InputError(
                    f"candidates: scores of your own ({name!r}) need candidates of your own, got {method.candidates!r}"
                )
        if listed:
            require_evidence(f"candidates={method.candidates!r}", CANDIDATES[method.candidates].needs, evidence)

    def _known(self, **more: Any) -> dict[str, Any]:
        """Return what any of the stages may ask for."""
        return {**self.method.options, "backend": self.backend, "threads": self.threads, **more}


def _changed(method: Method | None, options: Mapping[str, Any]) -> tuple[Method, dict[str, Any]]:
    """Return the method with other options, and candidates and scores that are arrays by name."""
    own = {name: value for name, value in options.items() if isinstance(value, (Spans, PairScores))}
    named = {name: value for name, value in options.items() if name not in own}
    if method is None and all(type(value) in PLAIN for value in named.values()):
        return _made(tuple((name, type(value), value) for name, value in named.items())), own
    return _replaced(method or DEFAULT_METHOD, named), own


@lru_cache(128)
def _made(options: tuple[tuple[str, type, Any], ...]) -> Method:
    """Return a method by plain keywords; the same again, checked already, for a service that passes them every time."""
    return _replaced(DEFAULT_METHOD, {name: value for name, _, value in options})


def _replaced(method: Method, options: Mapping[str, Any]) -> Method:
    known = [each.name for each in fields(Method)]
    for name in options:
        if name not in known:
            raise TypeError(f"project() got an unexpected keyword argument {name!r}{did_you_mean(name, known)}")
    return replace(method, **options)


def _check_own(method: Method, own: Mapping[str, Any]) -> None:
    """Check that arrays of the user's own stand where they can."""
    for name, value in own.items():
        if {"candidates": Spans, "scores": PairScores}.get(name) is not type(value):
            raise InputError(f"{name}: expected a value of Method's, got {type(value).__name__}", field=name)
        if not MATCHERS[method.matcher].scored:
            raise InputError(f"{name}: expected none with matcher={method.matcher!r}, which takes none", field=name)
    if "scores" in own and "candidates" not in own:
        raise InputError(f"candidates: scores of your own need candidates of your own, got {method.candidates!r}")
    if "scores" in own and method.thresholds:
        raise InputError(f"thresholds: expected none with scores of your own, got {dict(method.thresholds)}")
