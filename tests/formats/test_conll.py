"""CoNLL columns: every scheme and column is read right, nothing is dropped in silence, errors say where."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import reference.iob as reference
from hypothesis import given
from hypothesis import strategies as st
from text_files import EVERYTHING, Spans, blocks_of, in_tmp_path, read_conll, spans_of, words_of

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions, ConllReader
from xproj_fast.formats.files import read_sentences


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.conll"


def column_text(tags: str) -> str:
    """One sentence of the words w0, w1, ... with these tags."""
    return "".join(f"w{i}\t{tag}\n" for i, tag in enumerate(tags.split()))


SCHEMES: list[tuple[str, str, Spans]] = [
    ("iob2", "B-PER I-PER O B-LOC B-LOC", [(0, 2, "PER"), (3, 4, "LOC"), (4, 5, "LOC")]),
    ("iob1", "I-PER I-PER B-PER O I-LOC I-PER", [(0, 2, "PER"), (2, 3, "PER"), (4, 5, "LOC"), (5, 6, "PER")]),
    ("bilou", "B-PER I-PER L-PER U-LOC O B-LOC L-LOC", [(0, 3, "PER"), (3, 4, "LOC"), (5, 7, "LOC")]),
    ("bilou", "B-PER I-PER E-PER S-LOC O B-LOC E-LOC", [(0, 3, "PER"), (3, 4, "LOC"), (5, 7, "LOC")]),
    (
        "any",
        "I-PER I-LOC B-LOC O L-PER U-PER",
        [(0, 1, "PER"), (1, 2, "LOC"), (2, 3, "LOC"), (4, 5, "PER"), (5, 6, "PER")],
    ),
    ("drop", "I-PER B-PER I-PER O I-LOC B-LOC I-PER", [(1, 3, "PER"), (5, 6, "LOC")]),
    ("iob2", "B-A-B I-A-B B-日本", [(0, 2, "A-B"), (2, 3, "日本")]),
]


@pytest.mark.parametrize(("scheme", "tags", "expected"), SCHEMES)
def test_schemes(path: Path, scheme: str, tags: str, expected: Spans) -> None:
    got = read_conll(path, column_text(tags) + "\n" + column_text(tags), scheme=scheme)
    assert spans_of(got) == [expected, expected]  # an entity does not cross sentences
    assert sorted(got.labels) == sorted({label for _, _, label in expected})


@in_tmp_path
@given(
    tags=st.lists(
        st.one_of(st.just(("O", "")), st.tuples(st.sampled_from("BILEUS"), st.sampled_from(("PER", "LOC")))), min_size=1
    )
)
def test_any_tags_at_all(path: Path, tags: list[tuple[str, str]]) -> None:
    """No sequence breaks 'any' and, of IOB2, 'drop'; both say what seqeval says (its two modes; see test_tags)."""
    text = column_text(" ".join("-".join(filter(None, tag)) for tag in tags))
    plain = [({"L": "E", "U": "S"}.get(prefix, prefix), label) for prefix, label in tags]
    assert spans_of(read_conll(path, text, scheme="any")) == [reference.decode(plain, "any")]
    other = next((f"{i + 1}: .* got '{'-'.join(tag)}'" for i, tag in enumerate(tags) if tag[0] not in "OBI"), None)
    if other:
        with pytest.raises(InputError, match=rf"x\.conll:{other}"):
            read_conll(path, text, scheme="drop")
    else:
        assert spans_of(read_conll(path, text, scheme="drop")) == [reference.decode(plain, "iob2_or_drop")]


@pytest.mark.parametrize(
    ("line", "options", "word", "label"),
    [
        ("New York\tNNP\tB-LOC", {}, "New York", "LOC"),
        ("New York\tB-LOC", {"separator": "tab"}, "New York", "LOC"),
        ("York NNP B-LOC", {}, "York", "LOC"),
        ("York  \t NNP \t B-LOC  ", {"separator": "space"}, "York", "LOC"),
        ("York\tB-LOC", {"separator": "space"}, "York", "LOC"),
        ("B-LOC\t1\tYork", {"word_column": 2, "tag_column": 0}, "York", "LOC"),
        ("B-LOC\t1\tYork", {"word_column": -1, "tag_column": -3}, "York", "LOC"),
        ("1\tYork\t_\tB-LOC\t_", {"word_column": 1, "tag_column": 3}, "York", "LOC"),
        ("York\t\t\tB-LOC", {}, "York", "LOC"),  # empty columns between
        (" \tB-LOC", {}, " ", "LOC"),
        ("York B-LOC", {"word_column": -2}, "York", "LOC"),
    ],
)
def test_columns(path: Path, line: str, options: dict[str, Any], word: str, label: str) -> None:
    got = read_conll(path, line + "\n", **options)
    assert (words_of(got), spans_of(got)) == ([[word]], [[(0, 1, label)]])
    assert words_of(read_conll(path, line + "\n", entities=False, **options)) == [[word]]


def test_auto_looks_at_the_first_line_that_tells(path: Path) -> None:
    # A comment has no columns; taken for a row, it would cut New York in two, or make every line one field.
    got = read_conll(path, "\n# id = 1\nNew York\tB-LOC\n")
    assert (words_of(got), spans_of(got)) == ([["New York"]], [[(0, 1, "LOC")]])
    got = read_conll(path, "# id 1\tdomain=en\nYork _ _ B-LOC\n")
    assert (words_of(got), spans_of(got)) == ([["York"]], [[(0, 1, "LOC")]])
    assert words_of(read_conll(path, "# O\n\n# O\n")) == [["#"], ["#"]]


def test_comments(path: Path) -> None:
    path.write_text("# newdoc\n# text = a # b\n#\tO\n#1\tB-X\n# \n\n#last\n", "utf-8")
    with closing(ConllReader(path)) as source:
        got = source.read(EVERYTHING)
        assert source.comments == 4
    assert (words_of(got), spans_of(got)) == ([["#", "#1"]], [[(1, 2, "X")]])
    assert got.lines.tolist() == [3]
    assert words_of(read_conll(path, "# newdoc\n#\tO\na\tO\n", entities=False)) == [["#", "a"]]
    assert words_of(read_conll(path, "#\na\n", entities=False)) == [["#", "a"]]


def test_comments_of_a_target_by_spaces(path: Path) -> None:
    data = "# id 1\tdomain=en\nYork _ _ B-LOC\n"  # MultiCoNER; the source side reads one word
    assert words_of(read_conll(path, data, entities=False)) == [["York"]]


@pytest.mark.parametrize("entities", [True, False])
def test_docstart(path: Path, caplog: pytest.LogCaptureFixture, entities: bool) -> None:
    data = "-DOCSTART-\tO\n\na\tO\n\n-DOCSTART-\tO\n\nb\tO\n"
    assert words_of(read_conll(path, data, entities=entities)) == [["-DOCSTART-"], ["a"], ["-DOCSTART-"], ["b"]]
    assert "DOCSTART" not in caplog.text
    for empty_sentences in (True, False):  # the blank line after it is its own
        got = read_conll(path, data, entities=entities, docstart="skip", empty_sentences=empty_sentences)
        assert words_of(got) == [["a"], ["b"]]
    assert "x.conll: 2 -DOCSTART- lines skipped" in caplog.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines(path: Path, end: str) -> None:
    data = "\n\na\tO\n\n \t \n\nb\tO\n\n\n".replace("\n", end)
    got = read_conll(path, data)
    assert words_of(got) == [["a"], ["b"]]
    assert got.lines.tolist() == [3, 7]
    assert words_of(read_conll(path, data, empty_sentences=True)) == [[], [], ["a"], [], [], ["b"], []]


@pytest.mark.parametrize("data", ["", "\n", "\n\n\n", "\ufeff", "# only a comment\n", " "])
def test_no_sentences(path: Path, data: str) -> None:
    got = read_conll(path, data)
    assert (len(got), words_of(got), spans_of(got), got.labels) == (0, [], [], ())


@pytest.mark.parametrize("data", ["a\tO\nb\tB-X\n\nc\tO\n\n", "a\tO\nb\tB-X\n\nc\tO\n", "a\tO\nb\tB-X\n\nc\tO"])
def test_line_ends(path: Path, data: str) -> None:
    for text in (data, data.replace("\n", "\r\n"), "\ufeff" + data):
        got = read_conll(path, text)
        assert (words_of(got), spans_of(got)) == ([["a", "b"], ["c"]], [[(1, 2, "X")], []])


@pytest.mark.parametrize("separator", ["\t", " "])
def test_unicode_spaces_stay_in_words(path: Path, separator: str) -> None:
    words = ["a\u00a0b", "\u3000", "c\u2028d", "\u2029", "e\u0085f", "\x0b", "g\x0c", "\u200b"]
    data = "".join(f"{word}{separator}O\n" for word in words)
    assert words_of(read_conll(path, data)) == [words]
    assert words_of(read_conll(path, data, entities=False)) == [words]
    path.write_text("\u00a0 a\u3000b\t\u2028  \n", "utf-8")
    assert words_of(read_sentences(path, "words", entities=False)) == [["\u00a0", "a\u3000b", "\u2028"]]


ERRORS: list[tuple[str | bytes, dict[str, Any], str]] = [
    # the row at the end of a file that was cut off
    ("a\tO\n\nb\tO\nc", {}, r"4: expected a word and its tag in at least 2 columns separated by a tab, got 'c'"),
    ("a\tO\n\nb\tO\nc\t", {}, r"4: expected a tag such as O, B-PER or I-PER in column -1, got ''"),
    ("a\tO\nb\tB", {}, r"2: expected a tag such as .*, got 'B'"),
    # broken sequences
    (
        "EU\tB-ORG\n\nof\tO\nBonn\tI-LOC\n",
        {},
        r"4: expected a tag that IOB2 allows after O, got I-LOC on 'Bonn' .*valid as any: --scheme any\)",
    ),
    (
        "a\tO\n\nBonn\tI-LOC\n",
        {},
        r"3: expected a tag that IOB2 allows after the start of the sentence, got I-LOC on 'Bonn'",
    ),
    (
        "a\tB-PER\nb\tL-PER\n",
        {},
        r"2: .* IOB2 allows after B-PER, got L-PER on 'b' \(.* valid as bilou and any: --scheme bilou\)",
    ),
    ("a\tB-PER\nb\tI-LOC\n", {}, r"2: .* got I-LOC on 'b' \(the tags read so far are valid as any: --scheme any\)"),
    ("a\tB-PER\nb\tI-PER\n", {"scheme": "iob1"}, r"1: .* IOB1 allows after .* as iob2 and any: --scheme iob2\)"),
    ("a\tB-PER\nb\tO\n", {"scheme": "bilou"}, r"2: expected a tag that BILOU allows after B-PER, got O on 'b'"),
    ("a\tO\nb\tB-PER\n\nc\tO\n", {"scheme": "bilou"}, r"2: expected a tag that BILOU allows after O, got B-PER on 'b'"),
    # columns
    ("a\tO\nb O\n", {}, r"2: expected a word and its tag .* separated by a tab, got 'b O'"),
    ("a O\nb\n", {}, r"2: expected .* in at least 2 columns separated by spaces, got 'b'"),
    ("a\tO\n", {"tag_column": 3}, r"1: expected .* in at least 4 columns separated by a tab, got 'a\\tO'"),
    ("a\tO\n", {"word_column": -3}, r"1: expected .* in at least 3 columns"),
    ("a\tO\n\tO\n", {}, r"2: expected a word and its tag"),
    # tags
    ("a\tO\nb\tX\n", {}, r"2: expected a tag such as O, B-PER or I-PER in column -1, got 'X'"),
    ("a\tO\nb\tB-\n", {}, r"2: .* got 'B-'"),
    ("a\tO\nb\tb-per\n", {}, r"2: .* got 'b-per'"),
    ("a\tO\nb\tO-PER\n", {}, r"2: expected O without a class, .* got 'O-PER'"),
    ("a\tO\nb\tU-PER\n", {"scheme": "drop"}, r"2: expected O or a class behind B- or I- .* got 'U-PER'"),
    ("a\tO\nb\tNEB-PER\n", {}, r"2: .* got 'NEB-PER'"),
    ("a\tO\n\nb\tB-PER \n", {}, r"3: expected a tag without white space, got 'B-PER '"),
    ("a\tB-NEW\u00a0YORK\n", {}, r"1: expected a tag without white space, got 'B-NEW\\xa0YORK'"),
    # bytes
    (b"a\tO\nb\0\tO\n", {}, r"2: expected text, got a NUL byte"),
    (b"a\tO\n\nM\xfcller\tO\n", {}, r"3: expected UTF-8 text, got byte 0xfc \(invalid start byte\)$"),
    (b"a\tO\nb\xc3", {}, r"2: expected UTF-8 text, got byte 0xc3 \(unexpected end of data\)$"),
    (b"a\tO\n\xed\xa0\x80\tO\n", {}, r"2: expected UTF-8 text, got byte 0xed"),
    ("a\tO\n".encode("utf-16"), {}, r"1: expected UTF-8 text, got byte 0xff .*\(the file looks like UTF-16\)$"),
    ("a\tO\n".encode("utf-16-be"), {}, r"1: expected text, got a NUL byte"),
    ("\r\na\tO\rb\tO\r", {}, r"2: expected lines that end with \\n or \\r\\n, got a \\r inside"),
]


@pytest.mark.parametrize("block", [1, 1 << 22])
@pytest.mark.parametrize(("data", "options", "message"), ERRORS)
def test_errors(path: Path, block: int, data: str | bytes, options: dict[str, Any], message: str) -> None:
    with blocks_of(block), pytest.raises(InputError, match=rf"/x\.conll:{message}"):
        read_conll(path, data, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"scheme": "IOB2"},
        {"separator": ","},
        {"docstart": "drop"},
        {"word_column": 10**12},
        {"tag_column": -(10**12)},
    ],
)
def test_options(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(InputError, match=f"^{name}: expected .*, got "):
        ConllOptions(**options)
