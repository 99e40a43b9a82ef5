"""Files of sentence pairs: chunks change nothing, what does not fit together is an error that says where."""

from __future__ import annotations

import gzip
import json
import os
import sys
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import reference.iob as reference
from command import run
from strategies import Batch, large_batch
from text_files import blocks_of

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pair_files import ReadOptions, iter_pairs, read_pairs
from xproj_fast.formats.pharaoh import PharaohOptions
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project

EMPTY_TOO = ReadOptions(source=ConllOptions(empty_sentences=True), target=ConllOptions(empty_sentences=True))


def conll(sentences: list[list[str]], tags: list[list[str]]) -> str:
    rows = ([f"{w}\t{t}\n" for w, t in zip(*pair, strict=True)] for pair in zip(sentences, tags, strict=True))
    return "".join("".join(lines) + "\n" for lines in rows)


def pharaoh(links: list[list[tuple[int, int]]]) -> str:
    return "".join(" ".join(f"{i}-{j}" for i, j in row) + "\n" for row in links)


class Corpus:
    """A batch as files."""

    def __init__(self, folder: Path, batch: Batch) -> None:
        self.batch, self.folder = batch, folder
        tags = [reference.encode(len(w), e) for w, e in zip(batch.source, batch.entities, strict=True)]
        self.source = self.file("en.conll", conll(batch.source, tags))
        self.target = self.file("de.words", "".join(" ".join(words) + "\n" for words in batch.target))
        self.links = self.file("en-de.pharaoh", pharaoh(batch.links))

    def file(self, name: str, text: str | bytes) -> Path:
        (self.folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return self.folder / name

    def read(self, options: ReadOptions = EMPTY_TOO) -> SentencePairs:
        return read_pairs(self.source, self.target, self.links, options)

    def chunks(self, chunk: int, **more: Any) -> Iterator[SentencePairs]:
        return iter_pairs(self.source, self.target, self.links, EMPTY_TOO, chunk=chunk, **more)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path, large_batch(100))


@pytest.fixture
def small(tmp_path: Path) -> Corpus:
    """Five pairs of two words per side."""
    names = [[(0, 1, "PER"), (1, 2, "LOC")]] * 5
    return Corpus(tmp_path, Batch([["a", "b"]] * 5, [["c", "d"]] * 5, names, [[(0, 0), (1, 1)]] * 5))


@pytest.mark.parametrize("block", [16, 1 << 22])
@pytest.mark.parametrize("chunk", [1, 2, 7, 50, 100, 101, 10**9])
def test_chunks(corpus: Corpus, chunk: int, block: int) -> None:
    expected = project(corpus.batch.pairs())
    shares: list[float] = []
    with blocks_of(block):
        chunks = list(corpus.chunks(chunk, progress=shares.append))
    assert [len(pairs) for pairs in chunks[:-1]] == [chunk] * (len(chunks) - 1)
    results = [project(pairs) for pairs in chunks]
    assert list(chain(*(result.spans() for result in results))) == expected.spans()
    assert list(chain(*(result.tags() for result in results))) == expected.tags()
    assert list(chain(*(pairs.source.to_lists() for pairs in chunks))) == corpus.batch.source
    assert list(chain(*(pairs.target.to_lists() for pairs in chunks))) == corpus.batch.target
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] == 1
    assert project(corpus.read()).spans() == expected.spans()


def test_formats_of_a_side(small: Corpus) -> None:
    expected = project(small.read()).spans()
    assert len(expected[0]) == 2
    packed = small.file("en.conll.gz", gzip.compress(small.source.read_bytes()))
    links = small.file("x.gz", gzip.compress(small.links.read_bytes()))
    tagged = small.file("de.conll.zst", pa.compress(b"c\tO\nd\tI-X\n\n" * 5, codec="zstd", asbytes=True))
    pairs = read_pairs(packed, tagged, links)  # the tags of a target are not looked at
    assert project(pairs).spans() == expected
    record = {"id": 0, "text": "a b", "label": [[0, 1, "PER"], [2, 3, "LOC"]]}
    source = small.file("en.jsonl", "".join(json.dumps(record | {"id": i}) + "\n" for i in range(5)))
    target = small.file("de.jsonl", '{"text": "c  d"}\n' * 5)
    for chunk in (2, 100):
        chunks = list(iter_pairs(source, target, small.links, chunk=chunk))
        assert list(chain(*(project(pairs).spans() for pairs in chunks))) == expected
        assert list(chain(*(pairs.ids.to_pylist() for pairs in chunks))) == ["0", "1", "2", "3", "4"]
    odd = small.file("odd", small.source.read_bytes()), small.file("name.x", small.target.read_bytes())
    named = ReadOptions(source_format="conll", target_format="words")
    assert project(read_pairs(str(odd[0]), str(odd[1]), str(small.links), named)).spans() == expected


def test_options_reach_their_file(small: Corpus) -> None:
    source = small.file("en.iob", "I-PER a\nI-PER b\nB-PER c\n")
    target = small.file("de.tsv", "1\tx y\n2\tz\n")
    links = small.file("l", "0-0:.9 1-0:.9 2-1:.9 2-0:.1\n")
    options = ReadOptions(
        source=ConllOptions("iob1", word_column=1, tag_column=0),
        target=ConllOptions(word_column=1),
        pharaoh=PharaohOptions(probabilities=True, min_probability=0.5),
    )
    pairs = read_pairs(source, target, links, options)
    assert pairs.target.to_lists() == [["x y", "z"]]
    assert [(span.start, span.end) for span in project(pairs).spans()[0]] == [(0, 1), (1, 2)]


def test_nested_and_dropped_labels(small: Corpus) -> None:
    text = '{"text": "a b", "label": [[0, 3, "ORG"], [2, 3, "LOC"]]}\n'
    source, target = small.file("x.jsonl", text * 3), small.file("y.txt", "c d\n" * 3)
    message = r"/x\.jsonl:1: entities: sentence 0, span 1: expected spans that share no word"
    with pytest.raises(InputError, match=message):
        read_pairs(source, target)
    for chunk in (1, 100):  # the classes of one chunk may all be those of another
        kept = ReadOptions(nested=True, drop_labels=("LOC",))
        for pairs in iter_pairs(source, target, None, kept, chunk=chunk):
            assert pairs.labels == ("ORG",)
            assert pairs.entities.end.tolist() == [2] * len(pairs)
            assert pairs.alignments is None


def test_a_class_to_drop_may_stand_anywhere_in_the_input(small: Corpus) -> None:
    source = small.file(
        "x.jsonl", '{"text": "a", "label": [[0, 1, "PER"]]}\n{"text": "b", "label": [[0, 1, "MISC"]]}\n'
    )
    target = small.file("y.words", "c\nd\n")
    for chunk in (1, 100):
        kept = list(iter_pairs(source, target, None, ReadOptions(drop_labels=("MISC",)), chunk=chunk))
        assert sum(len(pairs.entities.start) for pairs in kept) == 1
        wrong = iter_pairs(source, target, None, ReadOptions(drop_labels=("PER", "MSIC")), chunk=chunk)
        with pytest.raises(
            InputError, match=r"x\.jsonl: drop_labels: expected .* PER, MISC, got 'MSIC' \(did you mean MISC"
        ):
            list(wrong)
    with pytest.raises(InputError, match=r"x\.jsonl: drop_labels: expected .* got 'MSIC'"):
        read_pairs(source, target, options=ReadOptions(drop_labels=("MSIC",)))


@pytest.mark.parametrize("chunk", [1, 2, 5, 10**9])
@pytest.mark.parametrize("counts", [(5, 4, 5), (5, 6, 5), (5, 5, 4), (5, 5, 9), (3, 5, 5), (0, 5, 5), (5, 5, 0)])
def test_unequal_numbers_of_sentences(small: Corpus, counts: tuple[int, int, int], chunk: int) -> None:
    texts = "a\tB-X\nb\tO\n\n", "c d\n", "0-0\n"
    for path, text, count in zip((small.source, small.target, small.links), texts, counts, strict=True):
        path.write_text(text * count, "utf-8")
    message = (
        r"as many sentences each, got .*/en\.conll {}, .*/de\.words {}, .*/en-de\.pharaoh {} "
        r"\(.*--docstart skip.*--empty-sentences"
    )
    with pytest.raises(InputError, match=message.format(*counts)):
        list(small.chunks(chunk))


def test_unequal_because_of_docstart(small: Corpus) -> None:
    small.source.write_text("-DOCSTART-\tO\n\na\tO\n", "utf-8")
    small.target.write_text("x\ny\n", "utf-8")
    skipping = ReadOptions(source=ConllOptions(docstart="skip"))
    message = r"got .*/en\.conll 1, .*/de\.words 2 \(.*/en\.conll: 1 -DOCSTART- line skipped\)"
    with pytest.raises(InputError, match=message):
        read_pairs(small.source, small.target, None, skipping)
    assert len(read_pairs(small.source, small.target)) == 2


@pytest.mark.parametrize("chunk", [1, 2, 100])
@pytest.mark.parametrize(
    ("name", "text", "message", "sentence"),
    [
        (
            "links",
            "0-0\n\n\n0-0 9-0\n\n",
            r"pharaoh:4: .*sentence 3, link 9-0: .* source word index in \[0, 2\), got 9",
            3,
        ),
        ("links", "0-0\n\n\n\n1-2\n", r"pharaoh:5: .*sentence 4, link 1-2: .* target word index in \[0, 2\), got 2", 4),
        ("target", "c d\n\nc d\nc d\nc d\n", r"pharaoh:2: .*sentence 1, link 0-0: .* target .* in \[0, 0\), got 0", 1),
        ("links", "0-0\n0-0\n0-0\n0-0 1:2\n", r"pharaoh:4: expected a link 'source-target' .*, got '1:2'", None),
        ("source", "a\tO\nb\tO\n\n" * 3 + "a\tO\nb\tI-X\n", r"conll:11: expected a tag that IOB2 allows after O", None),
        ("target", b"c d\n" * 4 + b"c \xff\n", r"words:5: expected UTF-8 text, got byte 0xff", None),
    ],
)
def test_where_it_does_not_fit(
    small: Corpus, name: str, text: str | bytes, message: str, sentence: int | None, chunk: int
) -> None:
    small.file(getattr(small, name).name, text)
    with pytest.raises(InputError, match=rf"/(en|de|en-de)\.{message}") as caught:
        list(small.chunks(chunk))
    assert caught.value.sentence == sentence


def test_wrong_calls(small: Corpus, tmp_path: Path) -> None:
    for call, message in (
        (lambda: list(small.chunks(0)), "^chunk: expected at least 1 sentence, got 0"),
        (lambda: read_pairs(small.source), r"/en\.conll: expected a target file as well \(only the format arrow"),
        (lambda: read_pairs("x.parquet", small.target), r"^x\.parquet: expected a file, got nothing there"),
        (lambda: read_pairs("x.arrow", None, small.links), r"^x\.arrow: a file of the format arrow holds all columns"),
        (
            lambda: read_pairs("x.doc", small.target),
            r"^x\.doc: expected a suffix that names the format \(arrow: \.parquet .*; conll: \.conll",
        ),
        (lambda: read_pairs("x.gz", small.target), r"^x\.gz: expected a suffix that names the format"),
        (lambda: read_pairs(small.source, "x.xml"), r"^x\.xml: expected a suffix that names the format"),
        (
            lambda: read_pairs("x", "y", None, ReadOptions("csv")),
            "^format: expected one of .*arrow, conll, .*, got 'csv'",
        ),
        (lambda: read_pairs(small.target, small.target), r"/de\.words: expected .* labelled sentences, got words"),
        (lambda: read_pairs(small.source, "x.parquet"), r"^x\.parquet: expected a file, got nothing there"),
        (lambda: read_pairs(small.source, tmp_path / "no.txt"), r"/no\.txt: expected a file, got nothing there"),
        (lambda: read_pairs(small.source, small.target, "no"), "^no: expected a file, got nothing there"),
        (lambda: read_sentences(small.target), r"/de\.words: expected .* labelled sentences, got words"),
    ):
        with pytest.raises(InputError, match=message):
            call()


@pytest.mark.parametrize("chunk", [1, 100])
def test_empty_files(small: Corpus, chunk: int) -> None:
    for path in (small.source, small.target, small.links):
        path.write_bytes(b"")
    assert [len(project(pairs)) for pairs in small.chunks(chunk)] == [0]


def test_said_what_was_left_out(small: Corpus, caplog: pytest.LogCaptureFixture) -> None:
    source = small.file("x.conll", "# c\n-DOCSTART- O\n\nb O\n")
    target = small.file("x.jsonl", '{"text": "bcd", "label": [[0, 1, "X"]]}\n')
    list(iter_pairs(source, target, None, ReadOptions(source=ConllOptions(docstart="skip")), chunk=1))
    assert [r.getMessage().rpartition("/")[2] for r in caplog.records] == [
        "x.conll: 1 -DOCSTART- line skipped",
        "x.conll: 1 comment line skipped",
    ]
    read_sentences(target, jsonl=JsonlOptions(snap=True))
    assert caplog.records[-1].getMessage().endswith("x.jsonl: 1 entity widened to whole words")


def test_pipes(small: Corpus) -> None:
    """What a shell makes of <(zcat en.conll.gz)."""
    pipe = small.folder / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=lambda: pipe.write_bytes(small.source.read_bytes()))
    feeder.start()
    shares: list[float] = []
    named = ReadOptions(source_format="conll")
    chunks = list(iter_pairs(pipe, small.target, small.links, named, chunk=2, progress=shares.append))
    feeder.join()
    assert [len(pairs) for pairs in chunks] == [2, 2, 1]
    assert shares == sorted(shares)


def test_files_are_read_as_they_are_asked_for(small: Corpus) -> None:
    """One chunk asked for is one chunk read, and leaving early closes the files (else Python warns)."""
    for path in (small.source, small.target, small.links):
        path.write_bytes(path.read_bytes() * 200_000)
    shares: list[float] = []
    chunks = small.chunks(10, progress=shares.append)
    for _ in range(3):
        next(chunks)
    assert shares[-1] < 0.5
    chunks.close()  # type: ignore[attr-defined]


STREAM = """
import functools, sys, xproj_fast as xp
from xproj_fast.formats import reader
from xproj_fast.formats.pair_files import iter_pairs
reader.TextBlocks = functools.partial(reader.TextBlocks, block_bytes=1 << 18)
spans = sum(len(xp.project(pairs, threads=1).matches.start) for pairs in iter_pairs(*sys.argv[1:], chunk=1000))
print(spans, *(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to know the most memory ever used")
def test_memory_does_not_grow_with_the_files(small: Corpus) -> None:
    paths = small.source, small.target, small.links
    texts = "a\tB-X\n" + "b\tO\n" * 9 + "\n", "c d " * 5 + "\n", " ".join(f"{i}-{i}" for i in range(10)) + "\n"
    used = []
    for sentences in (20_000, 200_000):
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text * sentences, "utf-8")
        done = run(*paths, command=(sys.executable, "-c", STREAM))
        spans, kilobytes = map(int, done.stdout.split())
        assert spans == sentences
        used.append(kilobytes)
    assert used[1] < 1.3 * used[0]  # 1.04; 2.2 where all is kept
