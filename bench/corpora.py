"""The real corpora the benchmarks and tables run on, from ../shared/data."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import xproj_fast as xp
from xproj_fast.arrays import Entities, Links, Words
from xproj_fast.formats.pair_files import ReadOptions
from xproj_fast.formats.sentences import concat_records

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@dataclass(frozen=True)
class Corpus:
    """Files of one corpus; ``gold`` is None where only a peer's projection exists."""

    name: str
    source: str
    target: str
    alignments: str | None
    gold: str | None = None
    ignore: tuple[str, ...] = ()

    def pairs(self) -> xp.SentencePairs:
        """Read the pairs, without the classes that do not count."""
        links = None if self.alignments is None else DATA / self.alignments
        return xp.read_pairs(DATA / self.source, DATA / self.target, links, ReadOptions(drop_labels=self.ignore))


def europarl(language: str, kind: str | None) -> Corpus:
    """Return Europarl-NER with one of its alignment files, or none."""
    folder = "europarl-ner"
    links = None if kind is None else f"{folder}/en-{language}.{kind}.pharaoh"
    target = f"{folder}/{language}.conll"
    return Corpus(f"Europarl {language}, {kind or 'aligned on the spot'}", f"{folder}/en.conll", target, links, target)


def translate_test(language: str) -> Corpus:
    """Return CoNLL translate-test, whose gold has no comparable MISC."""
    folder = f"conll-translate-test/{language}"
    return Corpus(
        f"conll-translate-test {language}",
        f"{folder}/en.predicted.conll",
        f"{folder}/{language}.gold.conll",
        f"{folder}/en-{language}.pharaoh",
        f"{folder}/{language}.gold.conll",
        ("MISC",),
    )


BAMBARA = Corpus(
    "MasakhaNER 2.0 Bambara",
    "masakhaner2-bam/en.predicted.conll",
    "masakhaner2-bam/bam.gold.conll",
    "masakhaner2-bam/en-bam.pharaoh",
    "masakhaner2-bam/bam.gold.conll",
)


def translate_train(language: str) -> Corpus:
    """Return the 14,041 CoNLL-2003 training sentences with DeepL translations (no gold on the target side)."""
    folder = "conll-translate-train"
    return Corpus(
        f"conll-translate-train {language}",
        f"{folder}/en.train.conll",
        f"{folder}/{language}.DeepL.train.easy-label-projection.conll",
        f"{folder}/en-{language}.DeepL.train.pharaoh",
    )


def tiled(pairs: xp.SentencePairs, times: int) -> xp.SentencePairs:
    """Return the pairs repeated, without strings: a large corpus of real shape."""
    return xp.SentencePairs.from_columns(
        concat_records([Words(pairs.source.offsets)] * times),
        concat_records([Words(pairs.target.offsets)] * times),
        concat_records([Entities(*_columns(pairs.entities, "offsets", "start", "end", "label"))] * times),
        pairs.labels,
        concat_records([Links(*_columns(pairs.alignments, "offsets", "source", "target"))] * times),
        copy=False,
    )


def _columns(record: object, *names: str) -> list[np.ndarray]:
    return [getattr(record, name) for name in names]


def require_data() -> None:
    """Stop with a clear word where the corpora are not there."""
    if not DATA.is_dir():
        sys.exit(f"the benchmarks run on real corpora, expected in {DATA}: nothing there")
