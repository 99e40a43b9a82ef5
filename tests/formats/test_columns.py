"""Column files against an independent reader: comments, ragged rows, prefixes, -DOCSTART-, blank lines, line ends."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import reference.iob as iob
from hypothesis import example, given
from hypothesis import strategies as st
from reference import columns as reference
from text_files import EVERYTHING, blocks_of, in_tmp_path, spans_of, words_of

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions, ConllReader

WORDS = st.sampled_from(["Anna", "sings", "#", "#MH17", "New York", ".", "1", "2", "B-52", "O", "=", "text", "日本"])
TAGS = st.sampled_from(["O", "O", "B-PER", "I-PER", "B-LOC"])
FILLERS = st.sampled_from(["_", "NN", "x", "", "-X-"])
COMMENTS = [
    "# text = Anna flew a B-52",
    "#",
    "# ",
    "# newdoc",
    "# sent_id = 1",
    "#\thttp://a.example\t[date]\t",
    "#x y",
]


def row(draw: Any, columns: int, tabs: bool, number: int | None) -> str:
    word = draw(WORDS)
    cells = [word if tabs else word.replace(" ", "_"), *(draw(FILLERS) or "" for _ in range(columns - 2)), draw(TAGS)]
    if number is not None:
        cells = [str(number), *cells]
    if not tabs:
        cells = [cell or "_" for cell in cells]
    line = ("\t" if tabs else draw(st.sampled_from([" ", "  ", " \t"]))).join(cells)
    return line + draw(st.sampled_from(["", "", "", "\t"])) if tabs else line


@st.composite
def files(draw: Any) -> tuple[str, bool, bool]:
    """Return a column file, whether tabs part its columns, and whether rows begin with their number."""
    tabs, numbered = draw(st.booleans()), draw(st.booleans())
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 5))):
        columns = draw(st.sampled_from([2, 2, 2, 3, 4]))
        number = 0
        for _ in range(draw(st.integers(0, 5))):
            kind = draw(st.integers(0, 11))
            if kind == 0:
                lines.append(draw(st.sampled_from(COMMENTS)))
            elif kind == 1:
                lines.append(draw(st.sampled_from(["-DOCSTART-", "-DOCSTART- -X- O O", "-DOCSTART-\tO"])))
            elif kind == 2 and numbered:
                lines.append(
                    f"{number + 1}-{number + 2}" + ("\t" if tabs else " ") + "zum" + (" " if not tabs else "\t") + "O"
                )
            elif kind == 3 and draw(st.integers(0, 4)) == 0:  # ragged
                lines.append(row(draw, columns + 1, tabs, number if numbered else None))
            else:
                number += 1
                lines.append(row(draw, columns, tabs, number if numbered else None))
        lines += [draw(st.sampled_from(["", "", " ", "\t"]))] * draw(st.integers(1, 3))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end]))
    return text, tabs, numbered


def read(path: Path, text: str, rules: reference.Rules, block: int, count: int) -> Any:
    path.write_bytes(text.encode())
    options = ConllOptions(
        scheme="any",
        word_column=rules.word_column,
        tag_column=rules.tag_column,
        separator="tab" if rules.tabs else "space",
        docstart="skip" if rules.skip_docstart else "keep",
        empty_sentences=rules.empty_sentences,
        keep_prefix=True,
    )
    with blocks_of(block), closing(ConllReader(path, options, entities=rules.tags)) as reader:
        parts = [reader.read(count)]
        while len(parts[-1]) == count:
            parts.append(reader.read(count))
        words = [words for part in parts for words in words_of(part)]
        spans = [spans for part in parts for spans in spans_of(part)] if rules.tags else None
        lines = [line for part in parts for line in part.lines.tolist()]
        return words, spans, lines, (reader.comments, reader.docstarts, reader.ranges)


@in_tmp_path
@given(
    file=files(),
    tags=st.booleans(),
    skip=st.booleans(),
    empty=st.booleans(),
    block=st.sampled_from([1, 7, 1 << 22]),
    count=st.sampled_from([1, 2, EVERYTHING]),
)
@example(("#\turl\t[date]\t\n1\tAnna\tB-PER\tO\n", True, True), True, False, False, 1, 1)
@example(("# a\n#MH17 NN\nflies VB\n", False, False), False, False, False, 1, 1)
@example(("# text = a B-52\n\nAnna B-PER\n", False, False), True, False, False, 1, 1)
@example(("a O\n\n# O\n\n# x\n", False, False), True, False, False, 1, 1)
def test_equals_the_reference(
    tmp_path: Path, file: tuple[str, bool, bool], tags: bool, skip: bool, empty: bool, block: int, count: int
) -> None:
    text, tabs, numbered = file
    rules = reference.Rules(tabs, 1 if numbered else 0, -1, tags, skip, empty)
    path = tmp_path / "x.conll"
    try:
        expected = reference.read(text, rules)
    except reference.BrokenRuleError as broken:
        with pytest.raises(InputError, match=rf"x\.conll:{broken.line}: expected "):
            read(path, text, rules, block, count)
        return
    words, spans, lines, left_out = read(path, text, rules, block, count)
    assert words == [[word for word, _ in sentence] for sentence in expected.sentences]
    assert left_out == (expected.comments, expected.docstarts, expected.ranges)
    wordy = [i for i, sentence in enumerate(words) if sentence]
    assert [lines[i] for i in wordy] == [expected.lines[i] for i in wordy]
    if tags:
        tagged = [[tuple((tag + "-").split("-")[:2]) for _, tag in sentence] for sentence in expected.sentences]
        assert spans == [iob.decode(sentence, "any") for sentence in tagged]


@in_tmp_path
@given(file=files(), empty=st.booleans())
def test_labels_or_not_the_words_are_the_same(tmp_path: Path, file: tuple[str, bool, bool], empty: bool) -> None:
    """What is a comment on one side of a pair is one on the other."""
    text, tabs, numbered = file
    rules = reference.Rules(tabs, 1 if numbered else 0, empty_sentences=empty)
    path = tmp_path / "x.conll"
    try:
        labelled = read(path, text, rules, 1 << 22, EVERYTHING)
    except InputError:
        return  # of a tag
    assert read(path, text, replace(rules, tags=False), 1 << 22, EVERYTHING)[::3] == labelled[::3]
