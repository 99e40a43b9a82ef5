"""HTML for notebooks: marks are the spans, and whatever stands in the data is text."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from html_reader import Reader
from hypothesis import given
from hypothesis import strategies as st

import xproj_fast as xp
from xproj_fast.arrays import Outcome
from xproj_fast.colours import colour_of
from xproj_fast.demo import LANGUAGES, demo_gold, demo_pairs
from xproj_fast.drawn import FEW
from xproj_fast.marks import MOST_WORDS, Edge, Mark, Sentence, pieces
from xproj_fast.projected import REASONS
from xproj_fast.text.running import joined
from xproj_fast.wording import visible

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "quotes": "\"'><img/src=x/onerror=alert(1)>",
    "entity": "&amp;&lt;b&gt;&#x202e;",
    "comment": "<!--",
    "cdata": "<![CDATA[",
    "style": "red;background:url(//x)",
    "directions": "\u202egnp.\u2066exe\u2069\u061c",
    "unseen": "a\u200b\u2060\ufeff\u3164\U000e0041b",
    "joiners": "a\u200db\u200c",
    "ansi": "\x1b[31mred\x07",
    "surrogate": "\ud800x",
    "c1": "a\x9b2Jb",
}
every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


@every_text
def test_hostile_words_labels_and_ids_are_text(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()  # what Arrow can hold
    words = [clean, "b", clean]
    pairs = xp.SentencePairs.from_lists([words], [words], [[(0, 1, clean), (2, 3, "LOC")]], [[(0, 0)]], ids=[clean])
    result = xp.project(pairs)
    batches: list[Any] = [pairs, result, result.labelled()]
    for batch in batches:
        for shown in (batch, batch[0]):
            found = Reader(shown._repr_html_())
            assert set(found.sentences) == {visible(joined(words).text)}
            assert (visible(clean), visible(clean)) in [mark[:2] for each in found.marks for mark in each]
    assert f"[0] · {visible(clean)}" in Reader(result._repr_html_()).text
    assert f"not projected: {visible(clean)} LOC (no candidate scored)" in Reader(result._repr_html_()).text
    tags = [[f"B-{clean}"]]
    gold: Any = [["O"]]
    for figures in (xp.evaluate(tags, tags), xp.differences(gold, tags)):
        assert visible(clean) in Reader(figures._repr_html_()).text


def test_half_a_pair_of_surrogates_is_its_escape() -> None:
    found = xp.ProjectedPair(("\ud800x",), ("y",), (), xp.Status.OPTIMAL)
    html = found._repr_html_()
    html.encode()  # a notebook sends UTF-8
    assert Reader(html).sentences == ["\\ud800x", "y"]


@given(st.text(), st.text(max_size=3))
def test_any_text_is_text(word: str, label: str) -> None:
    from xproj_fast.sentence import Entity, LabelledSentence

    found = Reader(LabelledSentence((word,), (Entity(0, 1, label, word),))._repr_html_())
    assert found.text.isprintable()
    assert len(found.marks[0]) == 1


def test_joiners_that_orthography_needs_stay() -> None:
    persian, hindi = "\u0645\u06cc\u200c\u0631\u0648\u062f", "\u0915\u094d\u200d\u0937"
    found = Reader(xp.LabelledSentences.from_lists([[persian, hindi, "a\u200cb"]], [[]])._repr_html_())
    assert found.sentences == [f"{persian} {hindi} a\\u200cb"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_marks_are_the_entities_with_their_confidence(language: str) -> None:
    result = xp.project(demo_pairs(language), scores="learned", min_confidence=0.9)
    for pair in result:
        found = Reader(pair._repr_html_())
        assert [text.replace(" ", "") for text in found.sentences] == [
            "".join(words or ()) for words in (pair.source, pair.target)
        ]
        sides = ((pair.source, pair.entities), (pair.target, pair.spans))
        for (words, spans), marks in zip(sides, found.marks, strict=True):
            drawn = [(text.replace(" ", ""), caption) for text, caption, _ in marks]
            sure = [getattr(span, "confidence", None) for span in spans]
            captions = [
                span.label if c is None else f"{span.label} {c:.2f}" for span, c in zip(spans, sure, strict=True)
            ]
            texts = ["".join((words or ())[span.start : span.end]) for span in spans]
            assert drawn == list(zip(texts, captions, strict=True))
        dashed = ["dashed" in style for _, _, style in found.marks[0]]
        assert dashed == [entity.outcome is not Outcome.PROJECTED for entity in pair.entities]
        for entity in pair.entities:
            if entity.outcome is not Outcome.PROJECTED:
                assert f"not projected: {entity.text} {entity.label} ({REASONS[entity.outcome]})" in found.text
    assert result.counts()["unsure"]


def test_every_reason_has_words() -> None:
    assert REASONS.keys() == {*Outcome}


def test_each_class_has_its_colours_beside_each_other() -> None:
    found = Reader(demo_gold("de").labelled()[6]._repr_html_())
    for _, caption, style in found.marks[0]:
        background, ink = colour_of(caption)
        assert style.startswith(f"background:{background};color:{ink};")


def test_the_first_of_a_batch() -> None:
    result = xp.project(demo_pairs("de"), scores="learned")
    found = Reader(result._repr_html_())
    expected = f"{result.counts()['expected_precision']:.3f}"
    assert found.text.startswith(f"Projection: 40 sentences, 107 entities, {result.counts()['projected']} projected")
    assert f"expected precision {expected}" in found.text
    assert found.text.endswith("... 30 more: result.show(i), result.report('out.html')")
    assert len(found.sentences) == 2 * FEW
    assert found.sentences[::2] == [" ".join(words) for words in result.pairs.source.to_lists()[:FEW]]
    assert "... " not in Reader(result[:FEW]._repr_html_()).text
    few: list[Any] = [result.pairs, result.labelled()]
    for batch in few:
        assert Reader(batch._repr_html_()).text.startswith(repr(batch))
        assert Reader(batch._repr_html_()).text.endswith("... 30 more: show(i)")


def test_empty_batches() -> None:
    pairs = xp.SentencePairs.from_lists([], [], [])
    empty: list[Any] = [pairs, xp.project(pairs, scores="string"), xp.LabelledSentences.from_lists([], [])]
    for batch in empty:
        found = Reader(batch._repr_html_())
        assert found.sentences == []
        assert "..." not in found.text
    nothing = xp.LabelledSentences.from_lists([[]], [[]])
    assert Reader(nothing._repr_html_()).sentences == [""]


def test_words_that_are_not_known_are_dots() -> None:
    numbers = {"start": [0], "end": [2], "label": [0]}
    known = xp.SentencePairs.from_arrays(
        source_offsets=[0, 3],
        target_offsets=[0, 3],
        entity_offsets=[0, 1],
        labels=["PER"],
        **{f"entity_{name}": np.array(values, np.int32) for name, values in numbers.items()},
        alignment_offsets=[0, 0],
        alignment_source=[],
        alignment_target=[],
    )
    found = Reader(xp.project(known)._repr_html_())
    assert found.sentences == ["· ·", ""]
    assert "not projected: [0, 2) PER" in found.text


def test_confidences_of_labelled_sentences_and_of_pairs() -> None:
    result = xp.project(demo_pairs("de"), scores="learned")[:1]
    sure = [f"{span.label} {span.confidence:.2f}" for span in result[0].spans]
    assert [caption for _, caption, _ in Reader(result.labelled()._repr_html_()).marks[0]] == sure
    columns = (result.pairs.source, result.pairs.target, result.pairs.entities, result.pairs.labels)
    half = np.full(len(result.pairs.entities.start), 0.5, np.float32)
    pairs = xp.SentencePairs.from_columns(*columns, source_confidence=half)
    assert {caption[-4:] for _, caption, _ in Reader(pairs._repr_html_()).marks[0]} == {"0.50"}


def test_raw_sentences_are_drawn_as_they_were(tmp_path: Any) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "Ada\'s  cat\\nsat.", "entities": [[0, 3, "PER"]]}\n', "utf-8")
    batch = xp.read_labelled(path)
    found = Reader(batch[0]._repr_html_())
    assert found.sentences == ["Ada's cat sat."]
    assert [mark[:2] for mark in found.marks[0]] == [("Ada", "PER")]


def test_long_sentences_are_cut_and_it_is_said() -> None:
    spans = [(0, 1, "PER"), (MOST_WORDS - 1, MOST_WORDS + 1, "LOC"), (MOST_WORDS + 50, MOST_WORDS + 51, "ORG")]
    batch = xp.LabelledSentences.from_lists([["w"] * (MOST_WORDS + 100)], [spans])
    found = Reader(batch[0]._repr_html_())
    assert found.sentences == [" ".join(["w"] * MOST_WORDS) + " ... 100 words more, with 1 entity"]
    assert [mark[:2] for mark in found.marks[0]] == [("w", "PER"), ("w", "LOC…")]
    assert len(xp.LabelledSentences.from_lists([["w" * 10**6] * 50], [[]])._repr_html_()) < 50_000


def test_deeply_nested_entities() -> None:
    deep = [(0, 2000 - i, f"L{i}") for i in range(1500)]
    batch = xp.LabelledSentences.from_lists([["w"] * 2000], [deep], nested=True)
    assert len(Reader(batch[0]._repr_html_()).marks[0]) == 1500


Spans = list[tuple[int, int, str]]


@st.composite
def sentences(draw: Any) -> tuple[list[str], Spans]:
    words = draw(st.lists(st.sampled_from(["a", "bc", "日本", "<b>", "&", "。", "\u202e"]), min_size=1, max_size=8))
    rng = random.Random(draw(st.integers(0, 2**32)))
    spans = set()
    for number in range(draw(st.integers(0, 6))):
        start = rng.randrange(len(words))
        spans.add((start, rng.randint(start + 1, len(words)), f"L{number}"))
    return words, sorted(spans)


@given(sentences())
def test_marks_are_the_spans(given_: tuple[list[str], Spans]) -> None:
    """Nested and crossing ones, too: what is broken off goes on in a mark of the same class."""
    words, spans = given_
    batch = xp.LabelledSentences.from_lists([words], [spans], nested=True)
    (marks,) = Reader(batch[0]._repr_html_()).marks
    text, starts, ends = joined(words)
    found: dict[str, str] = {}
    for part, caption, _ in marks:
        label = caption.removesuffix("…")
        found[label] = found.get(label, "") + part
    assert found == {label: visible(text[starts[a] : ends[b - 1]]) for a, b, label in spans}
    crossing = any(a < c < b < d for a, b, _ in spans for c, d, _ in spans)
    assert any(caption.endswith("…") for _, caption, _ in marks) == crossing


@given(sentences())
def test_marks_are_well_nested(given_: tuple[list[str], Spans]) -> None:
    words, spans = given_
    opened = []
    for piece in pieces(Sentence(words, [Mark(*span) for span in spans])):
        if isinstance(piece, Edge) and piece.opens:
            opened.append(piece.mark)
        elif isinstance(piece, Edge):
            assert opened.pop() == piece.mark
    assert opened == []


def test_figures_are_tables_of_what_is_printed() -> None:
    result, gold = xp.project(demo_pairs("de"), scores="learned"), demo_gold("de")
    figures = xp.evaluate(gold, result)
    assert figures.reliability is not None
    for shown in (figures, figures.reliability, xp.differences(gold, result)):
        said = Reader(shown._repr_html_()).text
        assert [word for word in str(shown).split() if word not in said] == []
    assert Reader(xp.differences(gold, gold)._repr_html_()).text == "no errors"
