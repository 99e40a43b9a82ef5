"""Pharaoh alignments: every link of every dialect is read right or refused by file, line and token."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from common import by_sentence, links_array
from conftest import shared_data
from hypothesis import given
from hypothesis import strategies as st
from text_files import EVERYTHING, blocks_of, in_tmp_path

from xproj_fast import _core
from xproj_fast.arrays import Links
from xproj_fast.errors import InputError
from xproj_fast.formats.pharaoh import PharaohOptions, PharaohReader, parse_pharaoh, pharaoh_bytes, write_pharaoh
from xproj_fast.formats.sentences import concat_records

LARGEST = 2_147_483_639  # a sentence of more words than that has no word index of 32 bits worth speaking of
PROBABLE = PharaohOptions(probabilities=True)
Lists = list[list[tuple[int, int]]]


def lists(links: Links) -> Lists:
    assert links.source.dtype == links.target.dtype == np.int32
    return by_sentence(links.offsets, links.source, links.target)


def parse(text: str | bytes | Sequence[str], **options: Any) -> Lists:
    return lists(parse_pharaoh(text, PharaohOptions(**options)))


def read_in_chunks(path: Path, count: int) -> Lists:
    with closing(PharaohReader(path)) as source:
        chunks = [source.read(count)]
        while len(chunks[-1]) == count:
            chunks.append(source.read(count))
        assert source.share_read == 1
    return lists(concat_records(chunks))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n", [[]]),
        ("\n\n0-0\n\n", [[], [], [(0, 0)], []]),
        ("0-0", [[(0, 0)]]),
        ("0-1 10-2 3-40 55-66", [[(0, 1), (10, 2), (3, 40), (55, 66)]]),
        ("100-2 1-200 999-1000 12345-678901", [[(100, 2), (1, 200), (999, 1000), (12345, 678901)]]),
        (f"{LARGEST}-{LARGEST} 0-{LARGEST}\n", [[(LARGEST, LARGEST), (0, LARGEST)]]),
        ("00-007 0000000000000001-1\n", [[(0, 7), (1, 1)]]),
        ("1-1 0-0 1-1\n", [[(1, 1), (0, 0), (1, 1)]]),  # order and repeats are the file's
        ("  0-0\t 1-1 \t\n \t \n\t2-2", [[(0, 0), (1, 1)], [], [(2, 2)]]),
        ("0-0 1-1\r\n\r\n2-2 \r\n3-3\r", [[(0, 0), (1, 1)], [], [(2, 2)], [(3, 3)]]),
    ],
)
def test_plain(text: str, expected: Lists) -> None:
    assert parse(text) == expected
    assert parse(text.encode()) == expected
    assert parse(text.removesuffix("\n").split("\n") if text else []) == expected


def test_from_lines() -> None:
    assert parse(["0-0 1-1", "", "2-2\r"]) == [[(0, 0), (1, 1)], [], [(2, 2)]]
    assert parse(("0-0",)) == [[(0, 0)]]
    with pytest.raises(InputError, match="alignments:2: expected one line per sentence, got a line break"):
        parse(["0-0", "1-1\n"])


def test_probabilities() -> None:
    text = "0-0:0 1-1:0.5 2-2:1 3-3:1e-3 4-4:.25 5-5:1.0\n\n6-60:0.75"
    everything = [[(i, i) for i in range(6)], [], [(6, 60)]]
    assert parse(text, probabilities=True) == everything
    assert parse(text, probabilities=True, min_probability=0.5) == [[(1, 1), (2, 2), (5, 5)], [], [(6, 60)]]
    assert parse(text, probabilities=True, min_probability=1) == [[(2, 2), (5, 5)], [], []]
    for name in ("0.1", "0.3", "0.7", "0.9"):  # float32 on both sides: p >= P holds where the digits are the same
        assert parse(f"0-0:{name}", probabilities=True, min_probability=float(name)) == [[(0, 0)]]


def test_possible() -> None:
    text = "0-0 1?1 2-2\n3?30\n"
    assert parse(text, possible="keep") == [[(0, 0), (1, 1), (2, 2)], [(3, 30)]]
    assert parse(text, possible="drop") == [[(0, 0), (2, 2)], []]
    mixed = "0-0:0.9 1?1:0.9 2?2:0.1 3-3:0.1"
    assert parse(mixed, probabilities=True, possible="keep", min_probability=0.5) == [[(0, 0), (1, 1)]]
    assert parse(mixed, probabilities=True, possible="drop") == [[(0, 0), (3, 3)]]


NOT_A_LINK = "expected a link 'source-target' of two word indices"
BAD = ["1-", "-1", "-", "1", "-1-2", "1--2", "1-2-3", "a-b", "1-b", "0x1-2", "+1-2", "1.0-2", "1_0-2", "1,2", "1-2,"]
BAD += ["0–1", "٣-٤", "1-2;", "1:2", "99999999999-1", "1-99999999999", "2147483648-0"]  # noqa: RUF001


@pytest.mark.parametrize("token", BAD)
@pytest.mark.parametrize("rest", ["", " 3-3 4-4 5-5"])  # short links take another way than the last of a text
def test_bad_links(token: str, rest: str) -> None:
    for options in (PharaohOptions(), PROBABLE, PharaohOptions(possible="keep")):
        ones = "0-0:1" if options.probabilities else "0-0"
        with pytest.raises(InputError, match=rf"^alignments:3: expected .*, got '{re.escape(token)}'$") as caught:
            parse_pharaoh(f"{ones}\n\n{ones} {token}{rest}\n", options)
        assert caught.value.field == "alignments"
    with pytest.raises(InputError, match=f"^alignments:1: {NOT_A_LINK}"):
        parse_pharaoh(token + rest)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("0 - 1", {}, f"{NOT_A_LINK}, got '0'"),
        ("0- 1", {}, f"{NOT_A_LINK}, got '0-'"),
        ("0 -1", {}, f"{NOT_A_LINK}, got '0'"),
        ("0-0 1-2\r3-4", {}, rf"{NOT_A_LINK}, got '1-2\\r3-4'"),
        ("0-0 1-2:0.5", {}, r"expected links without a probability \('i-j:p' is read when asked for\), got '1-2:0.5'"),
        ("0-0 1?2", {}, r"expected sure links 'i-j' only \(.* when asked for\), got '1\?2'"),
        ("0-0:1 1-2", {"probabilities": True}, "expected a link with a probability, 'i-j:p', got '1-2'"),
        ("0-0:1 1?2:1", {"probabilities": True}, r"expected sure links 'i-j' only .*, got '1\?2:1'"),
        ("0-0 1?2:1", {"possible": "keep"}, r"expected links without a probability .*, got '1\?2:1'"),
        ("0-0 1?", {"possible": "drop"}, rf"{NOT_A_LINK}, got '1\?'"),
        *(
            (f"0-0:1 1-2:{p}", {"probabilities": True}, f"expected .* a probability between 0 and 1, got '1-2:{p}'")
            for p in ("1.5", "-0.5", "nan", "inf", "1e9", "", "x", "-")
        ),
        *(
            (f"0-0:1 1-2:{p}", {"probabilities": True}, f"expected .*, got '1-2:{re.escape(p)}'")
            for p in ("0.5x", "0.5:0.5", "0,5", "0.5-1")
        ),
    ],
)
def test_dialects_not_asked_for(text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^alignments:1: {message}$"):
        parse(text, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"possible": "yes"}, "^possible: expected one of refuse, keep, drop, got 'yes'"),
        ({"probabilities": True, "min_probability": 1.5}, "^min_probability: expected a number from 0 to 1, got 1.5"),
        ({"probabilities": True, "min_probability": float("nan")}, "^min_probability: .* got nan"),
        ({"min_probability": 0.5}, "^min_probability: requires probabilities=True"),
    ],
)
def test_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PharaohOptions(**options)


FILES: list[tuple[bytes, str]] = [
    (b"0-0\n\n0-0 1-x\n", r":3: expected a link .*, got '1-x'"),
    (b"\xef\xbb\xbf0-0\r\n1\xff-1\r\n", r":2: expected UTF-8 text, got byte 0xff"),
    (b"0-0\n1-\x001\n", r":2: expected text, got a NUL byte"),
    ("0-0\n".encode("utf-16"), r":1: expected UTF-8 text, .* \(the file looks like UTF-16\)"),
    (b"0-0\n1-1 2-", r":2: expected a link .*, got '2-'"),
    ("0-0\n1-1\u00a02-2\n".encode(), r":2: expected a link .*, got '1-1\\xa02-2'"),
]


@pytest.mark.parametrize("block", [1, 1 << 22])
@pytest.mark.parametrize(("data", "message"), FILES)
def test_bad_files(tmp_path: Path, block: int, data: bytes, message: str) -> None:
    path = tmp_path / "x.pharaoh"
    path.write_bytes(data)
    with blocks_of(block), pytest.raises(InputError, match=rf"/x\.pharaoh{message}"):
        PharaohReader(path).read(EVERYTHING)
    with blocks_of(block), pytest.raises(InputError, match=rf"/x\.pharaoh{message}"):
        read_in_chunks(path, 1)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"/x\.pharaoh: expected a file, got nothing there"):
        PharaohReader(tmp_path / "x.pharaoh")


index = st.one_of(*(st.integers(0, top) for top in (9, 99, 999, 99_999, LARGEST)))
sentences = st.lists(st.lists(st.tuples(index, index), max_size=8), max_size=8)


@in_tmp_path
@given(links=sentences, block=st.sampled_from([1, 3, 16, 1 << 22]), count=st.sampled_from([1, 2, 5, EVERYTHING]))
@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_round_trip(tmp_path: Path, suffix: str, links: Lists, block: int, count: int) -> None:
    given_links = links_array(links)
    assert lists(parse_pharaoh(pharaoh_bytes(given_links))) == links
    path = tmp_path / f"x.pharaoh{suffix}"
    write_pharaoh(given_links, path)
    assert list(tmp_path.iterdir()) == [path]
    with blocks_of(block):
        assert read_in_chunks(path, count) == links


def naive(text: str) -> Lists:
    """What the format means, slowly."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    found = []
    for line in lines:
        tokens = [t for t in re.split("[ \t]+", line.removesuffix("\r")) if t]
        assert all(re.fullmatch("[0-9]+-[0-9]+", t) for t in tokens)
        found.append([(int(t.split("-")[0]), int(t.split("-")[1])) for t in tokens])
    return found


blanks = st.text(" \t", max_size=2)
number = index.map(str) | index.map("0{}".format)
token = st.tuples(number, number).map("-".join)
line = st.tuples(blanks, st.lists(st.tuples(token, st.sampled_from([" ", "  ", "\t", " \t"])).map("".join), max_size=6))
texts = st.lists(st.tuples(line, st.sampled_from(["\n", "\n", "\r\n"])), max_size=6).map(
    lambda rows: "".join(before + "".join(links) + end for (before, links), end in rows)
)


@given(text=texts, tail=st.lists(token, max_size=3).map(" ".join))
def test_like_a_naive_parser(text: str, tail: str) -> None:
    assert parse(text + tail) == naive(text + tail)


@given(text=st.text("0123456789-- \n\r\t:?.", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expected: Lists | None = naive(text)
    except AssertionError:
        expected = None
    if expected is None or max((max(link) for links in expected for link in links), default=0) > LARGEST:
        with pytest.raises(InputError, match=r"^alignments:\d+: expected .*, got '"):
            parse(text)
    else:
        assert parse(text) == expected


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_packed_and_cut_off(tmp_path: Path, suffix: str) -> None:
    text = "".join(f"{i}-{i * i} {i}-0\n" for i in range(500)).encode()
    packed = gzip.compress(text) if suffix == ".gz" else pa.compress(text, codec="zstd", asbytes=True)
    path = tmp_path / f"x.pharaoh{suffix}"
    path.write_bytes(packed)
    assert lists(PharaohReader(path).read(EVERYTHING)) == naive(text.decode())
    path.write_bytes(packed[:-5])
    with pytest.raises(InputError, match=rf"/x\.pharaoh\{suffix}: could not be read: .*[Tt]runcated"):
        PharaohReader(path).read(EVERYTHING)


def test_real_files() -> None:
    paths = sorted(path for path in shared_data().rglob("*.pharaoh") if ".train." not in path.name)
    assert len(paths) > 5
    for path in paths:
        text = path.read_text("utf-8")
        links = PharaohReader(path).read(EVERYTHING)
        assert lists(links) == naive(text)
        assert lists(parse_pharaoh(pharaoh_bytes(links))) == naive(text)


@pytest.mark.parametrize(
    "buffer", [memoryview(b"0-0\n")[::-1], np.zeros(4, np.int32), memoryview(b"0-0\n").cast("B", (2, 2))]
)
def test_only_bytes_side_by_side_are_read(buffer: Any) -> None:
    for read in (
        lambda: _core.read_pharaoh(buffer, True, 1, False, 0.0, 0),
        lambda: _core.read_word_lines(buffer, True, 1),
    ):
        with pytest.raises(TypeError, match="expected bytes side by side"):
            read()
