"""Training rows from gold labels of the target sentences, for ``learn(gold=...)``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xproj_fast import checks
from xproj_fast.arrays import Matches, PairScores, Spans, WordShapes
from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import SpanRule
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import per_item
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.training import TrainingRows, is_at, training_candidates


def gold_rows(
    pairs: SentencePairs,
    source: WordShapes,
    target: WordShapes,
    gold: LabelledSentences,
    weights: NDArray[np.float64],
    *,
    threads: int,
) -> TrainingRows:
    """Return the candidates of all entities; right are those that gold has for the entity.

    Gold says which spans are names, not of which entity. So each entity gets the one of its class that the weights
    learned so far find best, each at most once; an entity that gets none has no right candidate.
    """
    kernels, links = get(), require_alignments(pairs)
    shapes = source, target
    scores = kernels.learned_scores(*shapes, pairs.entities, links, gold.entities, weights, threads)
    scores = PairScores(scores.offsets, np.where(_same_class(pairs, gold), scores.values, np.float32(0)))
    found = kernels.greedy(pairs.target.offsets, pairs.entities, gold.entities, scores, 0, 1, threads)
    candidates = training_candidates(pairs.target, threads)
    rows = kernels.learned_rows(*shapes, pairs.entities, links, candidates, threads)
    start, end = _where_each_went(pairs, found)
    return TrainingRows(rows.features, is_at(rows.position, pairs.entities, candidates, start, end), len(pairs))


def check_gold(pairs: SentencePairs, gold: LabelledSentences) -> None:
    """Check that gold is of the target sentences.

    Raises:
        InputError: for another number of sentences, or of words of one; spans that are there twice.
    """
    if len(gold) != len(pairs):
        raise InputError(f"gold: expected {len(pairs):,} sentences, as many as there are pairs, got {len(gold):,}")
    ours, theirs = np.diff(pairs.target.offsets), np.diff(gold.words.offsets)
    if (ours != theirs).any():
        s = int(np.argmax(ours != theirs))
        raise InputError(
            f"gold: sentence {s}: expected the {ours[s]} words of the target sentence, got {theirs[s]}",
            field="gold",
            sentence=s,
        )
    checks.check_spans(get(), gold.entities, gold.words.offsets, SpanRule.DISTINCT, "gold", "target ")


def _same_class(pairs: SentencePairs, gold: LabelledSentences) -> NDArray[np.bool_]:
    """Return, for each pair of an entity and a gold span, whether they are of one class."""
    names = {name: i for i, name in enumerate(pairs.labels)}
    label = np.array([names.get(name, -1) for name in gold.labels], np.int32)[gold.entities.label]
    # The labels of gold in the place of a column of its spans.
    spans = Spans(gold.entities.offsets, label, label)
    columns = pair_columns(pairs, spans)
    same: NDArray[np.bool_] = columns.label == columns.target_start
    return same


def _where_each_went(pairs: SentencePairs, found: Matches) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return where the span of each entity begins and ends, -1 where it has none."""
    entity = per_item(pairs.entities.offsets[:-1], found.offsets) + found.entity
    start, end = (np.full(len(pairs.entities.start), -1, np.int32) for _ in range(2))
    start[entity], end[entity] = found.start, found.end
    return start, end
