"""Dicts for displaCy: where entities stand in the text, and what spaCy makes of it."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

import xproj_fast as xp
from xproj_fast.demo import LANGUAGES, demo_pairs
from xproj_fast.sentence import LabelledSentence

HOSTILE = "<script>alert('1')</script>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_offsets_are_those_of_the_text(language: str) -> None:
    result = xp.project(demo_pairs(language))
    docs = result.displacy()
    assert docs == result.labelled().displacy() == [pair.displacy() for pair in result]
    for pair, doc in zip(result, docs, strict=True):
        assert doc["text"].replace(" ", "") == "".join(pair.target or ())
        found = [(doc["text"][x["start"] : x["end"]].replace(" ", ""), x["label"]) for x in doc["ents"]]
        assert found == [((span.text or "").replace(" ", ""), span.label) for span in pair.spans]
        tokens = [(doc["tokens"][x["start_token"] : x["end_token"]], x["label"]) for x in doc["spans"]]
        assert tokens == [((span.text or "").split(" "), span.label) for span in pair.spans]
        assert doc["title"] is None


def raw(tmp_path: Any) -> xp.LabelledSentences:
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"id": "a", "text": "Ada\'s  cat, 😀 Rome.", "entities": [[0, 3, "PER"], [14, 18, "LOC"]]}\n', "utf-8"
    )
    return xp.read_labelled(path)


def test_the_raw_text_is_taken_where_it_is_known(tmp_path: Any) -> None:
    (doc,) = raw(tmp_path).displacy()
    assert (doc["text"], doc["title"]) == ("Ada's  cat, 😀 Rome.", "a")
    assert [doc["text"][x["start"] : x["end"]] for x in doc["ents"]] == ["Ada", "Rome"]
    again = raw(tmp_path)[[0, 0]]
    assert again.displacy() == [doc, doc]


def test_words_that_are_not_known() -> None:
    with pytest.raises(xp.InputError, match="expected the words themselves, got only their number"):
        LabelledSentence(None, ()).displacy()


class Marks(HTMLParser):
    """What displaCy marked: the text of each ``mark``, its label behind it; all text, and all elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""
        self.elements: set[str] = set()
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.add(tag)
        if tag == "mark":
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside:
            self.found[-1] += data


def render(docs: Any, style: str) -> Marks:
    displacy = pytest.importorskip("spacy", reason="spacy is not installed (extra: spacy)").displacy
    return Marks(displacy.render(docs, style=style, manual=True, jupyter=False))


@pytest.mark.parametrize("language", LANGUAGES)
def test_displacy_draws_them(language: str) -> None:
    result = xp.project(demo_pairs(language))
    found = render(result.displacy(), "ent")
    marks = [" ".join(mark.split()) for mark in found.found]
    drawn = [f"{doc['text'][x['start'] : x['end']]} {x['label']}" for doc in result.displacy() for x in doc["ents"]]
    assert marks == drawn
    assert drawn


def test_displacy_draws_nested_entities_and_raw_text(tmp_path: Any) -> None:
    words = ["University", "of", "Bath", "students"]
    nested = xp.LabelledSentences.from_lists([words], [[(0, 3, "ORG"), (2, 3, "LOC")]], nested=True)
    found = render(nested[0].displacy(), "span")
    assert "ORG" in found.text
    assert "LOC" in found.text
    assert [" ".join(mark.split()) for mark in render(raw(tmp_path).displacy(), "ent").found] == ["Ada PER", "Rome LOC"]


@pytest.mark.parametrize("style", ["ent", "span"])
def test_hostile_text_stays_text_in_displacy(style: str) -> None:
    label = HOSTILE.replace(" ", "")
    pairs = xp.LabelledSentences.from_lists([[HOSTILE, "b"]], [[(0, 1, label)]], ids=[HOSTILE])
    found = render(pairs.displacy(), style)
    assert "script" not in found.elements
    assert found.text.count(HOSTILE) == 3  # word, label, title
    assert unescape(pairs.displacy()[0]["ents"][0]["label"]) == label
