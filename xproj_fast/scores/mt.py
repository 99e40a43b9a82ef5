"""The MT score: NMTScore of entity and candidate, asked only where it can matter.

The model is no business of this floor: a scorer is any function of two lists of phrases, such as
``xproj_fast.models.phrase_scorer.PhraseScorer``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import PairScores, Spans
from xproj_fast.candidates import check_candidates
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.mt_choice import PairList, Rows, best_of_each, score_until_none_can_win
from xproj_fast.scores.options import DEFAULT_MT_OPTIONS, MtOptions
from xproj_fast.scores.phrases import distinct_pairs, span_texts
from xproj_fast.scores.registry import register
from xproj_fast.text.joining import with_texts

Scorer = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]


@dataclass(slots=True)
class MtCounts:
    """What calls of ``mt_scores`` have done so far: sentences, all pairs, pairs scored, distinct pairs of phrases."""

    sentences: int = 0
    pairs: int = 0
    scored: int = 0
    distinct: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


def mt_scores(
    pairs: SentencePairs,
    candidates: Spans,
    scorer: Scorer,
    options: MtOptions = DEFAULT_MT_OPTIONS,
    other: PairScores | None = None,
    *,
    counts: MtCounts | None = None,
) -> PairScores:
    """Score (entity, candidate) pairs by how well a model takes them for translations of each other.

    Each distinct pair of phrases is asked about once. Pairs not asked about score 0 (NMTScore: Vamvas and Sennrich
    2022).

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.pairs import SentencePairs
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> mt_scores(pairs, ngrams(pairs), lambda a, b: [float(x == y) for x, y in zip(a, b, strict=True)]).values
    array([1., 0., 0.], dtype=float32)

    Args:
        pairs: sentence pairs with the words of both sides.
        candidates: target spans of the same sentences.
        scorer: N source phrases and N target phrases -> float32[N].
        options: see ``MtOptions``.
        other: the weighted sum of the other scores, by which pairs are left out; None = every pair is scored, as far
            as ``max_length_ratio`` allows. Any scores serve, also a cheap stand-in that is not matched by.
        counts: is added to; None = not counted.

    Returns:
        Scores, float32, 0 where they are below the threshold.

    Raises:
        InputError: for pairs without words, candidates or other scores of other sentences, a scorer that returns
            another number of scores, NaN or infinity.
    """
    check_candidates(get(), pairs, candidates)
    listed = PairList.of(pairs, candidates)
    if other is not None and not np.array_equal(other.offsets, listed.offsets):
        raise InputError("other: expected scores of these pairs and candidates, got others", field="other")
    values = np.zeros(len(listed.entity), np.float32)
    ask = _Asker(pairs, candidates, listed, scorer, options, values, counts)
    some = _allowed(pairs, candidates, listed, options)
    if other is None:
        ask(some)
    else:
        sums = other.values.astype(np.float64)
        strong = some if options.min_other is None else some[sums[some] > options.min_other]
        rescued = some[:0]
        if options.rescue:
            supported = np.zeros(len(listed.sentence), bool)
            supported[listed.entity[strong]] = True
            rescued = some[~supported[listed.entity[some]]]
        count = options.top_k or len(values)
        if options.bound is not None:
            words = np.diff(pairs.target.offsets)
            weight, bound = options.weight, options.bound
            strong = np.union1d(strong, rescued)
            score_until_none_can_win(listed, candidates, words, sums, strong, count, weight, bound, ask)
        else:
            ask(np.union1d(best_of_each(listed.entity, sums, strong, count), rescued))
    if counts is not None:
        counts.sentences += len(pairs)
        counts.pairs += len(values)
    return PairScores(listed.offsets, values)


@register("mt", needs=["translator", "texts"])
def _mt(
    pairs: SentencePairs,
    candidates: Spans,
    *,
    phrases: Scorer,
    mt: MtOptions,
    weight: float,
    other: PairScores | None,
    counts: MtCounts | None,
) -> PairScores:
    options = replace(mt, weight=weight) if weight > 0 else mt
    return mt_scores(pairs, candidates, phrases, options, other, counts=counts)


class _Asker:
    """Scores pairs by position, into ``values``."""

    def __init__(
        self,
        pairs: SentencePairs,
        candidates: Spans,
        listed: PairList,
        scorer: Scorer,
        options: MtOptions,
        values: NDArray[np.float32],
        counts: MtCounts | None,
    ) -> None:
        self._pairs, self._candidates, self._listed = pairs, candidates, listed
        self._scorer, self._options, self._values, self._counts = scorer, options, values, counts
        entities = pairs.entities
        source = with_texts(pairs.source, options.source_language, "source_words")
        self._target = with_texts(pairs.target, options.target_language, "target_words")
        self._entity_texts = span_texts(source, listed.sentence, entities.start, entities.end)

    def __call__(self, positions: Rows) -> NDArray[np.float64]:
        if len(positions) == 0:
            return np.zeros(0)
        used, candidate = np.unique(self._listed.candidate[positions], return_inverse=True)
        sentence = np.searchsorted(self._candidates.offsets, used, side="right") - 1
        start, end = self._candidates.start[used], self._candidates.end[used]
        texts = span_texts(self._target, sentence, start, end)
        distinct = distinct_pairs(self._entity_texts, self._listed.entity[positions], texts, candidate.reshape(-1))
        found = np.asarray(self._scorer(distinct.a, distinct.b), np.float32)
        if found.shape != (len(distinct.a),) or not np.isfinite(found).all():
            raise InputError(
                f"scorer: expected {len(distinct.a):,} finite scores, got shape {found.shape}"
                f"{'' if np.isfinite(found).all() else ' with NaN or infinity'}",
                field="scorer",
            )
        if self._options.capped:
            found = np.minimum(found, np.float32(self._options.bound))
        found = np.where(found < np.float32(self._options.threshold), np.float32(0), found)
        self._values[positions] = found[distinct.inverse]
        if self._counts is not None:
            self._counts.scored += len(positions)
            self._counts.distinct += len(distinct.a)
        return self._values[positions].astype(np.float64)


def _allowed(pairs: SentencePairs, candidates: Spans, listed: PairList, options: MtOptions) -> Rows:
    """Return the positions of the pairs whose lengths may belong together."""
    if options.max_length_ratio is None:
        return np.arange(len(listed.entity))
    a = (pairs.entities.end - pairs.entities.start)[listed.entity]
    b = (candidates.end - candidates.start)[listed.candidate]
    return np.flatnonzero(np.maximum(a, b) <= options.max_length_ratio * np.minimum(a, b))
