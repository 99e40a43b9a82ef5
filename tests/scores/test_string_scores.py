"""The string score equals the reference; folding does what it says."""

from __future__ import annotations

import sys
from typing import Any
from unittest.mock import patch

import common
import numpy as np
import pytest
import reference.string_scores as reference
from common import by_sentence
from hypothesis import given
from hypothesis import strategies as st
from strategies import candidates_of, entities_of

from xproj_fast.arrays import Spans
from xproj_fast.candidates import ngrams
from xproj_fast.errors import InputError, MissingDependencyError
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores import string
from xproj_fast.scores.options import StringOptions
from xproj_fast.scores.string import fold, string_scores

WORDS = ("Berlin", "berlin", "Berlins", "Łódź", "lodz", "de", "", "É", "e", "東京", "ﬁn", "straße", "STRASSE")


def score_one(entity: str, candidate: str, threshold: float = 0.0) -> float:
    """Score the only entity with the whole target."""
    source, target = entity.split(" "), candidate.split(" ")
    pairs = SentencePairs.from_lists([source], [target], [[(0, len(source), "PER")]])
    whole = common.given(pairs, [[(0, len(target))]])
    return float(string_scores(pairs, whole, StringOptions(threshold)).values[0])


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC", "abc"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("ﬁnance", "finance"),
        ("Ａｌｐｈａ", "alpha"),  # noqa: RUF001
        ("İstanbul", "istanbul"),
        ("Ñandú", "nandu"),
        ("Łódź", "łodz"),  # the stroke is part of the letter
        ("الرِّيَاض", "الرياض"),  # the points go
        ("Άθήνα", "αθηνα"),
        ("ΟΔΟΣ", "οδοσ"),
        ("दिल्ली", "दिलली"),  # vowel signs stay
        ("", ""),
        ("\u0301", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@given(text=st.text())
def test_fold_is_done_at_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_by_hand() -> None:
    assert score_one("Berlin", "berlin") == 1.0
    assert score_one("New York", "Nueva York") == np.float32(1 - 3 / 10)
    assert score_one("Berlin", "Berlins", 0.857) == np.float32(1 - 1 / 7)
    assert score_one("Berlin", "Berlins", 0.858) == 0.0
    assert score_one("abcd", "abxx", 0.5) == 0.5  # the threshold itself counts
    assert score_one("abcd", "ab", 0.5) == 0.5
    assert score_one("abcd", "a", 0.5) == 0.0
    assert score_one("", "") == 0.0
    assert score_one("a b", "ab") == np.float32(1 - 1 / 3)


@given(data=st.data(), threshold=st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0]), block=st.sampled_from([1, 7, 1 << 22]))
def test_scores(data: st.DataObject, threshold: float, block: int) -> None:
    sentence = st.lists(st.sampled_from(WORDS), max_size=6)
    sources, targets = (data.draw(st.lists(sentence, min_size=3, max_size=3)) for _ in range(2))
    entities = [data.draw(entities_of(len(words), nested=False)) for words in sources]
    spans = [data.draw(candidates_of(len(words))) for words in targets]
    pairs = SentencePairs.from_lists(sources, targets, entities)
    with patch.object(string, "MOST_PAIRS", block):
        got = string_scores(pairs, common.given(pairs, spans), StringOptions(threshold))
    assert got.values.dtype == np.float32
    expected = []
    for s in range(3):
        source, target = [fold(word) for word in sources[s]], [fold(word) for word in targets[s]]
        expected.append(
            [
                (float(reference.score(source[a:b], target[c:d], threshold)),)
                for a, b, _ in entities[s]
                for c, d in spans[s]
            ]
        )
    assert by_sentence(got.offsets, got.values) == expected


def test_each_distinct_pair_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from rapidfuzz import process

    seen = []
    compare = process.cpdist

    def counted(queries: list[str], choices: list[str], **options: Any) -> Any:
        seen.extend(zip(queries, choices, strict=True))
        return compare(queries, choices, **options)

    monkeypatch.setattr(process, "cpdist", counted)
    pairs = SentencePairs.from_lists(
        [["Rome"], ["rome", "x"]], [["Roma", "Rom", "ROMA"], ["Röm"]], [[(0, 1, "LOC")], [(0, 1, "LOC"), (1, 2, "LOC")]]
    )
    got = string_scores(pairs, ngrams(pairs))
    assert sorted(seen) == [("rome", "rom"), ("rome", "rom roma"), ("rome", "roma"), ("rome", "roma rom")]
    assert got.values.tolist() == [0.75, 0.0, 0.0, 0.75, 0.0, 0.75, 0.75, 0.0]


def test_words_are_needed() -> None:
    pairs = SentencePairs.from_arrays(
        source_offsets=[0, 1],
        target_offsets=[0, 1],
        entity_offsets=[0, 1],
        entity_start=[0],
        entity_end=[1],
        entity_label=[0],
        labels=["PER"],
    )
    with pytest.raises(InputError, match=r"source_words: the string score .* expected strings and got only") as caught:
        string_scores(pairs, ngrams(pairs))
    assert caught.value.field == "source_words"


def test_bad_arguments() -> None:
    for threshold in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="threshold: expected a number from 0 to 1"):
            StringOptions(threshold)
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]])
    with pytest.raises(InputError, match="candidates: sentence 0"):
        string_scores(pairs, Spans(np.array([0, 1]), np.array([0], np.int32), np.array([2], np.int32)))


def test_without_rapidfuzz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[(0, 1, "PER")]])
    with pytest.raises(MissingDependencyError, match=r"pip install 'xproj-fast\[pipelines\]'"):
        string_scores(pairs, ngrams(pairs))


def test_nothing() -> None:
    pairs = SentencePairs.from_lists([[], ["a"]], [["b"], []], [[], [(0, 1, "PER")]])
    got = string_scores(pairs, ngrams(pairs))
    assert (got.offsets.tolist(), got.values.tolist()) == ([0, 0, 0], [])
    none = SentencePairs.from_lists([], [], [])
    assert string_scores(none, ngrams(none)).values.tolist() == []
