"""``learn``: the weights of the learned score, from the very pairs that are to be projected; no gold is looked at.

Spans of which the links leave no doubt where they went are silver. Their links are made worse, and a logistic model
learns to find the spans again.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np

from xproj_fast.arrays import thread_count
from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import flat, offsets_of
from xproj_fast.scores.learned_gold import check_gold, gold_rows
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.options import DEFAULT_LEARNED_OPTIONS, LEARNED_WEIGHTS, LearnedOptions
from xproj_fast.scores.training import TrainingRows, fit, is_caseless, joined, silver_rows
from xproj_fast.text.word_shapes import word_shapes
from xproj_fast.wording import count, shown

logger = logging.getLogger(__name__)

GOLD_TO_SILVER = 3  # where there is gold: fewer rows of it count so often as to outweigh silver
ENOUGH = 250  # sentences of silver from which on a corpus' own weights are better than their mean with the shipped
TOO_FEW = 15  # and below which they are worth nothing


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
    if gold is not None:
        check_gold(pairs, gold)
        if options.weights not in ("auto", "own"):
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
    needed = 1 if options.weights == "own" else TOO_FEW
    if why := _too_little(rows, needed, is_linked=_any_linked(pairs)):
        if options.weights == "own":
            raise InputError(f"weights: expected enough to learn weights of its own from, got {why}")
        ignored = "" if gold is None else ", no gold"
        logger.warning("%s", shown(f"learned score: {why}: the shipped weights are used{ignored}"))
        return _as("shipped", shipped, {**told, "why": why})
    own = fit(rows, caseless=caseless, threads=workers)
    if gold is not None:
        more = gold_rows(pairs, source, target, gold, own, threads=workers)
        times = max(1, round(GOLD_TO_SILVER * len(rows.right) / max(len(more.right), 1)))
        with_gold = fit(joined(rows, *[more] * times), caseless=caseless, threads=workers)
        return _as("gold", LearnedScore.of(with_gold, {}), {**told, "gold_sentences": more.sentences})
    if options.weights == "auto" and rows.sentences < ENOUGH:
        return _as("mean", LearnedScore.of((own + shipped.coefficients) / 2, {}), told)
    return _as("own", LearnedScore.of(own, {}), told)


def _loaded(name: str) -> LearnedScore:
    try:
        return LearnedScore.load(name)
    except FileNotFoundError:
        raise unknown_name("weights", name, LEARNED_WEIGHTS, also=" or a file that is there") from None


def _as(kind: str, score: LearnedScore, told: dict[str, Any]) -> LearnedScore:
    return replace(score, made_from={"weights": kind, **told})


def _too_little(rows: TrainingRows, needed: int, *, is_linked: bool) -> str:
    """Return why there is nothing to learn from, or ""."""
    if not is_linked:
        return "no entity with a link to learn from"
    if rows.sentences < needed:
        return f"{count(rows.sentences, 'sentence')} to learn from, of {needed} that are needed"
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
