"""Words as running text: where each stands, and where no space is written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Words
from xproj_fast.demo import LANGUAGES, demo_pairs
from xproj_fast.text.running import joined, raw_text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("我 喜欢 deep learning 。", "我喜欢 deep learning。"),
        ("玛丽亚 · 洛佩斯 去年 春天 加入 了 西门子 。", "玛丽亚·洛佩斯去年春天加入了西门子。"),
        ("彼 は 2019 年 に 「 ABC 」 を 見 た 。", "彼は 2019 年に「ABC」を見た。"),
        ("ผม รัก กรุงเทพ", "ผมรักกรุงเทพ"),
        ("Hello , world !", "Hello , world !"),
        ("서울 은 수도 다 .", "서울 은 수도 다 ."),
        ("क्षेत्र में है ।", "क्षेत्र में है ।"),
        ("( 北京 )", "(北京)"),
        ("! !", "! !"),
        ("", ""),
    ],
)
def test_how_scripts_are_joined(words: str, expected: str) -> None:
    assert joined(words.split()).text == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_is_lost(language: str) -> None:
    for words in demo_pairs(language).target.to_lists():
        text = joined(words).text
        assert text.replace(" ", "") == "".join(words)
        assert (text == " ".join(words)) == (language not in ("ja", "zh"))


@given(st.lists(st.text(st.sampled_from(list("a日ก।。.·, 1\u0300\ud800")), max_size=4), max_size=8))
def test_words_stand_where_it_says(words: list[str]) -> None:
    text, starts, ends = joined(words)
    assert [text[a:b] for a, b in zip(starts, ends, strict=True)] == words
    gaps = [text[b:a] for a, b in zip([*starts, len(text)], [0, *ends], strict=True)]
    assert set(gaps) <= {"", " "}
    assert gaps[0] == gaps[-1] == ""


def words(text: str | None, starts: list[int], ends: list[int]) -> Words:
    places = (np.array(each, np.int32) for each in (starts, ends))
    strings = pa.array(["x"] * len(starts))
    return Words(np.array([0, len(starts)]), strings, pa.array([text], pa.string()), *places)


def test_raw_text() -> None:
    assert raw_text(words("Ada's cat.", [0, 3, 6, 9], [3, 5, 9, 10]), 0) == ("Ada's cat.", [0, 3, 6, 9], [3, 5, 9, 10])
    assert raw_text(demo_pairs("de").target, 0) is None


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [("ab", [0, 0], [2, 2]), ("ab", [1, 0], [2, 1]), ("ab", [0], [3]), ("ab", [-1], [1]), (None, [0], [1])],
)
def test_a_text_that_its_words_do_not_stand_in_is_none(text: str | None, starts: list[int], ends: list[int]) -> None:
    assert raw_text(words(text, starts, ends), 0) is None
