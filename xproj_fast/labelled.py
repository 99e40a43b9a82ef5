"""``LabelledSentences``: sentences of one language with their entities, as columns, checked once, immutable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from xproj_fast import arrow_checks, checks
from xproj_fast.arrays import Entities, LabelId, Record, Score, TagId, Words, copied
from xproj_fast.drawn import Reported
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import SpanRule
from xproj_fast.lists import entity_columns, id_column, word_columns
from xproj_fast.ragged import gather, keep, row_of, rows_of, take
from xproj_fast.tags import tag_names

if TYPE_CHECKING:
    import pyarrow as pa

    from xproj_fast.sentence import LabelledSentence


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSentences(Reported, Record):
    """N sentences with their entities: what labelled files hold, what is written to them and what is evaluated.

    Make one with ``from_lists``, ``from_columns`` or ``xproj_fast.read_labelled``; they check it once. The bare
    constructor checks nothing.

    >>> sentences = LabelledSentences.from_lists([["Ada", "Lovelace", "lived", "here"]], [[(0, 2, "PER")]])
    >>> sentences[0]
    [Ada Lovelace]PER lived here
    >>> sentences.tags()
    [['B-PER', 'I-PER', 'O', 'O']]

    Attributes:
        words: their words (offsets int64[N + 1]).
        entities: their entities, ordered by start inside a sentence; ``label`` indexes ``labels``.
        labels: the label names.
        ids: Arrow array[N] of the caller's sentence ids, or None.
        scores: float32[entities], what whoever labelled them chose them by; None = nobody says.
        confidences: float32[entities], the probability, 0 to 1, that span and label are right; None = nobody says.
    """

    words: Words
    entities: Entities
    labels: tuple[str, ...]
    ids: pa.Array | None = None
    scores: Score | None = None
    confidences: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        listed = ", ".join(self.labels) or "no label"
        return f"LabelledSentences({len(self):,} sentences, {len(self.entities.start):,} entities of {listed})"

    @overload
    def __getitem__(self, key: int) -> LabelledSentence: ...
    @overload
    def __getitem__(self, key: slice | Sequence[int] | NDArray[Any]) -> LabelledSentences: ...
    def __getitem__(self, key: Any) -> LabelledSentence | LabelledSentences:
        """Return one sentence, or those of a slice, a mask or a list of row numbers, with arrays of their own."""
        row = row_of(key, len(self))
        if row is not None:
            return self._sentence(row)
        rows = rows_of(key, len(self))
        items = gather(self.entities.offsets, rows)[1]
        return LabelledSentences(
            take(self.words, rows),
            take(self.entities, rows),
            self.labels,
            None if self.ids is None else self.ids.take(rows),
            None if self.scores is None else self.scores[items],
            None if self.confidences is None else self.confidences[items],
        )

    def __iter__(self) -> Iterator[LabelledSentence]:
        return map(self._sentence, range(len(self)))

    def _sentence(self, row: int) -> LabelledSentence:
        from xproj_fast.sentence import LabelledSentence, confidences_of, entities_of, id_of, words_of
        from xproj_fast.text.running import raw_text

        words = words_of(self.words, row)
        return LabelledSentence(
            words,
            entities_of(self.entities, row, self.labels, words),
            id_of(self.ids, row),
            confidences_of(self.confidences, self.entities, row),
            raw_text(self.words, row),
        )

    @classmethod
    def from_columns(
        cls,
        words: Words,
        entities: Entities,
        labels: Sequence[str],
        ids: pa.Array | None = None,
        scores: Score | None = None,
        confidences: NDArray[np.float32] | None = None,
        *,
        nested: bool = False,
        copy: bool = True,
    ) -> LabelledSentences:
        """Check columns and hold them.

        Args:
            words: the words of N sentences.
            entities: their entities, ordered by start.
            labels: label names; ``entities.label`` indexes them.
            ids: Arrow array of one id per sentence, or None.
            scores: float32[entities], or None.
            confidences: float32[entities] from 0 to 1, or None.
            nested: allow entities of one sentence to share words; such have no tags.
            copy: keep a copy of NumPy arrays; False = share them, for arrays that nobody writes to any more.

        Raises:
            InputError: naming the column, the sentence (0-based), what was expected and what was got.
        """
        kernels = get()
        checks.check_dtypes("words", words, Words)
        checks.check_dtypes("entities", entities, Entities)
        if copy:
            words, entities = copied(words), copied(entities)
            scores = None if scores is None else scores.copy()
            confidences = None if confidences is None else confidences.copy()
        counts = {"words": len(words), "entities": len(entities)}
        if ids is not None:
            arrow_checks.check_array(ids, "ids")
            counts["ids"] = len(ids)
        if len(set(counts.values())) > 1:
            listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
            raise InputError(f"expected the same number of sentences everywhere, got {listed}")
        checks.check_words(kernels, words, "words")
        checks.check_entities(kernels, entities, words, len(labels), nested=nested)
        checks.check_names(labels)
        if scores is not None:
            checks.check_per_entity("scores", scores, entities)
        if confidences is not None:
            checks.check_confidences(confidences, entities)
        return cls(words, entities, tuple(labels), ids, scores, confidences)

    @classmethod
    def from_lists(
        cls,
        words: Sequence[Sequence[str]],
        entities: Sequence[Sequence[Any]],
        *,
        labels: Sequence[str] | None = None,
        ids: Sequence[Any] | None = None,
        nested: bool = False,
    ) -> LabelledSentences:
        """Make sentences from Python lists.

        Args:
            words: one list of words per sentence.
            entities: per sentence, ``(start, end, label)`` or dicts with these keys; half-open word indices.
            labels: all label names, in the order ids are wanted; None = in order of first appearance.
            ids: one id per sentence, or None.
            nested: allow entities of one sentence to share words; such have no tags.

        Raises:
            InputError: see ``from_columns``; also for anything that is not a list of the expected items.
        """
        columns = word_columns(words)
        flat, names = entity_columns(entities, labels)
        return cls.from_columns(columns, flat, names, id_column(ids), nested=nested, copy=False)

    @classmethod
    def from_arrow(
        cls,
        table: Any,
        *,
        words: str | None = None,
        tags: str | None = None,
        names: Sequence[str] = (),
        scheme: str = "iob2",
    ) -> LabelledSentences:
        """Make sentences from Arrow data, one row per sentence, such as ``to_arrow`` returns.

        Where it has ``spans`` beside ``tags``, both must say the same, and the confidences of the former are kept;
        scores are left out.

        Args:
            table: anything with ``__arrow_c_stream__``: a table of pyarrow, a frame of polars or pandas, a relation of
                duckdb, ...; a column ``id`` may be there.
            words: the column of lists of words; None = ``tokens``, ``words`` or ``target_words``.
            tags: the column of lists of tags, strings or whole numbers; None = ``ner_tags`` or ``tags``.
            names: what whole numbers stand for, in order; () = what the schema's metadata says.
            scheme: how tags are read, see ``Columns``.

        Raises:
            InputError: for a missing column or several that it may be, another type, nulls, broken arrays, what is no
                tag or breaks the scheme.
        """
        from xproj_fast.arrow_labelled import labelled_from_arrow

        return labelled_from_arrow(table, words=words, tags=tags, names=tuple(names), scheme=scheme)

    @property
    def tag_names(self) -> list[str]:
        """The IOB2 tag of each tag id."""
        return tag_names(self.labels)

    def tag_ids(self) -> TagId:
        """Return int32[words]: 0 = O, 1 + 2 * label = B-label, 2 + 2 * label = I-label.

        Raises:
            InputError: for entities that share words, of which tags can tell one.
        """
        kernels = get()
        checks.check_spans(kernels, self.entities, self.words.offsets, SpanRule.DISJOINT, "entities", "")
        return kernels.encode_iob2(self.words.offsets, self.entities, self.entities.label, len(self.labels))

    def tags(self) -> list[list[str]]:
        """Return the IOB2 tags of the words, one list per sentence; errors as for ``tag_ids``."""
        return get().tags_to_lists(self.words.offsets, self.tag_ids(), self.tag_names)

    def to_arrow(self) -> pa.Table:
        """Return one row per sentence: ``id`` (where there are ids), ``tokens``, ``tags`` and ``spans``.

        See ``xproj_fast.arrow_columns.labelled_to_arrow`` for the schema; errors as for ``tag_ids``.
        """
        from xproj_fast.arrow_columns import labelled_to_arrow

        return labelled_to_arrow(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give what ``to_arrow`` returns to whoever reads Arrow streams: polars, duckdb, pandas, ..."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def drop_labels(self, names: Sequence[str]) -> LabelledSentences:
        """Return the sentences without the entities of some classes (MISC, DATE, ...).

        Raises:
            InputError: for a class that ``labels`` does not have. Where it need not be there, ask first.
        """
        entities, labels, kept = without(self.entities, self.labels, names)
        scores = None if self.scores is None else self.scores[kept]
        sure = None if self.confidences is None else self.confidences[kept]
        return LabelledSentences(self.words, entities, labels, self.ids, scores, sure)

    def displacy(self) -> list[dict[str, Any]]:
        """Return the sentences as displaCy draws them, one dict each.

        They have ``text``, ``ents`` (``start`` and ``end`` in characters, ``label``) and ``title`` (the id or None),
        for ``spacy.displacy.render(docs, style="ent", manual=True)``; and ``tokens`` and ``spans`` for
        ``style="span"``, which also draws entities that lie in one another. The text is the raw one where it is known.
        displaCy takes labels and titles for HTML: they are escaped.

        >>> sentences = LabelledSentences.from_lists([["Ada", "Lovelace", "lived", "here"]], [[(0, 2, "PER")]])
        >>> sentences.displacy()[0]["ents"]
        [{'start': 0, 'end': 12, 'label': 'PER'}]

        Raises:
            InputError: for words of which only the number is known.
        """
        return [sentence.displacy() for sentence in self]

    def counts(self) -> dict[str, int]:
        """Return how many sentences and entities there are; the latter as ``spans``, too, as a projection has them."""
        entities = len(self.entities.start)
        return {"sentences": len(self), "entities": entities, "spans": entities}

    def labelled(self) -> LabelledSentences:
        """Return itself: what is written and evaluated has this method."""
        return self


def without(
    entities: Entities, labels: Sequence[str], names: Sequence[str]
) -> tuple[Entities, tuple[str, ...], NDArray[np.bool_]]:
    """Return entities without those of some classes, the labels that stay, and bool[entities]: which entities did.

    Raises:
        InputError: for a class that is not among the labels.
    """
    if isinstance(names, str):
        raise InputError(f"drop_labels: expected a list of classes, got the string {names!r}", field="drop_labels")
    for name in names:
        if name not in labels:
            raise unknown_name("drop_labels", name, labels, "some of the classes")
    stays = np.array([name not in set(names) for name in labels], np.bool_)
    mask = stays[entities.label]
    kept = keep(entities, mask)
    ids: LabelId = (np.cumsum(stays) - 1).astype(np.int32)
    renumbered = Entities(kept.offsets, kept.start, kept.end, ids[kept.label])
    return renumbered, tuple(name for name in labels if name not in set(names)), mask
