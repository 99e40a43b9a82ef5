"""Arrow data that lies: an InputError, never a crash, whether it lies in a file or in memory.

What points outside its buffers would end this process, so each test here also is one that the process lives.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import fails
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast import Columns, Projector, project, read_pairs, read_sentences
from xproj_fast.arrow_checks import validate
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs

SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
LINK = pa.struct([("source", pa.int32()), ("target", pa.int32())])
SENTENCES = {"tokens": [["John", "é"], [], ["Rom"]], "tags": [["B-PER", "O"], [], ["B-LOC"]], "id": ["x", "y", "z"]}


def good(**changes: Any) -> pa.Table:
    columns = {
        "id": pa.array(["x", "y"]),
        "source_words": pa.array([["John", "Smith", "slept"], ["Rome"]]),
        "target_words": pa.array([["John", "schlief"], ["Rom"]]),
        "entities": pa.array([[(0, 2, "PER")], [(0, 1, "LOC")]], pa.list_(SPAN)),
        "alignments": pa.array([[(0, 0), (2, 1)], [(0, 0)]], pa.list_(LINK)),
    }
    return pa.table(columns | changes)


def ints(*values: int) -> pa.Buffer:
    return pa.py_buffer(np.array(values, np.int32))


def strings(*offsets: int, text: bytes = b"abcdef") -> pa.Array:
    return pa.StringArray.from_buffers(len(offsets) - 1, ints(*offsets), pa.py_buffer(text))


def lists(values: pa.Array, *offsets: int) -> pa.Array:
    return pa.Array.from_buffers(pa.list_(values.type), len(offsets) - 1, [None, ints(*offsets)], children=[values])


def entities(label: pa.Array) -> dict[str, pa.Array]:
    numbers = pa.array([0, 0], pa.int32()), pa.array([1, 1], pa.int32())
    return {"entities": lists(pa.StructArray.from_arrays([*numbers, label], ["start", "end", "label"]), 0, 1, 2)}


def coded(*indices: int, names: pa.Array) -> dict[str, pa.Array]:
    return entities(pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), names, safe=False))


def tampered(old: tuple[int, ...], *new: int, which: int = 0) -> pa.Table:
    """Return the good table with other numbers in its memory: Arrow's own constructors would refuse them.

    Args:
        old: the offsets that are changed.
        new: what they become.
        which: of the columns that have these offsets, 0 = the first.
    """
    data = bytearray(write(good(), None, "stream"))
    at = -1
    for _ in range(which + 1):
        at = data.index(ints(*old).to_pybytes(), at + 1)
    data[at : at + 4 * len(new)] = ints(*new).to_pybytes()
    return pa.ipc.open_stream(bytes(data)).read_all()


FOUR = pa.array(["a", "b", "c", "d"])
WORDS, TEXT = (0, 2, 3), (0, 4, 11, 14)  # offsets of the lists of target words, and of their text
BROKEN: dict[str, Callable[[], pa.Table]] = {
    "words: a list beyond the words": lambda: tampered(WORDS, 0, 2, 10**6),
    "words: lists that begin beyond": lambda: tampered(WORDS, 10**6, 10**6, 10**6 + 1),
    "words: lists that begin before": lambda: tampered(WORDS, -1, 2, 3),
    "words: lists backwards": lambda: tampered(WORDS, 0, 10**6, 3),
    "words: a word beyond the text": lambda: tampered(TEXT, 0, 4, 11, 10**9),
    "words: words that begin beyond": lambda: tampered(TEXT, 10**9, 10**9, 10**9, 10**9),
    "words: words backwards": lambda: tampered(TEXT, 0, 10**9, 11, 14),
    "words: words before the text": lambda: tampered(TEXT, 0, -(10**9), 11, 14),
    "words: source words backwards": lambda: good(source_words=lists(strings(0, 10**9, 2, 3), 0, 2, 3)),
    "words: large words backwards": lambda: good(
        target_words=lists(
            pa.LargeStringArray.from_buffers(3, pa.py_buffer(np.array([0, 1 << 40, 2, 3])), pa.py_buffer(b"abc")),
            *WORDS,
        )
    ),
    "entities: a list beyond": lambda: tampered((0, 1, 2), 0, 1, 10**6, which=1),
    "entities: lists backwards": lambda: tampered((0, 1, 2), 0, 10**6, 2, which=1),
    "entities: labels backwards": lambda: good(**entities(strings(0, 10**9, 2))),
    "entities: a label that no name has": lambda: good(**coded(0, 10**9, names=pa.array(["PER"]))),
    "entities: a label below 0": lambda: good(**coded(0, -1, names=pa.array(["PER"]))),
    "entities: names backwards": lambda: good(**coded(0, 1, names=strings(0, 10**9, 2))),
    "alignments: a list beyond": lambda: tampered((0, 2, 3), 0, 2, 10**6, which=1),
    "alignments: lists backwards": lambda: tampered((0, 2, 3), 0, 10**6, 3, which=1),
    "id: beyond the text": lambda: tampered((0, 1, 2), 0, 1, 10**9),
    "id: backwards": lambda: good(id=strings(0, 10**9, 2)),
    "id: no text": lambda: good(id=strings(0, 1, 2, text=b"a\xff")),
    "one chunk of two": lambda: good(
        target_words=pa.chunked_array([lists(FOUR, 0, 2), lists(strings(0, 10**9, 2, 3), 0, 3)])
    ),
}


@pytest.mark.parametrize("validate", [False, True])
@pytest.mark.parametrize("case", BROKEN)
def test_in_memory(case: str, validate: bool) -> None:
    table = BROKEN[case]()
    with pytest.raises(InputError, match=r"expected .*, got|expected .* label id in"):
        SentencePairs.from_arrow(table, validate=validate)


def test_the_unbroken_tables_are_good(backend: str) -> None:
    for changes in ({}, {"target_words": lists(FOUR, 0, 2, 4)}, coded(0, 0, names=pa.array(["PER"]))):
        pairs = SentencePairs.from_arrow(good(**changes), validate=True)
        assert len(project(pairs, backend=backend).tags()) == 2


def test_bytes_that_are_no_text_are_looked_for_on_request() -> None:
    table = good(target_words=lists(strings(0, 1, 2, 3, text=b"a\xffc"), 0, 2, 3))
    assert len(SentencePairs.from_arrow(table)) == 2
    with pytest.raises(InputError, match=r"^target_words: expected a whole Arrow array.*Invalid UTF8"):
        SentencePairs.from_arrow(table, validate=True)


def test_strings_beside_arrays_are_checked_too() -> None:
    from test_pairs import arrays

    for words, message in (
        (
            strings(0, 1, 10**9, 3, 4),
            "expected a whole Arrow .* offsets decrease at slot 2: 1000000000, then 3",
        ),
        (["a", "b", "c", "d"], "expected an Arrow string or large_string array, got list"),
        (pa.chunked_array([FOUR]), "expected an Arrow string or large_string array, got ChunkedArray"),
    ):
        with pytest.raises(InputError, match=rf"^target_words: {message}"):
            SentencePairs.from_arrays(**arrays(), target_words=words)


def test_ids() -> None:
    pairs = SentencePairs.from_arrow(good())
    columns = (pairs.source, pairs.target, pairs.entities, pairs.labels, pairs.alignments)
    for ids, message in (
        (["x", "y"], "expected an Arrow array, got list"),
        (pa.chunked_array([["x", "y"]]), "expected an Arrow array, got ChunkedArray"),
        (strings(0, 10**9, 2), "expected a whole Arrow array, got a broken one"),
    ):
        with pytest.raises(InputError, match=f"^ids: {message}"):
            SentencePairs.from_columns(*columns, ids)
    for mixed in (["x", 1], [1, "x"], [object()], [2**70]):
        with pytest.raises(InputError, match=r"^ids: expected ids of one type, got others: "):
            SentencePairs.from_lists([["a"]] * len(mixed), [["b"]] * len(mixed), [[]] * len(mixed), ids=mixed)


@pytest.mark.parametrize("table", [None, [], {"source_words": []}, pa.array([1])])
def test_what_is_no_table(table: Any) -> None:
    with pytest.raises(InputError, match=r"^table: expected an Arrow table .*, got "):
        SentencePairs.from_arrow(table)


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    table = good()
    for name in table.schema.names:
        twice = table.append_column(name, table.column(name))
        with pytest.raises(InputError, match=f"^{name}: expected a column of this name, got 2 of them in id, source_"):
            SentencePairs.from_arrow(twice)
    pq.write_table(table.append_column("id", table.column("id")), tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"x\.parquet: id: expected a column of this name, got 2 of them"):
        read_pairs(tmp_path / "x.parquet")
    twice = pa.table(SENTENCES).append_column("tokens", pa.array(SENTENCES["tokens"]))
    pq.write_table(twice, tmp_path / "y.parquet")
    with pytest.raises(InputError, match=r"y\.parquet: tokens: expected a column of this name, got 2 of them"):
        read_sentences(tmp_path / "y.parquet")
    assert "2 of them" in fails("convert", "--source", "y.parquet", "-o", "z.conll", cwd=tmp_path)
    twice = pa.table(SENTENCES | {"text": ["John é", "", "Rom"]}).append_column("text", pa.array([1, 2, 3]))
    pq.write_table(twice, tmp_path / "y.parquet")
    with pytest.raises(InputError, match=r"y\.parquet: text: expected a column of this name, got 2 of them"):
        read_sentences(tmp_path / "y.parquet")
    unused = pa.table(SENTENCES).append_column("more", pa.array([1, 2, 3])).append_column("more", pa.array([1, 2, 3]))
    pq.write_table(unused, tmp_path / "z.parquet")
    assert len(read_sentences(tmp_path / "z.parquet")) == 3


def write(table: pa.Table, path: Path | None, kind: str) -> bytes:
    """Return a table as a file of some kind, in batches of two rows, and write it."""
    packed = kind.partition(" ")[2] or None
    out = io.BytesIO()
    if kind.startswith("parquet"):
        pq.write_table(table, out, compression=packed or "none", row_group_size=2)
    else:
        make = pa.ipc.new_stream if kind.startswith("stream") else pa.ipc.new_file
        with make(out, table.schema, options=pa.ipc.IpcWriteOptions(compression=packed)) as writer:
            writer.write_table(table, max_chunksize=2)
    if path is not None:
        path.write_bytes(out.getvalue())
    return out.getvalue()


KINDS = {
    "file": "x.arrow",
    "file lz4": "x.arrow",
    "stream": "x.feather",
    "parquet": "x.parquet",
    "parquet snappy": "x.parquet",
}
TABLES = {
    "pairs": good,
    "sentences": lambda: pa.table(SENTENCES),
    "dictionaries": lambda: pa.table(
        SENTENCES
        | {
            "tags": lists(pa.array(["B-PER", "O", "B-LOC"]).dictionary_encode(), 0, 2, 2, 3),
            "text": ["John é", "", "Rom"],
        }
    ),
}


def read_all(path: Path, table: str) -> None:
    """Read a file, and look at everything that was read."""
    if table == "pairs":
        pairs = read_pairs(path)
        if pairs.alignments is not None:
            result = project(pairs)
            result.tags()
            result.to_arrow().to_pylist()
        return
    sentences = read_sentences(path)
    sentences.words.to_lists()
    if sentences.ids is not None:
        sentences.ids.to_pylist()


def spoilt(data: bytes) -> Iterator[bytes]:
    """Change one whole number of 32 bits after the other to what it should not be; and cut the file here and there."""
    for position in range(0, len(data) - 3, 4):
        (value,) = struct.unpack_from("<I", data, position)
        others = (value + 1, 2**32 - 1, 10**6)
        yield data[:position] + struct.pack("<I", others[position // 4 % 3] % 2**32) + data[position + 4 :]
    for size in range(0, len(data), 31):
        yield data[:size]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_files(tmp_path: Path, kind: str, table: str) -> None:
    path = tmp_path / KINDS[kind]
    data = write(TABLES[table](), path, kind)
    read_all(path, table)
    refused: list[str] = []
    for broken in spoilt(data):
        path.write_bytes(broken)
        try:
            read_all(path, table)
        except InputError as error:
            refused.append(str(error))
    assert [message for message in refused if not message.startswith(f"{path}: ")] == []
    assert len(refused) > len(data) // 31  # every file that was cut, at least


def test_every_command_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    data = write(good(), path, "file")
    text = data.index(b"JohnSmithsleptRome")
    offsets = data.rindex(np.array([0, 4, 9, 14, 18], np.int32).tobytes(), 0, text)
    path.write_bytes(data[: offsets + 8] + struct.pack("<i", 10**9) + data[offsets + 12 :])
    (tmp_path / "y.parquet").write_bytes(b"PAR1 and no more PAR1")
    (tmp_path / "z.conll").write_text("a\tO\n\n")
    for command in (
        ("project", "--source", "x.arrow", "-o", "o.conll"),
        ("convert", "--source", "x.arrow", "-o", "o.conll"),
        ("evaluate", "x.arrow", "z.conll"),
        ("evaluate", "z.conll", "y.parquet"),
        ("compare", "--source", "x.arrow", "-o", "o"),
    ):
        message = fails(*command, cwd=tmp_path)
        assert re.match(r"(x\.arrow: expected an arrow|y\.parquet: expected a parquet) file, got something", message)


BYTES = [b"", b"a", b"\xc3", b"\xa9", b"\xc3\xa9", b"\xe2\x82", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\xff"]


@given(
    parts=st.lists(st.sampled_from(BYTES), max_size=6),
    null=st.sampled_from([None, 0]),
    cut=st.integers(0, 2),
    wide=st.booleans(),
    listed=st.booleans(),
)
def test_validation_says_what_arrow_says(
    parts: list[bytes], null: int | None, cut: int, wide: bool, listed: bool
) -> None:
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int64 if wide else np.int32)
    bitmap = None if null is None else pa.array([False, *[True] * 7]).buffers()[1]
    kind = pa.large_string() if wide else pa.string()
    array = pa.Array.from_buffers(kind, len(parts), [bitmap, pa.py_buffer(offsets), pa.py_buffer(b"".join(parts))])
    array = array[min(cut, len(parts)) :]
    if listed:
        array = lists(array, 0, len(array))

    def fails_in(check: Callable[[], object]) -> bool:
        try:
            check()
        except pa.ArrowInvalid:
            return True
        return False

    assert fails_in(lambda: validate(array)) == fails_in(lambda: array.validate(full=True))


def test_memory_between_addresses(backend: str) -> None:
    data = write(good(), None, "stream")
    table = pa.ipc.open_stream(pa.py_buffer(b"." + data).slice(1)).read_all()
    pairs = SentencePairs.from_arrow(table, validate=True)
    assert pairs.entities.start.flags.aligned
    assert project(pairs, backend=backend).tags() == project(SentencePairs.from_arrow(good()), backend=backend).tags()


def viewed(kind: Any, starts: tuple[int, ...], sizes: tuple[int, ...], values: pa.Array) -> pa.Array:
    """Return lists that lie anywhere: list_view, unchecked."""
    buffers = [None, ints(*starts), ints(*sizes)]
    return pa.Array.from_buffers(kind(values.type), len(starts), buffers, children=[values])


PAIRS = lists(pa.array(range(4), pa.int32()), 0, 2, 4)
# What ends beyond its memory pyarrow refuses to make, and ``validate`` finds: see above, of what a file holds.
FORMS: dict[str, Callable[[], pa.Table]] = {
    "views beyond": lambda: good(target_words=viewed(pa.list_view, (0, 10**8), (2, 1), FOUR)),
    "views before": lambda: good(target_words=viewed(pa.list_view, (0, -5), (2, 1), FOUR)),
    "views too long": lambda: good(target_words=viewed(pa.list_view, (0, 2), (2, 10**8), FOUR)),
    "views of less than nothing": lambda: good(target_words=viewed(pa.list_view, (0, 2), (2, -1), FOUR)),
    "coded words beyond": lambda: good(
        target_words=lists(
            pa.DictionaryArray.from_arrays(pa.array([0, 10**8, 0], pa.int32()), FOUR, safe=False), 0, 2, 3
        )
    ),
    "coded views beyond": lambda: good(
        target_words=lists(
            pa.DictionaryArray.from_arrays(
                pa.array([0, -9, 0], pa.int32()), pa.array(["a"], pa.string_view()), safe=False
            ),
            0,
            2,
            3,
        )
    ),
    "link strings backwards": lambda: good(alignments=strings(0, 10**9, 2)),
    "pairs backwards": lambda: good(alignments=lists(lists(pa.array(range(4)), 0, 10**8, 2), 0, 1, 2)),
    "lists of pairs backwards": lambda: good(alignments=lists(PAIRS, 0, 10**8, 2)),
    "columns of links backwards": lambda: good(
        alignments=pa.StructArray.from_arrays([lists(PAIRS.values, 0, 10**8, 2)] * 2, ["source", "target"])
    ),
}
TAG_FORMS: dict[str, Callable[[], pa.Array]] = {
    "tags backwards": lambda: lists(FOUR, 0, 10**8, 4),
    "coded tags beyond": lambda: lists(
        pa.DictionaryArray.from_arrays(pa.array([0, 0, 0, 10**8], pa.int32()), pa.array(["O"]), safe=False), 0, 3, 4
    ),
    "tag text backwards": lambda: lists(strings(0, 10**9, 2, 3, 4), 0, 3, 4),
}


@pytest.mark.parametrize("errors", ["raise", "column"])
@pytest.mark.parametrize("case", [*FORMS, *TAG_FORMS])
def test_other_layouts_in_memory(case: str, errors: str) -> None:
    """Raised either way: where an array lies about its memory, no row of it can be trusted."""
    tagged = case in TAG_FORMS
    table = good(ner_tags=TAG_FORMS[case]()) if tagged else FORMS[case]()
    columns = Columns(tags="ner_tags") if tagged else Columns()
    with pytest.raises(InputError, match=r"expected .*, got"):
        Projector(errors=errors, columns=columns)(table)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"expected .*, got"):
        SentencePairs.from_arrow(table, columns)
