"""(Entity, candidate) pairs as columns, which scores of any kind can be computed from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import PairScores, Spans
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import ranges, row_numbers


class PairColumns(NamedTuple):
    """All (entity, candidate) pairs of N sentences, sentence by sentence, entity by entity; see ``pair_columns``.

    >>> from xproj_fast.candidates import ngrams
    >>> from xproj_fast.pairs import SentencePairs
    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> pair_columns(pairs, ngrams(pairs)).target_end
    array([1, 2, 2], dtype=int32)

    Attributes:
        sentence: int64[pairs].
        label: int32[pairs], that of the entity.
        source_start: int32[pairs], the first word of the entity in its sentence.
        source_end: int32[pairs], one past its last word.
        target_start: int32[pairs], the first word of the candidate in its sentence.
        target_end: int32[pairs], one past its last word.

    >>> import xproj_fast as xp
    >>> pairs = xp.SentencePairs.from_lists([["Maria", "sang"]], [["Es", "sang", "Maria"]], [[(0, 1, "PER")]])
    >>> candidates = xp.Spans(np.array([0, 2]), np.array([0, 2], np.int32), np.array([1, 3], np.int32))
    >>> columns = xp.pair_columns(pairs, candidates)
    >>> columns.target_start.tolist(), columns.target_end.tolist()
    ([0, 2], [1, 3])
    """

    sentence: NDArray[np.int64]
    label: NDArray[np.int32]
    source_start: NDArray[np.int32]
    source_end: NDArray[np.int32]
    target_start: NDArray[np.int32]
    target_end: NDArray[np.int32]


def pair_columns(pairs: SentencePairs, candidates: Spans) -> PairColumns:
    """Return every (entity, candidate) pair as columns, in the order of ``PairScores``.

    A score of your own is a function of them:

    >>> import numpy as np
    >>> import xproj_fast as xp
    >>> def length_ratio(pairs, candidates):
    ...     pair = xp.pair_columns(pairs, candidates)
    ...     a, b = pair.source_end - pair.source_start, pair.target_end - pair.target_start
    ...     return np.minimum(a, b) / np.maximum(a, b)
    >>> pairs = xp.SentencePairs.from_lists(
    ...     [["Maria", "Lopez", "sang"]], [["Maria", "Lopez", "sang"]], [[(0, 2, "PER")]], [[(0, 0), (2, 2)]]
    ... )
    >>> evidence = xp.Evidence(given={"length_ratio": length_ratio})
    >>> xp.project(pairs, scores={"alignment": 1.0, "length_ratio": 0.5}, evidence=evidence).spans()
    [[ProjectedSpan(start=0, end=2, label='PER', score=1.0)]]

    Args:
        pairs: N sentence pairs.
        candidates: target spans of the same sentences.

    Returns:
        Columns of as many values as there are pairs.
    """
    count = np.diff(candidates.offsets)
    sentence = row_numbers(pairs.entities.offsets)
    size = count[sentence]  # candidates of each entity
    entity = np.repeat(np.arange(len(sentence)), size)
    candidate = ranges(candidates.offsets[:-1][sentence], size)
    entities = pairs.entities
    return PairColumns(
        sentence[entity],
        entities.label[entity],
        entities.start[entity],
        entities.end[entity],
        candidates.start[candidate],
        candidates.end[candidate],
    )


def as_scores(name: str, made: Any, pairs: SentencePairs, candidates: Spans) -> PairScores:
    """Return what a score made as ``PairScores``: those, or one value per pair in their order.

    Raises:
        InputError: for another number of values, or what is no array of numbers.
    """
    if isinstance(made, PairScores):
        return made
    offsets = score_offsets(pairs.entities, candidates)
    expected = f"scores: expected PairScores of {name!r} or {int(offsets[-1]):,} numbers, one per entity and candidate"
    try:
        values = np.asarray(made, np.float32)
    except (TypeError, ValueError):
        raise InputError(f"{expected}, got {type(made).__name__}", field="scores") from None
    if values.shape != (int(offsets[-1]),):
        raise InputError(f"{expected}, got shape {values.shape}", field="scores")
    return PairScores(offsets, np.ascontiguousarray(values))
