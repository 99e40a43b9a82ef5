from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval import metrics
from seqeval.scheme import IOB2

from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.formats.sentences import Sentences
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project

IOB2_TAGS = ("O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-A-B", "I-A-B")
ANY_TAGS = (*IOB2_TAGS, "E-PER", "S-PER", "E-LOC", "S-LOC")


@st.composite
def tag_pairs(draw: st.DrawFn, tags: tuple[str, ...]) -> tuple[list[list[str]], list[list[str]]]:
    """Draw gold and predicted tags, the latter often like the former, both in no scheme at all."""
    tag = st.sampled_from(tags)
    gold = draw(st.lists(st.lists(tag, max_size=9), min_size=1, max_size=6))
    predicted = [[draw(tag) if draw(st.integers(0, 3)) == 0 else t for t in sentence] for sentence in gold]
    return gold, predicted


def quietly(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # UndefinedMetricWarning: 0/0
        return function(*args, **options)


def assert_like_seqeval(gold: list[list[str]], predicted: list[list[str]], mode: str) -> None:
    options = {"mode": "strict", "scheme": IOB2} if mode == "strict" else {}
    got = evaluate(gold, predicted, mode=mode)
    assert got.micro.precision == quietly(metrics.precision_score, gold, predicted, **options)
    assert got.micro.recall == quietly(metrics.recall_score, gold, predicted, **options)
    assert got.micro.f1 == quietly(metrics.f1_score, gold, predicted, **options)
    if not got.classes:
        return  # seqeval's report fails where there is no entity at all
    report = quietly(metrics.classification_report, gold, predicted, output_dict=True, **options)
    assert got.macro_f1 == report.pop("macro avg")["f1-score"]
    assert report.pop("micro avg")["support"] == got.micro.gold
    report.pop("weighted avg")
    assert list(got.classes) == list(report)
    for name, row in report.items():
        score = got.classes[name]
        assert score.label == name
        assert [score.precision, score.recall, score.f1, score.gold] == list(row.values())


@given(tag_pairs(ANY_TAGS))
def test_default_mode_equals_seqeval(tags: tuple[list[list[str]], list[list[str]]]) -> None:
    assert_like_seqeval(*tags, "default")


@given(tag_pairs(IOB2_TAGS))
def test_strict_mode_equals_seqeval(tags: tuple[list[list[str]], list[list[str]]]) -> None:
    assert_like_seqeval(*tags, "strict")


@given(tag_pairs(ANY_TAGS), st.sets(st.sampled_from(["PER", "LOC", "A-B"])))
def test_sentence_accuracy_and_ignored_labels(tags: tuple[list[list[str]], list[list[str]]], ignored: set[str]) -> None:
    gold, predicted = tags
    ignored &= {tag.partition("-")[2] for side in tags for sentence in side for tag in sentence}
    got = evaluate(gold, predicted, ignore_labels=sorted(ignored))
    sets = [
        [{e for e in metrics.sequence_labeling.get_entities(s) if e[0] not in ignored} for s in side]
        for side in (gold, predicted)
    ]
    right = [len(a & b) for a, b in zip(*sets, strict=True)]
    assert (got.micro.correct, got.micro.gold, got.micro.predicted) == (
        sum(right),
        *(sum(map(len, side)) for side in sets),
    )
    assert not ignored & set(got.classes)
    assert got.sentence_accuracy == sum(a == b for a, b in zip(*sets, strict=True)) / len(gold)
    assert got.sentences == len(gold)


@given(tag_pairs(IOB2_TAGS), st.sampled_from(["default", "strict"]))
def test_arrays_equal_tags(tags: tuple[list[list[str]], list[list[str]]], mode: str) -> None:
    gold, predicted = (arrays_of(side, mode) for side in tags)
    expected = evaluate(*tags, mode=mode)
    names = ("A-B", "LOC", "unused", "PER")
    for a in (tags[0], gold, (gold.entities, gold.labels), renumbered(gold, names)):
        for b in (tags[1], predicted, (predicted.entities, predicted.labels), renumbered(predicted, names)):
            assert evaluate(a, b, mode=mode) == expected


def arrays_of(tags: list[list[str]], mode: str) -> Sentences:
    """Return tags as a reader would return them."""
    names = [t for t in ANY_TAGS if t != "O"]
    labels = sorted({t[2:] for t in names})
    offsets = np.cumsum([0, *map(len, tags)], dtype=np.int64)
    ids = np.array([0 if t == "O" else 1 + names.index(t) for s in tags for t in s], np.int32)
    prefixes = np.array([0, *("OBIES".index(t[0]) for t in names)], np.uint8)
    label_ids = np.array([-1, *(labels.index(t[2:]) for t in names)], np.int32)
    from xproj_fast.sides import SCHEMES

    entities, _ = get("cpp").decode_tags(offsets, ids, prefixes, label_ids, SCHEMES[mode])
    return Sentences(Words(offsets), entities, tuple(labels), None, np.arange(len(tags)))


def renumbered(sentences: Sentences, names: tuple[str, ...]) -> tuple[Entities, tuple[str, ...]]:
    e = sentences.entities
    assert e is not None
    label = np.array([names.index(sentences.labels[i]) for i in e.label.tolist()], np.int32)
    return Entities(e.offsets, e.start, e.end, label), names


def spans(sentences: list[list[tuple[int, int, str]]]) -> tuple[Entities, list[str]]:
    flat = [span for sentence in sentences for span in sentence]
    labels = sorted({label for _, _, label in flat})
    start, end, label = (
        np.array(column, np.int32)
        for column in (
            [s[0] for s in flat],
            [s[1] for s in flat],
            [labels.index(s[2]) for s in flat],
        )
    )
    offsets = np.cumsum([0, *map(len, sentences)], dtype=np.int64)
    return Entities(offsets, start, end, label), labels


def test_by_hand() -> None:
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "O"], ["B-ORG", "I-ORG"], ["B-LOC", "B-LOC"]]
    predicted = [["B-PER", "I-PER", "O", "B-ORG"], ["O", "O"], ["B-ORG", "O"], ["B-LOC", "B-LOC"]]
    got = evaluate(gold, predicted)
    counts = {name: (s.correct, s.predicted, s.gold) for name, s in got.classes.items()}
    assert counts == {"LOC": (2, 2, 3), "ORG": (0, 2, 1), "PER": (1, 1, 1)}
    assert (got.micro.correct, got.micro.predicted, got.micro.gold) == (3, 5, 5)
    assert got.micro.f1 == pytest.approx(0.6)
    assert got.classes["LOC"].f1 == pytest.approx(0.8)
    assert got.macro_f1 == pytest.approx((0.8 + 0 + 1) / 3)
    assert got.sentence_accuracy == 0.5
    assert got.sentences == 4

    without = evaluate(gold, predicted, ignore_labels=["ORG"])
    assert without.sentence_accuracy == 0.75  # sentence 2 has nothing left, on both sides
    assert (without.micro.correct, without.micro.predicted, without.micro.gold) == (3, 3, 4)


def test_modes_differ_on_tags_without_a_beginning() -> None:
    gold, predicted = [["O", "B-PER", "I-PER"]], [["O", "I-PER", "I-PER"]]
    assert evaluate(gold, predicted).micro.f1 == 1
    assert evaluate(gold, predicted, mode="strict").micro.predicted == 0


def test_bilou_is_read_as_bioes() -> None:
    bilou, bioes = [["U-PER", "U-PER", "B-LOC", "L-LOC"]], [["S-PER", "S-PER", "B-LOC", "E-LOC"]]
    got = evaluate(bilou, bioes)
    assert (got.micro.correct, got.micro.f1) == (3, 1.0)


def test_nothing_at_all() -> None:
    for gold in ([], [[]], [["O"]]):
        got = evaluate(gold, gold)
        assert (got.micro.precision, got.micro.recall, got.micro.f1, got.macro_f1) == (0, 0, 0, 0)
        assert got.classes == {}
        assert got.sentence_accuracy == (1.0 if gold else 0.0)
        assert str(got)


def test_an_entity_given_twice_counts_once() -> None:
    twice = spans([[(0, 2, "PER"), (0, 2, "PER"), (0, 2, "PER"), (1, 2, "LOC")]])
    once = spans([[(0, 2, "PER"), (1, 2, "PER")]])
    got = evaluate(twice, once)
    assert (got.micro.correct, got.micro.predicted, got.micro.gold) == (1, 2, 2)
    same = evaluate(twice, twice)
    assert (same.micro.correct, same.micro.predicted, same.micro.gold) == (2, 2, 2)
    assert same.sentence_accuracy == 1


def test_projection() -> None:
    pairs = SentencePairs.from_lists(
        [["Anna", "saw", "Rome"], ["no"]],
        [["Rom", "sah", "Anna"], ["nein"]],
        [[(0, 1, "PER"), (2, 3, "LOC")], []],
        [[(0, 2), (2, 0)], []],
    )
    result = project(pairs)
    gold = [["B-LOC", "O", "B-PER"], ["O"]]
    assert evaluate(gold, result) == evaluate(gold, result.tags())
    assert evaluate(gold, result, mode="strict").micro.f1 == 1
    assert evaluate(result, result).micro.correct == 2
    with pytest.raises(InputError, match=r"predicted: sentence 1: expected as many words as gold, 2, got 1"):
        evaluate([*gold[:1], ["O", "O"]], result)


@pytest.mark.parametrize("mode", ["default", "strict"])
def test_real_data_equals_seqeval(bambara: Any, mode: str) -> None:
    result = project(bambara.pairs)
    assert_like_seqeval(bambara.gold, result.tags(), mode)
    assert evaluate(bambara.gold, result, mode=mode) == evaluate(bambara.gold, result.tags(), mode=mode)


def test_dict_and_table() -> None:
    got = evaluate([["B-PER", "B-LONGLABEL"]], [["B-PER", "O"]])
    plain = json.loads(json.dumps(got.to_dict()))
    assert plain["micro"]["recall"] == 0.5
    assert plain["classes"]["PER"]["f1"] == 1
    assert set(plain) == {"micro", "macro_f1", "classes", "sentence_accuracy", "sentences", "reliability"}
    assert str(got).splitlines() == [
        "           precision  recall      f1  correct  predicted  gold",
        "LONGLABEL     0.0000  0.0000  0.0000        0          0     1",
        "PER           1.0000  1.0000  1.0000        1          1     1",
        "micro         1.0000  0.5000  0.6667        1          1     2",
        "macro                         0.5000",
        "sentences 1, all entities right in 0.0000 of them",
    ]


def columns(*values: list[int]) -> Entities:
    offsets, start, end, label = values
    return Entities(np.array(offsets, np.int64), *(np.array(v, np.int32) for v in (start, end, label)))


@pytest.mark.parametrize(
    ("gold", "predicted", "options", "message"),
    [
        ([["O"]], [], {}, r"predicted: expected as many sentences as gold, 1, got 0"),
        ([["O"], ["O"]], [["O"], []], {}, r"predicted: sentence 1: expected as many words as gold, 1, got 0"),
        ([["O"]], [["O"]], {"mode": "lenient"}, r"mode: expected one of default, strict, got 'lenient'"),
        ([["O"]], [["O"]], {"ignore_labels": "MISC"}, r"ignore_labels: expected a list .* 'MISC'"),
        (
            [["B-PER"]],
            [["B-MISC"]],
            {"ignore_labels": ["MSC"]},
            r"ignore_labels: .* MISC, PER, got 'MSC' \(did you mean MISC",
        ),
        ([["O"]], [["PER"]], {}, r"predicted: sentence 0: word 0: expected O .*, got 'PER'"),
        ([["O"], ["O", "B-"]], [["O"], ["O", "O"]], {}, r"gold: sentence 1: word 1: expected O .*, got 'B-'"),
        ([["O-PER"]], [["O"]], {}, r"got 'O-PER'"),
        ([["B"]], [["O"]], {}, r"got 'B'"),
        ([["X-PER"]], [["O"]], {}, r"after one of B-, I-, E-, L-, S-, U- .*, got 'X-PER'"),
        ([["S-PER"]], [["O"]], {"mode": "strict"}, r"after one of B-, I- \(mode 'strict'\), got 'S-PER'"),
        ([[None]], [["O"]], {}, r"gold: sentence 0: word 0: .* got None"),
        ([[["O"]]], [["O"]], {}, r"gold: sentence 0: word 0: .* got \['O'\]"),
        (["O", "O"], [["O"], ["O"]], {}, r"gold: sentence 0: expected a list of tags, got 'O'"),
        ([iter("O")], [["O"]], {}, r"gold: sentence 0: expected a list of tags, got <"),
        (7, [["O"]], {}, r"gold: expected lists of tags, a Projection, .* got int"),
        ([["O"]], None, {}, r"predicted: expected lists of tags, .* got NoneType"),
        ([{0: "O"}], [["O"]], {}, r"gold: sentence 0: word 0: .* got 0"),
        (
            Sentences(Words(np.array([0, 1])), None, (), None, np.array([1])),
            [["O"]],
            {},
            r"gold: entities: expected labelled sentences, got sentences without entities",
        ),
        ((columns([0, 1], [0], [1], [1]), ["PER"]), [["O"]], {}, r"gold: expected label ids in \[0, 1\), got 1"),
        ((columns([0, 1], [0], [1], [-1]), ["PER"]), [["O"]], {}, r"gold: expected label ids .*, got -1"),
        ((columns([0, 2], [0], [1], [0]), ["PER"]), [["O"]], {}, r"gold: expected entity columns of one length"),
    ],
)
def test_errors(gold: Any, predicted: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(gold, predicted, **options)


def test_errors_say_where() -> None:
    with pytest.raises(InputError) as caught:
        evaluate([["O"], ["PER"]], [["O"], ["O"]])
    assert (caught.value.field, caught.value.sentence) == ("gold", 1)
