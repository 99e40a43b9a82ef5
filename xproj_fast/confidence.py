"""How sure each projected span is: what the score that is a probability says of its entity and candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Matches, Offsets, Outcome, PairScores, Spans, sentence_of
from xproj_fast.checks import MOST_PROBABILITY
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import Rows, offsets_of, row_numbers

Confidence = NDArray[np.float32]  # [spans]

MEAN = "expected_precision"
SUM = "expected_right_millionths"  # spans that are right, as far as can be told: whole numbers add up exactly


def sentence_certainty(
    spans: Offsets,
    confidence: Confidence | None,
    entities: Offsets | None = None,
    outcome: NDArray[np.uint8] | None = None,
) -> NDArray[np.float32]:
    """Return float32[N]: how sure each sentence is, as its least sure span.

    Args:
        spans: int64[N + 1], the offsets of the spans.
        confidence: of each; None = nobody says.
        entities: int64[N + 1], the offsets of the source entities, where they are known.
        outcome: uint8[source entities]; a sentence with one that was not projected is not sure at all.

    Returns:
        From 0 to 1; 1 of a sentence without spans.
    """
    found = np.ones(len(spans) - 1, np.float32)
    if confidence is not None:
        np.minimum.at(found, row_numbers(spans), confidence)
    if entities is not None and outcome is not None:
        found[row_numbers(entities)[outcome != Outcome.PROJECTED]] = 0
    return found


def confidence_of(matches: Matches, pairs: SentencePairs, candidates: Spans, probabilities: PairScores) -> Confidence:
    """Return float32[spans]: the probability of each span that was chosen.

    Args:
        matches: chosen among the candidates.
        pairs: N sentence pairs.
        candidates: of their target words.
        probabilities: of all (entity, candidate) pairs.

    Raises:
        InputError: for a span that is no candidate, as a matcher of one's own may have it, and for what is no
            probability.
    """
    sentence = row_numbers(matches.offsets)
    candidate = _where(matches, candidates, sentence)
    strange = candidate < 0
    if strange.any():
        item = int(np.argmax(strange))
        span = f"[{matches.start[item]}, {matches.end[item]})"
        s = int(sentence[item])
        raise InputError(
            f"matches: sentence {s}: expected spans among the candidates, got {span}", field="matches", sentence=s
        )
    within = candidate - candidates.offsets[sentence]
    found = probabilities.values[
        probabilities.offsets[sentence] + matches.entity * np.diff(candidates.offsets)[sentence] + within
    ]
    fine = (found >= 0) & (found <= MOST_PROBABILITY)  # NaN is neither
    if not fine.all():
        item = int(np.argmin(fine))
        s = sentence_of(matches.offsets, item)
        raise InputError(
            f"scores: sentence {s}: expected a probability from 0 to 1, got {found[item]}", field="scores", sentence=s
        )
    return np.minimum(found, np.float32(1))


def drop_unsure(
    matches: Matches, entities: Offsets, confidence: Confidence, least: float
) -> tuple[Matches, Confidence]:
    """Return the spans, and their confidence, without those of which less can be trusted than ``least``.

    An entity that had spans and has none left is ``UNSURE``. How the matching of a sentence ended stays as it was.

    Args:
        matches: what was chosen.
        entities: int64[N + 1], the offsets of the source entities.
        confidence: of each span.
        least: the least confidence.
    """
    mask = confidence >= np.float32(least)
    if mask.all():
        return matches, confidence
    before = offsets_of(mask)
    sentence = row_numbers(matches.offsets)[mask]
    entity = matches.entity[mask]
    outcome = matches.outcome.copy()
    outcome[outcome == Outcome.PROJECTED] = Outcome.UNSURE
    outcome[entities[sentence] + entity] = Outcome.PROJECTED
    score = matches.score[mask]
    objective = np.bincount(sentence, score, len(matches.offsets) - 1).astype(np.float64)
    kept = replace(
        matches,
        offsets=before[matches.offsets],
        entity=entity,
        start=matches.start[mask],
        end=matches.end[mask],
        score=score,
        objective=objective,
        outcome=outcome,
    )
    return kept, confidence[mask]


def _where(matches: Matches, candidates: Spans, sentence: Rows) -> Rows:
    """Return which candidate each span is, -1 for none: the spans are few, so that no look is taken at the others."""
    low, end = candidates.offsets[sentence], candidates.offsets[sentence + 1]
    high = end
    while (open_ := low < high).any():
        middle = np.where(open_, (low + high) // 2, 0)
        start = candidates.start[middle]
        before = (start < matches.start) | ((start == matches.start) & (candidates.end[middle] < matches.end))
        low, high = np.where(open_ & before, middle + 1, low), np.where(open_ & ~before, middle, high)
    place = np.where(low < end, low, -1)
    same = (candidates.start[place] == matches.start) & (candidates.end[place] == matches.end) if len(end) else True
    return np.where(same, place, -1)


def check_share(name: str, value: Any) -> None:
    """Check that an option is a number from 0 to 1.

    Raises:
        InputError: naming it.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:
        raise InputError(f"{name}: expected a number from 0 to 1, got {value!r}", field=name)


def expected_precision(confidence: Confidence) -> dict[str, float]:
    """Return the mean confidence by its name in counts; nothing where nothing was projected."""
    return {MEAN: float(confidence.mean(dtype=np.float64))} if len(confidence) else {}


def summable(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return the counts of a chunk as whole numbers that add up: instead of the mean confidence, its sum."""
    found = dict(counts)
    if MEAN in found:
        found[SUM] = round(found.pop(MEAN) * found["spans"] * 1_000_000)
    return found


def summed(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return sums of ``summable`` counts as counts; with a language in front, ``de/spans``, those of each language."""
    found: dict[str, Any] = {}
    for name, number in counts.items():
        if name.endswith(SUM):
            group = name.removesuffix(SUM)
            found[group + MEAN] = number / 1_000_000 / counts[group + "spans"]
        else:
            found[name] = number
    return found
