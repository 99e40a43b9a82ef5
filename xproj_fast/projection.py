"""``Projection``, what ``project()`` returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import (
    Entities,
    LabelId,
    Matches,
    Outcome,
    Record,
    Spans,
    Status,
    TagId,
    read_only,
)
from xproj_fast.confidence import MEAN, expected_precision
from xproj_fast.drawn import Reported
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import cut, flat, gather, row_of, rows_of, take_matches
from xproj_fast.tags import tag_names
from xproj_fast.wording import count

if TYPE_CHECKING:
    import pyarrow as pa

    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.projected import ProjectedPair


class ProjectedSpan(NamedTuple):
    """One projected entity: target words ``[start, end)``, its label, its score and how sure it is.

    The confidence is the probability that span and label are right; None where no score says it.

    >>> import xproj_fast as xp
    >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"))
    >>> result.spans()[0][0]
    ProjectedSpan(start=0, end=2, label='PER', score=1.0)
    """

    start: int
    end: int
    label: str
    score: float
    confidence: float | None = None

    def __repr__(self) -> str:
        sure = "" if self.confidence is None else f", confidence={self.confidence!r}"
        return (
            f"ProjectedSpan(start={self.start!r}, end={self.end!r}, label={self.label!r}, score={self.score!r}{sure})"
        )


@dataclass(frozen=True, eq=False)
class Projection(Reported, Record):
    """The projected spans of N sentence pairs, in the order of the input.

    ``result[3]`` is one pair, printed with its spans in brackets; ``result[10:20]``, ``result[mask]`` and
    ``result[[3, 1, 4]]`` are projections of some pairs alone.

    >>> import xproj_fast as xp
    >>> words = ["Ada", "Lovelace", "lived", "in", "London"], ["Ada", "Lovelace", "lebte", "in", "London"]
    >>> entities, links = [(0, 2, "PER"), (4, 5, "LOC")], [(0, 0), (1, 1), (3, 3)]
    >>> result = xp.project(xp.SentencePairs.from_lists([words[0]], [words[1]], [entities], [links]))
    >>> result[0]
    [Ada Lovelace]PER lived in [London]LOC
    [Ada Lovelace]PER lebte in London
    not projected: London LOC (unscored)
    >>> result.tags()
    [['B-PER', 'I-PER', 'O', 'O', 'O']]

    Attributes:
        pairs: the input.
        matches: the chosen spans as columns; per sentence the objective and status, per entity the outcome.
        options: how it was made, as plain values.
        confidence: float32[spans], the probability that span and label of each are right, by a score that is one; None
            where none was used.
    """

    pairs: SentencePairs
    matches: Matches
    options: dict[str, Any]
    confidence: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return (
            f"Projection({len(self):,} sentences, {len(self.matches.start):,} spans "
            f"of {len(self.pairs.entities.start):,} entities)"
        )

    @overload
    def __getitem__(self, key: int) -> ProjectedPair: ...
    @overload
    def __getitem__(self, key: slice | Sequence[int] | NDArray[Any]) -> Projection: ...
    def __getitem__(self, key: Any) -> ProjectedPair | Projection:
        """Return one pair, or those of a slice, a mask or a list of row numbers, with arrays of their own."""
        row = row_of(key, len(self))
        if row is not None:
            return self._pair(row)
        rows = rows_of(key, len(self))
        matches = take_matches(self.matches, self.pairs.entities.offsets, rows)
        sure = None if self.confidence is None else self.confidence[gather(self.matches.offsets, rows)[1]]
        return Projection(self.pairs[rows], matches, self.options, sure)

    def __iter__(self) -> Iterator[ProjectedPair]:
        return map(self._pair, range(len(self)))

    def _pair(self, row: int) -> ProjectedPair:
        from xproj_fast.projected import pair_of  # who reads columns needs no pairs

        return pair_of(self.pairs, self.matches, row, self.confidence)

    def _title(self) -> str:
        counts = self.counts()
        sure = counts.pop(MEAN, None)
        outcomes = ((each.name.lower().replace("_", " "), counts[each.name.lower()]) for each in Outcome)
        said = [count(len(self), "sentence"), count(counts["entities"], "entity")]
        said += [f"{number:,} {name}" for name, number in outcomes if number]
        if sure is not None:
            said.append(f"expected precision {sure:.3f}")
        return f"Projection: {', '.join(said)}"

    def _more(self, left: int) -> str:
        return f"... {left:,} more: result.show(i), result.report('out.html')"

    def displacy(self) -> list[dict[str, Any]]:
        """Return the target sentences as displaCy draws them, one dict each: see ``LabelledSentences.displacy``."""
        return [pair.displacy() for pair in self]

    @cached_property
    def label(self) -> LabelId:
        """int32[spans]: the label id of each span, that of its source entity."""
        entity = flat(self.matches.entity, self.matches.offsets, self.pairs.entities.offsets)
        return read_only(self.pairs.entities.label[entity])

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """int64[spans]: the spans by where they start in their sentences, as ``labelled`` has them."""
        # No two of a sentence share a word, so that where they start says their order, which is almost theirs already.
        starts = flat(self.matches.start, self.matches.offsets, self.pairs.target.offsets)
        return read_only(np.argsort(starts, kind="stable"))

    @property
    def tag_names(self) -> list[str]:
        """The IOB2 tag of each tag id."""
        return tag_names(self.pairs.labels)

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
        """Return the IOB2 tags of the target words, one list per sentence."""
        kernels = get(self.options["backend"])
        return kernels.tags_to_lists(self.pairs.target.offsets, self.tag_ids(), self.tag_names)

    def spans(self) -> list[list[ProjectedSpan]]:
        """Return the projected spans of each sentence, ordered by entity, then by start."""
        names = self.pairs.labels
        found = [
            ProjectedSpan(start, end, names[label], score, sure)
            for start, end, label, score, sure in zip(
                self.matches.start.tolist(),
                self.matches.end.tolist(),
                self.label.tolist(),
                self.matches.score.tolist(),
                repeat(None, len(self.matches.start)) if self.confidence is None else self.confidence.tolist(),
                strict=True,
            )
        ]
        return cut(found, self.matches.offsets)

    def labelled(self) -> LabelledSentences:
        """Return the target sentences with the projected spans, by start, as their entities, and all known of them."""
        from xproj_fast.labelled import LabelledSentences

        m, order = self.matches, self.order
        entities = Entities(m.offsets, m.start[order], m.end[order], self.label[order])
        sure = None if self.confidence is None else self.confidence[order]
        return LabelledSentences(self.pairs.target, entities, self.pairs.labels, self.pairs.ids, m.score[order], sure)

    def to_arrow(self, *, with_source: bool = False) -> pa.Table:
        """Return one row per sentence: ids, target words, spans with scores, tags, objective and status.

        See ``xproj_fast.arrow_columns.projection_to_arrow`` for the schema.

        Args:
            with_source: also ``source_words``, ``source_tags`` and ``alignments`` (where there are links).

        Raises:
            InputError: for source entities that share words, which tags cannot tell.
        """
        from xproj_fast.arrow_columns import projection_to_arrow

        return projection_to_arrow(self, with_source=with_source)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give what ``to_arrow`` returns to whoever reads Arrow streams: polars, duckdb, pandas, ..."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def label_counts(self) -> dict[str, int]:
        """Return how many spans each label has, of all the labels there are."""
        counts = np.bincount(self.label, minlength=len(self.pairs.labels))
        return dict(zip(self.pairs.labels, counts.tolist(), strict=True))

    def counts(self) -> dict[str, Any]:
        """Return what was projected, and what was not and why.

        ``entities`` = ``projected`` + ``unscored`` + ``overlap`` + ``too_short`` + ``unsure`` (see ``Outcome``);
        ``spans`` can exceed ``projected`` where the limit or the heuristic gives an entity several. Where spans have
        confidences, ``expected_precision`` is their mean; everything else is a whole number.
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
            **({} if self.confidence is None else expected_precision(self.confidence)),
        }
