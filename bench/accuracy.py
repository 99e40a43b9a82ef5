"""Prints the first table of docs/benchmarks/accuracy.md: F1 of heuristic and greedy on every corpus with gold; speed.

make table            (or: .venv/bin/python bench/accuracy.py [--no-eflomal])
"""

from __future__ import annotations

import argparse
import sys

import xproj_fast as xp
from xproj_fast.models.alignment import EflomalOptions

from corpora import BAMBARA, DATA, Corpus, europarl, require_data, translate_test
from timing import median_of, paired

# What the research code gives on the same files, from ../shared/data/README.md: (heuristic, greedy).
KNOWN = {
    "Europarl de, intersect": (0.7909, 0.8747),
    "Europarl de, gdfa": (0.7648, 0.8309),
    "Europarl es, intersect": (0.8778, 0.8561),
    "Europarl es, gdfa": (0.8884, 0.8742),
    "MasakhaNER 2.0 Bambara": (0.5875, 0.5558),
    "conll-translate-test de": (0.6190, 0.6267),
    "conll-translate-test es": (0.6254, 0.6267),
}


def row(name: str, corpus: Corpus, pairs: xp.SentencePairs) -> str:
    """Measure one corpus; returns a row of the table."""
    gold = xp.read_sentences(DATA / corpus.gold)
    f1 = {}
    runs = {}
    for matcher in ("heuristic", "greedy"):
        result = xp.project(pairs, matcher=matcher)
        f1[matcher] = xp.evaluate(gold, result, ignore_labels=corpus.ignore).micro.f1
        runs[matcher] = lambda matcher=matcher: xp.project(pairs, matcher=matcher, threads=1)
    seconds = median_of(paired(runs, 51))
    known = KNOWN.get(name)
    note = "" if known is None else f" ({known[0]:.4f})", "" if known is None else f" ({known[1]:.4f})"
    return (
        f"| {name} | {len(pairs):,} | {f1['heuristic']:.4f}{note[0]} | {f1['greedy']:.4f}{note[1]} "
        f"| {len(pairs) / seconds['heuristic'] / 1e6:.1f} M | {len(pairs) / seconds['greedy'] / 1e6:.1f} M |"
    )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-eflomal", action="store_true", help="leave out the rows that align on the spot (30 s)")
    args = parser.parse_args()
    require_data()
    print(
        "| data | sentences | heuristic F1 (known) | greedy F1 (known) | heuristic, sentences/s | greedy, sentences/s |"
    )
    print("|---|--:|--:|--:|--:|--:|")
    for language in ("de", "es"):
        for kind in ("intersect", "gdfa"):
            corpus = europarl(language, kind)
            print(row(corpus.name, corpus, corpus.pairs()), flush=True)
        if not args.no_eflomal:
            corpus = europarl(language, None)
            for method in ("intersection", "grow-diag-final-and"):
                aligned = xp.align_with_eflomal(corpus.pairs(), EflomalOptions(symmetrization=method))
                print(row(f"Europarl {language}, none given: eflomal {method}", corpus, aligned), flush=True)
    for corpus in (BAMBARA, translate_test("de"), translate_test("es")):
        print(row(corpus.name, corpus, corpus.pairs()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
