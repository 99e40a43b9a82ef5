"""Real sentences for the model benchmarks: a few, of every length the corpus has, in random order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import xproj_fast as xp
from xproj_fast.arrays import Words

Sentence = list[str]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
DEMO = Path(xp.__file__).parent / "data" / "demo"


def read(path: Path) -> list[Sentence]:
    """Return the sentences of a file: CoNLL, or one a line."""
    return xp.read_sentences(path, entities=False).words.to_lists()


def words_of(sentences: Sequence[Sentence]) -> Words:
    """Return the columnar form."""
    import pyarrow as pa

    offsets = np.zeros(len(sentences) + 1, np.int64)
    np.cumsum([len(sentence) for sentence in sentences], out=offsets[1:])
    return Words(offsets, pa.array([word for sentence in sentences for word in sentence], pa.string()))


def spread(lengths: Sequence[int], count: int, least: int = 2) -> list[int]:
    """Return ``count`` positions at even steps of the length distribution, shuffled, always the same ones."""
    order = sorted((length, i) for i, length in enumerate(lengths) if length >= least)
    count = min(count, len(order))
    chosen = [order[int((k + 0.5) * len(order) / count)][1] for k in range(count)]
    random.Random(0).shuffle(chosen)
    return chosen


def english(data: Path, count: int) -> list[Sentence]:
    """Return English sentences of conll-translate-test, of 2 to 118 words."""
    sentences = read(data / "conll-translate-test/de/en.words")
    return [sentences[i] for i in spread([len(sentence) for sentence in sentences], count)]


def english_german(data: Path, count: int) -> tuple[list[Sentence], list[Sentence]]:
    """Return sentence pairs of conll-translate-test."""
    source = read(data / "conll-translate-test/de/en.words")
    target = read(data / "conll-translate-test/de/de.gold.conll")
    lengths = [len(a) + len(b) if min(len(a), len(b)) >= 2 else 0 for a, b in zip(source, target, strict=True)]
    chosen = spread(lengths, count)
    return [source[i] for i in chosen], [target[i] for i in chosen]


def demo_languages() -> list[list[Sentence]]:
    """Return the package's 40 demo sentences in English, German, Spanish and Russian."""
    return [read(DEMO / "en.conll"), *(read(DEMO / f"{language}.words") for language in ("de", "es", "ru"))]


def training_lines(data: Path) -> list[str]:
    """Return what the tokenizers are trained on: all corpora, in four languages, and the demo sentences."""
    files = [
        "europarl-ner/en.conll",
        "europarl-ner/de.conll",
        "europarl-ner/es.conll",
        "conll-translate-train/en.train.conll",
        "conll-translate-train/de.DeepL.train.easy-label-projection.conll",
        "conll-translate-train/es.DeepL.train.easy-label-projection.conll",
        "conll-translate-test/de/en.words",
        "conll-translate-test/de/de.gold.conll",
        "masakhaner2-bam/bam.gold.conll",
    ]
    sentences = [sentence for name in files for sentence in read(data / name)]
    for language in demo_languages():
        sentences += language
    return [" ".join(sentence) for sentence in sentences]
