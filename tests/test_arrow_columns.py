"""Arrow tables and Parquet and Arrow files: whatever types a column has, the same pairs, or an error that names it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from common import by_sentence
from hypothesis import given
from strategies import LABELS, Batch, batches

from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.arrow_pairs import pairs_from_arrow
from xproj_fast.errors import InputError, a
from xproj_fast.formats.pair_files import ReadOptions, iter_pairs, read_pairs
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project


def content(pairs: SentencePairs) -> tuple[Any, ...]:
    """Everything but the numbering of labels, which may differ."""
    e, a = pairs.entities, pairs.alignments
    spans = by_sentence(e.offsets, e.start, e.end, e.label)
    return (
        pairs.source.to_lists(),
        pairs.target.to_lists(),
        [[(start, end, pairs.labels[label]) for start, end, label in sentence] for sentence in spans],
        None if a is None else by_sentence(a.offsets, a.source, a.target),
        None if pairs.ids is None else pairs.ids.to_pylist(),
    )


ONE = Batch(
    [["Ada", "Ng", "sings"], [], ["in", "Rome"]],
    [["singt", "Ada", "Ng"], [], ["à", "Rome"]],
    [[(0, 2, "PER")], [], [(1, 2, "LOC")]],
    [[(0, 1), (1, 2), (2, 0)], [], [(1, 1)]],
)
TWO = Batch([["Bonn"], ["x"]], [["Bonn"], ["y"]], [[(0, 1, "ORG")], [(0, 1, "LOC")]], [[(0, 0)], []])


def table_of(batch: Batch, first_id: int = 0) -> pa.Table:
    """What somebody else's code would make: plain Python values, types as pyarrow infers them."""
    n = len(batch)
    columns = {
        "id": [f"s{first_id + s}" for s in range(n)],
        "source_words": batch.source,
        "target_words": batch.target,
        "entities": [[{"start": a, "end": b, "label": name} for a, b, name in row] for row in batch.entities],
        "alignments": [[{"source": i, "target": j} for i, j in row] for row in batch.links],
    }
    span = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string())])
    link = pa.struct([("source", pa.int64()), ("target", pa.int64())])
    types = {"id": pa.string(), "source_words": pa.list_(pa.string()), "target_words": pa.list_(pa.string())}
    types |= {"entities": pa.list_(span), "alignments": pa.list_(link)}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def cast(table: pa.Table, change: Callable[[pa.DataType], pa.DataType]) -> pa.Table:
    """Cast every type inside the columns."""

    def inside(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_list(kind):
            return change(pa.list_(inside(kind.value_type)))
        if pa.types.is_struct(kind):
            return pa.struct([(field.name, inside(field.type)) for field in kind])
        return change(kind)

    return table.cast(pa.schema([(field.name, inside(field.type)) for field in table.schema]))


def large(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.large_list(kind.value_type)
    return pa.large_string() if pa.types.is_string(kind) else kind


def narrow(kind: pa.DataType) -> pa.DataType:
    return pa.uint8() if pa.types.is_int64(kind) else kind


SHAPES: dict[str, Callable[[pa.Table], Any]] = {
    "as inferred": lambda table: table,
    "record batch": lambda table: table.combine_chunks().to_batches()[0],
    "large": lambda table: cast(table, large),
    "small integers": lambda table: cast(table, narrow),
    "sliced": lambda table: pa.concat_tables([table_of(TWO), table, table_of(TWO)]).combine_chunks().slice(2, 3),
    "sliced in chunks": lambda table: pa.concat_tables([table_of(TWO), table, table_of(TWO)]).slice(2, 3),
    "in chunks": lambda table: pa.concat_tables([table.slice(s, 1) for s in range(3)]),
    "ours": lambda table: pairs_to_arrow(pairs_from_arrow(table)),
    "further columns": lambda table: table.append_column("extra", pa.array([1, None, 3])),
    "another order": lambda table: table.select(table.schema.names[::-1]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    got = SentencePairs.from_arrow(SHAPES[shape](table_of(ONE)))
    assert content(got) == (ONE.source, ONE.target, ONE.entities, ONE.links, ["s0", "s1", "s2"])
    e = got.entities
    assert [c.dtype for c in (e.offsets, e.start, e.end, e.label)] == [np.int64] + [np.int32] * 3
    without = SHAPES[shape](table_of(ONE)).drop_columns(["id", "alignments"])
    assert content(SentencePairs.from_arrow(without)) == (ONE.source, ONE.target, ONE.entities, None, None)


def test_chunks_that_number_their_labels_differently() -> None:
    tables = [pairs_to_arrow(pairs_from_arrow(table_of(ONE))), pairs_to_arrow(pairs_from_arrow(table_of(TWO, 3)))]
    dictionaries = [table["entities"].combine_chunks().values.field("label").dictionary for table in tables]
    assert [names.to_pylist() for names in dictionaries] == [["PER", "LOC"], ["ORG", "LOC"]]
    got = SentencePairs.from_arrow(pa.concat_tables(tables))
    assert content(got)[2] == ONE.entities + TWO.entities


@given(batch=batches())
def test_round_trip(batch: Batch) -> None:
    pairs = batch.pairs()
    table = pairs_to_arrow(pairs)
    assert table.schema.field("entities").type.value_type.field("start").type == pa.int32()
    got = SentencePairs.from_arrow(table, nested=batch.nested)
    assert content(got) == content(pairs)
    assert got.labels == LABELS  # the dictionary keeps names that no entity has
    assert content(SentencePairs.from_arrow(table.slice(1, 3), nested=batch.nested)) == tuple(
        column and column[1:4] for column in content(pairs)
    )


def with_column(name: str, values: Any, kind: pa.DataType | None = None) -> pa.Table:
    table = table_of(ONE)
    return table.set_column(table.schema.get_field_index(name), name, pa.array(values, kind))


def with_entity(**fields: Any) -> pa.Table:
    """Change the entity of the third sentence."""
    entity = {"start": 1, "end": 2, "label": "LOC"} | fields
    return with_column("entities", [[], [], [{k: v for k, v in entity.items() if v != "gone"}]])


REFUSED: dict[str, tuple[pa.Table, str]] = {
    "no source": (table_of(ONE).drop_columns(["source_words"]), "^source_words: expected a column of this name, got"),
    "no target": (table_of(ONE).drop_columns(["target_words"]), "^target_words: .* got columns id, source_words, ent"),
    "no entities": (table_of(ONE).drop_columns(["entities"]), "^entities: expected a column of this name"),
    "no words": (with_column("source_words", ["a b", "", "c d"]), "^source_words: expected a list column, got string"),
    "numbers": (with_column("target_words", [[1], [], [2]]), "^target_words: expected .*string.*, got int64"),
    "null list": (
        with_column("target_words", [["a"], None, ["b"]]),
        "^target_words: sentence 1: expected a list, got null",
    ),
    "null word": (
        with_column("source_words", [["a"], [], [None, "b"]]),
        "^source_words: sentence 2, item 0: .* a string, got null",
    ),
    "null entities": (
        with_column("entities", [[], [], None], table_of(ONE).schema.field("entities").type),
        "^entities: sentence 2: expected a list, got null",
    ),
    "null entity": (
        with_column("entities", [[], [], [{"start": 0, "end": 1, "label": "X"}, None]]),
        "^entities: sentence 2, item 1: expected start, end, label, got null",
    ),
    "null start": (with_entity(start=None), r"^entities\.start: sentence 2, item 0: expected a number, got null"),
    "null label": (with_entity(label=None), r"^entities\.label: sentence 2, item 0: expected a string, got null"),
    "null link": (
        with_column("alignments", [[], [], [{"source": 0, "target": None}, {"source": 0, "target": 1}]]),
        r"^alignments\.target: sentence 2, item 0: expected a number, got null",
    ),
    "no end": (
        with_entity(end="gone"),
        r"^entities: expected structs with a field 'end', got struct<start: int64, label",
    ),
    "no structs": (
        with_column("entities", [[], [], [1]]),
        "^entities: expected structs with a field 'start', got int64",
    ),
    "float": (with_entity(start=1.0), r"^entities\.start: expected integers, got double"),
    "bool": (with_entity(end=True), r"^entities\.end: expected integers, got bool"),
    "too large": (
        with_entity(end=1 << 40),
        r"^entities\.end: sentence 2, item 0: .* fit int32, got 1099511627776",
    ),
    "label ids": (with_entity(label=3), r"^entities\.label: expected strings, or .* names, got int64 without names"),
    "white space": (
        with_entity(label="A B"),
        r"^entities\.label: sentence 2, item 0: expected non-empty names without white space, got 'A B'",
    ),
    "no label": (
        with_entity(label=""),
        r"^entities\.label: sentence 2, item 0: expected non-empty names without white space, got ''",
    ),
    "outside": (
        with_entity(end=3),
        r"^entities: sentence 2, span 0: expected a span inside the 2 source words, got \[1",
    ),
    "link outside": (
        with_column("alignments", [[], [{"source": 0, "target": 0}], []]),
        "^alignments: sentence 1, link 0-0: expected a source word index in",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path: Path, case: str) -> None:
    table, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        SentencePairs.from_arrow(table)
    path = tmp_path / "x.parquet"
    pq.write_table(table, path)
    # A file's sentences are counted from 1, as lines are.
    in_file = re.sub(r"sentence (\d)", lambda match: f"sentence {int(match[1]) + 1}", message.replace("^", ""))
    with pytest.raises(InputError, match="/x.parquet: " + in_file):
        read_pairs(path)


def write_stream(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def write_file(table: pa.Table, path: Path) -> None:
    plain = table.cast(pa.schema([(f.name, f.type) for f in table.schema]))
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, plain.schema) as writer:
        writer.write_table(plain, max_chunksize=2)


FILES: dict[str, tuple[str, Callable[[pa.Table, Path], None]]] = {
    "parquet": ("x.parquet", lambda table, path: pq.write_table(table, path, row_group_size=2)),
    "file": ("x.arrow", write_file),
    "feather": ("x.feather", write_file),
    "stream": ("x.arrow", write_stream),
}


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("kind", FILES)
def test_files(tmp_path: Path, kind: str, ours: bool) -> None:
    name, write = FILES[kind]
    whole = Batch(ONE.source + TWO.source, ONE.target + TWO.target, ONE.entities + TWO.entities, ONE.links + TWO.links)
    table = table_of(whole)
    path = tmp_path / name
    write(pairs_to_arrow(pairs_from_arrow(table)) if ours else table, path)
    expected = content(pairs_from_arrow(table))
    assert content(read_pairs(path)) == expected
    shares: list[float] = []
    for chunk in (1, 2, 3, 100):
        shares = []
        chunks = [content(pairs) for pairs in iter_pairs(path, chunk=chunk, progress=shares.append)]
        assert all(len(part[0]) <= chunk for part in chunks)
        assert tuple(list(chain(*columns)) for columns in zip(*chunks, strict=True)) == expected
        assert shares == sorted(shares)
        assert 0.99 < shares[-1] <= 1
    dropped = read_pairs(path, options=ReadOptions(drop_labels=("LOC",)))
    assert content(dropped)[2] == [[(0, 2, "PER")], [], [], [(0, 1, "ORG")], []]
    assert "LOC" not in dropped.labels
    for chunk in (1, 100):
        with pytest.raises(InputError, match=rf"{name}: drop_labels: .* PER, LOC, ORG, got 'MISC'"):
            list(iter_pairs(path, options=ReadOptions(drop_labels=("MISC",)), chunk=chunk))


@pytest.mark.parametrize("kind", FILES)
def test_files_without_rows(tmp_path: Path, kind: str) -> None:
    name, write = FILES[kind]
    write(table_of(ONE).slice(0, 0), tmp_path / name)
    assert len(read_pairs(tmp_path / name)) == 0
    assert [len(pairs) for pairs in iter_pairs(tmp_path / name)] == [0]


@pytest.mark.parametrize("kind", FILES)
def test_broken_files(tmp_path: Path, kind: str) -> None:
    name, write = FILES[kind]
    path = tmp_path / name
    with pytest.raises(InputError, match=f"/{name}: expected a file, got nothing there"):
        read_pairs(path)
    write(table_of(ONE), path)
    whole = path.read_bytes()
    for content_of_file in (b"", b"a\tO\n" * 100, whole[: len(whole) // 2]):
        path.write_bytes(content_of_file)
        with pytest.raises(InputError, match=f"/{name}: expected {a(path.suffix[1:])} file, got something else"):
            read_pairs(path)
    pq.write_table(table_of(ONE), tmp_path / "y.arrow")
    with pytest.raises(InputError, match=r"/y\.arrow: expected an arrow file"):
        read_pairs(tmp_path / "y.arrow")


def test_where_in_a_later_chunk(tmp_path: Path) -> None:
    batch = Batch(ONE.source * 2, ONE.target * 2, ONE.entities * 2, ONE.links * 2)
    batch.entities[5] = [(1, 3, "LOC")]
    pq.write_table(table_of(batch), tmp_path / "x.parquet")
    for chunk in (1, 4, 100):
        with pytest.raises(InputError, match=r"/x\.parquet: entities: sentence 6, span 0: expected") as caught:
            list(iter_pairs(tmp_path / "x.parquet", chunk=chunk))
        assert caught.value.sentence == 5


def test_projection() -> None:
    pairs = SentencePairs.from_lists(
        [["Ada", "Ng", "sang", "!"], ["Rome"], []],
        [["Ng", "Ada", "sang", "!"], ["nein"], []],
        [[(0, 2, "PER"), (3, 4, "X")], [(0, 1, "LOC")], []],
        [[(0, 1), (1, 0), (3, 3)], [], []],
        ids=[7, 8, 9],
    )
    table = project(pairs).to_arrow()
    label = pa.dictionary(pa.int32(), pa.string())
    span = [
        ("entity", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", label),
        ("score", pa.float32()),
    ]
    assert table.schema == pa.schema(
        [
            ("id", pa.int64()),
            ("target_words", pa.list_(pa.large_string())),
            ("tags", pa.list_(label)),
            ("spans", pa.list_(pa.struct(span))),
            ("outcomes", pa.list_(label)),
            ("objective", pa.float64()),
            ("status", label),
        ]
    )
    nothing = {"spans": [], "outcomes": [], "objective": 0.0, "status": "optimal", "tags": []}
    name = {"entity": 0, "start": 0, "end": 2, "label": "PER", "score": 1.0}
    assert table.to_pylist() == [
        {
            "id": 7,
            "target_words": ["Ng", "Ada", "sang", "!"],
            "tags": ["B-PER", "I-PER", "O", "O"],
            "spans": [name],
            "outcomes": ["projected", "unscored"],  # "!" is a stop word
            "objective": 1.0,
            "status": table["status"][0].as_py(),
        },
        {"id": 8, "target_words": ["nein"], **nothing, "tags": ["O"], "outcomes": ["unscored"]}
        | {"status": table["status"][1].as_py()},
        {"id": 9, "target_words": [], **nothing, "status": table["status"][2].as_py()},
    ]
    assert set(table["status"].to_pylist()) <= {"optimal", "feasible"}
