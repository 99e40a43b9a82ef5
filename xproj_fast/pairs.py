"""``SentencePairs``: a batch of sentence pairs as columns, checked once, immutable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from xproj_fast import arrow_checks, checks
from xproj_fast.arrays import Entities, Links, Words, as_array, compact, copied, read_only
from xproj_fast.drawn import DrawnBatch
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.lists import entity_columns, id_column, link_columns, tagged_entities, word_columns
from xproj_fast.ragged import gather, row_of, rows_of, take

if TYPE_CHECKING:
    import pyarrow as pa

    from xproj_fast.arrow_pairs import Columns
    from xproj_fast.sentence import SentencePair


@dataclass(frozen=True, slots=True, eq=False)
class SentencePairs(DrawnBatch):
    """N sentence pairs with the entities of the source side.

    Make one with ``from_lists``, ``from_arrays``, ``from_arrow`` or ``xproj_fast.read_pairs``; they check offsets,
    bounds, order and labels once, and everything downstream relies on it: the arrays here are read-only, and copies
    of what was given unless ``copy=False``. The bare constructor, ``SentencePairs(...)``, checks nothing.

    Attributes:
        source: the source words (offsets int64[N + 1]).
        target: the target words.
        entities: source entities, ordered by start inside a sentence; ``label`` indexes ``labels``.
        labels: the label names.
        alignments: word alignments, or None.
        ids: Arrow array[N] of the caller's sentence ids, or None.
        source_confidence: float32[entities], the probability that each entity is right, as a tagger's file has it;
            None = nobody says. It is evidence where it is asked for: ``Evidence(source_confidence=...)``.

    >>> import xproj_fast as xp
    >>> pairs = xp.SentencePairs.from_lists(
    ...     [["Maria", "sang"]], [["Maria", "sang"]], entities=[[(0, 1, "PER")]], alignments=[[(0, 0), (1, 1)]]
    ... )
    >>> len(pairs), pairs.labels
    (1, ('PER',))
    """

    source: Words
    target: Words
    entities: Entities
    labels: tuple[str, ...]
    alignments: Links | None = None
    ids: pa.Array | None = None
    source_confidence: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.source_confidence is not None:
            object.__setattr__(self, "source_confidence", read_only(self.source_confidence))

    def __len__(self) -> int:
        return len(self.target)

    def __repr__(self) -> str:
        links = "no alignments" if self.alignments is None else f"{len(self.alignments.source):,} links"
        return (
            f"SentencePairs({len(self):,} sentences, {len(self.entities.start):,} entities "
            f"of {', '.join(self.labels) or 'no label'}, {links})"
        )

    @overload
    def __getitem__(self, key: int) -> SentencePair: ...
    @overload
    def __getitem__(self, key: slice | Sequence[int] | NDArray[Any]) -> SentencePairs: ...
    def __getitem__(self, key: Any) -> SentencePair | SentencePairs:
        """Return one pair, or those of a slice, a mask or a list of row numbers, with arrays of their own."""
        row = row_of(key, len(self))
        if row is not None:
            return self._pair(row)
        rows = rows_of(key, len(self))
        return SentencePairs(
            take(self.source, rows),
            take(self.target, rows),
            take(self.entities, rows),
            self.labels,
            None if self.alignments is None else take(self.alignments, rows),
            None if self.ids is None else self.ids.take(rows),
            None if self.source_confidence is None else self.source_confidence[gather(self.entities.offsets, rows)[1]],
        )

    def __iter__(self) -> Iterator[SentencePair]:
        return map(self._pair, range(len(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        columns = (self.source, self.target, self.entities, self.labels, self.alignments)
        return SentencePairs, (*columns, compact(self.ids), self.source_confidence)

    def _pair(self, row: int) -> SentencePair:
        from xproj_fast.sentence import SentencePair, confidences_of, entities_of, id_of, words_of
        from xproj_fast.text.running import raw_text  # who reads columns needs none of these

        words = words_of(self.source, row)
        links = None
        if self.alignments is not None:
            a, b = self.alignments.offsets[row : row + 2].tolist()
            links = tuple(zip(self.alignments.source[a:b].tolist(), self.alignments.target[a:b].tolist(), strict=True))
        entities = entities_of(self.entities, row, self.labels, words)
        return SentencePair(
            words,
            words_of(self.target, row),
            entities,
            links,
            id_of(self.ids, row),
            confidences_of(self.source_confidence, self.entities, row),
            raw_text(self.source, row),
            raw_text(self.target, row),
        )

    @classmethod
    def from_columns(
        cls,
        source: Words,
        target: Words,
        entities: Entities,
        labels: Sequence[str],
        alignments: Links | None = None,
        ids: pa.Array | None = None,
        source_confidence: NDArray[np.float32] | None = None,
        *,
        nested: bool = False,
        copy: bool = True,
    ) -> SentencePairs:
        """Check columns and hold them.

        Args:
            source: source words.
            target: target words of as many sentences.
            entities: entities of the source sentences, ordered by start.
            labels: label names; ``entities.label`` indexes them.
            alignments: word links of the same sentences, or None.
            ids: Arrow array of one id per sentence, or None.
            source_confidence: float32[entities] from 0 to 1, or None.
            nested: allow entities of one sentence to share words.
            copy: keep a copy of NumPy arrays; False = share them, for arrays that nobody writes to any more. Arrow
                arrays, which nothing can change, are shared either way.

        Raises:
            InputError: naming the column, the sentence (0-based), what was expected and what was got.
        """
        kernels = get()
        checks.check_dtypes("source_words", source, Words)
        checks.check_dtypes("target_words", target, Words)
        checks.check_dtypes("entities", entities, Entities)
        if alignments is not None:
            checks.check_dtypes("alignments", alignments, Links)
        if copy:
            source, target, entities = copied(source), copied(target), copied(entities)
            alignments = None if alignments is None else copied(alignments)
            source_confidence = None if source_confidence is None else source_confidence.copy()
        if ids is not None:
            arrow_checks.check_array(ids, "ids")
        checks.check_same_length(source, target, entities, alignments, ids)
        checks.check_words(kernels, source, "source_words")
        checks.check_words(kernels, target, "target_words")
        return cls._checked(source, target, entities, labels, alignments, ids, source_confidence, nested=nested)

    @classmethod
    def _checked(
        cls,
        source: Words,
        target: Words,
        entities: Entities,
        labels: Sequence[str],
        alignments: Links | None,
        ids: pa.Array | None,
        source_confidence: NDArray[np.float32] | None = None,
        *,
        nested: bool,
    ) -> SentencePairs:
        """Check what is said of words that are good, in arrays of the right dtypes, and hold it all."""
        kernels = get()
        checks.check_entities(kernels, entities, source, len(labels), nested=nested, side="source ")
        checks.check_names(labels)
        if alignments is not None:
            checks.check_alignments(kernels, alignments, source, target)
        if source_confidence is not None:
            checks.check_confidences(source_confidence, entities, "source_confidence")
        return cls(source, target, entities, tuple(labels), alignments, ids, source_confidence)

    @classmethod
    def from_lists(
        cls,
        source_words: Sequence[Sequence[str]],
        target_words: Sequence[Sequence[str]],
        entities: Sequence[Sequence[Any]],
        alignments: Links | Sequence[str] | Sequence[Sequence[tuple[int, int]]] | None = None,
        *,
        labels: Sequence[str] | None = None,
        ids: Sequence[Any] | None = None,
        nested: bool = False,
    ) -> SentencePairs:
        """Make pairs from Python lists.

        Args:
            source_words: one list of words per sentence.
            target_words: one list of words per sentence.
            entities: per sentence, ``(start, end, label)`` or dicts with these keys; half-open word indices.
            alignments: per sentence, ``(source, target)`` word index pairs, or a string ``"0-0 1-2"``; or what
                ``parse_pharaoh`` returned; or None.
            labels: all label names, in the order ids are wanted; None = in order of first appearance.
            ids: one id per sentence, or None.
            nested: allow entities of one sentence to share words.

        Raises:
            InputError: see ``from_columns``; also for anything that is not a list of the expected items.
        """
        source = word_columns(source_words, "source_words")
        target = word_columns(target_words, "target_words")
        flat, names = entity_columns(entities, labels)
        links = None if alignments is None else link_columns(alignments)
        id_array = id_column(ids)
        checks.check_same_length(source, target, flat, links, id_array)
        return cls._checked(source, target, flat, names, links, id_array, nested=nested)

    @classmethod
    def from_tags(
        cls,
        source_words: Sequence[Sequence[str]],
        source_tags: Sequence[Sequence[str]] | Sequence[Sequence[int]],
        target_words: Sequence[Sequence[str]],
        alignments: Links | Sequence[str] | Sequence[Sequence[tuple[int, int]]] | None = None,
        *,
        tag_names: Sequence[str] = (),
        scheme: str = "iob2",
        ids: Sequence[Any] | None = None,
    ) -> SentencePairs:
        """Make pairs from Python lists, the entities from a tag per source word.

        >>> pairs = SentencePairs.from_tags([["Ada", "Ng"]], [["B-PER", "I-PER"]], [["Ada", "Ng"]], ["0-0 1-1"])
        >>> pairs.entities.end.tolist(), pairs.labels
        ([2], ('PER',))

        Args:
            source_words: one list of words per sentence.
            source_tags: one list of tags per sentence, a tag per word: ``"O"``, ``"B-PER"``, ..., or whole numbers.
            target_words: one list of words per sentence.
            alignments: see ``from_lists``.
            tag_names: what whole numbers stand for, in order.
            scheme: how tags are read, see ``Columns``.
            ids: one id per sentence, or None.

        Raises:
            InputError: see ``from_lists``; also for what is no tag, breaks the scheme, or is not one per word.
        """
        source = word_columns(source_words, "source_words")
        target = word_columns(target_words, "target_words")
        entities, labels = tagged_entities(source_tags, source.offsets, tag_names, scheme)
        links = None if alignments is None else link_columns(alignments)
        id_array = id_column(ids)
        checks.check_same_length(source, target, entities, links, id_array)
        return cls._checked(source, target, entities, labels, links, id_array, nested=False)

    @classmethod
    def from_arrays(
        cls,
        *,
        source_offsets: Any,
        target_offsets: Any,
        entity_offsets: Any,
        entity_start: Any,
        entity_end: Any,
        entity_label: Any,
        labels: Sequence[str],
        alignment_offsets: Any = None,
        alignment_source: Any = None,
        alignment_target: Any = None,
        source_words: pa.Array | None = None,
        target_words: pa.Array | None = None,
        nested: bool = False,
        copy: bool = True,
    ) -> SentencePairs:
        """Make pairs from flat arrays.

        Args:
            source_offsets: int64[N + 1], word counts of the source as offsets.
            target_offsets: int64[N + 1].
            entity_offsets: int64[N + 1]. entity_start, entity_end, entity_label: int32[entities].
            entity_start: first word of each entity in its sentence.
            entity_end: one past its last word.
            entity_label: positions in ``labels``.
            labels: label names.
            alignment_offsets: int64[N + 1], or None for no alignments.
            alignment_source: int32[links], source word of each link.
            alignment_target: int32[links], target word of each link.
            source_words: Arrow string array of all source words, or None: their number is enough to project.
            target_words: the same for the target; stop words need it.
            nested: allow entities of one sentence to share words.
            copy: keep a copy; False = share the arrays that have the right dtype, which nobody may write to any more.

        Raises:
            InputError: see ``from_columns``.
        """
        given = [a is not None for a in (alignment_offsets, alignment_source, alignment_target)]
        if any(given) and not all(given):
            raise InputError("alignments: expected alignment_offsets, _source and _target together, got only some")
        links = None
        if all(given):
            links = Links(
                as_array(alignment_offsets, np.int64, "alignment_offsets", copy=copy),
                as_array(alignment_source, np.int32, "alignment_source", copy=copy),
                as_array(alignment_target, np.int32, "alignment_target", copy=copy),
            )
        return cls.from_columns(
            Words(as_array(source_offsets, np.int64, "source_offsets", copy=copy), source_words),
            Words(as_array(target_offsets, np.int64, "target_offsets", copy=copy), target_words),
            Entities(
                as_array(entity_offsets, np.int64, "entity_offsets", copy=copy),
                as_array(entity_start, np.int32, "entity_start", copy=copy),
                as_array(entity_end, np.int32, "entity_end", copy=copy),
                as_array(entity_label, np.int32, "entity_label", copy=copy),
            ),
            labels,
            links,
            nested=nested,
            copy=False,  # that was done above
        )

    @classmethod
    def from_arrow(
        cls, table: Any, columns: Columns | None = None, *, nested: bool = False, validate: bool = False
    ) -> SentencePairs:
        """Make pairs from an Arrow table or record batch, sharing its memory, which nothing can change.

        Args:
            table: anything with ``__arrow_c_stream__``: a table of pyarrow, a frame of polars or pandas, a relation of
                duckdb, ... See ``xproj_fast.arrow_pairs`` for its columns. One made over a NumPy array changes with
                it: nobody may write to that any more.
            columns: where the table has what; None = ``Columns()``.
            nested: allow entities of one sentence to share words.
            validate: also check that the bytes of all words are UTF-8, for a table that was not made by Arrow itself.
                No offset, length or index can point outside the table's memory either way.

        Raises:
            InputError: see ``from_columns``; also for a missing column, another type, nulls, broken arrays.
        """
        from xproj_fast.arrow_pairs import pairs_from_arrow

        return pairs_from_arrow(table, columns, nested=nested, validate=validate)

    def to_arrow(self) -> pa.Table:
        """Return one row per pair, with the columns that ``from_arrow`` reads."""
        from xproj_fast.arrow_columns import pairs_to_arrow

        return pairs_to_arrow(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give what ``to_arrow`` returns to whoever reads Arrow streams: polars, duckdb, pandas, ..."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def with_alignments(
        self, alignments: Links | Sequence[str] | Sequence[Sequence[tuple[int, int]]], *, copy: bool = True
    ) -> SentencePairs:
        """Return the same pairs with other alignments: see ``from_lists``, ``copy`` as in ``from_columns``."""
        alignments = link_columns(alignments, copy=copy)
        return SentencePairs.from_columns(
            self.source,
            self.target,
            self.entities,
            self.labels,
            alignments,
            self.ids,
            self.source_confidence,
            nested=True,  # order and overlaps were settled when these pairs were made
            copy=False,
        )

    def drop_labels(self, names: Sequence[str]) -> SentencePairs:
        """Return the pairs without the entities of some classes (MISC, DATE, ...).

        Raises:
            InputError: for a class that ``labels`` does not have. Where it need not be there, ask first.
        """
        from xproj_fast.labelled import without

        entities, labels, kept = without(self.entities, self.labels, names)
        sure = None if self.source_confidence is None else self.source_confidence[kept]
        return replace(self, entities=entities, labels=labels, source_confidence=sure)
