"""The texts of spans and distinct pairs of them, against plain lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Words
from xproj_fast.scores.phrases import distinct_pairs, span_texts
from xproj_fast.text.joining import join, with_texts
from xproj_fast.text.words import split


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("language", ["eng_Latn", "zho_Hans"])
def test_texts_of_spans(large: bool, language: str) -> None:
    rows = [["日本", "", "is", "ß"], [], ["a", "b"]]
    kind = pa.large_string() if large else pa.string()
    flat = pa.array(["before", *[w for row in rows for w in row], "behind"], kind).slice(1, 6)
    words = Words(np.array([0, 4, 4, 6]), flat)
    spans = [(0, 0, 1), (0, 1, 2), (0, 0, 4), (2, 0, 2), (2, 1, 2), (0, 3, 4)]
    s, a, b = (np.array(column) for column in zip(*spans, strict=True))
    words = with_texts(words, language)
    got = span_texts(words, s, a, b).to_pylist()
    assert got == [join(rows[s][a:b], language) for s, a, b in spans]
    none = np.zeros(0, np.int64)
    assert span_texts(words, none, none, none).to_pylist() == []


@pytest.mark.parametrize("large", [False, True])
def test_texts_of_spans_of_raw_sentences(large: bool) -> None:
    texts = ["", "Obama's 日本 trip,\tl'Italia  e 🇮🇹!", "", "Angela Merkel访问北京", "x"]
    cut = split(texts)
    kind = pa.large_string() if large else pa.string()
    kept = pa.array(["ß before", *texts], kind).slice(1)
    words = Words(cut.offsets, cut.strings, kept, cut.text_start, cut.text_end)
    spans = [(s, a, b) for s in range(5) for b in range(len(cut.to_lists()[s]) + 1) for a in range(b)]
    s, a, b = (np.array(column) for column in zip(*spans, strict=True))
    got = span_texts(words, s, a, b).to_pylist()
    assert cut.text_start is not None
    assert cut.text_end is not None
    first, last = cut.text_start[cut.offsets[s] + a], cut.text_end[cut.offsets[s] + b - 1]
    assert got == [texts[i][x:y] for i, x, y in zip(s, first, last, strict=True)]
    assert {"Obama's", "l'Italia  e", "Angela Merkel访", "日本 trip,"} < set(got)


@given(st.lists(st.sampled_from("abc"), min_size=1), st.lists(st.sampled_from(["x", "", "y"]), min_size=1), st.data())
def test_distinct_pairs_of_texts(a: list[str], b: list[str], data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.tuples(st.integers(0, len(a) - 1), st.integers(0, len(b) - 1))))
    left, right = (np.array([p[k] for p in drawn], np.int64) for k in (0, 1))
    found = distinct_pairs(pa.array(a), left, pa.array(b), right)
    listed = list(zip(found.a, found.b, strict=True))
    assert len(set(listed)) == len(listed)
    assert [listed[i] for i in found.inverse] == [(a[i], b[j]) for i, j in drawn]
