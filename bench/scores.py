"""The scores that need no model of their own: NER from word probabilities, string similarity, the learned score.

    .venv/bin/python bench/scores.py

NER: 2,000 sentences of 30 words, two entities, all 255 n-grams, 9 labels; probabilities at random, which cost what
real ones do. Plain Python is the formula of methods.md, pair by pair, over NumPy rows and over lists.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import xproj_fast as xp
from xproj_fast.candidates import ngrams
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NerRules
from xproj_fast.scores.learned_features import LEARNED_FEATURES
from xproj_fast.scores.ner import ner_scores
from xproj_fast.scores.options import NerOptions
from xproj_fast.scores.string import string_scores
from xproj_fast.text.word_shapes import word_shapes

from corpora import require_data, translate_train
from timing import median_of, paired, ratio

SENTENCES, WORDS, ENTITIES = 2000, 30, 2
LABELS = ("O", *(f"{prefix}-{name}" for name in ("PER", "ORG", "LOC", "MISC") for prefix in ("B", "I")))
FEW = 20  # sentences for plain Python
ALPHA = 1.15


def plain(rows: object, entities: tuple[int, ...], spans: list[tuple[int, int]]) -> list[float]:
    """Score the pairs of one sentence; an entity is its class."""
    scores = []
    for label in entities:
        first, inside = 1 + 2 * label, 2 + 2 * label
        for start, end in spans:
            mass = rows[start][first] + sum(rows[w][inside] for w in range(start + 1, end))
            score = ALPHA ** (end - start - 1) * mass / (end - start)
            scores.append(score if score >= 0.05 else 0.0)
    return scores


def sentences() -> tuple[xp.SentencePairs, xp.WordProbabilities]:
    offsets, entities = np.arange(SENTENCES + 1) * WORDS, np.arange(SENTENCES + 1) * ENTITIES
    start = np.tile(np.arange(ENTITIES, dtype=np.int32), SENTENCES)
    pairs = xp.SentencePairs.from_arrays(
        source_offsets=offsets,
        target_offsets=offsets,
        entity_offsets=entities,
        entity_start=start,
        entity_end=start + np.int32(1),
        entity_label=start,
        labels=["PER", "ORG", "LOC", "MISC"],
    )
    values = np.random.default_rng(0).dirichlet([0.3] * len(LABELS), SENTENCES * WORDS).astype(np.float32)
    return pairs, xp.WordProbabilities(pairs.target.offsets, values, LABELS)


def ner() -> None:
    pairs, probabilities = sentences()
    spans = ngrams(pairs)
    listed = list(zip(spans.start[:255].tolist(), spans.end[:255].tolist(), strict=True))
    arrays = probabilities.values.reshape(SENTENCES, WORDS, -1)
    lists = arrays[:FEW].tolist()
    classes = tuple(range(ENTITIES))
    expected = [score for s in range(FEW) for score in plain(lists[s], classes, listed)]
    found = ner_scores(pairs, spans, probabilities).values[: len(expected)]
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-9), "plain Python's scores differ"
    first = np.arange(1, 9, 2, dtype=np.int32)
    lengths = np.maximum(np.arange(WORDS + 1), 1)
    rules = NerRules(first, first + np.int32(1), ALPHA ** (lengths - 1) / lengths, np.zeros(0), 0.05, False)
    offsets, label = pairs.entities.offsets, pairs.entities.label
    contenders: dict[str, Callable[[], object]] = {
        "kernel": lambda: get().ner_scores(probabilities, offsets, label, spans, rules, 1)
    }
    for name, options in (
        ("`ner_scores`", NerOptions()),
        ("... bonus when predicted", NerOptions(length_bonus="when_predicted")),
        ("... any of 4 classes", NerOptions(spans_only=True)),
        ("... any of 4 classes, bonus when predicted", NerOptions(length_bonus="when_predicted", spans_only=True)),
    ):
        contenders[name] = lambda o=options: ner_scores(pairs, spans, probabilities, o, threads=1)
    contenders["arrays"] = lambda: [plain(arrays[s], classes, listed) for s in range(FEW)]
    contenders["lists"] = lambda: [plain(lists[s], classes, listed) for s in range(FEW)]
    seconds = paired(contenders, 31)
    for name, taken in median_of(seconds).items():
        if name in ("arrays", "lists"):
            per = taken / FEW * 1e6
            against = [ratio(seconds, name, ours) * SENTENCES / FEW for ours in ("kernel", "`ner_scores`")]
            print(
                f"| plain Python over {name} / the kernel ({per:,.0f} us per sentence) | >= 500 | {against[0]:,.0f} |"
            )
            print(f"| plain Python over {name} / `ner_scores` with its checks | - | {against[1]:,.0f} |")
        else:
            what = "the kernel" if name == "kernel" else f"{name}, checks included"
            print(f"| NER score, {what} | <= 2 us per sentence | {taken / SENTENCES * 1e6:.2f} |")


def string() -> None:
    pairs = translate_train("de").pairs()
    spans = ngrams(pairs)
    seconds = median_of(paired({"string": lambda: string_scores(pairs, spans)}, 3))["string"]
    count = len(string_scores(pairs, spans).values)
    print(f"| string score, {count:,} pairs of {len(pairs):,} real sentences | - | {count / seconds / 1e6:.1f} M/s |")


def learned() -> None:
    """Time the kernel alone, with random weights: they cost what real ones do."""
    pairs = translate_train("de").pairs()
    spans = ngrams(pairs)
    weights = np.random.default_rng(0).normal(size=len(LEARNED_FEATURES) + 1)
    source, target = word_shapes(pairs.source), word_shapes(pairs.target)
    rest = pairs.entities, pairs.alignments, spans, weights, 1
    seconds = median_of(
        paired(
            {
                "kernel": lambda: get().learned_scores(source, target, *rest),
                "shapes": lambda: (word_shapes(pairs.source), word_shapes(pairs.target)),
            }
        )
    )
    kept = np.count_nonzero(get().learned_scores(source, target, *rest).values)
    both = sum(seconds.values())
    print(f"| learned score, one thread, sentences a second | >= 100,000 | {len(pairs) / seconds['kernel']:,.0f} |")
    print(f"| ... word shapes made anew | - | {len(pairs) / both:,.0f} |")
    print(f"| ... of {kept:,} pairs that are looked at, each | <= 1 us | {seconds['kernel'] / kept * 1e6:.2f} us |")


if __name__ == "__main__":
    require_data()
    print("| what | target | measured |\n|---|--:|--:|")
    ner()
    string()
    learned()
