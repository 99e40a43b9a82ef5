"""Folded words: the same name in another script, with marks or in capitals is the same or nearly so."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.text.folding import folded, folded_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("São", "sao"),
        ("cafe\u0301", "café"),  # decomposed and composed
        ("ﬁn", "fin"),
        ("Москва", "Moskva"),
        ("Ελλάδα", "ellada"),
        ("トウキョウ", "とうきょう"),
        ("दिल्ली", "dilli"),
        ("서울", "Seoul"),
        ("北京", "Beijing"),
        ("مصر", "MSR"),
        ("\uff12\uff10\uff12\uff16", "2026"),  # of full width
        ("٢٠٢٦", "2026"),
        ("İzmir", "izmir"),
        ("。", "."),
    ],
)
def test_scripts_marks_and_case_do_not_count(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_words_that_differ_stay_different() -> None:
    words = ["hund", "hand", "Москва", "Минск", "2025", "2026", ".", ","]
    assert len({folded(word) for word in words}) == len(words)


@pytest.mark.parametrize("odd", ["\u0301", "\ue000", "\u200b"])
def test_a_sign_of_which_nothing_is_left_is_itself(odd: str) -> None:
    assert folded(odd) == odd


@given(st.lists(st.text(max_size=9), max_size=9))
def test_columns_hold_the_folded_form_of_every_word(words: list[str]) -> None:
    found = folded_words(words)
    bounds = found.offsets.tolist()
    forms = ["".join(map(chr, found.characters[a:b].tolist())) for a, b in pairwise(bounds)]
    assert forms == [folded(word) for word in words]
    assert (len(bounds), found.characters.dtype) == (len(words) + 1, "int32")
    assert all(form for form, word in zip(forms, words, strict=True) if word)
