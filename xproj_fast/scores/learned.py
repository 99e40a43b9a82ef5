"""The learned score: the probability that a candidate is the translation of an entity, and its label right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xproj_fast import checks
from xproj_fast.arrays import PairScores, Score, Spans, WordProbabilities, thread_count
from xproj_fast.candidates import check_candidates, require_alignments
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NerRules
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import row_numbers
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.learning import learn
from xproj_fast.scores.ner import merged
from xproj_fast.scores.options import DEFAULT_LEARNED_OPTIONS, LearnedOptions
from xproj_fast.scores.registry import Probabilities, register
from xproj_fast.text.word_shapes import word_shapes

LEAST = 0.25  # what is less probable counts 0,
LEAST_WITH_TAGGER = 0.35  # and where a tagger has a say, too


def learned_scores(
    pairs: SentencePairs,
    candidates: Spans,
    score: LearnedScore | None = None,
    options: LearnedOptions = DEFAULT_LEARNED_OPTIONS,
    *,
    probabilities: WordProbabilities | None = None,
    source_confidence: NDArray[np.float32] | None = None,
    threads: int | None = None,
) -> PairScores:
    """Score every (entity, candidate) pair by the probability that the candidate is the entity's translation.

    Where taggers were asked it is multiplied by how sure these are that the entity is one: the mean of both, of a
    target tagger alone the mean of 1 and its own. What cannot be right by links or letters is 0.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> candidates = xp.project(pairs).labelled().entities
    >>> bool(learned_scores(pairs, candidates, xp.learn(pairs)).values.max() > 0.9)
    True

    Args:
        pairs: with words and alignments.
        candidates: target spans of the same sentences.
        score: the weights; None = they are learned from the pairs.
        options: see ``LearnedOptions``; its threshold has no effect here.
        probabilities: a tagger's, of the target words; None = none was asked. It has no say of classes that it lacks.
        source_confidence: float32[entities], the probability that each entity is right; None = nobody says.
        threads: None = all CPUs.

    Raises:
        InputError: for pairs without words or alignments, candidates or probabilities of other sentences, and as
            ``learn`` does.
    """
    kernels, workers = get(), thread_count(threads)
    links = require_alignments(pairs)
    check_candidates(kernels, pairs, candidates)
    if score is None:
        score = learn(pairs, options, threads=workers)
    shapes = word_shapes(pairs.source), word_shapes(pairs.target)
    found = kernels.learned_scores(*shapes, pairs.entities, links, candidates, score.coefficients, workers)
    if probabilities is None and source_confidence is None:
        return found
    values = found.values
    counts = np.diff(candidates.offsets)[row_numbers(pairs.entities.offsets)]  # of each entity
    source = np.ones(len(values), np.float32)
    if source_confidence is not None:
        checks.check_confidences(source_confidence, pairs.entities, "source_confidence")
        source = np.repeat(source_confidence, counts)
    if probabilities is None:
        return PairScores(found.offsets, values * source)
    target, known = _said_by_target(pairs, candidates, probabilities, workers)
    said = np.repeat(known, counts)
    factor = np.where(said, (source + target) / 2, source)
    return PairScores(found.offsets, values * factor)


def _said_by_target(
    pairs: SentencePairs, candidates: Spans, probabilities: WordProbabilities, threads: int
) -> tuple[Score, NDArray[np.bool_]]:
    """Return how sure a tagger is of each pair, and of which entities it knows the class.

    That is the mean over the candidate's words of the probabilities of all tags of the entity's class.
    """
    checks.check_probabilities(probabilities, pairs.target)
    summed = merged(probabilities, [tag.partition("-")[2] for tag in probabilities.tags])  # "" for O
    names = summed.tags
    one = np.arange(len(names), dtype=np.int32)  # the first word's tag is as good as the others'
    words = np.arange(int(np.diff(pairs.target.offsets).max(initial=0)) + 1)
    mean = NerRules(one, one, 1 / np.maximum(words, 1), np.zeros(0), 0.0, False)
    label = np.array([names.index(name) if name in names else -1 for name in pairs.labels], np.int32)
    entity_class = label[pairs.entities.label]
    scores = get().ner_scores(summed, pairs.entities.offsets, entity_class, candidates, mean, threads)
    return scores.values, entity_class >= 0


@register("learned", needs=["links", "texts"], probability=True)
def _learned(
    pairs: SentencePairs,
    candidates: Spans,
    *,
    learned: LearnedOptions,
    learned_score: LearnedScore | None,
    probabilities: WordProbabilities | None,
    source_confidence: NDArray[np.float32] | None,
    threads: int | None,
) -> Probabilities:
    least = LEAST if probabilities is None and source_confidence is None else LEAST_WITH_TAGGER
    found = learned_scores(
        pairs,
        candidates,
        learned_score,
        learned,
        probabilities=probabilities,
        source_confidence=source_confidence,
        threads=threads,
    )
    return Probabilities(found, least if learned.threshold is None else learned.threshold)
