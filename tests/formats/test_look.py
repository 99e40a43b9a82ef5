"""What the first lines of a file give away: other formats, columns without words, prefixes, glued punctuation."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import fails, run
from text_files import read_conll, words_of

from xproj_fast.errors import InputError
from xproj_fast.formats import look
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.pair_files import ReadOptions, read_pairs
from xproj_fast.formats.pharaoh import PharaohOptions

COLUMNS, JSONL, LINKS = ("columns", "conll"), ("JSON Lines", "jsonl"), ("Pharaoh", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna B-PER\nsings O\n\n", COLUMNS),
        ("Anna\tB-PER\nsings\tO\n", COLUMNS),
        ("-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n", COLUMNS),
        ("# id 1\nAnna B-PER\nsings O\n", COLUMNS),
        ("B-PER Anna\nO sings\n", COLUMNS),
        ("1\tAnna\tB-PER\tO\n2\tsings\tO\tO\n", COLUMNS),
        ("Anna\tNNP\nsings\tVBZ\n.\t.\n\nBonn\tNNP\n", COLUMNS),  # no tags, but rows
        ("1\tAnna\tAnna\tPROPN\n2\tsings\tsing\tVERB\n3\t.\t.\tPUNCT\n4\ta\ta\tX\n", COLUMNS),
        ("Anna O \t\nsings O\t\n", COLUMNS),
        ('{"text": "Anna sings"}\n{"text": "Bonn"}\n', JSONL),
        ('{"text": "Anna sings"}\n', JSONL),
        ("0-0 1-1\n0-1 1-0\n", LINKS),
        ("0-0:0.9 1?1\n\n0-0\n", LINKS),
        # text
        ("", None),
        ("\n\n", None),
        ("Anna sings.\nBonn!\n", None),
        ("Vitamin O\n", None),  # one line may end in anything
        ("Vitamin B\nVitamin O\n", None),
        ("a B-52\nthe A-10\n", None),
        ("1\tAnna sings.\n2\tBonn is old.\n17\tIt rains.\n", ("numbered sentences", None)),  # as Leipzig's corpora are
        ("good morning\tguten Morgen\ngood night\tgute Nacht\n", ("a table", None)),
        ("good morning\tguten Morgen\ngood night\n", None),
        ("1984\tOrwell\n451\t\n", None),
        ("7-8\n", None),
        ("{braces}\n", None),
        ("#hashtag\n#another one\n", None),
    ],
)
def test_other_than_text(text: str, expected: tuple[str, str | None] | None) -> None:
    found = look.other_than_text(text.split("\n"))
    assert (found and (found[0].split(" (")[0].removesuffix(" alignments"), found[1])) == expected


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ([["en:Anna", "en:sings"]], "en:"),
        ([["en:Anna"], ["en::"]], "en:"),
        ([["zh-min-nan:A", "zh-min-nan:B"]], "zh-min-nan:"),
        ([["en:Anna", "en:sings"], ["de:Anna"]], "en:, de:"),
        ([["en:Anna"]], None),  # one word proves nothing
        ([["en:Anna", "sings"]], None),
        ([["en:Anna", "de:singt"]], None),  # not one language a sentence
        ([["10:30", "10:40"]], None),
        ([["Re:", "Re:"]], None),
        ([], None),
    ],
)
def test_prefixed(sentences: list[list[str]], expected: str | None) -> None:
    assert look.prefixed(sentences) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1 Anna B-PER|2 singt O", "its numbers 1, 2, 3 ...; is --word-column 1 and --tag-column 2 meant?"),
        ("0 Anna O|1 singt O||0 Bonn O", "its numbers 1, 2, 3 ...; is --word-column 1 and --tag-column 2 meant?"),
        ("1-2 zum O|1 zu O|2 dem O", "its numbers 1, 2, 3 ...; is --word-column 1 and --tag-column 2 meant?"),
        ("1 Anna|2 singt", "its numbers 1, 2, 3 ...; is --word-column 1 meant?"),
        ("O Anna|B-LOC Bonn", "all words are tags; is --word-column 1 and --tag-column 0 meant?"),
        ("bc/1 0 0 Anna O|bc/1 0 1 singt O||bc/1 0 0 in O|bc/1 0 1 Bonn O", "all words are 'bc/1'; is --word-column 3"),
        ("Anna,B-PER|sings,O", "every word ends in a tag, as where commas part columns"),
        ("a;O|b|O", None),
        ("1 O|2 O", None),  # numbers are the only words there are
        ("O O|B-X O", None),
        ("Anna B-PER|singt O", None),
        ("1 CD O||2 CD O", None),  # sentences of one word
        ("2010 CD O|2011 CD O", None),
        ("1 CD O|3 NN O", None),
        ("", None),
    ],
)
def test_column_without_words(rows: str, expected: str | None) -> None:
    table = [[row.split(" ") for row in sentence.split("|")] for sentence in rows.split("||") if sentence]
    found = look.column_without_words(table, 0)
    assert found is expected is None or (found and expected and expected in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He went to Bonn, and left.\n", (2, 6)),
        ("Anna sings.\nBonn is old.\n", (2, 5)),
        ("東京、大阪。 京都。\n", (2, 2)),
        ("He went to Bonn , and left .\n", None),
        ("The U.S. and J. Smith , of St. Ives .\nMr. Smith sings .\n", None),
        ("no punctuation at all\n", None),
        ("One.\n", None),
    ],
)
def test_glued_punctuation(text: str, expected: tuple[int, int] | None) -> None:
    assert look.glued_punctuation(text.split("\n")) == expected


def test_names_of_columns_are_no_words(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    for entities in (True, False):
        with pytest.raises(
            InputError, match=r"x\.tsv:1: expected a (row, got what looks like the names|tag .*got 'label')"
        ):
            read_conll(path, "token\tlabel\nAnna\tB-PER\nsings\tO\n", entities=entities)
    assert words_of(read_conll(path, "Anna\tNN\nsings\tO\n", entities=False)) == [["Anna", "sings"]]


def test_tokenized_records(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "Anna sings."}\n{"text": "Bonn.", "tokens": ["Bonn", "."]}\n', "utf-8")
    assert words_of(read_sentences(path, entities=False)) == [["Anna", "sings", "."], ["Bonn", "."]]
    assert words_of(read_sentences(path, tokenized=True, entities=False)) == [["Anna", "sings."], ["Bonn", "."]]


def test_the_prefix_is_taken_off_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "x.conll"
    text = "en:Anna\tB-PER\nen::\tO\n\nen:en:x\tO\n"
    assert words_of(read_conll(path, text)) == [["Anna", ":"], ["en:x"]]
    assert "x.conll: en: was removed from the beginning of every word" in caplog.text
    assert words_of(read_conll(path, text, entities=False)) == [["Anna", ":"], ["en:x"]]
    assert words_of(read_conll(path, text, keep_prefix=True))[0] == ["en:Anna", "en::"]
    far = "en:a\tO\n\n" * 300 + "b\tO\n"
    with pytest.raises(InputError, match=r"x\.conll:601: expected en: .* in front of every word, .* got 'b'"):
        read_conll(path, far)


def test_glued_punctuation_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "x.words").write_text("Anna lives in Bonn, on the Rhine.\n" * 3, "utf-8")
    read_sentences(tmp_path / "x.words", entities=False)
    assert "x.words: 6 of the first 21 words end in punctuation" in caplog.text
    caplog.clear()
    (tmp_path / "x.txt").write_text("Anna lives in Bonn, on the Rhine.\n" * 3, "utf-8")
    assert words_of(read_sentences(tmp_path / "x.txt", entities=False))[0][-2:] == ["Rhine", "."]
    assert caplog.text == ""
    assert words_of(read_sentences(tmp_path / "x.txt", tokenized=True, entities=False))[0][-1] == "Rhine."
    assert "end in punctuation" in caplog.text


def test_a_named_format_is_believed_and_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "x.txt"
    path.write_text("Anna B-PER\nsings O\n", "utf-8")
    with pytest.raises(InputError, match=r"x\.txt: expected text, .* got what looks like columns"):
        read_sentences(path, entities=False)
    for fmt in ("text", "words"):
        caplog.clear()
        assert len(read_sentences(path, fmt, entities=False)) == 2
        assert "got what looks like columns" in caplog.text


def test_alignments_count_words(tmp_path: Path) -> None:
    """Raw text and alignments: where it matters which words were counted, that is asked."""
    (tmp_path / "en.conll").write_text("Anna\tB-PER\nsings\tO\n.\tO\n\n" * 2, "utf-8")
    target, links = tmp_path / "de.txt", tmp_path / "links"
    links.write_text("0-0 1-1\n" * 2, "utf-8")
    target.write_text("Anna singt .\nAnna singt.\n", "utf-8")
    with pytest.raises(InputError, match=r"de\.txt:2: expected words .* 'singt\.' by spaces and 'singt' as raw text"):
        read_pairs(tmp_path / "en.conll", target, links)
    for options, last in ((ReadOptions(tokenized=True), ["Anna", "singt."]), (ReadOptions(target_format="text"), None)):
        pairs = read_pairs(tmp_path / "en.conll", target, links, options)
        assert pairs.target.to_lists()[1] == (last or ["Anna", "singt", "."])
    assert read_pairs(tmp_path / "en.conll", target).target.to_lists()[1] == ["Anna", "singt", "."]
    target.write_text("Anna  singt\t.\nAnna singt .\n", "utf-8")
    assert read_pairs(tmp_path / "en.conll", target, links).target.to_lists()[0] == ["Anna", "singt", "."]


@pytest.mark.parametrize(
    ("links", "hint"),
    [
        ("0-1 2-0", "the links fit the other way round"),
        ("1-1 2-2 3-3", "the links fit when words are counted from 1"),
        ("0-9", None),
    ],
)
def test_links_that_would_fit(tmp_path: Path, links: str, hint: str | None) -> None:
    (tmp_path / "en.conll").write_text("a\tB-X\nb\tO\n\n" if "2-0" in links else "a\tB-X\nb\tO\nc\tO\n\n", "utf-8")
    (tmp_path / "de.words").write_text("x y z\n", "utf-8")
    (tmp_path / "links").write_text(links + "\n", "utf-8")
    with pytest.raises(InputError, match=r"links:1: .* word index in \[0, ") as caught:
        read_pairs(tmp_path / "en.conll", tmp_path / "de.words", tmp_path / "links")
    assert hint in str(caught.value) if hint else "the links fit" not in str(caught.value)


@pytest.mark.parametrize(
    ("links", "warned"), [("1-1 2-2\n2-2 1-1\n", True), ("1-1 2-2\n0-2\n", False), ("1-1\n\n", False)]
)
def test_links_without_a_zero(tmp_path: Path, links: str, warned: bool, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "en.conll").write_text("a\tB-X\nb\tO\nc\tO\n\n" * 2, "utf-8")
    (tmp_path / "de.words").write_text("x y z\n" * 2, "utf-8")
    (tmp_path / "links").write_text(links, "utf-8")
    read_pairs(tmp_path / "en.conll", tmp_path / "de.words", tmp_path / "links", ReadOptions(pharaoh=PharaohOptions()))
    assert ("are its words counted from 1?" in caplog.text) == warned


def test_standard_input(tmp_path: Path) -> None:
    (tmp_path / "en.conll").write_text("Anna\tB-PER\nsings\tO\n\n", "utf-8")
    (tmp_path / "links").write_text("0-0 1-1\n", "utf-8")
    sides = ("--source", "en.conll", "--target", "-", "--alignments", "links", "-o", "-", "--quiet")
    done = run("project", *sides, "--target-format", "words", input="Anna singt\n", cwd=tmp_path)
    assert done.stdout == "Anna\tB-PER\nsingt\tO\n\n"
    message = fails("project", *sides, input="Anna singt\n", cwd=tmp_path)
    assert message == ("/dev/stdin: expected its format as well, as standard input has no suffix that names it")
    source = ("--source", "-", "--source-format", "conll", "-o", "-", "--quiet")
    assert run("convert", *source, input="a\tB-X\n", cwd=tmp_path).stdout == "a\tB-X\n\n"
    gold = ("evaluate", "en.conll", "-", "--format", "conll")
    assert "1.0000" in run(*gold, input="Anna\tB-PER\nsings\tO\n", cwd=tmp_path).stdout
