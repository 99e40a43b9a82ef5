"""A method: what it is told by name reaches the scores, and what means nothing in it is refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any, get_type_hints

import numpy as np
import pytest

from xproj_fast.arrays import Matches, PairScores, Spans, WordProbabilities
from xproj_fast.candidates import CANDIDATES
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.matching.registry import register as register_matcher
from xproj_fast.method import Method
from xproj_fast.options import told
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import MethodOptions, project
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.fuse import PRESETS
from xproj_fast.scores.mt import MtCounts
from xproj_fast.scores.options import MtOptions, NerOptions
from xproj_fast.scores.registry import SCORES
from xproj_fast.scores.registry import register as register_score

PAIRS = SentencePairs.from_lists([["abcd"]], [["axxx", "y"]], [[(0, 1, "PER")]], [[(0, 0)]])


def phrases(**scores: float) -> Any:
    def score(a: Sequence[str], b: Sequence[str]) -> Any:
        return np.array([scores[phrase.replace(" ", "_")] for phrase in b], np.float32)

    return score


@pytest.mark.parametrize(("name", "least"), [("string", 0.2), ("ner", 0.01), ("ner_spans", 0.01), ("mt", 0.02)])
def test_a_threshold_stands_in_place_of_a_score_s_own(name: str, least: float) -> None:
    def spans(**thresholds: float) -> list[Any]:
        method = Method(scores=name, thresholds=thresholds)
        evidence = Evidence(probabilities, phrases(axxx=0.05, y=0.0, axxx_y=0.0))
        return project(PAIRS, method, evidence=evidence).spans()

    values = np.array([[0.96, 0.04, 0], [1, 0, 0]], np.float32)
    probabilities = WordProbabilities(np.array([0, 2]), values, ("O", "B-PER", "I-PER"))
    assert spans() == [[]]
    assert [span[:3] for span in spans(**{name: least})[0]] == [(0, 1, "PER")]


def test_the_weight_of_mt_bounds_what_can_win() -> None:
    method = Method(scores={"alignment": 0.5, "mt": 3.0}, mt=MtOptions(top_k=1, bound=1.0))
    evidence = Evidence(mt=phrases(axxx=0.3, axxx_y=1.0))
    assert [span[:2] for span in project(PAIRS, method, evidence=evidence).spans()[0]] == [(0, 2)]


def test_what_was_asked_is_counted() -> None:
    counts = MtCounts()
    project(PAIRS, scores="mt", evidence=Evidence(mt=phrases(axxx=0.3, y=0.1, axxx_y=0.2), counts=counts))
    assert (counts.sentences, counts.pairs, counts.scored) == (1, 3, 3)


def test_phrases_are_joined_as_their_languages_do() -> None:
    asked: list[str] = []

    def score(source: Sequence[str], target: Sequence[str]) -> Any:
        asked.extend([*source, *target])
        return np.ones(len(source), np.float32)

    pairs = SentencePairs.from_lists([["東", "京"]], [["To", "kyo"]], [[(0, 2, "LOC")]])
    method = Method(scores="mt", min_words=2).between("jpn_Jpan", "eng_Latn")
    project(pairs, method, evidence=Evidence(mt=score))
    assert asked == ["東京", "To kyo"]
    assert Method().between("jpn_Jpan", "eng_Latn") == Method()  # without the score languages mean nothing


NEEDS: dict[str, tuple[Method, str]] = {
    "the default": (Method(), "links"),
    "heuristic": (Method("heuristic"), "links"),
    "string": (Method(scores="string"), ""),
    "string of aligned": (Method(candidates="aligned", scores="string"), "links"),
    "ner candidates": (Method(candidates="ner", scores="string"), "tagger"),
    "ner": (Method("exact", scores={"ner": 1.0}), "tagger"),
    "ner_spans": (Method(scores="align_ner_spans"), "links tagger"),
    "nmt": (Method(scores="nmt"), "translator"),
    "all": (Method(scores="all_fusion"), "links tagger translator"),
}


@pytest.mark.parametrize("case", NEEDS)
def test_what_a_method_needs(case: str) -> None:
    method, needed = NEEDS[case]
    got = {"links": method.needs_links, "tagger": method.needs_tagger, "translator": method.needs_translator}
    assert " ".join(name for name, is_needed in got.items() if is_needed) == needed


REFUSED: dict[str, tuple[Method, str, str]] = {
    "greedy has no search": (
        Method(time_limit=3.0),
        "time_limit",
        "with the matcher 'greedy' .an option of exact, ilp",
    ),
    "nor is it told what touches": (
        Method(forbid_adjacent=True),
        "forbid_adjacent",
        "'greedy' .an option of exact, ilp",
    ),
    "no runs": (
        Method(heuristic=HeuristicOptions(overwrite=True)),
        "heuristic.overwrite",
        "'greedy' .an option of heuristic",
    ),
    "no scores": (
        Method("heuristic", scores="nmt"),
        "scores",
        "with the matcher 'heuristic' .an option of exact, greedy",
    ),
    "no candidates": (Method("heuristic", max_words=3), "max_words", "with the matcher 'heuristic'"),
    "no such score": (Method(ner=NerOptions(alpha=2.0)), "ner.alpha", "without the scores ner or ner_spans, got 2.0"),
    "no options of a score": (Method("heuristic", mt=MtOptions(top_k=3)), "mt.top_k", "without the scores mt"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_means_nothing_is_refused(case: str) -> None:
    method, field, message = REFUSED[case]
    for refuse in (method.check, lambda: project(PAIRS, method)):
        with pytest.raises(InputError, match=f"{field.rpartition('.')[2]}: expected .*{message}") as caught:
            refuse()
        assert caught.value.field == field
    assert method.narrowed() == Method(method.matcher)


def test_own_arrays_make_other_options_mean_nothing() -> None:
    spans = Spans(np.array([0, 1]), np.array([0], np.int32), np.array([1], np.int32))
    with pytest.raises(InputError, match="max_words: expected 10 with candidates of your own, got 3"):
        project(PAIRS, candidates=spans, max_words=3)
    with pytest.raises(InputError, match="candidates: expected none with matcher='heuristic', which takes none"):
        project(PAIRS, matcher="heuristic", candidates=spans)
    with pytest.raises(InputError, match="limit: expected a value of Method's, got Spans"):
        project(PAIRS, limit=spans)  # type: ignore[arg-type]
    assert project(PAIRS, candidates=spans).options == {
        "matcher": "greedy",
        "candidates": "given",
        "scores": "alignment",
        "thresholds": {},
        "min_score": 0.0,
        "limit": "<=1",
        "backend": "cpp",
    }


def test_keywords_replace_the_fields_of_a_method() -> None:
    method = Method("exact", limit="<=2")
    got = project(PAIRS, method, limit=Limit(1, 3)).options
    assert (got["matcher"], got["limit"]) == ("exact", "1 to 3")
    assert json.loads(json.dumps(got)) == got
    assert method.limit == "<=2"
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'macher' \(did you mean matcher\?\)"):
        project(PAIRS, macher="exact")  # type: ignore[call-arg]


def test_keywords_are_the_fields_of_the_method() -> None:
    """Type checkers see ``MethodOptions``, which must be what there is."""
    own = {"candidates": Spans, "scores": PairScores}
    fields = get_type_hints(Method)
    assert get_type_hints(MethodOptions) == {
        name: kind | own[name] if name in own else kind for name, kind in fields.items()
    }


def test_equal_keywords_of_other_types_are_other_keywords() -> None:
    project(PAIRS, min_words=1)
    with pytest.raises(InputError, match="min_words, max_words: expected 1 <= min_words <= max_words, got True and 10"):
        project(PAIRS, min_words=True)


def test_a_method_is_nobody_else_s_to_change() -> None:
    weights, words = {"alignment": 1.0}, ["!"]
    method = Method(scores=weights, stop_words=words)
    weights["bleu"] = 1.0
    words.append("?")
    assert method.weights == {"alignment": 1.0}
    assert method.stop_words == ("!",)
    with pytest.raises(FrozenInstanceError):
        method.matcher = "ilp"  # type: ignore[misc]


def test_a_checked_method_pickles() -> None:
    method = Method("exact", scores={"alignment": 1.0, "string": 0.5})
    method.check()
    assert method.needs_links
    twin = pickle.loads(pickle.dumps(method))
    assert twin == method
    assert twin.described() == method.described()


def test_versions_that_a_result_hangs_on_are_told() -> None:
    assert "highspy" in Method("exact").described()
    assert "highspy" not in Method().described()


def test_a_matcher_and_a_score_are_one_function_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is registered is there by name, with exactly the options that it takes."""
    monkeypatch.setattr(MATCHERS, "_entries", dict(MATCHERS._entries))
    monkeypatch.setattr(SCORES, "_entries", dict(SCORES._entries))

    @register_score("short", needs=["tagger"])
    def short(pairs: SentencePairs, candidates: Spans) -> Any:
        pair = pair_columns(pairs, candidates)
        return 1 / (pair.target_end - pair.target_start)

    @register_matcher("longest")
    def longest(pairs: SentencePairs, candidates: Spans, scores: PairScores, *, limit: str | Limit) -> Matches:
        return greedy(pairs, candidates, PairScores(scores.offsets, 1 / scores.values), limit=limit)

    method = Method("longest", scores="short")
    assert not method.needs_links
    assert method.needs_tagger
    probabilities = WordProbabilities(np.array([0, 2]), np.full((2, 3), 0.3, np.float32), ("O", "B-PER", "I-PER"))
    got = project(PAIRS, method, evidence=Evidence(probabilities))
    assert [span[:2] for span in got.spans()[0]] == [(0, 2)]
    with pytest.raises(InputError, match=r"time_limit: expected 0\.8 with the matcher 'longest'"):
        replace(method, time_limit=1.0).check()
    with pytest.raises(InputError, match="evidence: the score 'short' needs a tagger's probabilities"):
        project(PAIRS, method)
    by_name = {each.name: each for each in told(Method)}
    assert by_name["limit"].only == "exact, greedy, ilp, longest"
    assert by_name["time_limit"].only == "exact, ilp"
    assert "longest" in by_name["matcher"].choices
    assert "short" in by_name["scores"].help


def test_what_is_built_in() -> None:
    assert MATCHERS.names() == ("exact", "greedy", "heuristic", "ilp")
    assert SCORES.names() == ("alignment", "learned", "mt", "ner", "ner_spans", "string")
    assert CANDIDATES.names() == ("aligned", "ner", "ner_sub_spans", "ngrams")
    for weights in PRESETS.values():
        assert weights.keys() <= set(SCORES)


def test_every_option_of_a_method_says_what_it_is() -> None:
    records = {"heuristic", "ner", "string", "mt", "learned"}
    assert {each.name for each in told(Method)} == {each.name for each in fields(Method)} - records
    for kind in (Method, HeuristicOptions, NerOptions, MtOptions):
        for each in told(kind):
            assert each.help
            assert each.help.endswith("...") or not each.help.endswith(".")
