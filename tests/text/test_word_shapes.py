"""Word shapes: every word keeps its type, its letters in lower case, and what its flags say."""

from __future__ import annotations

from unicodedata import category

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import ShapeFlag, Words
from xproj_fast.errors import InputError
from xproj_fast.text.word_shapes import cased_share, word_shapes

C, L, P, D = ShapeFlag.CAPITAL, ShapeFlag.LOWER, ShapeFlag.PUNCTUATION, ShapeFlag.CASED

TEXTS = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=5), max_size=12)


def of(*texts: str) -> Words:
    return Words(np.array([0, len(texts)]), pa.array(texts, pa.string()))


@given(TEXTS, st.sampled_from([pa.string(), pa.large_string()]))
def test_every_word_has_its_shape(texts: list[str], kind: pa.DataType) -> None:
    words = Words(np.array([0, 1, len(texts)]) if texts else np.array([0]), pa.array(texts, kind))
    shapes = word_shapes(words)
    assert shapes.offsets is words.offsets
    assert [shapes.ids.dtype, shapes.codes.dtype, shapes.flags.dtype] == [np.int32, np.int32, np.uint8]
    assert len(shapes.flags) == len(set(texts)) == len(shapes.code_offsets) - 1
    for text, i in zip(texts, shapes.ids.tolist(), strict=True):
        codes = shapes.codes[shapes.code_offsets[i] : shapes.code_offsets[i + 1]]
        assert "".join(map(chr, codes)) == text.lower()
        flags = ShapeFlag(int(shapes.flags[i]))
        assert (C in flags) == (text[:1].isupper() or text[:1].isdigit())
        assert (L in flags) == text.islower()
        assert (P in flags) == (text != "" and all(category(c)[0] == "P" or c in "`\N{ACUTE ACCENT}" for c in text))


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Rom", C | D),
        ("rom", L | D),
        ("eBay", D),
        ("NATO", C | D),
        ("Ǆ", C | D),
        ("3.", C),
        ("2nd", C | L | D),
        ("東京", 0),
        ("الرياض", 0),
        ("Москва", C | D),
        (".", P),
        ("``", P),
        ("»", P),
        ("...", P),
        ("$", 0),
        ("-x", L | D),
        ("", 0),
    ],
)
def test_flags(text: str, flags: int) -> None:
    assert word_shapes(of(text)).flags.tolist() == [flags]


def test_scripts_without_case_are_told_by_their_share() -> None:
    assert cased_share(word_shapes(of("東京", "は", "東京", "Tokyo"))) == pytest.approx(1 / 3)
    assert cased_share(word_shapes(of())) == 0


def test_words_without_strings_have_no_shapes() -> None:
    with pytest.raises(InputError, match="only their number"):
        word_shapes(Words(np.array([0, 2])))
