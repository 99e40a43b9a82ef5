"""``project()`` equals its stages and the reference, for every option, on every backend."""

from __future__ import annotations

from collections import Counter
from typing import Any

import common
import numpy as np
import pytest
import reference.greedy
import reference.iob
from common import assert_matches, assert_same, by_reference, by_sentence, pair_scores
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    LABELS,
    LIMITS,
    Batch,
    batches,
    candidates_of,
    limits,
    scores_of,
    stop_word_lists,
    word_limits,
)

from xproj_fast.arrays import Outcome, PairScores, Spans, Status
from xproj_fast.candidates import aligned_ngrams, ngrams
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.heuristic import heuristic
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import ProjectedSpan, Projection
from xproj_fast.projector import project
from xproj_fast.scores.alignment import alignment_scores

KINDS = {"ngrams": ngrams, "aligned": aligned_ngrams}


@pytest.mark.parametrize("kind", KINDS)
@given(batch=batches(), limit=limits, words=word_limits, stop_words=stop_word_lists)
def test_project_equals_its_stages_and_the_reference(
    backend: str,
    kind: str,
    batch: Batch,
    limit: str,
    words: tuple[int, int | None],
    stop_words: tuple[str, ...],
) -> None:
    pairs = batch.pairs()
    options: dict[str, Any] = {"min_words": words[0], "max_words": words[1], "stop_words": stop_words}
    got = project(pairs, candidates=kind, limit=limit, backend=backend, **options)
    spans = KINDS[kind](pairs, backend=backend, **options)
    staged = greedy(pairs, spans, alignment_scores(pairs, spans, backend=backend), limit=limit, backend=backend)
    assert_same(got.matches, staged)
    assert_matches(got.matches, [by_reference(batch, s, kind, limit, words, stop_words) for s in range(len(batch))])


@given(batch=batches(), limit=limits, most=st.integers(1, 9), stop_words=stop_word_lists)
def test_aligned_ngrams_lose_nothing(
    backend: str, batch: Batch, limit: str, most: int, stop_words: tuple[str, ...]
) -> None:
    """The theorem behind the fused kernel: spans that can win start and end on an aligned word."""
    pairs = batch.pairs()
    spans = [kind(pairs, max_words=most, stop_words=stop_words, backend=backend) for kind in KINDS.values()]
    matches = [
        greedy(pairs, s, alignment_scores(pairs, s, backend=backend), limit=limit, backend=backend) for s in spans
    ]
    assert_same(*matches)


@given(batch=batches())
def test_defaults(backend: str, batch: Batch) -> None:
    pairs = batch.pairs()
    spelt_out = project(
        pairs,
        matcher="greedy",
        candidates="ngrams",
        scores="alignment",
        limit="<=1",
        min_words=1,
        max_words=10,
        stop_words=("!", "?"),
        backend=backend,
    )
    assert_same(project(pairs, backend=backend).matches, spelt_out.matches)


def test_max_words_default_is_ten(backend: str) -> None:
    links = [(i, i) for i in range(12)]
    pairs = SentencePairs.from_lists([["s"] * 12], [["t"] * 12], [[(0, 12, "PER")]], [links])
    assert project(pairs, backend=backend).spans()[0][0][:2] == (0, 10)
    assert project(pairs, max_words=None, backend=backend).spans()[0][0][:2] == (0, 12)


@given(batch=batches(), limit=limits, data=st.data())
def test_own_candidates_and_scores(backend: str, batch: Batch, limit: str, data: st.DataObject) -> None:
    pairs = batch.pairs()
    lists = [data.draw(candidates_of(len(words))) for words in batch.target]
    blocks = [data.draw(scores_of(len(batch.entities[s]), len(lists[s]))) for s in range(len(batch))]
    own = common.given(pairs, lists)
    got = project(pairs, candidates=own, scores=pair_scores(blocks), limit=limit, backend=backend)
    lo, hi = LIMITS[limit]
    assert_matches(got.matches, [reference.greedy.greedy(*args, lo, hi) for args in zip(lists, blocks, strict=True)])
    aligned = project(pairs, candidates=own, limit=limit, backend=backend)
    scored = alignment_scores(pairs, own, backend=backend)
    assert_same(aligned.matches, greedy(pairs, own, scored, limit=limit, backend=backend))


@given(batch=batches(), overwrite=st.booleans())
def test_heuristic(batch: Batch, overwrite: bool) -> None:
    pairs = batch.pairs()
    options = HeuristicOptions(length_ratio=0.0, overwrite=overwrite)
    got = project(pairs, matcher="heuristic", heuristic=options)
    assert_same(got.matches, heuristic(pairs, options))
    default = project(pairs, matcher="heuristic")
    assert_same(default.matches, heuristic(pairs, HeuristicOptions()))


@pytest.mark.parametrize(
    "ignored",
    [
        {"limit": "=2"},
        {"max_words": 3},
        {"min_words": 2},
        {"candidates": "aligned"},
        {"stop_words": ()},
        {"forbid_adjacent": True},
        {"scores": "align_ner"},
        {"scores": {"alignment": 1.0}},
        {"thresholds": {"alignment": 0.5}},
        {"min_score": 0.5},
    ],
)
def test_the_heuristic_ignores_nothing(ignored: dict[str, Any]) -> None:
    pairs = SentencePairs.from_lists([["a"]], [["b"]], [[]], [[]])
    with pytest.raises(InputError, match=f"{next(iter(ignored))}: expected .* with the matcher 'heuristic'"):
        project(pairs, matcher="heuristic", **ignored)


def check_views(result: Projection, batch: Batch) -> None:
    """Assert that labels(), spans() and counts() tell what the matches tell."""
    m = result.matches
    rows = by_sentence(m.offsets, m.entity, m.start, m.end, m.score)
    spans = [
        [ProjectedSpan(a, b, batch.entities[s][e][2], score) for e, a, b, score in rows[s]] for s in range(len(batch))
    ]
    assert result.spans() == spans
    assert result.tags() == [
        reference.iob.encode(len(batch.target[s]), [span[:3] for span in spans[s]]) for s in range(len(batch))
    ]
    assert [result.tag_names[tag] for tag in result.tag_ids()] == [t for tags in result.tags() for t in tags]
    assert [LABELS[label] for label in result.label] == [span.label for row in spans for span in row]
    outcomes = Counter(Outcome(value).name.lower() for value in m.outcome.tolist())
    assert result.counts() == {
        "sentences": len(batch),
        "entities": sum(map(len, batch.entities)),
        "spans": sum(map(len, rows)),
        "projected": outcomes["projected"],
        "unscored": outcomes["unscored"],
        "overlap": outcomes["overlap"],
        "too_short": outcomes["too_short"],
        "unsure": 0,
        "infeasible_sentences": m.status.tolist().count(Status.INFEASIBLE),
        "limit_sentences": m.status.tolist().count(Status.LIMIT),
    }
    assert sum(outcomes.values()) == sum(map(len, batch.entities))
    assert outcomes["projected"] == sum(len({e for e, *_ in row}) for row in rows)


@given(batch=batches(), limit=limits)
def test_labels_spans_and_counts(backend: str, batch: Batch, limit: str) -> None:
    pairs = batch.pairs()
    check_views(project(pairs, limit=limit, backend=backend), batch)
    options = HeuristicOptions(length_ratio=0.5, overwrite=True, shortest_first=False)
    check_views(project(pairs, matcher="heuristic", heuristic=options, backend=backend), batch)


def test_pairs_without_strings(backend: str) -> None:
    pairs = SentencePairs.from_arrays(
        source_offsets=[0, 2],
        target_offsets=[0, 3],
        entity_offsets=[0, 1],
        entity_start=[0],
        entity_end=[2],
        entity_label=[0],
        labels=["PER"],
        alignment_offsets=[0, 2],
        alignment_source=[0, 1],
        alignment_target=[1, 2],
    )
    result = project(pairs, backend=backend)
    assert result.tags() == [["O", "B-PER", "I-PER"]]
    assert result.spans() == [[(1, 3, "PER", 1.0, None)]]


i32 = np.int32
OWN = Spans(np.array([0, 1]), np.array([0], i32), np.array([1], i32))
OUTSIDE = Spans(np.array([0, 1]), np.array([0], i32), np.array([3], i32))
SCORES = PairScores(np.array([0, 1]), np.array([1], np.float32))
NAN = PairScores(np.array([0, 1]), np.array([np.nan], np.float32))

BAD_CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "matcher": ({"matcher": "exactly"}, "matcher: expected one of .*greedy.*heuristic.*, got 'exactly'"),
    "candidates": (
        {"candidates": "words"},
        "candidates: expected one of aligned, ner, ner_sub_spans, ngrams or Spans, got 'words'",
    ),
    "scores": ({"scores": "bleu"}, "scores: expected one of alignment, .*, all_fusion, .* PairScores, got 'bleu'"),
    "scores for own spans": (
        {"candidates": OWN, "scores": "bleu"},
        "scores: expected one of alignment, .*, all_fusion, .* PairScores, got 'bleu'",
    ),
    "limit": ({"limit": "<=0"}, "limit: expected .* got '<=0'"),
    "limit text": ({"limit": "once"}, "limit: expected .* got 'once'"),
    "min_words": ({"min_words": 0}, "min_words, max_words: expected .* got 0 and 10"),
    "max_words": ({"max_words": 0}, "min_words, max_words: expected .* got 1 and 0"),
    "min over max": ({"min_words": 3, "max_words": 2}, "min_words, max_words: expected .* got 3 and 2"),
    "stop_words": ({"stop_words": "!?"}, "stop_words: expected a list of words, got the string '![?]'"),
    "heuristic": (
        {"heuristic": HeuristicOptions(top_k=2)},
        "top_k: expected 0 with the matcher 'greedy' \\(an option of heuristic\\), got 2",
    ),
    "backend": ({"backend": "rust"}, "backend: expected one of cpp, numba, got 'rust'"),
    "heuristic backend": (
        {"matcher": "heuristic", "backend": "rust"},
        "backend: expected one of cpp, numba, got 'rust'",
    ),
    "no threads": ({"threads": 0}, "threads: expected at least 1 .* got 0"),
    "negative threads": ({"matcher": "heuristic", "threads": -2}, "threads: expected at least 1 .* got -2"),
    "scores without candidates": (
        {"scores": SCORES},
        "candidates: scores of your own need candidates of your own, got 'ngrams'",
    ),
    "NaN": (
        {"candidates": OWN, "scores": NAN},
        r"scores: sentence 0: expected finite scores, got nan \(flat position 0\)",
    ),
    "outside": (
        {"candidates": OUTSIDE},
        r"candidates: sentence 0, span 0: expected a span inside the 2 target words, got \[0, 3\)",
    ),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_input_errors(case: str) -> None:
    options, message = BAD_CALLS[case]
    pairs = SentencePairs.from_lists([["s"]], [["t"] * 2], [[(0, 1, "PER")]], [[(0, 0)]])
    with pytest.raises(InputError, match=message):
        project(pairs, **options)


@pytest.mark.parametrize("options", [{}, {"candidates": "aligned"}, {"matcher": "heuristic"}, {"candidates": OWN}])
def test_missing_alignments(options: dict[str, Any]) -> None:
    pairs = SentencePairs.from_lists([["s"]], [["t"]], [[(0, 1, "PER")]])
    with pytest.raises(InputError, match=r"alignments: .* the pairs have none") as caught:
        project(pairs, **options)
    assert caught.value.field == "alignments"


def test_own_scores_need_no_alignments(backend: str) -> None:
    pairs = SentencePairs.from_lists([["s"]], [["t"]], [[(0, 1, "PER")]])
    result = project(pairs, candidates=OWN, scores=SCORES, backend=backend)
    assert result.spans() == [[(0, 1, "PER", 1.0, None)]]


def test_spans_per_label() -> None:
    pairs = SentencePairs.from_lists(
        [["a", "b"], ["c"]],
        [["x", "y"], ["z"]],
        [[(0, 1, "PER"), (1, 2, "LOC")], [(0, 1, "PER")]],
        [[(0, 0)], [(0, 0)]],
    )
    assert project(pairs).label_counts() == {"PER": 2, "LOC": 0}
