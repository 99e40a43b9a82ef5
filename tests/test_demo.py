"""The sentences that come with the package."""

from __future__ import annotations

from collections import Counter

import pytest

from xproj_fast.demo import LANGUAGES, demo_gold, demo_pairs
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.projector import project
from xproj_fast.text.words import split_words, splitter


@pytest.mark.parametrize("language", LANGUAGES)
def test_pairs_and_gold_belong_together(language: str) -> None:
    pairs, gold = demo_pairs(language), demo_gold(language)
    assert len(pairs) == len(gold) == 40
    assert pairs.target.to_lists() == gold.words.to_lists()
    assert evaluate(gold, project(pairs)).micro.f1 > 0.9


@pytest.mark.parametrize("get", [demo_pairs, demo_gold])
def test_another_language(get: object) -> None:
    with pytest.raises(InputError, match=r"language: expected one of de, es, ru, ja, ar, zh, hi, got 'fr'"):
        get("fr")  # type: ignore[operator]


@pytest.mark.parametrize("language", ["ar", "hi"])
def test_words_are_those_of_the_running_text(language: str) -> None:
    """Who labels the same sentences from running text gets these words."""
    for words in demo_pairs(language).target.to_lists():
        text = " ".join(words)
        assert [text[start:end] for start, end in split_words(text)] == words


def test_chinese_has_the_words_of_jieba_where_it_knows_them() -> None:
    pytest.importorskip("jieba")
    cut = splitter("zho_Hans")
    ours = [word for words in demo_pairs("zh").target.to_lists() for word in words]
    theirs = [text[a:b] for text in map("".join, demo_pairs("zh").target.to_lists()) for a, b in cut(text)]
    same = sum((Counter(ours) & Counter(theirs)).values())
    assert same > 0.9 * len(ours)
