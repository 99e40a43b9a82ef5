"""CoNLL files: however they come in blocks, chunks and packages, and written and read back, they are the same."""

from __future__ import annotations

import gzip
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import reference.iob as reference
from conftest import shared_data
from hypothesis import given
from hypothesis import strategies as st
from strategies import entities_of
from text_files import EVERYTHING, blocks_of, in_tmp_path, read_conll, spans_of, words_of

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions, ConllReader
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.sentences import concat_sentences
from xproj_fast.formats.writers import open_writer
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.conll"


def write_labelled(path: Path, *chunks: SentencePairs) -> None:
    with open_writer(path) as write:
        for pairs in chunks:
            write(LabelledSentences(pairs.source, pairs.entities, pairs.labels))


MANY = "\ufeff# first\r\n-DOCSTART-\tO\r\n\r\n" + "".join(
    f"wörd{i}\tB-L{i // 9}\n日本\tI-L{i // 9}\r\n#\tO\n# c\n{' ' * (i % 3)}\n" + "\n" * (i % 2) for i in range(40)
)


@pytest.mark.parametrize("block", [1, 2, 3, 5, 64, 1 << 22])
@pytest.mark.parametrize("options", [{}, {"docstart": "skip", "empty_sentences": True}])
def test_chunks_and_blocks(path: Path, block: int, options: dict[str, Any]) -> None:
    whole = read_conll(path, MANY, **options)
    assert len(whole) == (60 if options else 41)
    for count in (1, 3, 7, EVERYTHING):
        with blocks_of(block), closing(ConllReader(path, ConllOptions(**options))) as source:
            chunks = [source.read(count)]
            while len(chunks[-1]) == count:
                chunks.append(source.read(count))
            assert source.docstarts == bool(options)
            assert source.comments == 41
            assert source.share_read == 1
        assert all(0 < len(chunk) == count for chunk in chunks[:-1])
        assert chunks[-1].labels == whole.labels
        got = concat_sentences(chunks)
        assert words_of(got) == words_of(whole)
        assert spans_of(got) == spans_of(whole)
        wordy = [len(words) > 0 for words in words_of(whole)]
        assert got.lines[wordy].tolist() == whole.lines[wordy].tolist()


@pytest.mark.parametrize("block", [1, 1000, 1 << 22])
def test_a_long_sentence(path: Path, block: int) -> None:
    data = "a\tO\n\n" + "b\tB-X\nc\tI-X\n" * 5000 + "\nd\tO\n"
    with blocks_of(block):
        got = read_conll(path, data)
    assert words_of(got) == [["a"], ["b", "c"] * 5000, ["d"]]
    assert spans_of(got) == [[], [(i, i + 2, "X") for i in range(0, 10_000, 2)], []]


word = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\n\r"), min_size=1)
tricky = st.sampled_from(["#", "# ", " ", "\x0b", "\u2028", "\u0085", "-DOCSTART-", "O", "B-X", "a b", "\ufeff"])
label = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), min_size=1)


@in_tmp_path
@given(data=st.data())
@pytest.mark.parametrize("suffix", [".conll", ".conll.gz", ".conll.zst"])
def test_round_trip(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    sentences = data.draw(st.lists(st.lists(word | tricky, max_size=6), max_size=5))
    names = data.draw(st.lists(label, min_size=3, max_size=3, unique=True))
    renamed = dict(zip(("PER", "LOC", "ORG"), names, strict=True))
    entities = [
        [(a, b, renamed[name]) for a, b, name in data.draw(entities_of(len(words), nested=False))]
        for words in sentences
    ]
    pairs = SentencePairs.from_lists(sentences, sentences, entities)
    path = tmp_path / f"x{suffix}"
    if any("-DOCSTART-" in words and len(words) > 1 for words in sentences):  # it ends the sentence before it
        with pytest.raises(InputError, match=r"CoNLL cannot hold -DOCSTART- among other words"):
            write_labelled(path, pairs)
        return
    write_labelled(path, pairs)
    if sentences and sentences[0] and sentences[0][0].startswith("\ufeff"):  # is a byte order mark at the start
        sentences[0][0] = sentences[0][0][1:]
        if not sentences[0][0]:
            return
    block = data.draw(st.sampled_from([1, 4, 1 << 22]))
    with blocks_of(block):
        got = read_sentences(path, conll=ConllOptions(empty_sentences=True))
    assert words_of(got) == sentences
    assert spans_of(got) == entities
    with blocks_of(block):
        got = read_sentences(path)
    assert words_of(got) == [words for words in sentences if words]


PACKED = {".gz": gzip.compress, ".zst": lambda data: pa.compress(data, codec="zstd", asbytes=True)}


@pytest.mark.parametrize("suffix", PACKED)
def test_packed(tmp_path: Path, suffix: str) -> None:
    path, data = tmp_path / f"x.conll{suffix}", PACKED[suffix]
    expected = read_conll(tmp_path / "y.conll", MANY)
    first, second = (data(part.encode()) for part in (MANY[:200], MANY[200:]))
    for content in (data(MANY.encode()), first + second):  # zcat reads files one behind the other as one, too
        path.write_bytes(content)
        for block in (10, 1 << 22):
            with blocks_of(block):
                got = read_sentences(path)
            assert words_of(got) == words_of(expected)
            assert spans_of(got) == spans_of(expected)


@pytest.mark.parametrize("suffix", PACKED)
def test_packed_and_cut_off(tmp_path: Path, suffix: str) -> None:
    path, data = tmp_path / f"x.conll{suffix}", PACKED[suffix](MANY.encode())
    for cut in (1, 9, 20, len(data) // 2, len(data) - 9, len(data) - 1):
        path.write_bytes(data[:cut])
        with pytest.raises(InputError, match=rf"/x\.conll\{suffix}: could not be read: .*[Tt]runcated"):
            read_sentences(path)
    for content in (MANY.encode(), data + b"more", data[:60] + b"\0\0\0" + data[63:]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=rf"/x\.conll\{suffix}: could not be read: "):
            read_sentences(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.conll: expected a file, got nothing there"):
        read_sentences(tmp_path / "nowhere.conll")
    (tmp_path / "folder.conll").mkdir()
    with pytest.raises(InputError, match=r"folder\.conll: expected a file, got a folder"):
        read_sentences(tmp_path / "folder.conll")


@pytest.mark.parametrize("bad", ["", "a\tb", "a\nb", "a\rb"])
def test_words_no_column_can_hold(path: Path, bad: str) -> None:
    words = [["x"], ["y"]], [["x"], ["y", bad]]
    pairs = [SentencePairs.from_lists(chunk, chunk, [[], []]) for chunk in words]
    message = r"^words: sentence 3, word 1: CoNLL cannot hold a word that is empty or has a tab"
    with pytest.raises(InputError, match=message):
        write_labelled(path, *pairs)
    assert not list(path.parent.iterdir())


def test_real_files(tmp_path: Path) -> None:
    """Read as a few lines of Python read them, and what is written of them is read the same."""
    paths = sorted(path for path in shared_data().rglob("*.conll") if ".train." not in path.name)
    assert len(paths) > 5
    for path in paths:
        blocks = re.split("\n(?:[ \t]*\n)+", path.read_text("utf-8").strip("\n"))
        rows = [[line.split() for line in block.split("\n")] for block in blocks]
        got = read_sentences(path, conll=ConllOptions("any"))
        assert words_of(got) == [[row[0] for row in sentence] for sentence in rows]
        tags = [[tuple((row[-1] + "-").split("-")[:2]) for row in sentence] for sentence in rows]
        assert spans_of(got) == [reference.decode(sentence, "any") for sentence in tags]
        pairs = SentencePairs.from_columns(got.words, got.words, got.entities, got.labels)
        write_labelled(tmp_path / path.name, pairs)
        again = read_sentences(tmp_path / path.name)
        assert (words_of(again), spans_of(again)) == (words_of(got), spans_of(got))
