"""A format is one record: once it is registered, everything that reads and writes files knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import xproj_fast as xp
from xproj_fast.formats.registry import FORMATS, READABLE, WRITABLE, Format, Reading, by_suffix, that_read, that_write
from xproj_fast.formats.sentences import Sentences


def one_line(sentences: xp.LabelledSentences) -> bytes:
    rows = zip(sentences.words.to_lists(), sentences.tags(), strict=True)
    return "".join(" ".join(map("/".join, zip(words, tags, strict=True))) + "\n" for words, tags in rows).encode()


class OneLine:
    """Reads ``Ada/B-PER lived/O``, one sentence per line, at once."""

    share_read = 1.0

    def __init__(self, path: Path, how: Reading) -> None:
        self.path = path
        rows = [[field.rsplit("/", 1) for field in line.split()] for line in path.read_text("utf-8").splitlines()]
        words = [[word for word, _ in row] for row in rows]
        starts = [[(i, i + 1, tag[2:]) for i, (_, tag) in enumerate(row) if tag != "O"] for row in rows]
        found = xp.LabelledSentences.from_lists(words, starts)
        self.all = Sentences(found.words, found.entities, found.labels, None, np.arange(len(rows)) + 1)

    def close(self) -> None:
        pass

    def left_out(self) -> list[str]:
        return []

    def read(self, count: int) -> Sentences:
        return self.all


@pytest.fixture
def one_line_format() -> Iterator[None]:
    FORMATS.add("one-line", Format(("oneline",), "word/tag", sentences=OneLine, labelled=True, encode=one_line))
    yield
    del FORMATS._entries["one-line"]


@pytest.mark.usefixtures("one_line_format")
def test_a_new_format_is_known_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "x.oneline"
    sentences = xp.LabelledSentences.from_lists([["Ada", "lived"], ["London"]], [[(0, 1, "PER")], [(0, 1, "LOC")]])
    xp.write(sentences, path)
    assert path.read_text("utf-8") == "Ada/B-PER lived/O\nLondon/B-LOC\n"
    assert xp.read_labelled(path).tags() == sentences.tags()
    (tmp_path / "de.words").write_text("Ada lebte\nLondon\n", "utf-8")
    assert xp.read_pairs(path, tmp_path / "de.words").labels == ("PER", "LOC")
    assert by_suffix(tmp_path / "x.oneline.gz") == "one-line"
    assert "one-line" in that_read("labelled")
    assert "one-line" in that_write("labelled")
    with pytest.raises(xp.InputError, match=r"one-line: \.oneline; pharaoh: "):
        xp.read_labelled(tmp_path / "x.nothing")


@pytest.mark.parametrize(
    ("what", "read", "written"),
    [
        ("sentences", {"arrow", "conll", "jsonl", "text", "words"}, set()),
        ("labelled", {"arrow", "conll", "jsonl"}, {"arrow", "conll", "jsonl"}),
        ("pairs", {"arrow"}, {"arrow"}),
        ("alignments", {"pharaoh"}, {"pharaoh"}),
    ],
)
def test_what_formats_can_do(what: str, read: set[str], written: set[str]) -> None:
    assert what in READABLE
    assert read <= set(that_read(what))
    assert "text" not in that_read("labelled")
    assert written <= set(that_write(what))
    assert (what in WRITABLE) == bool(written)


def test_no_two_formats_have_a_suffix() -> None:
    suffixes = [suffix for name in FORMATS for suffix in FORMATS[name].suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(FORMATS[name].about for name in FORMATS)


def test_a_name_that_is_taken() -> None:
    with pytest.raises(xp.InputError, match="format: expected a name that is not taken, got 'conll'"):
        FORMATS.add("conll", Format(("x",), "again"))


def test_alignments_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "en.conll").write_text("Ada\tB-PER\n\n", "utf-8")
    for name in ("de.words", "de.txt"):
        (tmp_path / name).write_text("Ada\n", "utf-8")
    for name in ("links.pharaoh", "en-de.intersect", "links.txt", "links"):
        (tmp_path / name).write_text("0-0\n", "utf-8")
        pairs = xp.read_pairs(tmp_path / "en.conll", tmp_path / "de.words", tmp_path / name)
        assert pairs[0].alignments == ((0, 0),)


def test_alignments_hold_no_sentences(tmp_path: Path) -> None:
    (tmp_path / "x.pharaoh").write_text("0-0\n", "utf-8")
    with pytest.raises(xp.InputError, match=r"arrow, conll, conllu, .*jsonl.*: labelled sentences, got pharaoh"):
        xp.read_labelled(tmp_path / "x.pharaoh")
