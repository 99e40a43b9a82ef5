"""Words by language: places in the text are kept, and joining gives back what a language writes."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from command import DEMO
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Words
from xproj_fast.errors import InputError, MissingDependencyError
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.runs.inputs import InputOptions, Part, open_input, parts_of
from xproj_fast.text import chinese
from xproj_fast.text import words as module
from xproj_fast.text.joining import texts_of
from xproj_fast.text.words import split, split_words, splitter

CHINESE = "约翰·史密斯在北京大学学习AI。"


def places(words: Words) -> list[list[str]]:
    """Return the words as their places in the texts say."""
    assert words.texts is not None
    assert words.text_start is not None
    assert words.text_end is not None
    spans = list(zip(words.text_start.tolist(), words.text_end.tolist(), strict=True))
    bounds = pairwise(words.offsets.tolist())
    return [[text[x:y] for x, y in spans[a:b]] for text, (a, b) in zip(words.texts.to_pylist(), bounds, strict=True)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("deu_Latn", "Angela Merkels  Reise nach U.S.A.", ["Angela", "Merkels", "Reise", "nach", "U.S.A", "."]),
        ("fra_Latn", "l’Élysée d'Emmanuel", ["l’", "Élysée", "d'", "Emmanuel"]),  # noqa: RUF001
        ("hin_Deva", "दिल्ली में।", ["दिल्ली", "में", "।"]),
        ("jpn_Jpan", "東京 2024年", ["東", "京", "2024", "年"]),
        ("tha_Thai", "ไทย", ["ไ", "ท", "ย"]),
        ("kor_Hang", "서울에서 만난", ["서울에서", "만난"]),
        ("bam_Latn", "", []),
        (None, "a b", ["a", "b"]),
    ],
)
def test_words_of_a_language(language: str | None, text: str, expected: list[str]) -> None:
    found = split([text, " x"], language)
    assert found.to_lists() == places(found) == [expected, ["x"]]


def test_chinese() -> None:
    pytest.importorskip("jieba", reason="pip install 'xproj-fast[pipelines]'")
    found = split([CHINESE, "", "  "], "zho_Hans")
    assert places(found) == found.to_lists()
    words = found.to_lists()[0]
    assert "北京大学" in words
    assert "AI" in words
    assert "".join(words) == CHINESE
    assert found.to_lists()[1:] == [[], []]
    assert split([CHINESE], "zho_Hans", chinese="characters").to_lists()[0][:3] == ["约", "翰", "·"]
    assert split([CHINESE], "yue_Hant").to_lists()[0] != list(CHINESE)


def test_chinese_without_jieba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    chinese._jieba.cache_clear()
    with pytest.raises(MissingDependencyError, match=r"pip install 'xproj-fast\[pipelines\]'; or cut it into char"):
        split([CHINESE], "zho_Hans")
    assert len(split([CHINESE], "zho_Hans", chinese="characters").to_lists()[0]) > 10
    chinese._jieba.cache_clear()


def test_unknown_way() -> None:
    with pytest.raises(InputError, match="chinese: expected one of jieba, characters, got 'words'"):
        split(["x"], "zho_Hans", chinese="words")


@given(st.lists(st.text(max_size=40), max_size=8), st.sampled_from(["eng_Latn", "jpn_Jpan", "arb_Arab", None]))
def test_places_hold_for_any_text(texts: list[str], language: str | None) -> None:
    found = split(texts, language)
    assert found.to_lists() == places(found)
    assert texts_of(found) == texts


@given(
    st.text(st.sampled_from(list("aB'\u2019-. \u200b\u00ad\u0301日本กำ\u3000\x1c\u2028lLs1,")), max_size=30)
    | st.text(max_size=30)
)
def test_parts_split_as_the_whole(text: str) -> None:
    assert splitter("fra_Latn")(text) == split_words(text)
    assert splitter(None)(text) == split_words(text)  # the second time from memory


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 3)
    module._known.clear()
    texts = [f"a{i}, b{i}." for i in range(10)] + ["x" * 100]
    assert [splitter(None)(text) for text in texts] == [split_words(text) for text in texts]
    assert len(module._known) <= 3


# Files


def parts(path: Path, language: str | None, size: int = 2, skip: int = 0, **how: object) -> list[Part]:
    options = InputOptions(**how)  # type: ignore[arg-type]
    return list(parts_of(open_input(path, language, options, entities=False), size, skip))


def test_raw_text_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    lines = ["Hello, world.", "", "  x  ", "It's\u2028one", "last"]
    path.write_bytes("\r\n".join(lines).encode() + b"\n")
    found = parts(path, "eng_Latn")
    assert [part.first for part in found] == [0, 2, 4]
    assert found[-1].share == 1.0
    texts = [text for part in found for text in texts_of(part.sentences.words)]
    assert texts == lines
    assert found[0].sentences.words.to_lists() == [["Hello", ",", "world", "."], []]
    assert found[1].sentences.lines.tolist() == [3, 4]
    assert places(found[1].sentences.words) == [["x"], ["It", "'s", "one"]]


def test_no_line_is_lost_whatever_the_size(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    for text in ("a\nb\nc", "a\nb\nc\n", "\n\n", "", "\n", "a"):
        path.write_text(text)
        expected = text.split("\n")[: None if text and not text.endswith("\n") else -1]
        for size in (1, 2, 3, 100):
            found = parts(path, None, size)
            assert [t for part in found for t in texts_of(part.sentences.words)] == expected
            assert len(found) >= 1


def test_a_long_line_and_small_blocks(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text(("x" * 40 + " ") * 120_000 + "\nshort\n")
    found = parts(path, None, 1)
    assert [len(part.sentences.words.strings) for part in found] == [120_000, 1]  # type: ignore[arg-type]


def test_skipping(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("".join(f"{i}\n" for i in range(7)))
    found = parts(path, None, 2, skip=3)
    assert [(part.first, texts_of(part.sentences.words)) for part in found] == [(3, ["3", "4"]), (5, ["5", "6"])]
    assert parts(path, None, 2, skip=7) == []
    with pytest.raises(InputError, match="expected at least 8 sentences, got 7"):
        parts(path, None, 2, skip=8)


@pytest.mark.parametrize("size", [0, -3])
def test_parts_of_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "in.txt"
    path.write_text("a\n")
    with pytest.raises(InputError, match=f"chunk: expected at least 1 sentence, got {size}"):
        parts(path, None, size)


def test_words_of_the_user_stay(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("Don't cut-me 日本\n")
    assert parts(path, "jpn_Jpan", tokenized=True)[0].sentences.words.to_lists() == [["Don't", "cut-me", "日本"]]
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "日本 AI", "tokens": ["日本", "AI"]}\n{"text": "日本"}\n')
    assert parts(path, "jpn_Jpan")[0].sentences.words.to_lists() == [["日本", "AI"], ["日", "本"]]
    first = parts(DEMO / "en.conll", "eng_Latn", 100)[0].sentences
    assert len(first) == 40
    assert first.words.texts is None


def test_chinese_records_are_cut_as_chinese_text(tmp_path: Path) -> None:
    pytest.importorskip("jieba", reason="pip install 'xproj-fast[pipelines]'")
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "北京大学"}\n', "utf-8")
    assert parts(path, "zho_Hans")[0].sentences.words.to_lists() == [["北京大学"]]
    assert parts(path, "zho_Hans", chinese="characters")[0].sentences.words.to_lists() == [list("北京大学")]


def test_bad_text(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes(b"good\n\xff\n")
    with pytest.raises(InputError, match=r"in\.txt:2: expected UTF-8 text, got byte 0xff"):
        parts(path, None)
    with pytest.raises(InputError, match="expected a file, got nothing there"):
        parts(tmp_path / "nowhere.txt", None)
    assert JsonlOptions().split("a b") == [(0, 1), (2, 3)]
