"""Markers: what is put in is found again, and what is lost on the way is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from common import by_sentence
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.models.translation import Translation
from xproj_fast.runs.marked import _spans_in_texts, translate_marked
from xproj_fast.runs.markers import MarkerOptions, mark, unmark
from xproj_fast.text.joining import join
from xproj_fast.text.words import split

BRACKETS, XML = MarkerOptions(), MarkerOptions("xml")
TEXT = "Maria Lopez left Berlin."


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (BRACKETS, "[Maria Lopez] left [Berlin]."),
        (XML, "<a>Maria Lopez</a> left <b>Berlin</b>."),
        (MarkerOptions(spaced=True), "[ Maria Lopez ] left [ Berlin ]."),
    ],
)
def test_there_and_back(options: MarkerOptions, expected: str) -> None:
    assert mark(TEXT, [(0, 11), (17, 23)], options) == expected
    found = unmark(expected, 2, options)
    assert [found.text[start:end] for start, end, _ in found.spans] == ["Maria Lopez", "Berlin"]
    assert [entity for _, _, entity in found.spans] == ([0, 1] if options.form == "xml" else [None, None])
    assert found.text.replace(" .", ".") == TEXT
    assert found.lost == {}


@pytest.mark.parametrize(
    ("options", "text", "clean", "spans", "lost"),
    [
        (BRACKETS, "a [b] c", "a b c", ["b"], {}),
        (BRACKETS, "a [ b ] c", "a b c", ["b"], {}),
        (BRACKETS, "a[b]c", "abc", ["b"], {}),
        (BRACKETS, "no marker", "no marker", [], {"missing": 1}),
        (BRACKETS, "a [b c", "a b c", [], {"unclosed": 1, "missing": 1}),
        (BRACKETS, "a b] c", "a b c", [], {"unopened": 1, "missing": 1}),
        (BRACKETS, "[a [b] c] d", "a b c d", ["a b c"], {"nested": 1}),
        (BRACKETS, "[a [b] c", "a b c", ["b"], {"unclosed": 1}),
        (BRACKETS, "x [ ] y", "x y", [], {"blank": 1, "missing": 1}),
        (BRACKETS, "[]", "", [], {"blank": 1, "missing": 1}),
        (XML, "<b>x</b> y", "x y", [], {"unknown": 1, "missing": 1}),
        (XML, "< a > x < / a > y", "x y", ["x"], {}),
        (XML, "<a>x</a> und <a>y</a>", "x und y", ["x", "y"], {}),
        (XML, "<a>x <b>y</a> z</b>", "x y z", ["x y"], {"unknown": 1}),
        (XML, "</a>x", "x", [], {"unopened": 1, "missing": 1}),
    ],
)
def test_markers_that_are_lost_are_counted(
    options: MarkerOptions, text: str, clean: str, spans: list[str], lost: dict[str, int]
) -> None:
    found = unmark(text, 1, options)
    assert found.text == clean
    assert [clean[start:end] for start, end, _ in found.spans] == spans
    assert found.lost == lost


def test_crossing_tags_are_counted() -> None:
    found = unmark("<a>x <b>y</a> z</b>", 2, XML)
    assert [span.entity for span in found.spans] == [0]
    assert found.lost == {"nested": 1, "missing": 1}


@given(st.text(st.sampled_from("[]<>/ab xy\u3000"), max_size=30), st.integers(0, 3), st.sampled_from([BRACKETS, XML]))
def test_any_text_gives_disjoint_spans(text: str, entities: int, options: MarkerOptions) -> None:
    found = unmark(text, entities, options)
    last = 0
    for start, end, entity in found.spans:
        assert last <= start < end <= len(found.text)
        assert found.text[start:end].strip() == found.text[start:end]
        assert entity is None or 0 <= entity < entities
        last = end
    marks = text.count("[") + text.count("]") if options.form == "brackets" else None
    if marks is not None:
        pairs = len(found.spans) + found.lost["nested"] + found.lost["blank"]
        assert 2 * pairs + found.lost["unclosed"] + found.lost["unopened"] == marks


def test_what_cannot_be_marked() -> None:
    assert mark("a [note] b", [(0, 1)], BRACKETS) is None
    assert mark("a [note] b", [], BRACKETS) == "a [note] b"
    assert mark("a <b> c", [(0, 1)], XML) is None
    assert mark("x " * 27, [(2 * i, 2 * i + 1) for i in range(27)], XML) is None
    assert mark("x " * 27, [(2 * i, 2 * i + 1) for i in range(26)], XML) is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "html"}, "form: expected one of brackets, xml, got 'html'"),
        ({"least_similarity": 1.0}, "least_similarity: expected a number from 0 to below 1, got 1.0"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        MarkerOptions(**options)


# Translations


class Book:
    """A translator that looks lines up."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def translate(self, lines: Sequence[str], *languages: object) -> Iterator[Translation]:
        for line in lines:
            yield Translation(self.known.get(line, line), parts=1)


def entities_of(rows: list[list[tuple[int, int, int]]]) -> Entities:
    flat = np.array([row for sentence in rows for row in sentence], np.int32).reshape(-1, 3).T.copy()
    return Entities(np.cumsum([0, *map(len, rows)], dtype=np.int64), *flat)


def translated(book: Book, texts: list[str], rows: Any, options: MarkerOptions, target: str = "deu_Latn") -> Any:
    return translate_marked(book, split(texts), entities_of(rows), "eng_Latn", target, options)


def spans_of(found: Any) -> list[list[tuple[int, int, int]]]:
    e = found.entities
    return by_sentence(e.offsets, e.start, e.end, e.label)


def test_brackets_take_the_label_of_the_most_similar_entity() -> None:
    book = Book(**{"[Germany] beat [Spain].": "[Spanien] verlor gegen [Deutschland].", "Germany": "Deutschland"})
    book.known["Spain"] = "Spanien"
    found = translated(book, ["Germany beat Spain."], [[(0, 1, 0), (2, 3, 1)]], BRACKETS)
    assert found.words.to_lists() == [["Spanien", "verlor", "gegen", "Deutschland", "."]]
    assert spans_of(found) == [[(0, 1, 1), (3, 4, 0)]]
    assert found.counts == {"marker:kept": 2, "marker:widened": 0}


def test_brackets_like_no_entity_are_counted() -> None:
    book = Book(**{"[Germany] won.": "[Qxz] gewann."})
    found = translated(book, ["Germany won."], [[(0, 1, 0)]], BRACKETS)
    assert spans_of(found) == [[]]
    assert found.counts == {"marker:unmatched": 1}


def test_an_entity_that_stands_twice() -> None:
    found = translated(Book(), ["Jordan left Jordan."], [[(0, 1, 0), (2, 3, 1)]], BRACKETS)
    assert spans_of(found) == [[(0, 1, 0), (2, 3, 1)]]
    assert found.missed.tolist() == [0]


def test_which_entities_are_missed() -> None:
    twice = "<a>Germany</a> and <a>Germany</a> beat Spain."
    book = Book(**{"<a>Germany</a> beat <b>Spain</b>.": twice, "[Germany] beat [Spain].": "[Germany] beat [Germany]."})
    for options in (XML, BRACKETS):  # as many spans as entities, but nothing for Spain
        found = translated(book, ["Germany beat Spain.", "Peace."], [[(0, 1, 0), (2, 3, 1)], []], options)
        assert [[label for _, _, label in spans] for spans in spans_of(found)] == [[0, 0], []]
        assert found.missed.tolist() == [1, 0]


@pytest.mark.parametrize("options", [BRACKETS, XML])
def test_a_sentence_without_entities_keeps_its_own_markers(options: MarkerOptions) -> None:
    found = translated(Book(), ["a [b] <c>"], [[]], options)
    assert found.words.to_lists() == [["a", "[", "b", "]", "<", "c", ">"]]
    assert found.counts == {}


def test_tags_say_which_entity_it_is() -> None:
    book = Book(**{"<a>Germany</a> beat <b>Spain</b>.": "<b>Spanien</b>s Team verlor gegen <a>Deutschland</a>."})
    found = translated(book, ["Germany beat Spain."], [[(0, 1, 0), (2, 3, 1)]], XML)
    assert found.words.to_lists() == [["Spaniens", "Team", "verlor", "gegen", "Deutschland", "."]]
    assert spans_of(found) == [[(0, 1, 1), (4, 5, 0)]]
    assert found.counts == {"marker:kept": 2, "marker:widened": 1}


def test_sentences_that_cannot_be_used() -> None:
    book = Book(**{"[A] b": "\u200b"})
    found = translated(book, ["A b", "A [b]", "plain", ""], [[(0, 1, 0)], [(0, 1, 0)], [], []], BRACKETS)
    assert found.usable.tolist() == [False, False, True, True]
    assert [(p.sentence, p.reason) for p in found.problems] == [(0, "empty"), (1, "unmarkable")]
    assert found.words.to_lists() == [[], [], ["plain"], []]
    assert spans_of(found) == [[], [], [], []]


@pytest.mark.parametrize("options", [BRACKETS, XML])
def test_a_long_sentence_is_a_problem(options: MarkerOptions) -> None:
    entities = entities_of([[(0, 1, 0)], [(0, 1, 0)]])
    found = translate_marked(Book(), split(["A b c", "A b"]), entities, "eng_Latn", "deu_Latn", options, max_words=2)
    assert [(p.sentence, p.reason, p.detail) for p in found.problems] == [(0, "too_long", "3 words")]
    assert found.words.to_lists() == [[], ["A", "b"]]
    assert found.usable.tolist() == [False, True]


def test_words_without_texts_are_joined() -> None:
    words = split(["Maria Lopez left ."])
    bare = Words(words.offsets, words.strings)
    book = Book(**{"[Maria Lopez] left .": "[Maria Lopez] ging ."})
    found = translate_marked(book, bare, entities_of([[(0, 2, 3)]]), "eng_Latn", "deu_Latn", BRACKETS)
    assert spans_of(found) == [[(0, 2, 3)]]
    japanese = Words(words.offsets, split(["東 京 AI 。"]).strings)
    book = Book(**{"[東京]AI。": "[Tokyo] AI.", "東京": "Tokyo"})
    found = translate_marked(book, japanese, entities_of([[(0, 2, 3)]]), "jpn_Jpan", "eng_Latn", BRACKETS)
    assert spans_of(found) == [[(0, 1, 3)]]


def test_the_place_of_an_entity_whose_space_depends_on_the_word_before_the_last() -> None:
    words = Words(np.array([0, 3]), split(["AI . AI"]).strings)  # "AI." and "AI" would be read as one, "." and "AI" not
    found = _spans_in_texts(words, entities_of([[(2, 3, 0)]]), "jpn_Jpan")
    assert found == (["AI. AI"], [[(4, 6)]])


@given(st.lists(st.sampled_from(["東", "京", "AI", "now", "3", ".", "a\u0301"]), min_size=1, max_size=9), st.data())
def test_places_of_joined_words(sentence: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sentence) - 1))
    end = data.draw(st.integers(start + 1, len(sentence)))
    words = Words(np.array([0, len(sentence)]), split([" ".join(sentence)]).strings)
    for language in ("jpn_Jpan", "eng_Latn"):
        [text], [[(a, b)]] = _spans_in_texts(words, entities_of([[(start, end, 0)]]), language)
        assert text == join(sentence, language)
        # A space may depend on the word before, so that an entity alone is not always joined in the same way.
        assert text[:a].replace(" ", "") == "".join(sentence[:start])
        assert text[a:b].replace(" ", "") == "".join(sentence[start:end])
        assert text[a:b] == text[a:b].strip()
