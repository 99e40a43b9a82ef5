"""How sure an F1 is: counts by sentence, and what other draws of the sentences would give."""

from __future__ import annotations

import numpy as np
import pytest

from xproj_fast.arrays import Entities
from xproj_fast.demo import demo_gold, demo_pairs
from xproj_fast.evaluation import evaluate
from xproj_fast.projector import project
from xproj_fast.report.resampling import Counts, sentence_counts, spread

Sides = tuple[tuple[Entities, tuple[str, ...]], tuple[Entities, tuple[str, ...]]]


def sides() -> Sides:
    gold, found = demo_gold("ja"), project(demo_pairs("ja"), matcher="heuristic").labelled()
    return (gold.entities, gold.labels), (found.entities, found.labels)


@pytest.mark.parametrize("ignored", [(), ("MISC",), ("LOC", "PER")])
def test_counts_by_sentence_add_up_to_those_of_evaluate(ignored: tuple[str, ...]) -> None:
    gold, found = sides()
    counts = sentence_counts(gold, found, ignored)
    micro = evaluate(gold, found, ignore_labels=ignored).micro
    assert [len(each) for each in counts] == [40] * 3
    assert [int(each.sum()) for each in counts] == [micro.correct, micro.predicted, micro.gold]


def test_the_names_of_labels_count_not_their_numbers() -> None:
    one = np.array([0, 1]), *(np.array([k], np.int32) for k in (0, 1, 0))
    counts = sentence_counts((Entities(*one), ("LOC",)), (Entities(*one), ("PER",)))
    assert [each.tolist() for each in counts] == [[0], [1], [1]]


def test_an_entity_that_is_there_twice_counts_once() -> None:
    once = Entities(np.array([0, 1]), *(np.array([k], np.int32) for k in (0, 1, 0)))
    twice = Entities(np.array([0, 2]), *(np.array([k, k], np.int32) for k in (0, 1, 0)))
    counts = sentence_counts((once, ("X",)), (twice, ("X",)))
    assert [each.tolist() for each in counts] == [[1], [1], [1]]


def right(shares: list[float], sentences: int = 400) -> list[Counts]:
    """Return what is right in so many of the sentences of one entity each, the same sentences first."""
    ones = np.ones(sentences, np.int64)
    return [Counts((np.arange(sentences) < share * sentences).astype(np.int64), ones, ones) for share in shares]


def test_other_draws_surround_the_figure() -> None:
    found = spread(right([0.8, 0.5]))
    for low, high, share in zip(found.low, found.high, (0.8, 0.5), strict=True):
        width = 1.96 * np.sqrt(share * (1 - share) / 400)  # of a share of independent sentences
        assert low < share < high
        assert high - low == pytest.approx(2 * width, rel=0.2)


def test_few_sentences_say_less() -> None:
    many, few = spread(right([0.8], 2000)), spread(right([0.8], 20))
    assert few.high[0] - few.low[0] > 4 * (many.high[0] - many.low[0])


def test_draws_are_the_same_for_all() -> None:
    """Where one is right whenever the other is, and once more, no draw puts it behind: its own spread is no matter."""
    found = spread(right([0.5, 0.51, 0.51]))
    assert found.level[1:] == [1.0, 1.0]
    assert 0 < found.level[0] < 0.1  # level in the draws without those four sentences
    assert spread(right([0.2, 0.9])).level == [0.0, 1.0]


def test_the_same_seed_gives_the_same_draws() -> None:
    counts = right([0.3])
    assert spread(counts) == spread(counts)
    assert spread(counts, seed=1) != spread(counts)
