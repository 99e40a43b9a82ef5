"""Data sets for Hugging Face's ``datasets``: ``tokens`` and ``ner_tags``, in Parquet with ClassLabel, or JSONL.

Which classes there are is known at the end alone: chunks bring their own. Their numbers are given in the order in which
they come, and the names are written into the file's footer when it is closed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xproj_fast.arrow_labelled import WORDS_COLUMNS, the_only
from xproj_fast.arrow_layouts import column_of, list_items
from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.streams import format_suffix
from xproj_fast.tags import tag_names

SOURCE = ("source_words", "source_tags", "alignments")


@contextmanager
def hub_writer(path: Path) -> Iterator[Callable[[Any], None]]:
    """Open a file; yields the function that appends a table of ``LabelledSentences`` or ``Projection``.

    Columns: ``id``, ``tokens``, ``ner_tags``; ``confidences`` of the entities, where they are known; ``problem``, where
    a run tells which sentences could not be translated: their tags are null, as nothing is known of them;
    ``source_tokens``, ``source_ner_tags`` and ``alignments`` (Pharaoh), where a table has the source. Other columns
    that were kept come along.

    Args:
        path: ends in .parquet, or in .jsonl (also .gz, .zst), where tags are strings.

    Raises:
        InputError: for another suffix; for tables whose columns differ.
    """
    suffix = format_suffix(path)
    if suffix not in ("parquet", "jsonl"):
        raise InputError(f"{path}: expected a name that ends in .parquet or .jsonl for hf output, got .{suffix}")
    with whole_file(path) as out:
        writer = (_Parquet if suffix == "parquet" else _Jsonl)(out)
        try:
            yield writer.write
            writer.close()
        finally:
            writer.abandon()


class _Numbers:
    """ClassLabel's numbers of tags: 0 = O, then B- and I- of each class as it comes."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    @property
    def names(self) -> list[str]:
        return tag_names(tuple(self.labels))

    def of(self, tags: Any, name: str) -> Any:
        """Return lists of tags as lists of numbers."""
        import pyarrow as pa

        offsets, values = list_items(tags, name)
        if not pa.types.is_dictionary(values.type):
            values = values.dictionary_encode()
        given = values.dictionary.to_pylist()
        for tag in given:
            if tag != "O" and tag[2:] not in self.labels:
                self.labels.append(tag[2:])
        number = {tag: i for i, tag in enumerate(self.names)}
        numbers = pa.array([number[tag] for tag in given], pa.int64()).take(values.indices)
        return pa.LargeListArray.from_arrays(pa.array(offsets), numbers).cast(pa.list_(pa.int64()))


def _plain(table: Any, tags: Callable[[Any, str], Any]) -> Any:
    """Return our table as one of the hub's; ``tags`` makes of lists of tags what the file holds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there = table.schema.names
    words = the_only(table, WORDS_COLUMNS, "words")
    strings = pa.list_(pa.string())
    made: dict[str, Any] = {"id": column_of(table, "id")} if "id" in there else {}
    made |= {"tokens": column_of(table, words).cast(strings), "ner_tags": tags(column_of(table, "tags"), "tags")}
    if "problem" in there:  # of these nothing is known, which is not O
        known = column_of(table, "problem").is_null()
        made["ner_tags"] = pc.if_else(known, made["ner_tags"], pa.scalar(None, made["ner_tags"].type))
    spans = column_of(table, "spans") if "spans" in there else None
    if spans is not None and spans.type.value_type.get_field_index("confidence") >= 0:
        offsets, values = list_items(spans, "spans")
        sure = values.field("confidence").cast(pa.float32())
        made["confidences"] = pa.LargeListArray.from_arrays(pa.array(offsets), sure).cast(pa.list_(pa.float32()))
    if "source_words" in there:
        made["source_tokens"] = column_of(table, "source_words").cast(strings)
        made["source_ner_tags"] = tags(column_of(table, "source_tags"), "source_tags")
        if "alignments" in there:
            made["alignments"] = _pharaoh(column_of(table, "alignments"))
    ours = {*WORDS_COLUMNS, *SOURCE, "id", "tags", "spans", "outcomes", "objective", "status", "proof", "entities"}
    return pa.table(made | {name: table[name] for name in there if name not in ours})


def _pharaoh(links: Any) -> Any:
    import pyarrow as pa

    rows = [" ".join(f"{link['source']}-{link['target']}" for link in row) for row in links.to_pylist()]
    return pa.array(rows, pa.string())


class _Parquet:
    def __init__(self, out: Any) -> None:
        self._out, self._numbers, self._writer = out, _Numbers(), None

    _writer: Any

    def write(self, table: Any) -> None:
        import pyarrow.parquet as pq

        found = _plain(table, self._numbers.of)
        if self._writer is None:
            # Arrow's own schema in the footer would hide the metadata that is added at the end.
            self._writer = pq.ParquetWriter(self._out, found.schema, store_schema=False)
        expected = self._writer.schema
        if found.schema.names != expected.names:
            raise InputError(
                f"expected the columns of the sentences before, {', '.join(expected.names)}, got "
                f"{', '.join(found.schema.names)}"
            )
        self._writer.write_table(found.cast(expected))

    def close(self) -> None:
        if self._writer is not None:
            schema = self._writer.schema
            features = {field.name: self._feature(field) for field in schema}
            self._writer.add_key_value_metadata({"huggingface": json.dumps({"info": {"features": features}})})

    def _feature(self, field: Any) -> Any:
        import pyarrow as pa

        if field.name in ("ner_tags", "source_ner_tags"):
            return _list_of({"names": self._numbers.names, "_type": "ClassLabel"})
        return _feature_of(field.type, pa)

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _feature_of(kind: Any, pa: Any) -> Any:
    """Return a feature as ``datasets`` writes it: of strings, numbers, and lists and structs of these."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _list_of(_feature_of(kind.value_type, pa))
    if pa.types.is_struct(kind):
        return {field.name: _feature_of(field.type, pa) for field in kind}
    name = {"double": "float64", "float": "float32", "halffloat": "float16"}.get(str(kind), str(kind))
    return {"dtype": name, "_type": "Value"}


def _list_of(feature: Any) -> Any:
    return {"feature": feature, "_type": "Sequence"}  # as before datasets 4, which reads it, as later ones do


class _Jsonl:
    def __init__(self, out: Any) -> None:
        self._out = out

    def write(self, table: Any) -> None:
        found = _plain(table, lambda tags, name: tags)
        for row in found.to_pylist():
            self._out.write((json.dumps(row, ensure_ascii=False) + "\n").encode())

    def close(self) -> None:
        """Nothing is left to write."""

    def abandon(self) -> None:
        """Nothing is open."""


FORMATS.add(
    "hf",
    Format(
        suffixes=(),
        about="a data set for Hugging Face: tokens and ner_tags, Parquet with ClassLabel or JSONL by the suffix",
        labelled_tables=hub_writer,
        columns=True,
    ),
)
