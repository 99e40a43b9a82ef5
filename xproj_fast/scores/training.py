"""What the learned score is learned from: rows of features, of pairs of which it is known whether they are right."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Spans, Words, WordShapes
from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS, require_alignments, stop_mask
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import gather, take
from xproj_fast.scores.learned_features import LEARNED_FEATURES, NEED_CASE
from xproj_fast.scores.options import LearnedOptions
from xproj_fast.text.word_shapes import cased_share

L2 = 0.5
STEPS = 12
DRAWS = 3  # from a text that has less silver than is wanted, the links made worse in another way each time
CASELESS = 0.5  # share of the distinct words that have case, below which a text counts as one without

NO_CASE = np.isin(LEARNED_FEATURES, NEED_CASE)


class TrainingRows(NamedTuple):
    """What a score is learned from.

    Attributes:
        features: float32[rows, features], of a pair of a span and a candidate each.
        right: uint8[rows], 1 where the candidate is the span's translation.
        sentences: how many they are from.
    """

    features: NDArray[np.float32]
    right: NDArray[np.uint8]
    sentences: int


def is_caseless(source: WordShapes, target: WordShapes) -> bool:
    """Return whether one of two texts is in a script without case: letters and capitals say nothing then."""
    return min(cased_share(source), cased_share(target)) < CASELESS


def silver_rows(
    pairs: SentencePairs, source: WordShapes, target: WordShapes, options: LearnedOptions, *, threads: int
) -> TrainingRows:
    """Return the candidates of the spans of silver, some hundred thousand rows at most.

    Args:
        pairs: with alignments.
        source: the shapes of the source words.
        target: those of the target words.
        options: how many sentences of silver, and which.
        threads: how many.
    """
    texts = pairs, source, target
    first, *others = (options.seed + (k << 60) for k in range(DRAWS))  # apart from the next seeds'
    found = _draw(*texts, options.silver, first, threads)
    if found.sentences == options.silver:
        return found
    more = (_draw(*texts, options.silver, seed, threads) for seed in others)
    return joined(found, *more)._replace(sentences=found.sentences)


def training_candidates(words: Words, threads: int) -> Spans:
    """Return the spans of target sentences among which the right ones are to be found: the usual n-grams."""
    kernels = get()
    stop = stop_mask(kernels, words, DEFAULT_STOP_WORDS)
    return kernels.ngrams(words.offsets, stop, 1, DEFAULT_MAX_WORDS, threads)


def is_at(
    position: NDArray[np.int64],
    entities: Spans,
    candidates: Spans,
    start: NDArray[np.int32],
    end: NDArray[np.int32],
) -> NDArray[np.uint8]:
    """Return 1 for each pair, by its flat position, whose candidate is where its entity went: ``[start, end)``."""
    offsets = score_offsets(entities, candidates)
    sentence = np.searchsorted(offsets, position, side="right") - 1
    row, column = np.divmod(position - offsets[sentence], np.diff(candidates.offsets)[sentence])
    entity, candidate = entities.offsets[sentence] + row, candidates.offsets[sentence] + column
    right = (candidates.start[candidate] == start[entity]) & (candidates.end[candidate] == end[entity])
    found: NDArray[np.uint8] = right.astype(np.uint8)
    return found


def fit(rows: TrainingRows, *, caseless: bool, threads: int) -> NDArray[np.float64]:
    """Return a weight per feature and the bias; caseless: 0 for what letters and capitals say."""
    features = rows.features
    if caseless:
        features = np.where(NO_CASE, np.float32(0), features)
    return get().fit_logistic(features, rows.right, L2, STEPS, threads)


def joined(*parts: TrainingRows) -> TrainingRows:
    """Return all rows of several parts."""
    features = np.concatenate([part.features for part in parts])
    right = np.concatenate([part.right for part in parts])
    return TrainingRows(features, right, sum(part.sentences for part in parts))


def _draw(
    pairs: SentencePairs, source: WordShapes, target: WordShapes, most: int, seed: int, threads: int
) -> TrainingRows:
    kernels, links = get(), require_alignments(pairs)
    silver = kernels.learned_silver(source, pairs.target.offsets, pairs.entities, links, most, seed)
    some = silver.sentence
    candidates = training_candidates(take(pairs.target, some), threads)
    shapes = _taken(source, some), _taken(target, some)
    rows = kernels.learned_rows(*shapes, silver.entities, silver.links, candidates, threads)
    right = is_at(rows.position, silver.entities, candidates, silver.target_start, silver.target_end)
    return TrainingRows(rows.features, right, len(some))


def _taken(shapes: WordShapes, rows: NDArray[np.int64]) -> WordShapes:
    offsets, items = gather(shapes.offsets, rows)
    return replace(shapes, offsets=offsets, ids=shapes.ids[items])
