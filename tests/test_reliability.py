"""AUC, calibration error and coverage of confidences: by hand, against their definitions, and in print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import fails, run
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.arrays import Entities
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.formats.writers import write
from xproj_fast.labelled import LabelledSentences
from xproj_fast.reliability import Reliability, reliability

SPANS = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 0.9, 1.0]), st.booleans()), min_size=1, max_size=60)


def of(rows: Any, gold: int = 100) -> Reliability:
    sure, right = np.float32([p for p, _ in rows]), np.array([ok for _, ok in rows], np.bool_)
    found = reliability(sure, right, right, gold)
    assert found is not None
    return found


@given(SPANS)
def test_the_auc_counts_pairs(rows: list[tuple[float, bool]]) -> None:
    pairs = [(a > b) + (a == b) / 2 for a, ok in rows if ok for b, wrong in rows if not wrong]
    found = of(rows)
    assert found.auc == (pytest.approx(np.mean(pairs)) if pairs else None)
    assert found.span_auc == found.auc


@given(st.permutations(list(zip(np.linspace(0, 1, 47).tolist(), [True, False, True, True] * 12, strict=False))))
def test_the_error_is_that_of_ten_bins_of_as_many(rows: list[tuple[float, bool]]) -> None:
    sure, right = (np.array(column, float) for column in zip(*sorted(rows, reverse=True), strict=True))
    parts = np.array_split(np.arange(47), 10)
    expected = sum(abs(sure[part].mean() - right[part].mean()) * len(part) for part in parts) / 47
    found = of(rows)
    assert found.calibration_error == pytest.approx(expected, abs=1e-6)
    assert [each.spans for each in found.bins] == [len(part) for part in reversed(parts)]
    assert [each.precision for each in found.bins] == pytest.approx([right[part].mean() for part in reversed(parts)])
    assert [each.confidence for each in found.bins] == sorted(each.confidence for each in found.bins)


@given(SPANS)
def test_the_order_of_spans_does_not_count(rows: list[tuple[float, bool]]) -> None:
    one, other = of(rows), of(rows[::-1])
    assert one.calibration_error == pytest.approx(other.calibration_error)
    assert [c.precision for c in one.coverage] == pytest.approx([c.precision for c in other.coverage])
    assert [b.precision for b in one.bins] == pytest.approx([b.precision for b in other.bins])


def test_what_is_kept() -> None:
    rows = [(0.9, True), (0.8, True), (0.7, False), (0.6, True), (0.5, False)] * 2
    found = of(rows, gold=8)
    by_share = {each.coverage: each for each in found.coverage}
    whole, half = by_share[1.0], by_share[0.5]
    assert (whole.spans, whole.precision, whole.recall) == (10, 0.6, 0.75)
    assert whole.f1 == pytest.approx(2 * 0.6 * 0.75 / 1.35)
    # Of five spans, the fifth is one of two with 0.7, of which none is right.
    assert (half.spans, half.precision, half.recall) == (5, 0.8, 0.5)
    assert half.confidence == pytest.approx(0.7)
    assert min(each.spans for each in of([(0.5, True)]).coverage) == 1


def test_a_perfect_and_a_useless_confidence() -> None:
    perfect = of([(1.0, True)] * 50 + [(0.0, False)] * 50)
    assert (perfect.auc, perfect.calibration_error) == (1.0, 0.0)
    useless = of([(0.5, True), (0.5, False)] * 50)
    assert (useless.auc, useless.calibration_error) == (0.5, pytest.approx(0))
    assert of([(0.5, True)]).auc is None


WORDS = [["a", "b", "c", "d"], ["e", "f"]]
GOLD = LabelledSentences.from_lists(WORDS, [[(0, 1, "PER"), (2, 4, "LOC")], [(0, 1, "ORG")]])


def predicted(*confidences: float) -> LabelledSentences:
    found = LabelledSentences.from_lists(WORDS, [[(0, 1, "PER"), (1, 2, "PER"), (2, 4, "ORG")], [(0, 2, "LOC")]])
    return LabelledSentences(found.words, found.entities, found.labels, None, None, np.float32(confidences))


def test_an_evaluation_tells_it_where_there_are_confidences() -> None:
    plain = evaluate(GOLD, predicted(0.9, 0.1, 0.6, 0.2))
    found = plain.reliability
    assert found is not None
    assert found.auc == 1.0  # of the four, the first is right
    assert found.span_auc == 1.0  # the third is the right span of another class
    assert found.calibration_error == pytest.approx((0.1 + 0.1 + 0.6 + 0.2) / 4)
    assert found.span_calibration_error == pytest.approx((0.1 + 0.1 + 0.4 + 0.2) / 4)
    assert found.coverage[0].recall == pytest.approx(1 / 3)
    other = evaluate(GOLD, predicted(0.2, 0.9, 0.1, 0.6)).reliability
    assert other is not None
    assert (other.auc, other.span_auc) == (pytest.approx(1 / 3), 0.0)
    assert evaluate(GOLD, GOLD).reliability is None
    assert evaluate(predicted(0.9, 0.1, 0.6, 0.2), GOLD).reliability is None
    assert evaluate(GOLD, (Entities(*GOLD.entities.__reduce__()[1]), GOLD.labels)).reliability is None


def test_classes_that_do_not_count() -> None:
    found = evaluate(GOLD, predicted(0.9, 0.1, 0.6, 0.2), ignore_labels=["ORG"]).reliability
    assert found is not None
    assert sum(each.spans for each in found.bins) == 3
    assert found.coverage[0].recall == 0.5


def test_gold_entities_may_come_in_any_number() -> None:
    sentences = LabelledSentences.from_lists([["a"] * 30] * 3, [[(i, i + 1, "X") for i in range(30)]] * 3)
    rng = np.random.default_rng(0)
    sure = rng.random(90).astype(np.float32)
    right = rng.random(90) < sure
    gold = LabelledSentences.from_lists(
        [["a"] * 30] * 3, [[(i, i + 1, "X") for i in range(30) if right[30 * s + i]] for s in range(3)]
    )
    some = LabelledSentences(sentences.words, sentences.entities, sentences.labels, None, None, sure)
    assert evaluate(gold, some).reliability == reliability(sure, right, right, int(right.sum()))


def test_what_is_no_confidence() -> None:
    with pytest.raises(
        InputError, match="predicted: confidences: sentence 1, entity 0: expected a probability"
    ) as caught:
        evaluate(GOLD, predicted(0.9, 0.1, 0.6, 1.5))
    assert caught.value.sentence == 1


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "gold.conll", tmp_path / "predicted.jsonl"]
    write(GOLD, paths[0])
    write(predicted(0.9, 0.1, 0.6, 0.2), paths[1])
    return paths


def test_the_command_prints_both_tables(files: list[Path], tmp_path: Path) -> None:
    told = run("evaluate", *files).stdout
    assert told.startswith(str(evaluate(GOLD, predicted(0.9, 0.1, 0.6, 0.2))) + "\n\n")
    assert "span and class  1.0000             0.2500" in told
    assert "\n100%             0.1000     0.2500  0.3333  0.2857      4\n" in told
    plain = json.loads(run("evaluate", *files, "--json").stdout)["reliability"]
    assert plain["auc"] == 1.0
    assert plain["coverage"][-1]["precision"] == 1.0
    column = tmp_path / "predicted.conll"
    write(predicted(0.9, 0.1, 0.6, 0.2), column, confidence_column=True)
    assert run("evaluate", files[0], column, "--confidences-from", "1").stdout == told
    assert "calibration" not in run("evaluate", files[0], column).stdout


def test_the_command_draws_them(files: list[Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name, first in (("x.png", b"\x89PNG"), ("x.svg", b"<?xml"), ("x.pdf", b"%PDF")):
        run("evaluate", *files, "--report", tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(first)
    before = (tmp_path / "x.svg").read_bytes()
    run("evaluate", *files, "--report", tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_bytes() == before  # the same figures, the same picture


def test_what_cannot_be_drawn(files: list[Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert fails("evaluate", *files, "--report", tmp_path / "x.txt").endswith("ends in .png, .svg, .pdf")
    taken = tmp_path / "gold.png"
    taken.write_bytes(files[0].read_bytes())
    message = fails("evaluate", taken, files[1], "--format", "conll", "--report", taken)
    assert message == f"{taken}: expected an output that is none of the inputs"
