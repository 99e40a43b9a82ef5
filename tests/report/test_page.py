"""What a page is given: the columns, in which order, of which pairs; and that nothing in a word is markup."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import columns_of, parts_of

import xproj_fast as xp
from xproj_fast.arrays import Outcome
from xproj_fast.demo import LANGUAGES, demo_gold, demo_pairs
from xproj_fast.errors import InputError
from xproj_fast.report.page.page import page_html, write_page
from xproj_fast.report.page.sampling import sampled, worst_first
from xproj_fast.report.page.texts import BLANK, EMPTY, GLUE, page_texts, visible_word
from xproj_fast.report.page.views import view_of
from xproj_fast.text.running import joined

HOSTILE = ["<script>alert(1)</script>", '"', "&amp;", "a\u202eb", "</script>", "<!--", "'", "\u2028", "\x01", "x y", ""]


def words_in(text: str) -> list[str]:
    """Return the words of a sentence of the page, as its script does."""
    words = re.split(f"[ {GLUE}]", text) if text else []
    return ["" if word == EMPTY else word.replace(BLANK, " ") for word in words]


@pytest.fixture(scope="module")
def result() -> xp.Projection:
    return xp.project(demo_pairs("de"), scores="learned")


def test_every_pair_is_there_as_it_is(result: xp.Projection, tmp_path: Path) -> None:
    gold = demo_gold("de")
    found = columns_of(result.report(tmp_path / "de.html", gold=gold))
    assert sorted(found["row"]) == list(range(40))
    names = found["labels"]
    for place, row in enumerate(found["row"]):
        pair = result[row]
        assert words_in(found["source"][place]) == list(pair.source or ())
        assert words_in(found["target"][place]) == list(pair.target or ())
        entities = rows_of(found["entities"], place, "start", "end", "label", "outcome")
        assert [(a, b, names[label], Outcome(o)) for a, b, label, o in entities] == [
            (e.start, e.end, e.label, e.outcome) for e in pair.entities
        ]
        spans = rows_of(found["layers"][0], place, "start", "end", "label", "sure", "source")
        wanted = [
            (s.start, s.end, s.label, round(float(s.confidence or 0) * 10_000), i)
            for i, entity in enumerate(pair.entities)
            for s in entity.spans
        ]
        assert [(a, b, names[label], sure, source) for a, b, label, sure, source in spans] == sorted(wanted)
        links = rows_of(found["links"], place, "source", "target")
        assert set(links) == set(result.pairs[row].alignments or ())
        right = rows_of(found["layers"][1], place, "start", "end", "label")
        sentence = gold.labelled()[row]
        assert [(a, b, names[label]) for a, b, label in right] == [(e.start, e.end, e.label) for e in sentence.entities]
    differences = np.bincount(found["layers"][1]["difference"], minlength=6)
    counts = xp.differences(gold, result).counts()
    assert {name: int(differences[i]) for i, name in enumerate(found["differences"]) if name != "spurious"} == {
        name: number for name, number in counts.items() if name != "spurious"
    }


def rows_of(columns: dict[str, Any], place: int, *names: str) -> list[tuple[Any, ...]]:
    first = sum(columns["count"][:place])
    some = slice(first, first + columns["count"][place])
    return list(zip(*(columns[name][some] for name in names), strict=True))


def test_the_worst_come_first(result: xp.Projection) -> None:
    gold = demo_gold("de")
    view = view_of(result, gold=gold)
    errors = view.errors()
    for row in range(40):
        wrong = xp.differences(gold.labelled()[[row]], result[[row]]).counts()
        assert errors[row] == sum(wrong.values()) - wrong["right"]
    order = worst_first([view])
    keys = [(-errors[row], view.certainty()[row]) for row in order]
    assert keys == sorted(keys)
    sure = xp.project(demo_pairs("de"), scores="learned", min_confidence=0.9)
    first = worst_first([view_of(sure)])[0]
    assert any(entity.outcome is Outcome.UNSURE for entity in sure[int(first)].entities)


def test_more_pairs_than_the_page_takes_are_sampled(result: xp.Projection, tmp_path: Path) -> None:
    path = result.report(tmp_path / "x.html", most=12)
    text = path.read_text("utf-8")
    assert len(columns_of(path)["row"]) == 12
    assert "12 of 40 are shown: the 3 worst and, of the others, a sample drawn with seed 1." in parts_of(text).text
    assert result.report(tmp_path / "y.html", title="x", most=12).read_text("utf-8") == text
    other = columns_of(result.report(tmp_path / "z.html", most=12, seed=2))["row"]
    order = worst_first([view_of(result)])
    assert set(order[:3].tolist()) <= set(other)
    assert set(other) != set(columns_of(path)["row"])
    assert sampled(order, 40, 1) is order
    assert "are shown:" not in parts_of(page_html([view_of(result)], title="x")).text


def test_the_figures_are_of_all_pairs(result: xp.Projection, tmp_path: Path) -> None:
    gold = demo_gold("de")
    text = parts_of(result.report(tmp_path / "x.html", gold=gold, most=5).read_text("utf-8")).text
    micro, counts = xp.evaluate(gold, result).micro, result.counts()
    told = " ".join(text.split())
    assert f"F1 {micro.f1:.4f} precision {micro.precision:.4f}, recall {micro.recall:.4f}" in told
    assert f"pairs 40 source entities {counts['entities']} projected {counts['projected']}" in told
    assert f"expected to be right {counts['expected_precision']:.1%}" in told


def test_data_sets_of_one_page_keep_apart(tmp_path: Path) -> None:
    results = {language: xp.project(demo_pairs(language)) for language in ("de", "zh")}
    views = [view_of(result, gold=demo_gold(language), name=language) for language, result in results.items()]
    found = columns_of(write_page(views, tmp_path / "x.html", title="two"))
    assert sorted(found["order"]) == list(range(80)) == sorted(n - 1 for n in found["number"])
    for place, (view, row, number) in enumerate(zip(found["view"], found["row"], found["number"], strict=True)):
        assert number == 40 * view + row + 1
        pair = results[found["views"][view]][row]
        assert words_in(found["target"][place]) == list(pair.target or ())
    errors = np.concatenate([view.errors() for view in views])
    shown = [errors[found["number"][place] - 1] for place in found["order"]]
    assert shown == sorted(shown, reverse=True)


def test_another_output_beside_it(tmp_path: Path) -> None:
    greedy, exact = (xp.project(demo_pairs("ru"), matcher=matcher, limit="<=2") for matcher in ("greedy", "exact"))
    found = columns_of(greedy.report(tmp_path / "x.html", against=exact))
    assert [layer["name"] for layer in found["layers"]] == ["projected", "other"]
    assert found["reference"]
    both = columns_of(greedy.report(tmp_path / "y.html", against=exact, gold=demo_gold("ru")))
    assert [layer["name"] for layer in both["layers"]] == ["projected", "other", "gold"]
    assert all("difference" in layer for layer in both["layers"])


def test_labelled_sentences_have_one_side(tmp_path: Path) -> None:
    gold = demo_gold("es").labelled()
    found = columns_of(gold.report(tmp_path / "x.html"))
    assert "source" not in found
    assert "links" not in found
    assert not found["reference"]
    assert "sentences" in parts_of((tmp_path / "x.html").read_text("utf-8")).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_unsegmented_scripts_have_no_spaces(language: str) -> None:
    """Where words are not apart in the language they are not on the page."""
    words = demo_pairs(language).target
    for text, sentence in zip(page_texts(words), words.to_lists(), strict=True):
        assert words_in(text) == sentence
        assert text.replace(GLUE, "") == joined(sentence).text


def test_spaces_are_those_of_the_raw_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada (London), 1843.\n")
    words = xp.read_sentences(tmp_path / "a.txt", entities=False).words
    assert page_texts(words)[0].replace(GLUE, "") == "Ada (London), 1843."
    assert words_in(page_texts(words)[0]) == words.to_lists()[0]


def test_words_of_which_only_the_number_is_known() -> None:
    words = xp.Words(np.array([0, 3, 3], np.int64))
    assert page_texts(words) == ["· · ·", ""]


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4), max_size=5),
        min_size=1,
        max_size=3,
    )
)
def test_words_come_out_as_they_went_in(sentences: list[list[str]]) -> None:
    """But for what acts on its neighbours, which is an escape; and no word is lost or joined to another."""
    words = xp.LabelledSentences.from_lists(sentences, [[] for _ in sentences]).words
    for text, sentence in zip(page_texts(words), sentences, strict=True):
        assert words_in(text) == [words_in(visible_word(word))[0] for word in sentence]
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)


def test_joiners_and_accents_stay() -> None:
    for word in ("\u0645\u06cc\u200c\u062e", "क्\u200dष", "e\u0301", "👩\u200d🚀", "日本"):
        assert visible_word(word) == word
    assert visible_word("a\u202eb") == "a\\u202eb"
    assert visible_word("a\u3164") == "a\\u3164"
    assert visible_word("\U000e0041") == "\\U000e0041"
    assert visible_word("\ue000") == "\\ue000"
    assert visible_word("a b") == f"a{BLANK}b"
    assert visible_word("") == EMPTY


def test_nothing_in_a_word_is_markup(tmp_path: Path) -> None:
    words = [HOSTILE]
    entities = [[(0, 2, "<b>PER</b>"), (3, 5, "x-\"onload='"), (5, 11, "</script>")]]
    pairs = xp.SentencePairs.from_lists(words, words, entities, [[(i, i) for i in range(11)]], ids=["</script><b>"])
    path = xp.project(pairs).report(tmp_path / "x.html", title="<b>&\u202e</script>")
    html = path.read_text("utf-8")
    parts = parts_of(html)
    assert parts.urls == ["#list"]
    assert html.count("<script") == 2
    assert html.count("</script") == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028-\u202e]", html)
    assert "<b>" not in html
    found = columns_of(path)
    assert words_in(found["target"][0]) == [words_in(visible_word(word))[0] for word in HOSTILE]
    assert found["labels"] == ["<b>PER</b>", "x-\"onload='", "</script>"]
    assert found["id"] == ["</script><b>"]


def test_the_page_may_run_its_own_script_alone(result: xp.Projection) -> None:
    html = page_html([view_of(result)], title="x")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"https?://(?!www\.w3\.org)", html)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("x.pdf", {}, r"x.pdf: expected a name that ends in .html or .htm"),
        ("x.html", {"most": 0}, r"^most: expected at least 1 pair, got 0"),
        ("x.html", {"gold": demo_gold("es")}, r"^gold: sentence 0: expected 13 words, as are inspected, got"),
        ("x.html", {"gold": demo_gold("de").labelled()[:3]}, r"^gold: expected 40 sentences, as are inspected, got 3"),
        ("no/x.html", {}, r"expected a folder"),
        ("x.html", {"seed": -1}, r"^seed: expected 0 or more, got -1"),
        ("x.html", {"gold": [["X"]] * 40}, r"^gold: sentence 0: word 0: expected O or a class after"),
    ],
)
def test_what_cannot_be(
    name: str, options: dict[str, Any], message: str, result: xp.Projection, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        result.report(tmp_path / name, **options)
    assert not list(tmp_path.iterdir())


def test_another_word_is_named(result: xp.Projection, tmp_path: Path) -> None:
    gold = demo_gold("de").labelled()
    words = gold.words.to_lists()
    words[7][0] = "X"
    other = xp.LabelledSentences.from_lists(words, [[] for _ in words])
    with pytest.raises(InputError, match=r"^gold: sentence 7: expected '.*', as is inspected, got 'X'") as caught:
        result.report(tmp_path / "x.html", gold=other)
    assert caught.value.sentence == 7


def test_no_sentence_at_all(tmp_path: Path) -> None:
    empty = xp.LabelledSentences.from_lists([], [])
    assert columns_of(empty.report(tmp_path / "x.html"))["row"] == []


def test_gold_may_be_what_evaluate_takes(result: xp.Projection, tmp_path: Path) -> None:
    gold = demo_gold("de").labelled()
    pages = [
        result.report(tmp_path / f"{i}.html", title="x", gold=each)
        for i, each in enumerate((gold, gold.tags(), gold.to_arrow(), (gold.entities, gold.labels)))
    ]
    assert len({json.dumps(columns_of(page)["layers"][1]["difference"]) for page in pages}) == 1


def test_one_of_a_small_sample_is_the_worst(result: xp.Projection, tmp_path: Path) -> None:
    page = result.report(tmp_path / "x.html", most=3)
    assert "3 of 40 are shown: the 1 worst and" in parts_of(page.read_text("utf-8")).text
    assert columns_of(page)["row"][columns_of(page)["order"][0]] == worst_first([view_of(result)])[0]


def test_ids_are_shown(tmp_path: Path) -> None:
    pairs = demo_pairs("de")[:2]
    table = pairs.to_arrow().append_column("id", pa.array(["a\u202e", "b"]))
    result = xp.project(xp.SentencePairs.from_arrow(table))
    assert sorted(columns_of(result.report(tmp_path / "x.html"))["id"]) == ["a\\u202e", "b"]
