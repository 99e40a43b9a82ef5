"""``project()``, the one fast entry point: a method applied to sentence pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from xproj_fast.arrays import (
    PairScores,
    Spans,
    thread_count,
)
from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS, check_word_limits
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching import Limit, heuristic
from xproj_fast.matching.method import Method
from xproj_fast.matching.time_limit import DEFAULT_TIME_LIMIT, check_time_limit
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.scores.evidence import (
    ALIGNMENT,
    CANDIDATES,
    NO_EVIDENCE,
    Evidence,
    Fusion,
    SpanLimits,
    list_candidates,
    require_evidence,
    score_pairs,
    weights_of,
)
from xproj_fast.scores.fuse import NO_THRESHOLDS, check_weights, fuse
from xproj_fast.scores.ner import missing_classes

if TYPE_CHECKING:
    pass

MATCHERS = ("greedy", "exact", "ilp", "heuristic")


def project(
    pairs: SentencePairs,
    *,
    matcher: str = "greedy",
    candidates: str | Spans = "ngrams",
    scores: str | Mapping[str, float] | PairScores = "alignment",
    evidence: Evidence = NO_EVIDENCE,
    thresholds: Mapping[str, float] = NO_THRESHOLDS,
    min_score: float = 0.0,
    limit: str | Limit = "<=1",
    min_words: int = 1,
    max_words: int | None = DEFAULT_MAX_WORDS,
    stop_words: Sequence[str] = DEFAULT_STOP_WORDS,
    heuristic_options: HeuristicOptions | None = None,
    forbid_adjacent: bool = False,
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    backend: str = "cpp",
    threads: int | None = None,
) -> Projection:
    """Project the source entities of sentence pairs onto their target words.

    The default (n-grams, alignment score, greedy, at most one span an entity) is the paper's best method that needs
    no model beyond the alignments (arXiv 2501.18750). With a tagger of the target language at hand:

    >>> evidence = xp.Evidence(probabilities=tagger.probabilities(pairs.target))
    >>> xp.project(pairs, scores="align_ner_spans", evidence=evidence)
    >>> xp.project(pairs, scores={"alignment": 1, "ner": 0.5, "string": 0.25}, evidence=evidence, min_score=0.3)
    >>> xp.project(pairs, candidates="ner", evidence=evidence)

    Args:
        pairs: N sentence pairs.
        matcher: ``"greedy"``; ``"exact"``, provably optimal at about the same price; ``"ilp"``, the same objective
            by HiGHS, to check it; or ``"heuristic"``, the word-to-word heuristic, which takes ``heuristic_options``
            and none of the other options.
        candidates: ``"ngrams"``; ``"aligned"`` (n-grams inside the aligned range); ``"ner"``, the spans that a
            tagger predicts on the target, whatever their class; ``"ner_sub_spans"``, also all spans inside them; or
            your own spans.
        scores: one score by name, or several with weights, ``{"alignment": 0.5, "ner": 0.5}``, whose weighted sum
            counts: ``"alignment"``, ``"ner"`` (a tagger's probability that the span is an entity of the class),
            ``"ner_spans"`` (of any class), ``"mt"`` (NMTScore), ``"string"`` (edit similarity of the texts), or a
            name in ``evidence.given``. One of the thesis's eight mixtures: ``"align"``, ``"ner"``, ``"nmt"``,
            ``"align_ner"``, ``"align_ner_spans"``, ``"align_nmt"``, ``"ner_spans_nmt"``, ``"all_fusion"``. Or your
            own scores of all pairs (then candidates must be your own, too).
        evidence: what scores and candidates need beyond the pairs: a tagger's probabilities, what makes MT scores,
            scores of your own, and the options of each; see ``Evidence``.
        thresholds: per score the least that counts, less is 0: ``{"mt": 0.2}``. "ner", "ner_spans", "string" and "mt"
            have thresholds of their own in ``evidence``, which come first: a smaller one here changes nothing.
        min_score: the least (sum of) scores with which an entity is projected onto a candidate.
        limit: spans an entity: ``"<=1"``, ``"=1"``, ``">=1"``, ``"<3"``, ``">0"``, ...
        min_words: fewest words of a candidate that is listed here.
        max_words: most words of such a candidate; None = no limit.
        stop_words: words no such candidate may hold; () = none. Pairs made without target strings have none.
        heuristic_options: for matcher="heuristic"; None = its defaults.
        forbid_adjacent: for "exact" and "ilp" with limits above 1: two spans of one entity may not touch.
        time_limit: for "exact" and "ilp": seconds of HiGHS a sentence, None = no limit; a sentence that reaches it
            has the best spans found and status ``LIMIT``.
        backend: ``"cpp"`` or ``"numba"``, which differ only in candidates, alignment scores and greedy matching; the
            same result to the bit.
        threads: None = all CPUs; the same result for any number.

    Returns:
        The projection, one row a sentence in the order of the input.

    Raises:
        InputError: for an unknown name, a bad number, missing alignments or evidence, a class that the tagger lacks,
            NaN scores, spans outside a sentence.
        MissingDependencyError: for "string" without the package rapidfuzz.
    """
    workers = thread_count(threads)
    options: dict[str, Any] = {"matcher": matcher, "backend": backend}
    if matcher == "heuristic":
        _refuse_ignored(
            limit=(str(limit), "<=1"),
            candidates=(candidates, "ngrams"),
            scores=(scores, "alignment"),
            thresholds=(dict(thresholds), {}),
            min_score=(min_score or 0.0, 0.0),
            min_words=(min_words, 1),
            max_words=(max_words, DEFAULT_MAX_WORDS),
            stop_words=(tuple(stop_words), DEFAULT_STOP_WORDS),
            forbid_adjacent=(forbid_adjacent, False),
        )
        chosen = heuristic_options or HeuristicOptions()
        options |= asdict(chosen)
        return Projection(pairs, heuristic(pairs, chosen, backend=backend, threads=workers), options)
    if matcher not in MATCHERS:
        raise unknown_name("matcher", matcher, MATCHERS)
    if heuristic_options is not None:
        raise InputError(f"heuristic_options: expected None with matcher={matcher!r}, got options")
    if forbid_adjacent and matcher == "greedy":
        raise InputError("forbid_adjacent: expected matcher='exact' or 'ilp' beside it, got 'greedy'")
    check_time_limit(time_limit)
    method = Method(matcher, Limit.parse(limit), forbid_adjacent, time_limit, backend, workers)
    options |= {"limit": str(limit), "min_words": min_words, "max_words": max_words, "stop_words": list(stop_words)}
    if matcher != "greedy":
        options |= {"forbid_adjacent": forbid_adjacent, "time_limit": time_limit}
    options["candidates"] = candidates if isinstance(candidates, str) else "given"
    limits = SpanLimits(min_words, max_words, stop_words)
    if isinstance(scores, PairScores):
        if isinstance(candidates, str):
            raise InputError(f"candidates: scores of your own need candidates of your own, got {candidates!r}")
        check_weights({"scores": 1.0}, {}, min_score)
        if thresholds:
            raise InputError(f"thresholds: expected none with scores of your own, got {dict(thresholds)}")
        if min_score > 0:
            options["min_score"] = min_score
            scores = fuse({"scores": scores}, {"scores": 1.0}, minimum=min_score)
        return Projection(pairs, method.match(pairs, candidates, scores), options | {"scores": "given"})
    fusion = ALIGNMENT
    if not (isinstance(scores, str) and scores == "alignment") or thresholds or min_score != 0:
        fusion = Fusion(weights_of(scores, evidence), thresholds, min_score)
        check_weights(*fusion)
    options["scores"] = scores if isinstance(scores, str) else dict(scores)
    if isinstance(candidates, str):
        if candidates not in CANDIDATES:
            raise unknown_name("candidates", candidates, CANDIDATES, also=" or Spans")
        check_word_limits(min_words, max_words)
        if fusion.is_alignment and candidates in ("ngrams", "aligned"):
            return Projection(pairs, method.match_alignment(pairs, candidates, limits), options)
        own = [name for name in fusion.weights if isinstance(evidence.given.get(name), PairScores)]
        if own:
            raise InputError(
                f"candidates: scores of your own ({own[0]!r}) need candidates of your own, got {candidates!r}"
            )
    require_evidence(fusion.weights, evidence)  # before candidates are listed
    if isinstance(candidates, str):
        candidates = list_candidates(candidates, pairs, limits, evidence, backend, workers)
    made = score_pairs(pairs, candidates, fusion, evidence, backend, workers)
    return Projection(pairs, method.match(pairs, candidates, made), options | _described(pairs, fusion, evidence))


def _described(pairs: SentencePairs, fusion: Fusion, evidence: Evidence) -> dict[str, Any]:
    """Return how scores are made, as plain values."""
    told: dict[str, Any] = {}
    if fusion.thresholds:
        told["thresholds"] = dict(fusion.thresholds)
    if fusion.minimum > 0:
        told["min_score"] = fusion.minimum
    if "ner" in fusion.weights or "ner_spans" in fusion.weights:
        told["ner"] = {name: value for name, value in asdict(evidence.ner).items() if name != "spans_only"}
    if "string" in fusion.weights:
        told["string"] = asdict(evidence.string)
    if "ner" in fusion.weights and evidence.ner.missing == "zero" and evidence.probabilities is not None:
        told["entities_without_class"] = missing_classes(pairs, evidence.probabilities)
    return told


def _refuse_ignored(**options: tuple[object, object]) -> None:
    """Refuse what the heuristic would ignore: a caller who passes it expects it to count."""
    for name, (got, default) in options.items():
        if not isinstance(got, type(default)) or got != default:
            raise InputError(f"{name}: expected {default!r} with matcher='heuristic', which has none, got {got!r}")
