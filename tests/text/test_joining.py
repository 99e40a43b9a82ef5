"""Joining words gives what a language writes, and cutting it again gives the words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Words
from xproj_fast.errors import InputError
from xproj_fast.text.joining import join, join_sentences, texts_of, with_texts
from xproj_fast.text.scripts import spaces_sentences, writes_spaces
from xproj_fast.text.words import split

# Letters that words run together of, joints that may stand inside one, marks, blanks, scripts without spaces.
ODD = "aBsSlL1'\u2019-.,\u00b7 \t\u200b\u00ad\u0301\u0e31日本กำ\u3099か\u3000。"


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("eng_Latn", ["Hello", ",", "world"], "Hello , world"),
        ("zho_Hans", ["北京", "大学", "University", "of", "Beijing", "3", "。"], "北京大学University of Beijing 3。"),
        ("zho_Hans", ["我", "用", "deep", "learning", "3", ".", "14"], "我用deep learning 3. 14"),
        ("__zh__", ["深度", "deep", "learning"], "深度deep learning"),
        ("zh-CN", ["cafe\u0301", "au", "lait"], "cafe\u0301 au lait"),
        ("jpn_Jpan", ["東", "京"], "東京"),
        ("jpn_Jpan", ["T字", "AI", "x", "字T"], "T字AI x字T"),
        ("jpn_Jpan", ["AI", "-", "robot"], "AI- robot"),
        ("kor_Hang", ["서울", "에"], "서울 에"),
        (None, ["a", "b"], "a b"),
        ("tha_Thai", [], ""),
        ("tha_Thai", ["ก", "", "ข"], "กข"),
    ],
)
def test_join(language: str | None, words: list[str], expected: str) -> None:
    assert join(words, language) == expected


@given(st.text(st.sampled_from(ODD), max_size=25) | st.text(max_size=25))
def test_words_joined_and_cut_again_are_the_same_words(text: str) -> None:
    (words,) = split([text], "jpn_Jpan").to_lists()
    joined = join(words, "jpn_Jpan")
    assert split([joined], "jpn_Jpan").to_lists() == [words]
    assert joined.replace(" ", "") == "".join(words)


@pytest.mark.parametrize("text", ["我喜欢deep learning和machine learning。", "苹果公司的iPhone 15 Pro Max"])
def test_words_of_jieba_survive(text: str) -> None:
    pytest.importorskip("jieba", reason="pip install 'xproj-fast[pipelines]'")
    (words,) = split([text], "zho_Hans").to_lists()
    assert join(words, "zho_Hans") == text
    assert split([join(words, "zho_Hans")], "zho_Hans").to_lists() == [words]


def test_which_languages_write_spaces() -> None:
    spaced = ("eng_Latn", "kor_Hang", "bod_Tibt", "vie_Latn", "amh_Ethi", None, "de", "__de__", "")
    assert all(writes_spaces(code) for code in spaced)
    codes = ("zho_Hans", "zho_Hant", "yue_Hant", "jpn_Jpan", "tha_Thai", "lao_Laoo", "khm_Khmr", "mya_Mymr", "zh", "ja")
    assert not any(writes_spaces(code) for code in (*codes, "__zh__", "__ja__", "zh-TW", "ja_XX", "th", "shn_Mymr"))
    assert [code for code in codes if spaces_sentences(code)] == ["tha_Thai", "lao_Laoo", "khm_Khmr", "mya_Mymr"]
    assert not spaces_sentences("__zh__")
    assert spaces_sentences("eng_Latn")


def test_sentences() -> None:
    assert join_sentences(["Eins.", "Zwei."], "deu_Latn") == "Eins. Zwei."
    assert join_sentences(["一。", "二。"], "zho_Hans") == "一。二。"
    assert join_sentences(["我用Python", "Java也用。"], "zho_Hans") == "我用Python Java也用。"
    assert join_sentences(["Eins.", "Zwei."], "__zh__") == "Eins. Zwei."
    assert join_sentences(["หนึ่ง", "สอง"], "tha_Thai") == "หนึ่ง สอง"


def test_texts_of_words_without_raw_text() -> None:
    words = split(["日 本 AI now"], "jpn_Jpan")
    assert texts_of(Words(words.offsets, words.strings), "jpn_Jpan") == ["日本AI now"]


@given(
    st.lists(st.lists(st.text(st.sampled_from(ODD + "ß🇮"), max_size=3), max_size=5), max_size=4),
    st.sampled_from(["eng_Latn", "zho_Hans", "tha_Thai", None]),
    st.booleans(),
)
def test_places_in_joined_text(rows: list[list[str]], language: str | None, large: bool) -> None:
    kind = pa.large_string() if large else pa.string()
    flat = pa.array(["before", *[word for row in rows for word in row], "behind"], kind)
    words = Words(np.cumsum([0, *map(len, rows)]), flat.slice(1, len(flat) - 2))
    found = with_texts(words, language)
    assert found.texts is not None
    assert found.texts.to_pylist() == [join(row, language) for row in rows]
    assert found.text_start is not None
    assert found.text_end is not None
    assert found.text_start.dtype == found.text_end.dtype == np.int32
    spans = list(zip(found.text_start.tolist(), found.text_end.tolist(), strict=True))
    bounds = pairwise(found.offsets.tolist())
    texts = found.texts.to_pylist()
    assert [[text[x:y] for x, y in spans[a:b]] for text, (a, b) in zip(texts, bounds, strict=True)] == rows


def test_raw_text_that_is_there_stays() -> None:
    words = split(["a  b"])
    assert with_texts(words, "zho_Hans") is words
    with pytest.raises(InputError, match="expected the words themselves, got only their number"):
        with_texts(Words(np.array([0, 1])))
