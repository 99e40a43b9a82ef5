"""Learning: the same on any threads, without a look at gold, and told where there is too little to learn from."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference.logistic

from xproj_fast.arrays import Entities, Links
from xproj_fast.candidates import ngrams
from xproj_fast.demo import demo_folder, demo_pairs
from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_labelled
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.learned_features import LEARNED_FEATURES, NEED_CASE
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.learning import learn
from xproj_fast.scores.options import LearnedOptions
from xproj_fast.scores.training import is_caseless, silver_rows
from xproj_fast.text.word_shapes import word_shapes


def many(language: str = "de", times: int = 8) -> SentencePairs:
    """Return enough for weights of its own."""
    few = demo_pairs(language)
    return few[list(range(len(few))) * times]


def demo_labelled(language: str) -> LabelledSentences:
    with demo_folder() as folder:
        return read_labelled(folder / f"{language}.gold.conll")


def kind(score: LearnedScore) -> Any:
    return score.made_from["weights"]


@pytest.fixture(scope="module")
def pairs() -> SentencePairs:
    return many()


def test_threads_change_nothing(pairs: SentencePairs) -> None:
    one = learn(pairs, threads=1)
    assert kind(one) == "own"
    for threads in (None, 2, 3, 64):
        assert learn(pairs, threads=threads) == one


def test_the_seed_and_the_silver_are_said_and_matter(pairs: SentencePairs) -> None:
    options = [LearnedOptions(seed=seed, silver=silver) for seed, silver in ((1, 1000), (2, 1000), (1, 260))]
    found = [learn(pairs, each) for each in options]
    assert len({tuple(each.coefficients) for each in found}) == 3
    assert [each.made_from["seed"] for each in found] == [1, 2, 1]
    sentences = [each.made_from["silver_sentences"] for each in found]
    assert sentences[2] == 260
    assert all(290 < each <= 320 for each in sentences[:2])


def test_silver_rows_have_one_right_candidate_a_span(pairs: SentencePairs) -> None:
    """Or none, where it is too long for a candidate or too far from its worse links."""
    shapes = word_shapes(pairs.source), word_shapes(pairs.target)
    rows = silver_rows(pairs, *shapes, LearnedOptions(silver=100), threads=1)
    assert rows.sentences == 100
    assert rows.features.shape == (len(rows.right), len(LEARNED_FEATURES))
    assert 200 < rows.right.sum() < 500
    named = dict(zip(LEARNED_FEATURES, rows.features.T, strict=True))
    right = rows.right == 1
    for name in ("alignment", "similarity", "hull_start"):
        assert named[name][right].mean() > named[name][~right].mean()


def test_weights_are_those_of_the_rows(pairs: SentencePairs) -> None:
    shapes = word_shapes(pairs.source), word_shapes(pairs.target)
    rows = silver_rows(pairs, *shapes, LearnedOptions(), threads=1)
    expected = reference.logistic.fit(rows.features, rows.right, 0.5, 12)
    np.testing.assert_allclose(learn(pairs).coefficients, expected, rtol=1e-6, atol=1e-6)


def test_little_silver_is_mixed_with_the_shipped_weights() -> None:
    few = demo_pairs("de")
    own = learn(few, LearnedOptions("own"))
    shipped = learn(few, LearnedOptions("shipped"))
    mean = learn(few)
    assert [kind(each) for each in (own, shipped, mean)] == ["own", "shipped", "mean"]
    assert shipped.coefficients.tolist() == LearnedScore.shipped().coefficients.tolist()
    np.testing.assert_allclose(mean.coefficients, (own.coefficients + shipped.coefficients) / 2)


def unlinked(pairs: SentencePairs) -> SentencePairs:
    """Return pairs where links are of words outside entities alone."""
    links, entities = pairs.alignments, pairs.entities
    assert links is not None
    inside = {
        (s, w)
        for s in range(len(pairs))
        for e in range(entities.offsets[s], entities.offsets[s + 1])
        for w in range(entities.start[e], entities.end[e])
    }
    rows = [
        [
            (int(a), int(b))
            for a, b in zip(links.source[x:y], links.target[x:y], strict=True)
            if (s, int(a)) not in inside
        ]
        for s, (x, y) in enumerate(zip(links.offsets[:-1], links.offsets[1:], strict=True))
    ]
    flat = [cell for row in rows for cell in row]
    offsets = np.cumsum([0, *map(len, rows)])
    columns = np.array(flat, np.int32).reshape(-1, 2).T
    return pairs.with_alignments(Links(offsets, *map(np.ascontiguousarray, columns)))


def no_entities(pairs: SentencePairs) -> SentencePairs:
    nothing = np.zeros(0, np.int32)
    return replace(pairs, entities=Entities(np.zeros(len(pairs) + 1, np.int64), nothing, nothing, nothing))


TOO_LITTLE = {
    "no link": (lambda: unlinked(many()), "no entity with a link to learn from"),
    "no link at all": (
        lambda: SentencePairs.from_lists([["Rom"]] * 20, [["Roma"]] * 20, [[(0, 1, "LOC")]] * 20, [[]] * 20),
        "no entity with a link to learn from",
    ),
    "no entity": (lambda: no_entities(many()), "no entity with a link to learn from"),
    "one sentence": (lambda: demo_pairs("de")[:1], "1 sentence to learn from, of 15 that are needed"),
    "nothing": (lambda: demo_pairs("de")[:0], "no entity with a link to learn from"),
    "one word": (
        lambda: SentencePairs.from_lists([["Rom"]] * 20, [["Rom"]] * 20, [[(0, 1, "LOC")]] * 20, [[(0, 0)]] * 20),
        "nothing to tell apart among what there is to learn from",
    ),
}


@pytest.mark.parametrize("case", TOO_LITTLE)
def test_too_little_to_learn_from_is_said(case: str, caplog: pytest.LogCaptureFixture) -> None:
    make, why = TOO_LITTLE[case]
    pairs = make()
    with caplog.at_level(logging.WARNING):
        result = project(pairs, scores="learned")
    assert f"learned score: {why}: the shipped weights are used" in caplog.text
    told = result.options["learned_from"]
    assert (told["weights"], told["why"]) == ("shipped", why)
    assert learn(pairs).coefficients.tolist() == LearnedScore.shipped(caseless=told["caseless"]).coefficients.tolist()


@pytest.mark.parametrize("case", [name for name in TOO_LITTLE if name != "one sentence"])
def test_weights_of_ones_own_from_nothing_are_an_error(case: str) -> None:
    make, why = TOO_LITTLE[case]
    with pytest.raises(InputError, match="weights: expected enough to learn weights of its own from, got " + why):
        learn(make(), LearnedOptions("own"))


def test_weights_of_ones_own_from_one_sentence() -> None:
    """Whoever wants them has them."""
    assert kind(learn(demo_pairs("de")[:1], LearnedOptions("own"))) == "own"


def test_all_entities_the_same() -> None:
    """What never differs says nothing, and names are still found in the other place."""
    source, target = ["Gestern", "sang", "Maria", "Lopez", "laut"], ["Yesterday", "Maria", "Lopez", "sang", "aloud"]
    links = [(0, 0), (1, 3), (2, 1), (3, 2), (4, 4)]
    pairs = SentencePairs.from_lists([source] * 300, [target] * 300, [[(2, 4, "PER")]] * 300, [links] * 300)
    score = learn(pairs)
    assert kind(score) == "own"
    assert np.isfinite(score.coefficients).all()
    assert project(pairs, scores="learned").spans()[7][0][:3] == (1, 3, "PER")


def test_a_script_without_case() -> None:
    """Letters and capitals have no weight, neither in weights of its own nor in the shipped ones that are mixed in."""
    few = demo_pairs("ja")
    for options in (LearnedOptions(), LearnedOptions("own"), LearnedOptions("shipped")):
        score = learn(few, options)
        assert score.made_from["caseless"] is True
        assert {score.weights[name] for name in NEED_CASE} == {0.0}
        assert score.weights["hull_start"] > 0
    assert is_caseless(word_shapes(few.source), word_shapes(few.target))
    for language in ("de", "es", "ru"):
        cased = demo_pairs(language)
        assert not is_caseless(word_shapes(cased.source), word_shapes(cased.target))
        assert not is_caseless(word_shapes(cased.target), word_shapes(cased.source))


def test_weights_of_a_file(tmp_path: Path) -> None:
    few = demo_pairs("de")
    own = learn(few, LearnedOptions("own"))
    own.save(tmp_path / "own.json")
    options = LearnedOptions(str(tmp_path / "own.json"))
    assert learn(few, options) == own
    result = project(few, scores="learned", learned=options)
    assert result.options["learned_from"]["weights"] == "own"
    assert result.options["learned"]["weights"] == str(tmp_path / "own.json")
    with pytest.raises(
        InputError, match=r"weights: expected one of auto, own, shipped or a file that is there, got 'onw'"
    ):
        learn(few, LearnedOptions("onw"))


def test_pairs_that_it_cannot_learn_from() -> None:
    few = demo_pairs("de")
    with pytest.raises(InputError, match="alignments: this method needs word alignments"):
        learn(replace(few, alignments=None))
    with pytest.raises(InputError, match="words: expected their strings, got only their number"):
        learn(replace(few, source=replace(few.source, strings=None)))
    with pytest.raises(InputError, match="threads: expected at least 1"):
        learn(few, threads=0)


def test_long_sentences() -> None:
    """10,000 words a side cost no square of that."""
    few = demo_pairs("de")
    source, target = (list(chain(*words.to_lists())) for words in (few.source, few.target))
    entities, links = [], []
    a = b = 0
    assert few.alignments is not None
    for pair in few:
        entities += [(each.start + a, each.end + a, each.label) for each in pair.entities]
        links += [(x + a, y + b) for x, y in pair.alignments or ()]
        a, b = a + len(pair.source), b + len(pair.target)
    times = 10_000 // min(a, b) + 1
    shifted = SentencePairs.from_lists(
        [source * times],
        [target * times],
        [[(x + k * a, y + k * a, label) for k in range(times) for x, y, label in entities]],
        [[(x + k * a, y + k * b) for k in range(times) for x, y in links]],
    )
    assert np.diff(shifted.target.offsets)[0] > 10_000
    assert learn(shifted).made_from["silver_sentences"] == 1
    spans = ngrams(shifted, max_words=4)
    assert len(spans.start) < 50_000
    found = project(shifted[:1], scores="learned", max_words=4)
    assert found.counts()["projected"] > 0.9 * found.counts()["entities"]


def test_gold_is_learned_from_on_request() -> None:
    few, gold = demo_pairs("de"), demo_labelled("de")
    plain, with_gold = learn(few), learn(few, gold=gold)
    assert (kind(plain), kind(with_gold)) == ("mean", "gold")
    assert with_gold.made_from["gold_sentences"] == 40
    assert with_gold != plain
    # What gold says is what is learned: where it has no span at all, nothing is probable any more.
    empty = LabelledSentences.from_lists(few.target.to_lists(), [[]] * 40)
    spans = [
        project(few, scores="learned", evidence=Evidence(learned=score)).counts()["spans"]
        for score in (learn(few, gold=empty), with_gold)
    ]
    assert spans[0] < 0.5 * spans[1]


OTHER_GOLD = {
    "fewer": (lambda gold: gold[:39], "gold: expected 40 sentences, as many as there are pairs, got 39"),
    "other words": (
        lambda gold: gold[[*range(1, 40), 0]],
        r"gold: sentence \d: expected the \d+ words of the target sentence, got \d+$",
    ),
}


@pytest.mark.parametrize("case", OTHER_GOLD)
def test_gold_of_other_sentences(case: str) -> None:
    change, message = OTHER_GOLD[case]
    few = demo_pairs("de")
    with pytest.raises(InputError, match=message):
        learn(few, gold=change(demo_labelled("de")))


def test_gold_where_nothing_is_learned() -> None:
    with pytest.raises(InputError, match="gold: expected none with weights='shipped', which are not learned from it"):
        learn(demo_pairs("de"), LearnedOptions("shipped"), gold=demo_labelled("de"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": ""}, "weights: expected auto, own, shipped or a file, got ''"),
        ({"seed": -1}, "seed: expected a whole number of 0 or more, got -1"),
        ({"seed": 2**63}, "seed: expected a whole number"),
        ({"seed": True}, "seed: expected a whole number"),
        ({"silver": 0}, "silver: expected a whole number of at least 1, got 0"),
        ({"threshold": 1.5}, "threshold: expected a number from 0 to 1, got 1.5"),
        ({"threshold": float("nan")}, "threshold: expected a number from 0 to 1, got nan"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        LearnedOptions(**options)
