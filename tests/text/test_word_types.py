"""Distinct words: every word keeps its own type, and types come in the order of the text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Words
from xproj_fast.errors import InputError
from xproj_fast.text.word_types import word_types

TEXTS = st.lists(st.sampled_from(["Das", "das", "DAS", "ΟΔΟΣ", "οδος", "İ", "x", "東京", ""]), max_size=12)


@given(TEXTS, st.booleans(), st.sampled_from([pa.string(), pa.large_string()]))
def test_every_word_keeps_its_type(texts: list[str], lower: bool, kind: pa.DataType) -> None:
    words = Words(np.array([0, len(texts)]), pa.array(texts, kind))
    types = word_types(words, lower=lower)
    expected = [text.lower() if lower else text for text in texts]
    assert [types.strings[i].as_py() for i in types.ids.tolist()] == expected
    assert types.strings.to_pylist() == list(dict.fromkeys(expected))
    assert types.ids.dtype == np.int32


def test_words_without_strings_have_no_types() -> None:
    with pytest.raises(InputError, match="only their number"):
        word_types(Words(np.array([0, 2])))
