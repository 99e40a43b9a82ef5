"""``learn``: the weights of the learned score, from the very pairs that are to be projected; no gold is looked at.

Spans of which the links leave no doubt where they went are silver. Their links are made worse, and a logistic model
learns to find the spans again.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Spans, WordShapes, thread_count
from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS, require_alignments, stop_mask
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import flat, gather, offsets_of, take
from xproj_fast.scores.learned_features import LEARNED_FEATURES, NEED_CASE
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.options import DEFAULT_LEARNED_OPTIONS, LEARNED_WEIGHTS, LearnedOptions
from xproj_fast.text.word_shapes import cased_share, word_shapes
from xproj_fast.wording import count

logger = logging.getLogger(__name__)

L2 = 0.5
STEPS = 12
ENOUGH = 250  # sentences of silver from which on a corpus' own weights are better than their mean with the shipped
TOO_FEW = 15  # and below which they are worth nothing
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


def learn(
    pairs: SentencePairs,
    options: LearnedOptions = DEFAULT_LEARNED_OPTIONS,
    *,
    gold: LabelledSentences | None = None,
    threads: int | None = None,
) -> LearnedScore:
    """Learn how translations of entities are told from other spans, from pairs without a gold label.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> score = xp.learn(pairs)
    >>> score.made_from["weights"], score.made_from["silver_sentences"]
    ('mean', 38)
    >>> xp.project(pairs, scores="learned", evidence=xp.Evidence(learned=score)).tags()[7]
    ['B-LOC', 'O', 'O', 'O', 'B-LOC', 'O', 'B-MISC', 'O', 'O']

    Args:
        pairs: with their words and alignments; those that are to be projected, or more of their kind.
        options: see ``LearnedOptions``.
        gold: the target sentences with their right labels, to learn from these, too: some hundred sentences help,
            fewer hurt. None = no gold is looked at.
        threads: None = all CPUs; the same weights for any number.

    Returns:
        The score; ``made_from`` says what it was made from.

    Raises:
        InputError: for pairs without words or alignments, other sentences in ``gold``, a file that holds no such
            score, and nothing to learn from where the weights must be ``"own"``.
    """
    workers = thread_count(threads)
    require_alignments(pairs)
    if gold is not None and options.weights != "auto":
        raise InputError(f"gold: expected none with weights={options.weights!r}, which are not learned from it")
    if options.is_file:
        return _loaded(options.weights)
    source, target = word_shapes(pairs.source), word_shapes(pairs.target)
    caseless = is_caseless(source, target)
    shipped = LearnedScore.shipped(caseless=caseless)
    told: dict[str, Any] = {"silver_sentences": 0, "seed": options.seed, "caseless": caseless}
    if options.weights == "shipped":
        return _as("shipped", shipped, told)
    rows = silver_rows(pairs, source, target, options, threads=workers)
    told["silver_sentences"] = rows.sentences
    why = _too_little(rows, is_linked=_any_linked(pairs))
    if why and options.weights == "own":
        raise InputError(f"weights: expected enough to learn weights of its own from, got {why}")
    if why:
        logger.warning("learned score: %s: the shipped weights are used", why)
        return _as("shipped", shipped, {**told, "why": why})
    own = fit(rows, caseless=caseless, threads=workers)
    if gold is not None:
        from xproj_fast.scores.learned_gold import gold_rows  # few ask for it

        more = gold_rows(pairs, source, target, gold, own, threads=workers)
        own = fit(joined(rows, more), caseless=caseless, threads=workers)
        told["gold_sentences"] = more.sentences
    elif options.weights == "auto" and rows.sentences < ENOUGH:
        return _as("mean", LearnedScore.of((own + shipped.coefficients) / 2, {}), told)
    return _as("own" if gold is None else "gold", LearnedScore.of(own, {}), told)


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
    kernels = get()
    links, drawn = require_alignments(pairs), (options.silver, options.seed)
    silver = kernels.learned_silver(source, pairs.target.offsets, pairs.entities, links, *drawn)
    some = silver.sentence
    candidates = training_candidates(take(pairs.target, some), threads)
    shapes = _taken(source, some), _taken(target, some)
    rows = kernels.learned_rows(*shapes, silver.entities, silver.links, candidates, threads)
    right = is_at(rows.position, silver.entities, candidates, silver.target_start, silver.target_end)
    return TrainingRows(rows.features, right, len(some))


def training_candidates(words: Any, threads: int) -> Spans:
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


def _loaded(name: str) -> LearnedScore:
    try:
        return LearnedScore.load(name)
    except FileNotFoundError:
        raise unknown_name("weights", name, LEARNED_WEIGHTS, also=" or a file that is there") from None


def _as(kind: str, score: LearnedScore, told: dict[str, Any]) -> LearnedScore:
    return replace(score, made_from={"weights": kind, **told})


def _too_little(rows: TrainingRows, *, is_linked: bool) -> str:
    """Return why there is nothing to learn from, or ""."""
    if not is_linked:
        return "no entity with a link to learn from"
    if rows.sentences < TOO_FEW:
        return f"{count(rows.sentences, 'sentence')} to learn from, of {TOO_FEW} that are needed"
    if rows.right.all() or not rows.right.any():
        return "nothing to tell apart among what there is to learn from"
    return ""


def _any_linked(pairs: SentencePairs) -> bool:
    """Return whether any entity has a word with a link."""
    links, entities, words = require_alignments(pairs), pairs.entities, pairs.source.offsets
    linked = np.zeros(int(words[-1]), np.bool_)
    linked[flat(links.source, links.offsets, words)] = True
    before = offsets_of(linked)
    start, end = (flat(side, entities.offsets, words) for side in (entities.start, entities.end))
    return bool((before[end] > before[start]).any())


def _taken(shapes: WordShapes, rows: NDArray[np.int64]) -> WordShapes:
    offsets, items = gather(shapes.offsets, rows)
    return replace(shapes, offsets=offsets, ids=shapes.ids[items])
