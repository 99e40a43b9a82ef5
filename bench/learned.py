"""What the learned score and its confidence are worth on every corpus with gold; gold is looked at here alone.

.venv/bin/python bench/learned.py [--taggers DIR]

Weights of its own, the shipped ones (fitted without the row's language), and both; means of three seeds. DIR holds the
exported taggers ``ner-en`` and ``ner-multi`` (bench/suite.sh says how), for the rows with both taggers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import xproj_fast as xp
from xproj_fast.ragged import row_numbers
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.training import is_caseless
from xproj_fast.text.word_shapes import word_shapes

from corpora import BAMBARA, DATA, Corpus, europarl, require_data, translate_test
from fit_weights import TEXTS, Silver, fitted, silver_of

SEEDS = (1, 2, 3)
BINS = 10
ROWS: tuple[tuple[str, Corpus], ...] = (
    *((language, europarl(language, kind)) for language in ("de", "es") for kind in ("intersect", "gdfa")),
    ("bam", BAMBARA),
    *((language, translate_test(language)) for language in ("de", "es")),
)


class Judged(NamedTuple):
    """What a projection is worth.

    Attributes:
        f1: micro F1.
        span_auc: how well confidence tells right spans from wrong ones.
        span_ece: how far it is from the share of right ones, the mean over bins of equal size.
        auc: as ``span_auc``, where the label must be right, too.
        ece: as ``span_ece``, likewise.
        precision_70: of the surest 70 %, labels counted.
    """

    f1: float
    span_auc: float
    span_ece: float
    auc: float
    ece: float
    precision_70: float


def judge(corpus: Corpus, result: xp.Projection, confidence: np.ndarray) -> Judged:
    """Compare a projection with gold."""
    gold = xp.read_labelled(DATA / corpus.gold)
    if set(corpus.ignore) & set(gold.labels):
        gold = gold.drop_labels([name for name in corpus.ignore if name in gold.labels])
    names = {name: i for i, name in enumerate(result.pairs.labels)}
    label = np.array([names.get(name, -1) for name in gold.labels])[gold.entities.label]
    right = set(zip(*_columns(gold.entities, label), strict=True))
    places = {place[:3] for place in right}
    got = list(zip(*_columns(result.matches, result.label), strict=True))
    span = np.array([place[:3] in places for place in got])
    both = np.array([place in right for place in got])
    f1 = xp.evaluate(gold, result).micro.f1
    most = both[np.argsort(-confidence, kind="stable")][: int(0.7 * len(both))]
    sure = [each for side in (span, both) for each in (auc(side, confidence), ece(side, confidence))]
    return Judged(f1, *sure, float(most.mean()))


def _columns(spans: Any, label: np.ndarray) -> list[list[int]]:
    return [each.tolist() for each in (row_numbers(spans.offsets), spans.start, spans.end, label)]


def auc(right: np.ndarray, confidence: np.ndarray) -> float:
    """Return how often a right span is surer than a wrong one; of equals one half."""
    values, inverse, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    del values
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n = int(right.sum())
    return float((rank[right].sum() - n * (n + 1) / 2) / max(n * (len(right) - n), 1))


def ece(right: np.ndarray, confidence: np.ndarray) -> float:
    """Return the expected calibration error over bins of equal size."""
    bins = [each for each in np.array_split(np.argsort(confidence, kind="stable"), BINS) if len(each)]
    return sum(abs(confidence[each].mean() - right[each].mean()) * len(each) for each in bins) / len(right)


def tagged_evidence(corpus: Corpus, pairs: xp.SentencePairs, taggers: Path) -> xp.Evidence:
    """Return what both taggers say of the words: the target's probabilities, and how sure the source's tags are."""
    from xproj_fast.ragged import flat

    source, target = (xp.Tagger.load(taggers / name) for name in ("ner-en", "ner-multi"))
    said = source.probabilities(pairs.source)
    columns = said.class_columns()
    sure = []
    entities = pairs.entities
    first = flat(entities.start, entities.offsets, pairs.source.offsets)
    for begin, words, label in zip(first, entities.end - entities.start, entities.label, strict=True):
        b, i = columns[pairs.labels[label]]
        sure.append(np.mean([said.values[begin, b], *said.values[begin + 1 : begin + words, i]]))
    return xp.Evidence(target.probabilities(pairs.target), source_confidence=np.array(sure, np.float32))


def scores_of(pairs: xp.SentencePairs, shipped: LearnedScore) -> Iterator[tuple[str, list[LearnedScore]]]:
    """Yield weights by what they are made from, one of each seed."""
    own = [xp.learn(pairs, xp.LearnedOptions("own", seed=seed)) for seed in SEEDS]
    half = shipped.coefficients / 2
    yield "own", own
    yield "shipped", [shipped]
    yield "mean", [LearnedScore.of(each.coefficients / 2 + half, {}) for each in own]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taggers", type=Path)
    args = parser.parse_args()
    require_data()
    silver: Mapping[str, Silver] = {language: silver_of(language) for language in TEXTS}
    print("| data | evidence | weights | F1 (sd) | " + " | ".join(Judged._fields[1:]) + " |")
    for language, corpus in ROWS:
        pairs = corpus.pairs()
        plain = xp.project(pairs)
        show(corpus.name, "links", "alignment", [judge(corpus, plain, plain.matches.score)])
        known = {"links": xp.Evidence()}
        if args.taggers is not None and corpus in (translate_test("de"), translate_test("es")):
            known["both taggers"] = both = tagged_evidence(corpus, pairs, args.taggers)
            known["source tagger"] = replace(both, probabilities=None)
        caseless = is_caseless(word_shapes(pairs.source), word_shapes(pairs.target))
        shipped = fitted(silver, caseless=caseless, without=(language,))
        for name, evidence in known.items():
            for kind, scores in scores_of(pairs, shipped):
                made = [xp.project(pairs, scores="learned", evidence=replace(evidence, learned=s)) for s in scores]
                show(corpus.name, name, kind, [judge(corpus, each, each.confidence) for each in made])
    return 0


def show(*row: Any) -> None:
    """Print a row: names, then the mean of what was judged."""
    *names, judged = row
    mean = np.mean(judged, axis=0)
    f1 = f"{mean[0]:.4f} ({np.std([each.f1 for each in judged]):.4f})"
    print("| " + " | ".join([*names, f1, *(f"{value:.3f}" for value in mean[1:])]) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
