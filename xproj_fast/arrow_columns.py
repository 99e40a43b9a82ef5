"""Arrow tables in and out, one row per sentence pair.

Input columns (``pairs_from_arrow``):

- ``source_words``, ``target_words``: list<string> (or large_list, large_string).
- ``entities``: list<struct<start: int32, end: int32, label: string or dictionary<string>>>; also ``confidence``, a
  number from 0 to 1, where it is known.
- ``alignments`` (optional): list<struct<source: int32, target: int32>>.
- ``id`` (optional): anything.

Lists of int32 and dictionary labels are taken without a copy; other integers and plain string labels are converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Links, Offsets, Outcome, Proof, Status, Words, as_array
from xproj_fast.arrow_checks import check_column
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs

if TYPE_CHECKING:
    import pyarrow as pa

    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.projection import Projection

OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)
STATUSES = tuple(status.name.lower() for status in Status)
PROOFS = tuple(proof.name.lower() for proof in Proof)


def pairs_from_arrow(table: Any, *, nested: bool = False, validate: bool = False) -> SentencePairs:
    """Make sentence pairs from a table or record batch with the columns named above.

    Args:
        table: ``pyarrow.Table`` or ``RecordBatch``; further columns are ignored.
        nested: allow entities of one sentence to share words.
        validate: also check that the bytes of all words are UTF-8. Everything else is checked in any case: no offset,
            length or index of the table can point outside its buffers.

    Raises:
        InputError: for a missing column, another type, nulls, broken arrays, or content that ``SentencePairs`` refuses.
    """
    import pyarrow as pa

    if not isinstance(table, pa.Table | pa.RecordBatch):
        raise InputError(f"table: expected a pyarrow.Table or RecordBatch, got {type(table).__name__}", field="table")
    entity_offsets, entities = list_column(table, "entities")
    labels, label_ids = _labels(_field(entities, "label", "entities"))
    links = None
    if "alignments" in table.schema.names:
        link_offsets, values = list_column(table, "alignments")
        links = Links(
            link_offsets,
            _integers(_field(values, "source", "alignments"), "alignments.source"),
            _integers(_field(values, "target", "alignments"), "alignments.target"),
        )
    return SentencePairs.from_columns(
        Words(*list_column(table, "source_words", full=validate)),
        Words(*list_column(table, "target_words", full=validate)),
        Entities(
            entity_offsets,
            _integers(_field(entities, "start", "entities"), "entities.start"),
            _integers(_field(entities, "end", "entities"), "entities.end"),
            label_ids,
        ),
        labels,
        links,
        column_of(table, "id") if "id" in table.schema.names else None,
        _confidence(entities),
        nested=nested,
        copy=False,
    )


def pairs_to_arrow(pairs: SentencePairs) -> pa.Table:
    """Return the pairs as a table with the columns named above (labels as a dictionary)."""
    from xproj_fast.arrow_arrays import named, numbers, struct_lists, table

    columns: dict[str, Any] = {} if pairs.ids is None else {"id": pairs.ids}
    columns["source_words"] = _words(pairs.source, "source_words")
    columns["target_words"] = _words(pairs.target, "target_words")
    entities = pairs.entities
    known = {
        "start": numbers(entities.start),
        "end": numbers(entities.end),
        "label": named(entities.label, pairs.labels),
    }
    if pairs.source_confidence is not None:
        known["confidence"] = numbers(pairs.source_confidence)
    columns["entities"] = struct_lists(entities.offsets, **known)
    if pairs.alignments is not None:
        links = pairs.alignments
        columns["alignments"] = struct_lists(links.offsets, source=numbers(links.source), target=numbers(links.target))
    return table(columns)


def projection_to_arrow(result: Projection) -> pa.Table:
    """Return a projection as a table, one row per sentence in the order of the input.

    Columns: ``id`` (where there are ids), ``target_words`` list<string> (where there are words), ``tags``
    list<dictionary<string>>, ``spans`` list<struct<entity: int32, start: int32, end: int32,
    label: dictionary<string>, score: float, confidence: float>> (the last where it is known), ``outcomes``
    list<dictionary<string>> (one a source entity), ``objective`` double, ``status`` dictionary<string>, ``proof``
    dictionary<string> (where the matcher proves).
    """
    from xproj_fast.arrow_arrays import lists, named, numbers, struct_lists, table

    pairs, matches = result.pairs, result.matches
    columns: dict[str, Any] = {} if pairs.ids is None else {"id": pairs.ids}
    if pairs.target.strings is not None:
        columns["target_words"] = _words(pairs.target, "target_words")
    columns["tags"] = lists(pairs.target.offsets, named(result.tag_ids(), tuple(result.tag_names)))
    spans = {
        "entity": numbers(matches.entity),
        "start": numbers(matches.start),
        "end": numbers(matches.end),
        "label": named(result.label, pairs.labels),
        "score": numbers(matches.score),
    }
    if result.confidence is not None:
        spans["confidence"] = numbers(result.confidence)
    columns["spans"] = struct_lists(matches.offsets, **spans)
    columns["outcomes"] = lists(pairs.entities.offsets, named(matches.outcome, OUTCOMES))
    columns["objective"] = numbers(matches.objective)
    columns["status"] = named(matches.status, STATUSES)
    if matches.proof is not None:
        columns["proof"] = named(matches.proof, PROOFS)
    return table(columns)


def labelled_to_arrow(sentences: LabelledSentences) -> pa.Table:
    """Return labelled sentences as a table, one row per sentence.

    Columns: ``id`` (where there are ids), ``tokens`` list<string> (where there are words), ``tags``
    list<dictionary<string>>, ``spans`` list<struct<start: int32, end: int32, label: dictionary<string>,
    score: float, confidence: float>> (the last two where they are known).
    """
    from xproj_fast.arrow_arrays import lists, named, numbers, struct_lists, table

    columns: dict[str, Any] = {} if sentences.ids is None else {"id": sentences.ids}
    if sentences.words.strings is not None:
        columns["tokens"] = _words(sentences.words, "words")
    columns["tags"] = lists(sentences.words.offsets, named(sentences.tag_ids(), tuple(sentences.tag_names)))
    entities = sentences.entities
    spans = {
        "start": numbers(entities.start),
        "end": numbers(entities.end),
        "label": named(entities.label, sentences.labels),
    }
    if sentences.scores is not None:
        spans["score"] = numbers(sentences.scores)
    if sentences.confidences is not None:
        spans["confidence"] = numbers(sentences.confidences)
    columns["spans"] = struct_lists(entities.offsets, **spans)
    return table(columns)


def column_of(table: Any, name: str, *, full: bool = True) -> Any:
    """Return a column as one array.

    Args:
        table: that has it.
        name: the column's.
        full: see ``check_column``.

    Raises:
        InputError: for no such column, or several, and for a broken one.
    """
    import pyarrow as pa

    names = table.schema.names
    if names.count(name) != 1:
        many = f"{names.count(name)} of them in" if name in names else "columns"
        raise InputError(f"{name}: expected a column of this name, got {many} {', '.join(names)}", field=name)
    column = table.column(name)
    check_column(column, name, full=full)
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    try:
        return column.combine_chunks()
    except pa.ArrowException as error:  # more than 2 GiB of text under 32-bit offsets, say
        raise InputError(f"{name}: expected a column that fits into one array: {error}", field=name) from None


def list_column(table: Any, name: str, *, full: bool = True) -> tuple[Offsets, Any]:
    """Return int64 offsets that start at 0, and the values they cover, of a list column.

    Without ``full`` (see ``check_column``) nobody has looked at the offsets but the first and the last.
    """
    import pyarrow as pa

    column = column_of(table, name, full=full)
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise InputError(f"{name}: expected a list column, got {column.type}", field=name)
    if column.null_count:
        row = column.is_null().index(True).as_py()
        raise InputError(f"{name}: sentence {row}: expected a list, got null", field=name, sentence=row)
    offsets = column.offsets.to_numpy().astype(np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    if first:
        offsets -= first
    return offsets, column.values.slice(first, last - first)


def _field(values: Any, name: str, column: str) -> Any:
    import pyarrow as pa

    if not pa.types.is_struct(values.type) or values.type.get_field_index(name) < 0:
        raise InputError(f"{column}: expected structs with a field '{name}', got {values.type}", field=column)
    field = values.field(name)
    if field.null_count or values.null_count:
        raise InputError(f"{column}.{name}: expected no nulls, got some", field=column)
    return field


def _integers(values: Any, name: str) -> Any:
    return as_array(values.to_numpy(zero_copy_only=False), np.int32, name)


def _confidence(entities: Any) -> NDArray[np.float32] | None:
    import pyarrow as pa

    if entities.type.get_field_index("confidence") < 0:
        return None
    values = _field(entities, "confidence", "entities")
    if not pa.types.is_floating(values.type):
        raise InputError(f"entities.confidence: expected floats, got {values.type}", field="entities")
    return np.asarray(values.to_numpy(zero_copy_only=False), np.float32)


def _labels(values: Any) -> tuple[list[str], Any]:
    import pyarrow as pa

    if not pa.types.is_dictionary(values.type):
        if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
            raise InputError(
                f"entities.label: expected strings or a dictionary of strings, got {values.type}",
                field="entities",
            )
        values = values.dictionary_encode()
    return values.dictionary.to_pylist(), _integers(values.indices, "entities.label")


def _words(words: Words, name: str) -> Any:
    if words.strings is None:
        raise InputError(f"{name}: expected words, got only their number: the pairs were made without strings")
    from xproj_fast.arrow_arrays import lists

    return lists(words.offsets, words.strings)
