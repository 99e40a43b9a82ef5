"""``Projection``, what ``project()`` returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xproj_fast.arrays import (
    Entities,
    LabelId,
    Matches,
    Outcome,
    Record,
    Spans,
    Status,
    TagId,
    Words,
    read_only,
)
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs

if TYPE_CHECKING:
    import pyarrow as pa


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

    def tags(self) -> list[list[str]]:
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
