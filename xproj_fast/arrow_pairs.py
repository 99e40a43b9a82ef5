"""Sentence pairs from Arrow data, one row per pair, whatever layout its columns have.

- words: lists of strings.
- entities: lists of structs with start, end and label, or structs of three lists (as ``datasets`` makes of the former);
  labels are strings, or whole numbers that the schema's metadata names; there may be a confidence, too, a float from 0
  to 1. In their place tags: a tag per source word.
- alignments (optional): lists of structs with source and target, lists of pairs, or Pharaoh strings, ``0-0 1-2``.
- id (optional): anything.

Lists may be list, large_list, list_view, large_list_view or fixed_size_list, strings string, large_string, string_view
or dictionaries of these, whole numbers of any width. Of list and large_list, string and large_string, int32 and
dictionary labels nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import _core, checks
from xproj_fast.arrays import Entities, Links, Offsets, Words
from xproj_fast.arrow_layouts import (
    as_table,
    column_of,
    integers,
    is_list,
    is_string,
    list_column,
    list_items,
    plain_strings,
    probabilities,
    strings,
)
from xproj_fast.arrow_names import entities_of_tag_lists, label_ids
from xproj_fast.errors import InputError
from xproj_fast.hub_features import names_of_numbers
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import offsets_of
from xproj_fast.row_faults import Report, RowFaults, firsts_of, raise_it, report_items

CONFIDENCE = "confidence"  # of an entity, where it is known


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table of sentence pairs has what; None = nowhere.

    >>> columns = Columns(source_words="tokens", tags="ner_tags")  # the source side of a data set of the hub
    >>> columns.target_words
    'target_words'

    Attributes:
        source_words: lists of strings.
        target_words: lists of strings.
        entities: of the source words, see ``xproj_fast.arrow_pairs``; not looked at where there are ``tags``.
        tags: a tag per source word, in place of entities: strings, or whole numbers.
        alignments: need not be there.
        id: need not be there.
        names: what whole numbers for tags or labels stand for, in order; () = what the schema's metadata says.
        scheme: how tags are read: ``"iob2"``, ``"iob1"``, ``"bilou"``, ``"any"`` (conlleval's lenient reading) or
            ``"drop"`` (IOB2; what does not begin with B- is no entity).
    """

    source_words: str = "source_words"
    target_words: str = "target_words"
    entities: str = "entities"
    tags: str | None = None
    alignments: str | None = "alignments"
    id: str | None = "id"
    names: tuple[str, ...] = ()
    scheme: str = "iob2"

    @property
    def names_read(self) -> tuple[str | None, ...]:
        """The names of all columns that are looked at; None for what is nowhere."""
        return self.source_words, self.target_words, self.tags or self.entities, self.alignments, self.id


DEFAULT_COLUMNS = Columns()


def pairs_from_arrow(
    data: Any,
    columns: Columns | None = None,
    *,
    nested: bool = False,
    validate: bool = False,
    faults: RowFaults | None = None,
    source_text: bool = True,
    target_text: bool = True,
) -> SentencePairs:
    """Make sentence pairs from Arrow data.

    Args:
        data: see ``as_table``; further columns are ignored.
        columns: names of the columns; None = ``Columns()``.
        nested: allow entities of one sentence to share words.
        validate: also check that the bytes of all words are UTF-8. Everything else is checked in any case: no offset,
            length or index of the table can point outside its buffers.
        faults: gathers what is wrong with rows, which then have neither entities nor links; None = it is raised.
        source_text: the pairs have the source words; False = their number alone, as far as it costs nothing to have it.
        target_text: the same of the target words.

    Raises:
        InputError: for a missing column, another type, broken arrays; without ``faults`` also for nulls, and content
            that ``SentencePairs`` refuses.
    """
    table, columns = as_table(data), columns or DEFAULT_COLUMNS
    report = raise_it if faults is None else faults
    source = _words(table, columns.source_words, validate, report, source_text)
    target = _words(table, columns.target_words, validate, report, target_text)
    entities, labels, sure = _entities(table, columns, source, report)
    links = None
    there = table.schema.names
    if columns.alignments is not None and columns.alignments in there:
        links = _links(column_of(table, columns.alignments, full=False), columns.alignments, report)
    ids = column_of(table, columns.id) if columns.id is not None and columns.id in there else None
    kernels = get()
    checks.check_names(labels)
    for field, words in ((columns.source_words, source), (columns.target_words, target)):
        checks.check_words(kernels, words, field)
    checks.check_same_length(source, target, entities, links, ids)
    checks.check_entities(kernels, entities, source, len(labels), nested=nested, side="source ", report=report)
    if links is not None:
        checks.check_alignments(kernels, links, source, target, report)
    if faults:
        sure = None if sure is None else emptied(entities.offsets, faults.rows, sure)[1]
        entities = without_rows(entities, faults.rows)
        links = None if links is None else without_rows(links, faults.rows)
    return SentencePairs(source, target, entities, tuple(labels), links, ids, sure)


def without_rows(record: Any, rows: NDArray[np.int64]) -> Any:
    """Return a record whose sentences of some rows, in order, are empty."""
    offsets = record.offsets
    columns = [getattr(record, name) for name in record.__dataclass_fields__ if name != "offsets"]
    return type(record)(*emptied(offsets, rows, *columns))


def emptied(offsets: Offsets, rows: NDArray[np.int64], *columns: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return the offsets and columns of ragged data of which some rows, in order, are empty."""
    counts = np.diff(offsets)
    counts[rows] = 0
    # What lies between those rows is copied as it is: they are few.
    begin = np.append(0, offsets[rows + 1]).tolist()
    end = np.append(offsets[rows], offsets[-1]).tolist()
    between = [slice(a, b) for a, b in zip(begin, end, strict=True) if a < b]
    return offsets_of(counts), *(_joined(column, between) for column in columns)


def _joined(column: NDArray[Any], parts: list[slice]) -> NDArray[Any]:
    """Return parts of a column, in Arrow's memory: see csrc/bindings/arrow.cpp."""
    import pyarrow as pa

    count = sum(part.stop - part.start for part in parts)
    joined = np.frombuffer(pa.allocate_buffer(count * column.itemsize), column.dtype)
    return np.concatenate([column[:0], *(column[part] for part in parts)], out=joined)


def _words(table: Any, name: str, validate: bool, report: Report, text: bool) -> Words:
    offsets, values = list_column(table, name, full=validate, report=report)
    if not text and is_string(values.type) and not values.null_count:
        return Words(offsets)
    return Words(offsets, strings(values, name, offsets, report))


def _entities(
    table: Any, columns: Columns, source: Words, report: Report
) -> tuple[Entities, tuple[str, ...], NDArray[np.float32] | None]:
    """Return the entities, the names of their labels, and how sure each is, None where nobody says."""
    if columns.tags is not None:
        name = columns.tags
        numbered = columns.names or names_of_numbers(table.schema, name)
        column = column_of(table, name, full=False)
        return *entities_of_tag_lists(column, name, source.offsets, numbered, columns.scheme, report), None
    name = columns.entities
    numbered = columns.names or names_of_numbers(table.schema, name, "label")
    column = column_of(table, name, full=False)
    says = (CONFIDENCE,) if _has_field(column.type, CONFIDENCE) else ()
    offsets, (start, end, label, *sure) = _fields(column, name, ("start", "end", "label", *says), report)
    ids, labels = label_ids(label, f"{name}.label", offsets, numbered, report)
    first, last = (integers(part, f"{name}.{key}", offsets, report) for key, part in (("start", start), ("end", end)))
    found = [probabilities(each, f"{name}.{CONFIDENCE}", offsets, report) for each in sure]
    return Entities(offsets, first, last, ids), labels, found[0] if found else None


def _has_field(kind: Any, key: str) -> bool:
    """Return whether lists of structs, or structs of lists, have a field that says something."""
    import pyarrow as pa

    struct = kind.value_type if is_list(kind) else kind
    place = struct.get_field_index(key) if pa.types.is_struct(struct) else -1
    if place < 0:
        return False
    said = struct.field(place).type
    return not pa.types.is_null(said.value_type if is_list(said) else said)


def _links(column: Any, name: str, report: Report) -> Links:
    import pyarrow as pa

    if is_string(column.type):
        return _link_strings(column, name, report)
    if is_list(column.type) and is_list(column.type.value_type):
        return _link_lists(column, name, report)
    if not (is_list(column.type) or pa.types.is_struct(column.type) or pa.types.is_null(column.type)):
        expected = "lists of structs with source and target, lists of pairs, or strings such as '0-0 1-2'"
        raise InputError(f"{name}: expected {expected}, got {column.type}", field=name)
    offsets, (source, target) = _fields(column, name, ("source", "target"), report)
    return Links(
        offsets,
        integers(source, f"{name}.source", offsets, report),
        integers(target, f"{name}.target", offsets, report),
    )


def _link_strings(column: Any, name: str, report: Report) -> Links:
    rows = np.arange(len(column) + 1)
    links, faults = _core.read_link_strings(*plain_strings(strings(column, name, rows, report), name))
    for row, message in faults:
        report(InputError(f"{name}: sentence {row}: {message}", field=name, sentence=row))
    return links


def _link_lists(column: Any, name: str, report: Report) -> Links:
    offsets, pairs = list_items(column, name, report)
    inner, values = list_items(pairs, name, RowFaults())  # these would be links, as if they were sentences
    odd = np.flatnonzero(np.diff(inner) != 2)
    if pairs.null_count:
        odd = np.union1d(odd, np.flatnonzero(pairs.is_null().to_numpy(zero_copy_only=False)))
    for link in firsts_of(offsets, odd).tolist():
        got = pairs[link].as_py()
        report_items(report, offsets, np.array([link]), name, f"expected a pair of word indices, got {got}")
    numbers = integers(values, name, inner[offsets], report)
    if len(odd):
        first = inner[:-1]
        numbers = np.append(numbers, np.zeros(2, np.int32))  # what stands in an odd one does not count
        return Links(offsets, numbers[first], numbers[first + 1])
    return Links(offsets, np.ascontiguousarray(numbers[::2]), np.ascontiguousarray(numbers[1::2]))


def _fields(column: Any, name: str, keys: Sequence[str], report: Report) -> tuple[Offsets, list[Any]]:
    """Return the offsets and the fields of lists of structs, or of a struct of lists."""
    import pyarrow as pa

    if pa.types.is_struct(column.type):
        return _struct_of_lists(column, name, keys, report)
    offsets, values = list_items(column, name, report)
    if pa.types.is_null(values.type):  # of lists without items nobody has said what they would be
        values = pa.nulls(len(values), pa.struct([(key, pa.null()) for key in keys]))
    if pa.types.is_struct(values.type) and values.null_count:
        nulls = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))
        report_items(report, offsets, nulls, name, f"expected {', '.join(keys)}, got null")
    return offsets, [_field(values, key, name) for key in keys]


def _struct_of_lists(column: Any, name: str, keys: Sequence[str], report: Report) -> tuple[Offsets, list[Any]]:
    if column.null_count:
        for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            report(InputError(f"{name}: sentence {row}: expected lists, got null", field=name, sentence=row))
    parts = [list_items(_field(column, key, name), f"{name}.{key}", report) for key in keys]
    all_offsets = [offsets for offsets, _ in parts]
    counts = np.array([np.diff(offsets) for offsets in all_offsets])
    odd = np.flatnonzero((counts != counts[0]).any(axis=0))
    if not len(odd):
        return all_offsets[0], [values for _, values in parts]
    for row in odd.tolist():
        got = ", ".join(f"{key} {count}" for key, count in zip(keys, counts[:, row].tolist(), strict=True))
        message = f"{name}: sentence {row}: expected lists of one length, got {got}"
        report(InputError(message, field=name, sentence=row))
    good = np.ones(counts.shape[1], np.bool_)
    good[odd] = False
    kept = [values.filter(_array(np.repeat(good, np.diff(offsets)))) for offsets, values in parts]
    return offsets_of(np.where(good, counts[0], 0)), kept


def _array(mask: NDArray[np.bool_]) -> Any:
    import pyarrow as pa

    return pa.array(mask)


def _field(values: Any, key: str, name: str) -> Any:
    import pyarrow as pa

    if not pa.types.is_struct(values.type) or values.type.get_field_index(key) < 0:
        raise InputError(f"{name}: expected structs with a field '{key}', got {values.type}", field=name)
    return values.field(key)
