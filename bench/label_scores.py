"""Rows of bench/labels.py: the learned score and its confidence, on links that come with the data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import mean, pstdev
from typing import Any

import numpy as np

import xproj_fast as xp
from xproj_fast.candidates import ngrams
from xproj_fast.kernels import get
from xproj_fast.scores.learned import learned_scores
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.options import LearnedOptions
from xproj_fast.scores.training import is_caseless
from xproj_fast.text.word_shapes import word_shapes

from corpora import BAMBARA, DATA, Corpus, europarl, translate_test, translate_train
from fit_weights import TEXTS, fitted, silver_of
from goals import Goal, judged
from taggers import probabilities, source_confidence
from timing import median_of, paired

SEEDS = (1, 2, 3)
COVERAGE = 0.7
SAMPLE = 150  # sentences that confidences are recalibrated on
Figures = dict[str, float]
ROWS: tuple[tuple[str, Corpus], ...] = (
    *((language, europarl(language, kind)) for language in ("de", "es") for kind in ("intersect", "gdfa")),
    ("bam", BAMBARA),
    *((language, translate_test(language)) for language in ("de", "es")),
)


def gold_of(corpus: Corpus) -> Any:
    """Return the right labels of a corpus."""
    return xp.read_sentences(DATA / corpus.gold)


def figures(corpus: Corpus, pairs: xp.SentencePairs, seed: int, evidence: xp.Evidence) -> Figures:
    """Return what greedy by the learned score gives with one seed, and what its confidence says."""
    method = xp.Method(scores="learned", learned=LearnedOptions(seed=seed))
    result = xp.project(pairs, method, evidence=evidence)
    found = xp.evaluate(gold_of(corpus), result, ignore_labels=corpus.ignore)
    sure = found.reliability
    return {
        "f1": found.micro.f1,
        "span_auc": sure.span_auc,
        "span_ece": sure.span_calibration_error,
        "auc": sure.auc,
        "ece": sure.calibration_error,
        "precision_at_70": next(each.precision for each in sure.coverage if each.coverage == COVERAGE),
    }


def f1_of(corpus: Corpus, pairs: xp.SentencePairs, **options: Any) -> float:
    """Return the F1 of one projection."""
    return xp.evaluate(gold_of(corpus), xp.project(pairs, **options), ignore_labels=corpus.ignore).micro.f1


class Set:
    """One corpus, its figures by seed, and what the alignment score gives on it."""

    def __init__(self, corpus: Corpus, evidence: Callable[[xp.SentencePairs], xp.Evidence] | None = None) -> None:
        pairs = corpus.pairs()
        known = xp.Evidence() if evidence is None else evidence(pairs)
        self.alignment = f1_of(corpus, pairs)
        self.by_seed = [figures(corpus, pairs, seed, known) for seed in SEEDS]
        by_seed = dict(zip(SEEDS, self.by_seed, strict=True))
        self.detail = {corpus.name: {"alignment_f1": self.alignment, "seeds": by_seed}}

    def mean(self, name: str) -> float:
        """Return the mean of a figure over the seeds."""
        return mean(each[name] for each in self.by_seed)

    def spread(self, name: str) -> float:
        """Return its standard deviation."""
        return pstdev(each[name] for each in self.by_seed)


def _row(what: str, sets: Sequence[Set], name: str, bounds: Sequence[float] | None, **how: Any) -> Goal:
    detail = {key: value for each in sets for key, value in each.detail.items()}
    spread = [each.spread(name) for each in sets] if name == "f1" else None
    return judged(what, [each.mean(name) for each in sets], bounds, spread=spread, detail=detail, **how)


def on_europarl() -> list[Goal]:
    """Return what the issue asks of Europarl."""
    sets = [Set(europarl(language, kind)) for language in ("de", "es") for kind in ("intersect", "gdfa")]
    of = "Europarl de intersect / gdfa, es intersect / gdfa"
    return [
        _row(f"{of}: F1", sets, "f1", [0.894, 0.860, 0.897, 0.896]),
        _row("the same: AUC of confidence, span", sets, "span_auc", [0.86], shown="{:.3f}"),
        _row("the same: expected calibration error, span", sets, "span_ece", [0.05], most=True, shown="{:.3f}"),
        _row("the same: precision at 70% coverage", sets, "precision_at_70", [0.955], shown="{:.3f}"),
    ]


def on_bambara() -> list[Goal]:
    """Return what it asks of Bambara."""
    found = Set(BAMBARA)
    return [
        _row("Bambara: F1", [found], "f1", [0.585]),
        _row("the same: AUC of confidence, span and label", [found], "auc", None, shown="{:.3f}"),
        _row("the same: expected calibration error, span and label", [found], "ece", None, shown="{:.3f}"),
    ]


def on_translate_test() -> list[Goal]:
    """Return what it asks of translate-test without taggers."""
    sets = [Set(translate_test(language)) for language in ("de", "es")]
    return [
        _row("translate-test de / es, alignment evidence only: F1", sets, "f1", [0.630, 0.635]),
        _row("the same: AUC of confidence, span and label", sets, "auc", None, shown="{:.3f}"),
        _row("the same: expected calibration error, span and label", sets, "ece", None, shown="{:.3f}"),
    ]


def with_taggers() -> list[Goal]:
    """Return what it asks of translate-test with both taggers."""

    def evidence(language: str, first: str) -> Callable[[xp.SentencePairs], xp.Evidence]:
        def known(pairs: xp.SentencePairs) -> xp.Evidence:
            source = probabilities("ner-en-minilm", pairs.source, f"translate-test-{language}.source")
            target = probabilities("ner-multi-minilm", pairs.target, f"translate-test-{language}.target")
            return xp.Evidence(probabilities=target, source_confidence=source_confidence(pairs, source, first=first))

        return known

    sets, as_tagged = (
        [Set(translate_test(language), evidence(language, first)) for language in ("de", "es")] for first in ("B", "BI")
    )
    of = "translate-test de / es with both taggers"
    return [
        _row(f"{of}: F1", sets, "f1", [0.648]),
        _row("the same: AUC of confidence, span and label", sets, "auc", [0.77], shown="{:.3f}"),
        _row("the same: expected calibration error, span and label", sets, "ece", [0.10], most=True, shown="{:.3f}"),
        _row("the same: precision at 70% coverage", sets, "precision_at_70", None, shown="{:.3f}"),
        _row(f"{of}, source by `Tagged.scores`: F1", as_tagged, "f1", None),
    ]


def recalibrated() -> list[Goal]:
    """Return what 150 labelled sentences make of confidences that are too high; they are not among those judged."""
    rows = []
    for corpus in (BAMBARA, translate_test("de"), translate_test("es")):
        pairs, gold = corpus.pairs(), xp.read_labelled(DATA / corpus.gold)
        gold = gold.drop_labels([name for name in corpus.ignore if name in gold.labels])
        found: dict[str, list[float]] = {"before": [], "after": []}
        for seed in SEEDS:
            order = np.random.default_rng(seed).permutation(len(pairs))
            sample, rest = np.sort(order[:SAMPLE]), np.sort(order[SAMPLE:])
            learned = xp.learn(pairs, LearnedOptions(seed=seed))
            first = xp.project(pairs, scores="learned", evidence=xp.Evidence(learned=learned))
            calibration = xp.calibrate(first, gold[sample])
            known = xp.Evidence(learned=learned, calibration=calibration)
            for name, result in (("before", first), ("after", xp.project(pairs, scores="learned", evidence=known))):
                sure = xp.evaluate(gold[rest], result[rest]).reliability
                found[name].append(sure.calibration_error)
        note = f"{mean(found['before']):.3f} before"
        what = f"{corpus.name}: calibration error, span and label, recalibrated on {SAMPLE} gold sentences"
        rows.append(judged(what, [mean(found["after"])], None, shown="{:.3f}", note=note, detail=found))
    return rows


def of_other_languages() -> list[Goal]:
    """Return what the shipped weights are worth, made without the language that they are tried on."""
    silver = {language: silver_of(language) for language in TEXTS}
    found: dict[str, dict[str, list[float]]] = {"shipped": {}, "mean": {}}
    for language, corpus in ROWS:
        pairs = corpus.pairs()
        caseless = is_caseless(word_shapes(pairs.source), word_shapes(pairs.target))
        shipped = fitted(silver, caseless=caseless, without=(language,))
        own = [xp.learn(pairs, LearnedOptions("own", seed=seed)).coefficients for seed in SEEDS]
        mixed = [LearnedScore.of((each + shipped.coefficients) / 2, {}) for each in own]
        for kind, scores in (("shipped", [shipped]), ("mean", mixed)):
            known = [xp.Evidence(learned=score) for score in scores]
            found[kind][corpus.name] = [f1_of(corpus, pairs, scores="learned", evidence=each) for each in known]
    return [
        judged(f"{what}: F1", [mean(values) for values in found[kind].values()], None, detail=found[kind], note=note)
        for kind, what, note in (
            (
                "shipped",
                "no training, weights of other languages",
                "Europarl de 2, es 2, Bambara, translate-test de, es",
            ),
            ("mean", "the mean of these and the text's own weights", ""),
        )
    ]


def worst(goals: Sequence[Goal]) -> list[Goal]:
    """Return the row of the worst set against greedy by the alignment score on the same links, of those measured."""
    gains: dict[str, float] = {}
    for goal in goals:
        for corpus, found in goal.detail.items() if goal.met is not None and "F1" in goal.row else ():
            if "seeds" in found:  # on links that are given
                learned = mean(each["f1"] for each in found["seeds"].values())
                gains[f"{corpus}{', both taggers' * ('taggers' in goal.row)}"] = learned - found["alignment_f1"]
            elif "learned" in found:
                gains[f"{corpus}, built-in aligner"] = mean(found["learned"]) - mean(found["alignment"])
    if not gains:
        return []
    name = min(gains, key=lambda each: gains[each])
    row = f"worst of {len(gains)} sets against greedy by the alignment score, F1"
    return [judged(row, [gains[name]], [0.0], shown="{:+.4f}", note=f"{name}; mean {mean(gains.values()):+.4f}")]


def speed() -> list[Goal]:
    """Return what the score costs on CoNLL translate-train de, one thread."""
    pairs = translate_train("de").pairs()
    spans, kernels = ngrams(pairs), get()
    started = time.perf_counter()
    score = xp.learn(pairs, threads=1)
    first = time.perf_counter() - started
    shapes = word_shapes(pairs.source), word_shapes(pairs.target)
    parts = (pairs.entities, pairs.alignments, spans)
    kept = len(kernels.learned_rows(*shapes, *parts, 1).position)
    runs: dict[str, Callable[[], object]] = {
        "scores": lambda: kernels.learned_scores(*shapes, *parts, score.coefficients, 1),
        "shapes": lambda: (word_shapes(pairs.source), word_shapes(pairs.target)),
        "all": lambda: learned_scores(pairs, spans, score, threads=1),
        "training": lambda: xp.learn(pairs, threads=1),
    }
    seconds = median_of(paired(runs, 5, time.process_time))  # of one thread: what else runs does not count
    per_second = len(pairs) / seconds["scores"]
    anew = len(pairs) / seconds["all"]
    silver = score.made_from["silver_sentences"]
    detail = {"seconds": seconds, "kept": kept, "sentences": len(pairs), "first_training": first}
    return [
        judged(
            "learned score, us per kept candidate, one thread",
            [seconds["scores"] / kept * 1e6],
            [1.0],
            most=True,
            shown="{:.3f}",
            note=f"{kept:,} of {len(pairs):,} sentences",
            detail=detail,
        ),
        judged(
            "learned score, sentences/s a thread, word shapes made",
            [per_second],
            [100_000],
            shown="{:,.0f}",
            note=f"{anew:,.0f} with word shapes made anew",
        ),
        judged(
            "training on 14,041 pairs, seconds on one thread",
            [seconds["training"]],
            [1.0],
            most=True,
            shown="{:.3f}",
            note=f"{silver:,} sentences of silver",
        ),
    ]


GROUPS: dict[str, Callable[[], list[Goal]]] = {
    "europarl": on_europarl,
    "bambara": on_bambara,
    "translate-test": on_translate_test,
    "taggers": with_taggers,
    "calibration": recalibrated,
    "shipped": of_other_languages,
    "speed": speed,
}
