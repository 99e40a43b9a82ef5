# ruff: noqa: RUF001
"""Sentence ends in many scripts; nothing but white space between sentences is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.text.sentences import split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["He came.", "He saw!", "Did he win?", "Nobody knows…"],
        ["He said “Go.”", "Then he left.", "(He did.)", "„Halt!“", "‘No?’", "So it ended"],
        ["What?!", "No way!!!", "Well...", "Fine."],
        ["Dr. Smith met J. R. Tolkien, e.g. at No. 5 today.", "It was 3.14 p.m. and 1.5 km to example.org.", "Good."],
        ["Am 3. Oktober kam z.B. Herr Dr. Weber.", "Er blieb usw. bis zum 12. Mai.", "Dann ging er."],
        ["Я живу на ул. Ленина в г. Москве.", "А ты?"],
        ["« Oui. »", "Il part.", "« Non\u202f!\u202f»", "« Si. », dit-il.", "Er kam.", "»Ja«, sagte er.", "Er ging."],
        ["¿Qué pasa?", "¡Nada!", "El Sr. López llegó."],
        ["राम गया।", "वह आया॥", "क्या?"],
        ["ሰላም።", "እንዴት ነህ፧", "ደህና።"],
        ["هل جاء؟", "نعم.", "وہ گیا۔", "ٹھیک۔"],
        ["Ես եկա։", "Դու գնացիր։"],
        ["သူလာသည်။", "သူသွားသည်။"],
        ["ខ្ញុំទៅ។", "គាត់មក៕"],
        ["བཀྲ་ཤིས།", "བདེ་ལེགས༎"],
    ],
    ids=lambda sentences: sentences[0][:12],
)
def test_sentences_with_spaces(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences
    assert split("  " + " \u3000 ".join(sentences) + "\n") == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["今日は晴れ。", "明日は？", "雨！", "「はい。」と言った。", "『ええ！』", "終わり"],
        ["他来了。", "“真的吗？”", "是的！！", "（好。）"],
        ["राम गया।", "वह आया।"],
    ],
    ids=["ja", "zh", "hi"],
)
def test_sentences_without_spaces(sentences: list[str]) -> None:
    assert split("".join(sentences)) == sentences


def test_lines_are_sentences() -> None:
    assert split("one\ntwo\r\n\n three\u2028four") == ["one", "two", "three", "four"]


def test_lower_case_goes_on() -> None:
    assert split("He asked why? and left. of course.") == ["He asked why? and left. of course."]
    assert split("I said no. Then it was over.") == ["I said no.", "Then it was over."]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\u2029"])
def test_blank(text: str) -> None:
    assert split_sentences(text) == []


@given(st.text(st.sampled_from('aA1 .!?…"”」。।\n(ö\u200b\u3000'), max_size=60) | st.text(max_size=60))
def test_nothing_is_lost(text: str) -> None:
    spans = split_sentences(text)
    assert [end for _, end in spans] == sorted(end for _, end in spans)
    assert all(start < end for start, end in spans)
    rest = list(text)
    for start, end in spans:
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        rest[start:end] = " " * (end - start)
    assert "".join(rest).strip() == ""


def test_a_long_text_takes_linear_time() -> None:
    assert len(split_sentences("Word. " * 100_000)) == 100_000
    assert len(split_sentences("." * 300_000)) == 1
    assert len(split_sentences("a.b." * 100_000)) == 1
    assert len(split_sentences(" ." * 100_000)) > 0
