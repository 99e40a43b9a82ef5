"""The NER score: how sure a tagger is that a span of the target sentence is an entity."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import checks
from xproj_fast.arrays import LabelId, PairScores, Spans, WordProbabilities, thread_count
from xproj_fast.candidates import check_candidates
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NerRules
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.options import DEFAULT_NER_OPTIONS, NerOptions
from xproj_fast.scores.registry import register
from xproj_fast.tags import class_columns, in_iob
from xproj_fast.wording import count, shown

logger = logging.getLogger(__name__)

MOST_SCORE = float(np.finfo(np.float32).max)


def ner_scores(
    pairs: SentencePairs,
    candidates: Spans,
    probabilities: WordProbabilities,
    options: NerOptions = DEFAULT_NER_OPTIONS,
    *,
    threads: int | None = None,
) -> PairScores:
    """Score every (entity, candidate) pair by the probabilities of the candidate's labels.

    score(p, t) = alpha^(|t| - 1) * (P[first word of t][B-l] + sum over its later words of P[word][I-l]) / |t|, l the
    label of p, float32 (thesis). It may exceed 1. BIOES and BILOU labels count as the B- and I- they stand for.

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.pairs import SentencePairs
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> values = np.array([[0.1, 0.9, 0.0], [1.0, 0.0, 0.0]], np.float32)
    >>> probabilities = WordProbabilities(pairs.target.offsets, values, ("O", "B-PER", "I-PER"))
    >>> ner_scores(pairs, ngrams(pairs), probabilities).values.round(4)
    array([0.9   , 0.5175, 0.    ], dtype=float32)

    Args:
        pairs: the sentence pairs.
        candidates: target spans of the same sentences.
        probabilities: of the target words, as a tagger says.
        options: see ``NerOptions``.
        threads: None = all CPUs.

    Raises:
        InputError: for an entity whose class the tagger lacks, probabilities or candidates of other sentences,
            probabilities that are none.
    """
    kernels = get()
    workers = thread_count(threads)
    check_candidates(kernels, pairs, candidates)
    checks.check_probabilities(probabilities, pairs.target)
    probabilities = _as_iob(probabilities)
    columns = probabilities.class_columns()
    if options.spans_only:
        classes = checks.check_classes(probabilities, options.classes)
        entity_class = np.zeros(len(pairs.entities.label), np.int32)
    else:
        classes = tuple(columns)
        entity_class = _entity_classes(pairs, classes, options.missing)
    inside = np.array([columns[name][1] for name in classes], np.int32)
    first = inside if options.scheme == "IOB1" else np.array([columns[name][0] for name in classes], np.int32)
    most_words = int(np.diff(pairs.target.offsets).max(initial=0))
    bonus = _weights(most_words, options.alpha)
    if options.length_bonus == "always":
        weight, predicted = bonus, np.zeros(0)
    else:
        weight, predicted = _weights(most_words, 1.0), bonus
    rules = NerRules(first, inside, weight, predicted, options.threshold, options.spans_only)
    return kernels.ner_scores(probabilities, pairs.entities.offsets, entity_class, candidates, rules, workers)


@register("ner", needs=["tagger"])
def _ner(
    pairs: SentencePairs,
    candidates: Spans,
    *,
    probabilities: WordProbabilities,
    ner: NerOptions,
    threads: int | None,
) -> PairScores:
    return ner_scores(pairs, candidates, probabilities, replace(ner, spans_only=False), threads=threads)


@register("ner_spans", needs=["tagger"])
def _ner_spans(
    pairs: SentencePairs,
    candidates: Spans,
    *,
    probabilities: WordProbabilities,
    ner: NerOptions,
    threads: int | None,
) -> PairScores:
    return ner_scores(pairs, candidates, probabilities, replace(ner, spans_only=True), threads=threads)


def missing_classes(pairs: SentencePairs, probabilities: WordProbabilities) -> dict[str, int]:
    """Return how many entities have each label that the tagger lacks: these cannot have an NER score."""
    known = class_columns(in_iob(probabilities.tags))
    counts = np.bincount(pairs.entities.label, minlength=len(pairs.labels)).tolist()
    return {name: n for name, n in zip(pairs.labels, counts, strict=True) if n and name not in known}


def rename_classes(probabilities: WordProbabilities, names: Mapping[str, str]) -> WordProbabilities:
    """Return probabilities with other names for some classes; those that get one name are added up.

    Args:
        probabilities: as a tagger says.
        names: class of the tagger -> name wanted, such as ``{"PERSON": "PER", "GPE": "LOC"}``.

    Raises:
        InputError: for a class that the tagger lacks.
    """
    parts = [label.partition("-") for label in probabilities.tags]
    known = {name: None for _, _, name in parts if name}
    for name in names:
        if name not in known:
            raise unknown_name("rename", name, known, "classes of the model,")
    return merged(probabilities, [prefix + dash + names.get(name, name) for prefix, dash, name in parts])


def _entity_classes(pairs: SentencePairs, classes: tuple[str, ...], missing: str) -> LabelId:
    """Return the position among the classes of each entity's label, -1 for a label that is none of them."""
    class_of = np.array([classes.index(name) if name in classes else -1 for name in pairs.labels], np.int32)
    found: Any = class_of[pairs.entities.label]
    absent = np.flatnonzero(found < 0)
    if len(absent) and missing == "error":
        e = int(absent[0])
        name = pairs.labels[pairs.entities.label[e]]
        s = int(np.searchsorted(pairs.entities.offsets, e, side="right")) - 1
        raise InputError(
            f"probabilities: sentence {s}: expected a tagger that knows the class {name} of its entity, got one with "
            f"{', '.join(classes)} (drop_labels() drops it, scores.ner.rename_classes() renames the tagger's, "
            "NerOptions(missing='zero') scores it 0)",
            field="probabilities",
            sentence=s,
        )
    if len(absent):
        entities = count(len(found), "entity has", "entities have")
        logger.warning("%s", shown(f"{len(absent):,} of {entities} a class that the tagger lacks: score 0"))
    labels: LabelId = found
    return labels


def _weights(words: int, alpha: float) -> NDArray[np.float64]:
    """Return alpha^(k - 1) / k by k from 0 to ``words``; no larger than what keeps every score a float32."""
    weights = np.full(words + 1, alpha)
    weights[:2] = 1.0
    lengths = np.arange(words + 1)
    lengths[0] = 1
    with np.errstate(over="ignore"):
        np.multiply.accumulate(weights, out=weights)
    weights /= lengths
    limited: NDArray[np.float64] = np.minimum(weights, MOST_SCORE / (2.0 * lengths))
    return limited


def _as_iob(probabilities: WordProbabilities) -> WordProbabilities:
    """Return BIOES and BILOU labels as B- and I-, whose probabilities they add to; others as they are."""
    renamed = in_iob(probabilities.tags)
    return probabilities if tuple(renamed) == probabilities.tags else merged(probabilities, renamed)


def merged(probabilities: WordProbabilities, renamed: Sequence[str]) -> WordProbabilities:
    """Return the sums of the tags that get one name, in the order of the first of them."""
    labels = tuple(dict.fromkeys(renamed))
    values = np.zeros((len(probabilities.values), len(labels)), np.float32)
    for column, label in enumerate(renamed):
        values[:, labels.index(label)] += probabilities.values[:, column]
    return WordProbabilities(probabilities.offsets, values, labels)
