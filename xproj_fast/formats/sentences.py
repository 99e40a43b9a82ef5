"""Chunks of sentences as the readers hand them on, and how chunks become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Links, Record, Words
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.ragged import gather, joined, take

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R", Words, Entities, Links)


@dataclass(frozen=True, slots=True, eq=False)
class Sentences(Record):
    """Consecutive sentences of one file.

    Attributes:
        words: their words.
        entities: their entities, or None where the format has none or none were asked for.
        labels: label names so far; a later chunk of the same file only ever appends to them.
        ids: Arrow array of ids, or None.
        lines: int64[N], the 1-based line each sentence starts on.
        confidences: float32[entities], the probability that each is right, or None where the file does not say.
    """

    words: Words
    entities: Entities | None
    labels: tuple[str, ...]
    ids: pa.Array | None
    lines: NDArray[np.int64]
    confidences: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.words)

    def take(self, rows: NDArray[np.int64]) -> Sentences:
        """Return some of them, in this order."""
        sure = self.confidences
        if sure is not None and self.entities is not None:
            sure = sure[gather(self.entities.offsets, rows)[1]]
        return Sentences(
            take(self.words, rows),
            None if self.entities is None else take(self.entities, rows),
            self.labels,
            None if self.ids is None else self.ids.take(rows),
            self.lines[rows],
            sure,
        )

    def labelled(self) -> LabelledSentences:
        """Return them as labelled sentences; entities may share words, as JSONL has them.

        Raises:
            InputError: for sentences that were read without entities, and entities that do not fit their sentences.
        """
        if self.entities is None:
            raise InputError("entities: expected labelled sentences, got sentences without entities", field="entities")
        return LabelledSentences.from_columns(
            self.words, self.entities, self.labels, self.ids, confidences=self.confidences, nested=True, copy=False
        )


def error_at(where: str, error: InputError, done: int) -> InputError:
    """Return the error of a chunk as one of its file: ``where`` in front, sentences counted from the file's first.

    Without ``where`` (``""``) the message names no file: a writer knows only its own, which is not at fault.
    """
    s = error.sentence
    where = f"{where}: " if where else ""
    if s is None:
        return InputError(f"{where}{error}", field=error.field)
    message = str(error).replace(f"sentence {s}", f"sentence {done + s}", 1)
    return InputError(f"{where}{message}", field=error.field, sentence=done + s)


def concat_records(parts: Sequence[R]) -> R:
    """Join ragged records (words, entities, links) of consecutive chunks, column by column."""
    first = parts[0]
    if len(parts) == 1:
        return first
    columns: dict[str, Any] = {"offsets": joined([part.offsets for part in parts])}
    for name in first.__dataclass_fields__:
        values = [getattr(part, name) for part in parts]
        if name == "offsets" or values[0] is None:
            continue
        if isinstance(values[0], np.ndarray):
            columns[name] = np.concatenate(values)
        else:
            import pyarrow as pa

            # An Arrow string array ends at 2 GiB of text: large_string has no such end.
            wide = pa.large_string()
            columns[name] = pa.concat_arrays([v.cast(wide) if pa.types.is_string(v.type) else v for v in values])
    return type(first)(**columns)


def concat_sentences(parts: Sequence[Sentences]) -> Sentences:
    """Join consecutive chunks of one file."""
    if len(parts) == 1:
        return parts[0]
    entities = [part.entities for part in parts if part.entities is not None]
    ids = [part.ids for part in parts if part.ids is not None]
    sure = [part.confidences for part in parts if part.confidences is not None]
    joined_ids = None
    if ids:
        import pyarrow as pa

        joined_ids = pa.concat_arrays(ids)
    return Sentences(
        concat_records([part.words for part in parts]),
        concat_records(entities) if entities else None,
        parts[-1].labels,
        joined_ids,
        np.concatenate([part.lines for part in parts]),
        np.concatenate(sure) if sure else None,
    )
