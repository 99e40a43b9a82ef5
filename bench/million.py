"""The built-in aligner on a million sentence pairs, in a process of its own, so that its memory is known.

.venv/bin/python bench/million.py [--pairs N] [--threads N]

The text is CoNLL translate-train de over and over, no two rounds alike: every word is left out with probability .05
and replaced by any word of the text, as often as that is there, with probability .05. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import numpy as np
import pyarrow as pa

import xproj_fast as xp
from xproj_fast.arrays import Entities, Words
from xproj_fast.ragged import offsets_of, row_numbers, take

from corpora import require_data, translate_train

DROPPED, REPLACED = 0.05, 0.05


def noisy(words: Words, rounds: int, rng: np.random.Generator) -> Words:
    """Return the sentences over and over, each time with other words left out and replaced."""
    encoded = pa.array(words.strings).dictionary_encode()
    ids = encoded.indices.to_numpy().astype(np.int32)
    row = np.tile(row_numbers(words.offsets), rounds) + np.repeat(np.arange(rounds), len(ids)) * len(words)
    every = np.tile(ids, rounds)
    draw = rng.random(len(every), np.float32)
    other = draw > 1 - REPLACED
    every[other] = rng.choice(ids, int(other.sum()))
    kept = draw >= DROPPED
    offsets = offsets_of(np.bincount(row[kept], minlength=len(words) * rounds))
    return Words(offsets, encoded.dictionary.cast(pa.large_string()).take(pa.array(every[kept])))


def main() -> int:
    """Make the text, align it, say what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    require_data()
    pairs = translate_train("de").pairs()
    rounds = -(-args.pairs // len(pairs))
    rng = np.random.default_rng(0)
    first = np.arange(args.pairs)
    source, target = (take(noisy(side, rounds, rng), first) for side in (pairs.source, pairs.target))
    none = Entities(np.zeros(args.pairs + 1, np.int64), *(np.zeros(0, np.int32) for _ in range(3)))
    text = xp.SentencePairs.from_columns(source, target, none, ())
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    aligned = xp.align_statistically(text, threads=args.threads)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "pairs": len(text),
        "words": [int(side.offsets[-1]) for side in (source, target)],
        "links": len(aligned.alignments.source),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "gib": round(after.ru_maxrss / 2**20, 2),
        "gib_of_text": round(before.ru_maxrss / 2**20, 2),
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
