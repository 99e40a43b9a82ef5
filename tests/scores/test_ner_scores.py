"""NER scores and NER candidates equal the reference to the bit, whatever the threads."""

from __future__ import annotations

import logging
from typing import Any

import common
import numpy as np
import pytest
import reference.ner_scores as reference
from common import assert_same, assert_spans, by_sentence, offsets_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, Batch, batches, candidates_of, large_batch, stop_word_lists, word_limits

from xproj_fast.arrays import UNLIMITED, WordProbabilities
from xproj_fast.candidates import ner_candidates, ngrams
from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import Kernels, NerRules
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.ner import missing_classes, ner_scores, rename_classes
from xproj_fast.scores.options import LENGTH_BONUSES, NerOptions

IOB2 = ("O", *(f"{prefix}-{name}" for name in LABELS for prefix in ("B", "I")))
I_ONLY = ("I-LOC", "I-ORG", "I-PER", "O")
MIXED = ("B-LOC", "I-LOC", "I-ORG", "O", "I-PER", "I-MISC", "B-PER")  # no B-ORG: I-ORG stands for it
LABEL_SETS = (IOB2, I_ONLY, MIXED)
ALPHAS = (1.15, 1.0, 0.5, 2.0)


def columns_of(labels: tuple[str, ...], scheme: str = "IOB2") -> dict[str, tuple[int, int]]:
    """Return the columns of first and later words, found label by label."""
    names = {label[2:] for label in labels if label != "O"}
    found = {}
    for name in names:
        inside = labels.index(f"I-{name}")
        first = labels.index(f"B-{name}") if f"B-{name}" in labels and scheme == "IOB2" else inside
        found[name] = (first, inside)
    return found


# Quarters make likeliest labels and scores tie; the others test the rounding.
QUARTERS = st.integers(0, 4).map(lambda k: k / 4)
UNITS = st.floats(0, 1, width=32)


@st.composite
def probabilities_of(draw: st.DrawFn, batch: Batch, labels: tuple[str, ...]) -> list[list[list[float]]]:
    row = st.lists(draw(st.sampled_from([QUARTERS, UNITS])), min_size=len(labels), max_size=len(labels))
    return [[draw(row) for _ in words] for words in batch.target]


def arrays(rows: list[list[list[float]]], labels: tuple[str, ...]) -> WordProbabilities:
    flat = [row for sentence in rows for row in sentence]
    return WordProbabilities(offsets_of(rows), np.array(flat, np.float32).reshape(-1, len(labels)), labels)


def random_probabilities(pairs: SentencePairs, seed: int, labels: tuple[str, ...] = IOB2) -> WordProbabilities:
    random = np.random.default_rng(seed)
    values = random.dirichlet([0.3] * len(labels), int(pairs.target.offsets[-1]))
    return WordProbabilities(pairs.target.offsets, values.astype(np.float32), labels)


options = st.builds(
    NerOptions,
    alpha=st.sampled_from(ALPHAS),
    length_bonus=st.sampled_from(LENGTH_BONUSES),
    spans_only=st.booleans(),
    threshold=st.sampled_from([0.0, 0.05, 0.5]),
    classes=st.sampled_from([None, ("PER",), ("LOC", "ORG")]),
    scheme=st.sampled_from(["IOB2", "IOB1"]),
)


@given(batch=batches(), labels=st.sampled_from(LABEL_SETS), options=options, data=st.data())
def test_scores(batch: Batch, labels: tuple[str, ...], options: NerOptions, data: st.DataObject) -> None:
    rows = data.draw(probabilities_of(batch, labels))
    pairs = batch.pairs()
    spans = [data.draw(candidates_of(len(words))) for words in batch.target]
    got = ner_scores(pairs, common.given(pairs, spans), arrays(rows, labels), options)
    columns = columns_of(labels, options.scheme)
    any_class = [columns[name] for name in options.classes or columns] if options.spans_only else []
    blocks = [
        reference.scores(
            rows[s],
            [columns[label] for _, _, label in batch.entities[s]],
            spans[s],
            any_class,
            options.alpha,
            options.length_bonus,
            options.threshold,
        )
        for s in range(len(batch))
    ]
    assert got.values.dtype == np.float32
    assert by_sentence(got.offsets, got.values) == [
        [(float(score),) for row in block for score in row] for block in blocks
    ]


@given(batch=batches(), data=st.data())
def test_the_formula_as_it_is_written(batch: Batch, data: st.DataObject) -> None:
    """Without the reference's order of rounding: a sum over the candidate's words, divided by their number."""
    rows = data.draw(probabilities_of(batch, IOB2))
    pairs = batch.pairs()
    grams = ngrams(pairs, stop_words=())
    got = ner_scores(pairs, grams, arrays(rows, IOB2), NerOptions(threshold=0.0))
    expected = []
    for s, spans in enumerate(by_sentence(grams.offsets, grams.start, grams.end)):
        for _, _, label in batch.entities[s]:
            first, inside = columns_of(IOB2)[label]
            for a, b in spans:
                mass = rows[s][a][first] + sum(rows[s][w][inside] for w in range(a + 1, b))
                expected.append(1.15 ** (b - a - 1) * mass / (b - a))
    assert got.values.tolist() == pytest.approx(expected, rel=1e-6, abs=1e-12)


def one_sentence() -> tuple[SentencePairs, WordProbabilities]:
    """Two words that are a person, one that may be a place."""
    pairs = SentencePairs.from_lists([["s"] * 2], [["t"] * 3], [[(0, 1, "PER"), (1, 2, "LOC")]], [[]], labels=LABELS)
    row = dict.fromkeys(IOB2, 0.0)
    rows = [row | {"B-PER": 0.75, "O": 0.25}, row | {"I-PER": 0.5, "O": 0.25}, row | {"O": 0.5, "B-LOC": 0.375}]
    return pairs, arrays([[list(words.values()) for words in rows]], IOB2)


def test_by_hand() -> None:
    pairs, probabilities = one_sentence()
    grams = ngrams(pairs)
    assert list(zip(grams.start.tolist(), grams.end.tolist(), strict=True)) == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)
    ]  # fmt: skip

    def scored(**options: Any) -> list[list[float]]:
        got = ner_scores(pairs, grams, probabilities, NerOptions(alpha=2.0, **options))
        return got.values.reshape(2, 6).tolist()

    third = float(np.float32(4 * 1.25 / 3))
    always = [[0.75, 1.25, third, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.375]]
    assert scored() == always
    # [0, 3) is no predicted entity: its third word is O
    predicted = [[0.75, 1.25, float(np.float32(1.25 / 3)), 0.0, 0.0, 0.0], always[1]]
    assert scored(length_bonus="when_predicted") == predicted
    assert scored(spans_only=True) == [[*always[0][:5], 0.375]] * 2
    assert scored(spans_only=True, classes=("PER", "ORG")) == [always[0]] * 2
    assert scored(threshold=0.75) == [always[0], [0.0] * 6]
    assert scored(threshold=0.76)[0] == [0.0, *always[0][1:]]


def test_one_label_for_first_and_later_words() -> None:
    """I-only label sets: a predicted entity is that label on every word, and so is each part of it."""
    pairs, _ = one_sentence()
    rows = [[0.1, 0.0, 0.8, 0.1], [0.1, 0.0, 0.6, 0.3], [0.9, 0.0, 0.05, 0.05]]
    grams = ngrams(pairs)
    options = NerOptions(alpha=2.0, length_bonus="when_predicted", threshold=0.0)
    got = ner_scores(pairs, grams, arrays([rows], I_ONLY), options)
    assert got.values[:6].tolist() == pytest.approx([0.8, 1.4, 1.45 / 3, 0.6, 0.65 / 2, 0.05], abs=1e-6)


def test_iob1_taggers() -> None:
    """Such taggers know B-PER but write it only between touching entities."""
    pairs, probabilities = one_sentence()
    values = probabilities.values.copy()
    values[0, [1, 2]] = values[0, [2, 1]]
    iob1 = WordProbabilities(probabilities.offsets, values, IOB2)
    grams = ngrams(pairs)
    got = ner_scores(pairs, grams, iob1, NerOptions(scheme="IOB1")).values
    as_before = ner_scores(pairs, grams, probabilities).values
    assert got[:3].tolist() == as_before[:3].tolist()
    assert got[3] == np.float32(0.5)  # the second word may now begin one


@pytest.mark.parametrize("prefixes", ["ES", "LU"])
def test_bioes_labels_count_as_what_they_stand_for(prefixes: str) -> None:
    pairs, plain = one_sentence()
    last, single = prefixes
    labels = ("O", *(f"{p}-{name}" for name in LABELS for p in ("B", "I", last, single)))
    values = np.zeros((3, len(labels)), np.float32)
    for column, label in enumerate(IOB2):
        values[:, labels.index(label)] = plain.values[:, column]
    values[1, labels.index("I-PER")], values[1, labels.index(f"{last}-PER")] = 0.125, 0.375
    values[2, labels.index("B-LOC")], values[2, labels.index(f"{single}-LOC")] = 0.125, 0.25
    wide = WordProbabilities(plain.offsets, values, labels)
    grams = ngrams(pairs)
    for length_bonus in LENGTH_BONUSES:
        options = NerOptions(length_bonus=length_bonus)
        expected = ner_scores(pairs, grams, plain, options)
        assert_same(ner_scores(pairs, grams, wide, options), expected)


def test_the_longest_candidates_stay_finite() -> None:
    words = 6000  # 1.15^5999 is no double
    pairs = SentencePairs.from_lists([["s"]], [["t"] * words], [[(0, 1, "PER")]], [[]], labels=LABELS)
    probabilities = WordProbabilities(pairs.target.offsets, np.ones((words, len(IOB2)), np.float32), IOB2)
    spans = [(0, 10), (0, 600), (0, words)]
    for options in (NerOptions(), NerOptions(length_bonus="when_predicted"), NerOptions(alpha=1e-3, threshold=0)):
        got = ner_scores(pairs, common.given(pairs, [spans]), probabilities, options)
        assert np.isfinite(got.values).all()


@pytest.mark.parametrize("labels", [IOB2, I_ONLY])
def test_threads_agree_to_the_bit(labels: tuple[str, ...]) -> None:
    batch = large_batch(5000)
    pairs = batch.pairs()
    probabilities = random_probabilities(pairs, 3, labels)
    grams = ngrams(pairs)
    for spans_only in (False, True):
        for length_bonus in LENGTH_BONUSES:
            options = NerOptions(length_bonus=length_bonus, spans_only=spans_only)
            results = [ner_scores(pairs, grams, probabilities, options, threads=threads) for threads in (1, 3, 64)]
            for result in results[1:]:
                assert_same(result, results[0])
            assert 0.1 < np.count_nonzero(results[0].values) / len(results[0].values) < 1


def test_nothing() -> None:
    pairs = SentencePairs.from_lists([], [], [], [], labels=LABELS)
    probabilities = WordProbabilities(pairs.target.offsets, np.zeros((0, len(IOB2)), np.float32), IOB2)
    got = ner_scores(pairs, ngrams(pairs), probabilities)
    assert (got.offsets.tolist(), got.values.tolist()) == ([0], [])
    assert_spans(ner_candidates(pairs, probabilities), [])


def test_a_class_that_the_tagger_lacks(caplog: pytest.LogCaptureFixture) -> None:
    pairs = SentencePairs.from_lists(
        [[], ["s"] * 3],
        [[], ["t"]],
        [[], [(0, 1, "PER"), (1, 2, "DATE"), (2, 3, "DATE")]],
        labels=("PER", "MISC", "DATE"),
    )
    probabilities = random_probabilities(pairs, 0)
    grams = ngrams(pairs)
    with pytest.raises(InputError, match=r"sentence 1: expected a tagger that knows the class DATE .* PER, LOC, ORG"):
        ner_scores(pairs, grams, probabilities)
    options = NerOptions(missing="zero", threshold=0.0)
    with caplog.at_level(logging.WARNING):
        got = ner_scores(pairs, grams, probabilities, options)
    assert "2 of 3 entities have a class that the tagger lacks" in caplog.text
    assert got.values[0] > 0
    assert got.values[1:].tolist() == [0.0, 0.0]
    assert missing_classes(pairs, probabilities) == {"DATE": 2}
    spans = ner_scores(pairs, grams, probabilities, NerOptions(spans_only=True, threshold=0))
    assert (spans.values > 0).all()


def test_renamed_classes() -> None:
    pairs, probabilities = one_sentence()
    labels = tuple(label.replace("PER", "PERSON").replace("ORG", "GPE") for label in IOB2)
    other = WordProbabilities(probabilities.offsets, probabilities.values, labels)
    same = rename_classes(other, {"PERSON": "PER", "GPE": "ORG"})
    assert same.tags == IOB2
    grams = ngrams(pairs)
    assert_same(ner_scores(pairs, grams, same), ner_scores(pairs, grams, probabilities))
    merged = rename_classes(probabilities, {"ORG": "LOC"})
    assert merged.tags == ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    assert merged.values.sum(axis=1).tolist() == probabilities.values.sum(axis=1).tolist()
    with pytest.raises(
        InputError, match=r"rename: expected classes of the model, PER, LOC, ORG, got 'ORGA' \(did you mean ORG\?\)"
    ):
        rename_classes(probabilities, {"ORGA": "TIME"})


def test_classes_that_become_one_add_up() -> None:
    given = WordProbabilities(
        np.array([0, 1]), np.array([[0.5, 0.25, 0.125, 0.125]], np.float32), ("O", "B-GPE", "B-LOC", "I-LOC")
    )
    found = rename_classes(given, {"GPE": "LOC"})
    assert found.tags == ("O", "B-LOC", "I-LOC")
    assert found.values.tolist() == [[0.5, 0.375, 0.125]]


@given(
    batch=batches(),
    labels=st.sampled_from(LABEL_SETS),
    sub_spans=st.booleans(),
    classes=st.sampled_from([None, ("PER",), ("LOC", "ORG")]),
    limits=word_limits,
    stop_words=stop_word_lists,
    data=st.data(),
)
def test_candidates(
    batch: Batch,
    labels: tuple[str, ...],
    sub_spans: bool,
    classes: tuple[str, ...] | None,
    limits: tuple[int, int | None],
    stop_words: tuple[str, ...],
    data: st.DataObject,
) -> None:
    rows = data.draw(probabilities_of(batch, labels))
    got = ner_candidates(
        batch.pairs(),
        arrays(rows, labels),
        sub_spans=sub_spans,
        classes=classes,
        min_words=limits[0],
        max_words=limits[1],
        stop_words=stop_words,
    )
    lo, hi = limits[0], UNLIMITED if limits[1] is None else limits[1]
    known = list(classes or columns_of(labels))
    assert_spans(
        got,
        [
            reference.candidates(rows[s], list(labels), known, sub_spans, batch.stop(s, stop_words), lo, hi)
            for s in range(len(batch))
        ],
    )


def test_candidates_by_hand() -> None:
    pairs, probabilities = one_sentence()
    assert_spans(ner_candidates(pairs, probabilities), [[(0, 2)]])
    assert_spans(ner_candidates(pairs, probabilities, sub_spans=True), [[(0, 1), (0, 2), (1, 2)]])
    assert_spans(ner_candidates(pairs, probabilities, classes=("LOC",)), [[]])
    assert_spans(ner_candidates(pairs, probabilities, max_words=1), [[]])
    odd = WordProbabilities(probabilities.offsets, probabilities.values, ("[PAD]", "B-", *IOB2[2:]))
    assert_spans(ner_candidates(pairs, odd), [[(1, 2)]])  # "B-" has no class


def changed(probabilities: WordProbabilities, **fields: Any) -> WordProbabilities:
    parts = {name: getattr(probabilities, name) for name in ("offsets", "values", "tags")}
    return WordProbabilities(**{**parts, **fields})


PAIRS, GOOD = one_sentence()
NAN = GOOD.values.copy()
NAN[1, 2] = np.nan
ABOVE = GOOD.values.copy()
ABOVE[2, 0] = 1.5
BAD: dict[str, tuple[Any, int | None, str]] = {
    "none": (None, None, "expected the WordProbabilities of the target words, got NoneType"),
    "sentences": (changed(GOOD, offsets=np.array([0, 2, 3])), None, "expected 1 sentences, got 2"),
    "int32": (changed(GOOD, offsets=np.array([0, 3], np.int32)), None, r"expected offsets as int64\[n\], got int32\[2"),
    "steps": (changed(GOOD, offsets=np.array([0, 9, 3, 9])[::2]), None, "expected offsets as a contiguous array, got"),
    "listed": (changed(GOOD, offsets=[0, 3]), None, r"expected offsets as int64\[n\], got list"),
    "words": (changed(GOOD, offsets=np.array([0, 2])), 0, r"expected offsets .* of its \[3\] target words, got \[2\]"),
    "double": (changed(GOOD, values=GOOD.values.astype(float)), None, r"expected values as .* got float64\[3, 7\]"),
    "lists": (changed(GOOD, values=GOOD.values.tolist()), None, "expected values as .* got list"),
    "turned": (
        changed(GOOD, values=np.asfortranarray(GOOD.values)),
        None,
        "expected values as a contiguous .* got",
    ),
    "labels": (changed(GOOD, tags=IOB2[:6]), None, r"expected values of shape \(3, 6\), got \(3, 7\)"),
    "twice": (changed(GOOD, tags=(*IOB2[:6], "O")), None, "expected distinct tags .* got"),
    "no class": (changed(GOOD, tags=tuple("abcdefg")), None, "expected distinct tags such as O, B-PER"),
    "NaN": (changed(GOOD, values=NAN), 0, "word 1, tag I-PER: expected a probability .* got nan"),
    "above 1": (changed(GOOD, values=ABOVE), 0, "word 2, tag O: expected a probability from 0 to 1, got 1.5"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_probabilities(case: str) -> None:
    probabilities, sentence, message = BAD[case]

    for make in (
        lambda: ner_scores(PAIRS, ngrams(PAIRS), probabilities),
        lambda: ner_candidates(PAIRS, probabilities),
    ):
        common.assert_input_error((make, "probabilities", sentence, message))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"alpha": 0.0}, "alpha: expected a number above 0, got 0.0"),
        ({"alpha": float("nan")}, "alpha: expected a number above 0, got nan"),
        ({"threshold": -0.1}, "threshold: expected a number of 0 or more, got -0.1"),
        ({"length_bonus": "never"}, "length_bonus: expected one of always, when_predicted, got 'never'"),
        ({"missing": "drop"}, "missing: expected one of error, zero, got 'drop'"),
        ({"scheme": "BILOU"}, "scheme: expected one of IOB2, IOB1, got 'BILOU'"),
    ],
)
def test_bad_options(bad: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        NerOptions(**bad)


@pytest.mark.parametrize(
    ("classes", "got"), [(("PER", "GPE"), "'GPE'"), ((), "none"), ("PER", "the string 'PER'"), (("LOC", 3), "3")]
)
def test_bad_classes(classes: Any, got: str) -> None:
    with pytest.raises(InputError, match=f"classes: expected .* got {got}"):
        ner_candidates(PAIRS, GOOD, classes=classes)
    options = NerOptions(spans_only=True, classes=classes)
    with pytest.raises(InputError, match=f"classes: expected .* got {got}"):
        ner_scores(PAIRS, ngrams(PAIRS), GOOD, options)


def test_the_kernel_takes_the_exact_dtypes_only(kernels: Kernels) -> None:
    columns: Any = np.zeros(1)
    rules = NerRules(columns, columns, np.ones(4), np.zeros(0), 0.0, False)
    grams, classes = ngrams(PAIRS), np.zeros(2, np.int32)
    with pytest.raises(TypeError):
        kernels.ner_scores(GOOD, PAIRS.entities.offsets, classes, grams, rules, 1)
