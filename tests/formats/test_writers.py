"""Output files: what is written is read back the same, and a file is whole or not there."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import run
from strategies import Batch, large_batch
from text_files import blocks_of

from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import arrow_writer, read_table
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.pair_files import iter_pairs, read_pairs
from xproj_fast.formats.pharaoh import PharaohReader, write_pharaoh
from xproj_fast.formats.writers import open_writer
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project

NAMES = ["x.conll", "x.jsonl", "x.parquet", "x.arrow", "x.feather", "x.conll.gz", "x.jsonl.zst", "x.bio", "x.ndjson"]


def without_empty_words(count: int) -> Batch:
    batch = large_batch(count)
    return Batch(batch.source, [words or ["-"] for words in batch.target], batch.entities, batch.links)


def project_chunks(batch: Batch, chunk: int) -> list[Projection]:
    pairs = batch.pairs()
    table = pairs_to_arrow(pairs)
    return [project(SentencePairs.from_arrow(table.slice(s, chunk))) for s in range(0, max(len(batch), 1), chunk)]


def read_back(path: Path, kind: str) -> tuple[list[list[str]], list[list[tuple[int, int, str]]]]:
    """Return words and spans by start."""
    if kind == "arrow":
        rows = read_table(path, path.suffix[1:]).to_pylist()
        spans = [[(span["start"], span["end"], span["label"]) for span in row["spans"]] for row in rows]
        return [row["target_words"] for row in rows], [sorted(row) for row in spans]
    got = read_sentences(path, kind)
    e = got.entities
    assert e is not None
    flat = list(zip(e.start.tolist(), e.end.tolist(), [got.labels[i] for i in e.label], strict=True))
    return got.words.to_lists(), [flat[a:b] for a, b in zip(e.offsets[:-1], e.offsets[1:], strict=True)]


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_back(tmp_path: Path, name: str, chunk: int) -> None:
    batch = without_empty_words(60)
    path = tmp_path / name
    with open_writer(path) as write:
        for result in project_chunks(batch, chunk):
            write(result)
    assert list(tmp_path.iterdir()) == [path]
    kind = {"parquet": "arrow", "arrow": "arrow", "feather": "arrow", "bio": "conll"}.get(name.split(".")[1])
    words, spans = read_back(path, kind or name.split(".")[1].replace("ndjson", "jsonl"))
    assert words == batch.target
    expected = project(batch.pairs())
    assert spans == [sorted((s.start, s.end, s.label) for s in row) for row in expected.spans()]
    if kind == "arrow":
        table = read_table(path, name.split(".")[1])
        assert table["tags"].to_pylist() == expected.tags()
        assert table["objective"].to_pylist() == expected.matches.objective.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_the_file_does_not_depend_on_chunks(tmp_path: Path, name: str) -> None:
    """Text is the same to the byte; Arrow has the same types, though small blocks make large strings of them."""
    sentences = "".join(f"a{i}\tB-X\nb\tO\n\n" for i in range(30))
    paths = [tmp_path / "en.conll", tmp_path / "de.words", tmp_path / "en-de"]
    for path, text in zip(paths, (sentences, "c d\n" * 30, "0-0 1-1\n" * 30), strict=True):
        path.write_text(text, "utf-8")
    written = []
    for chunk, block in ((100, 1 << 22), (7, 1 << 22), (7, 50), (1, 16)):
        path = tmp_path / f"{chunk}-{block}-{name}"
        with blocks_of(block), open_writer(path) as write:
            for pairs in iter_pairs(*paths, chunk=chunk):
                write(project(pairs))
        suffix = path.suffix[1:]
        written.append(read_table(path, suffix) if suffix in ("parquet", "arrow", "feather") else path.read_bytes())
    packed = {"gz": "gzip", "zst": "zstd"}.get(name.split(".")[-1])
    if packed:
        written = [pa.CompressedInputStream(pa.BufferReader(data), packed).read() for data in written]
    for other in written[1:]:
        assert other == written[0]


def test_no_rows(tmp_path: Path) -> None:
    empty = project(Batch([], [], [], []).pairs())
    for name in NAMES:
        with open_writer(tmp_path / name) as write:
            write(empty)
    assert (tmp_path / "x.conll").read_bytes() == (tmp_path / "x.jsonl").read_bytes() == b""
    assert gzip.decompress((tmp_path / "x.conll.gz").read_bytes()) == b""
    for suffix in ("parquet", "arrow"):
        table = read_table(tmp_path / f"x.{suffix}", suffix)
        assert table.num_rows == 0
        assert table.schema.names == ["target_words", "tags", "spans", "outcomes", "objective", "status"]


def test_empty_sentences_are_kept(tmp_path: Path) -> None:
    batch = Batch([["a"], [], ["b"]], [[], ["x", "y"], []], [[], [], []], [[], [], []])
    with open_writer(tmp_path / "x.conll") as write:
        write(project(batch.pairs()))
    got = read_sentences(tmp_path / "x.conll", conll=ConllOptions(empty_sentences=True))
    assert got.words.to_lists() == batch.target


@pytest.mark.parametrize(
    ("name", "fmt", "message"),
    [
        ("x.txt", None, r"^.*/x\.txt: expected one of arrow, conll, hf, jsonl, spacy for labelled output, got text"),
        (
            "x.conll",
            "words",
            r"/x\.conll: expected one of arrow, conll, hf, jsonl, spacy for labelled output, got words",
        ),
        ("x", None, r"/x: expected a suffix that names the format"),
        (
            "x.conll",
            "csv",
            "^format: expected one of .*arrow, conll, conllu, .*spacy, text, words, got 'csv'",
        ),
        ("no/x.conll", None, r"/no/x\.conll: expected a folder .*/no to write into, got nothing there"),
        ("dir.conll", None, r"/dir\.conll: expected a file name to write, got a folder"),
        ("x.parquet.gz", None, r"/x\.parquet\.gz: expected a name without \.gz"),
        ("x.arrow.zst", None, r"/x\.arrow\.zst: expected a name without \.zst"),
        ("-", "arrow", "^standard output: expected one of conll, jsonl for labelled output, got arrow"),
    ],
)
def test_refused(tmp_path: Path, name: str, fmt: str | None, message: str) -> None:
    (tmp_path / "dir.conll").mkdir()
    with pytest.raises(InputError, match=message), open_writer(name if name == "-" else tmp_path / name, fmt):
        raise AssertionError("was opened")
    assert [path.name for path in tmp_path.iterdir()] == ["dir.conll"]


RESULT = project(Batch([["a"]], [["b"]], [[(0, 1, "LOC")]], [[(0, 0)]]).pairs())


@pytest.mark.parametrize("old", [b"old", None])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_what_was_there(
    tmp_path: Path, name: str, old: bytes | None, error: type[BaseException]
) -> None:
    path = tmp_path / name
    if old:
        path.write_bytes(old)

    def half() -> None:
        with open_writer(path) as write:
            for _ in range(100):
                write(RESULT)
            assert len(list(tmp_path.iterdir())) == (2 if old else 1)
            raise error

    with pytest.raises(error):
        half()
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([old] if old else [])


def test_two_writers_at_once(tmp_path: Path) -> None:
    """Each has a file of its own beside the output; the last to end wins, whole."""
    path = tmp_path / "x.conll"
    with whole_file(path) as one:
        one.write(b"one")
        with whole_file(path) as two:
            two.write(b"two")
        assert path.read_bytes() == b"two"
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        for name in ("x.conll", "x.conll.gz", "x.parquet"):
            with open_writer(tmp_path / name) as write:
                write(RESULT)
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o666 & ~mask
    finally:
        os.umask(before)


FULL = """
import resource, sys
from xproj_fast.formats.writers import open_writer
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
import pyarrow.parquet
words = [[f"{i * 7919 % 100003}x{j}" for j in range(20)] for i in range(3000)]
result = project(SentencePairs.from_lists(words, words, [[]] * 3000, [[]] * 3000))
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))  # from here on, a write behind it fails
try:
    with open_writer(sys.argv[1]) as write:
        for _ in range(3):
            write(result)
except OSError as error:
    print(error.errno)
"""


@pytest.mark.parametrize("old", [b"old", None])
@pytest.mark.parametrize("name", NAMES[:4] + NAMES[5:7])
def test_no_room(tmp_path: Path, name: str, old: bytes | None) -> None:
    path = tmp_path / name
    if old:
        path.write_bytes(old)
    done = run(path, command=(sys.executable, "-c", FULL))
    assert done.stderr == ""  # nothing from a destructor either
    assert done.stdout.strip() == str(errno.EFBIG)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([old] if old else [])


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_links_stay_links(tmp_path: Path) -> None:
    """To a file that is there or not, or to a device."""
    (tmp_path / "old.conll").write_bytes(b"old")
    for name, there in (("one", "old.conll"), ("two", "new.conll"), ("three", "/dev/null"), ("four", "/dev/full")):
        (tmp_path / name).symlink_to(there)
    for name in ("one", "two", "three"):
        with open_writer(tmp_path / name, "conll") as write:
            write(RESULT)
    with pytest.raises(OSError, match="No space left on device"):
        fill(tmp_path / "four")
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.is_symlink()}
    assert written == {"old.conll": b"b\tB-LOC\n\n", "new.conll": b"b\tB-LOC\n\n"}
    assert sum(path.is_symlink() for path in tmp_path.iterdir()) == 4


def fill(path: Path) -> None:
    with open_writer(path, "conll") as write:
        write(RESULT)


def test_pipes(tmp_path: Path) -> None:
    """What a shell makes of >(gzip -c)."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    taker = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    taker.start()
    (tmp_path / "link").symlink_to("pipe")
    with open_writer(tmp_path / "link", "conll") as write:
        write(RESULT)
    taker.join()
    assert got == [b"b\tB-LOC\n\n"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]


def test_tables(tmp_path: Path) -> None:
    """Chunks may number labels differently and hold other string types: the first decides."""
    batches = [Batch([[w]], [[w]], [[(0, 1, name)]], [[(0, 0)]]) for w, name in (("a", "PER"), ("b", "LOC"))]
    tables = [pairs_to_arrow(b.pairs().drop_labels([])) for b in batches]
    small = tables[1].set_column(0, "source_words", tables[1]["source_words"].cast(pa.list_(pa.string())))
    for suffix in ("parquet", "arrow"):
        path = tmp_path / f"x.{suffix}"
        with arrow_writer(path) as append:
            for table in (tables[0], small, tables[0]):
                append(table)
        pairs = read_pairs(path)
        assert pairs.source.to_lists() == [["a"], ["b"], ["a"]]
        assert [pairs.labels[i] for i in pairs.entities.label] == ["PER", "LOC", "PER"]
    schema = pq.read_schema(tmp_path / "x.parquet")
    assert schema.field("source_words").type.value_type == pa.string()
    assert schema.field("entities").type.value_type.field("label").type == pa.string()


def test_pharaoh(tmp_path: Path) -> None:
    links = large_batch(50).pairs().alignments
    assert links is not None
    for name in ("x", "x.gz", "x.zst"):
        write_pharaoh(links, str(tmp_path / name))
        got = PharaohReader(tmp_path / name).read(100)
        assert (got.offsets.tolist(), got.target.tolist()) == (links.offsets.tolist(), links.target.tolist())
