"""``project()``, the one fast entry point, and ``Projection``, its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xproj_fast.arrays import (
    Entities,
    LabelId,
    Matches,
    Outcome,
    PairScores,
    Record,
    Spans,
    Status,
    TagId,
    Words,
    read_only,
    thread_count,
)
from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS, check_word_limits
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching import Limit, heuristic
from xproj_fast.matching.method import Method
from xproj_fast.matching.time_limit import DEFAULT_TIME_LIMIT, check_time_limit
from xproj_fast.pairs import SentencePairs
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
    import pyarrow as pa

MATCHERS = ("greedy", "exact", "ilp", "heuristic")


class ProjectedSpan(NamedTuple):
    """One projected entity: target words ``[start, end)``, its label and its score."""

    start: int
    end: int
    label: str
    score: float


@dataclass(frozen=True, eq=False)
class Projection(Record):
    """The projected spans of N sentence pairs, in the order of the input.

    Attributes:
        pairs: the input.
        matches: the chosen spans as columns; per sentence the objective and status, per entity the outcome.
        options: how it was made, as plain values.
    """

    pairs: SentencePairs
    matches: Matches
    options: dict[str, Any]

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return (
            f"Projection({len(self):,} sentences, {len(self.matches.start):,} spans "
            f"of {len(self.pairs.entities.start):,} entities)"
        )

    @cached_property
    def label(self) -> LabelId:
        """int32[spans]: the label id of each span, that of its source entity."""
        first = np.repeat(self.pairs.entities.offsets[:-1], np.diff(self.matches.offsets))
        return read_only(self.pairs.entities.label[first + self.matches.entity])

    @property
    def tag_names(self) -> list[str]:
        """The IOB2 tag of each tag id."""
        return ["O", *(prefix + name for name in self.pairs.labels for prefix in ("B-", "I-"))]

    def tag_ids(self) -> TagId:
        """Return int32[target words]: 0 = O, 1 + 2 * label = B-label, 2 + 2 * label = I-label.

        Raises:
            InputError: where ``matches``, if they were not made by ``project``, do not fit the pairs.
        """
        kernels = get(self.options["backend"])
        spans = Spans(self.matches.offsets, self.matches.start, self.matches.end)
        try:
            return kernels.encode_iob2(self.pairs.target.offsets, spans, self.label, len(self.pairs.labels))
        except IndexError as error:
            raise InputError(f"matches: {error}", field="matches") from None

    def labels(self) -> list[list[str]]:
        """Return the IOB2 tags of the target words, one list a sentence."""
        kernels = get(self.options["backend"])
        return kernels.tags_to_lists(self.pairs.target.offsets, self.tag_ids(), self.tag_names)

    def spans(self) -> list[list[ProjectedSpan]]:
        """Return the projected spans of each sentence, ordered by entity, then by start."""
        names = self.pairs.labels
        flat = [
            ProjectedSpan(start, end, names[label], score)
            for start, end, label, score in zip(
                self.matches.start.tolist(),
                self.matches.end.tolist(),
                self.label.tolist(),
                self.matches.score.tolist(),
                strict=True,
            )
        ]
        bounds = self.matches.offsets.tolist()
        return [flat[a:b] for a, b in pairwise(bounds)]

    def to_arrow(self) -> pa.Table:
        """Return one row a sentence: ids, target words, spans with scores, tags, objective and status.

        See ``xproj_fast.arrow_columns.projection_to_arrow`` for the schema.
        """
        from xproj_fast.arrow_columns import projection_to_arrow

        return projection_to_arrow(self)

    def counts(self) -> dict[str, int]:
        """Return what was projected, and what was not and why.

        ``entities`` = ``projected`` + ``unscored`` + ``overlap`` + ``too_short`` (see ``Outcome``); ``spans`` can
        exceed ``projected`` where the limit or the heuristic gives an entity several.
        """
        outcomes = np.bincount(self.matches.outcome, minlength=len(Outcome))
        infeasible = int(np.count_nonzero(self.matches.status == Status.INFEASIBLE))
        return {
            "sentences": len(self),
            "entities": len(self.pairs.entities.start),
            "spans": len(self.matches.start),
            **{outcome.name.lower(): int(outcomes[outcome]) for outcome in Outcome},
            "infeasible_sentences": infeasible,
            "limit_sentences": int(np.count_nonzero(self.matches.status == Status.LIMIT)),
        }


def labelled(words: Words, entities: Entities | None, labels: Sequence[str], ids: pa.Array | None) -> Projection:
    """Return sentences with labels of their own as a projection onto themselves, for the writers.

    Args:
        words: the words of N sentences.
        entities: their entities, disjoint; each becomes a span with score 1.
        labels: label names.
        ids: Arrow array of one id a sentence, or None.

    Raises:
        InputError: for entities that are None or do not fit the words.
    """
    if entities is None:
        raise InputError("entities: expected labelled sentences, got sentences without entities")
    pairs = SentencePairs.from_columns(words, words, entities, labels, None, ids, copy=False)
    counts = np.diff(entities.offsets)
    matches = Matches(
        entities.offsets,
        (np.arange(len(entities.start)) - np.repeat(entities.offsets[:-1], counts)).astype(np.int32),
        entities.start,
        entities.end,
        np.ones(len(entities.start), np.float32),
        counts.astype(np.float64),
        np.full(len(words), Status.OPTIMAL, np.uint8),
        np.full(len(entities.start), Outcome.PROJECTED, np.uint8),
    )
    return Projection(pairs, matches, {"matcher": "given", "backend": "cpp"})


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
        options |= chosen._asdict()
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
