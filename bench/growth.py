"""How the time of one hostile sentence grows with its length.

    .venv/bin/python bench/growth.py [--words 12500 25000 50000 100000] [--only greedy ...] [--backend numba]

Every row is a shape of one sentence pair (or of one line of a file) made to be hard for a matcher or a reader. Shown
are the seconds a size takes, the best of two calls, checks included, and the exponent of the last doubling: 1 is
linear, 2 quadratic. ``time_limit`` is 2 s for the exact matcher; a sentence that reaches it is marked with *. Exits
with 1 where the exponent of a row is above 1.5 and its time above a second.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.arrays import Links, PairScores, Status
from xproj_fast.candidates import aligned_ngrams, given, ngrams
from xproj_fast.formats.files import open_sentences
from xproj_fast.formats.pharaoh import PharaohReader
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import HeuristicOptions, Symmetrization, score_offsets
from xproj_fast.matching.exact import exact
from xproj_fast.matching.greedy import greedy
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.scores.alignment import alignment_scores

TIME_LIMIT = 2.0
Run = Callable[[], Any]


def pairs_of(words: int, entities: int, source: Any, target: Any, length: int = 1, labels: int = 1) -> SentencePairs:
    """Return one pair of ``words`` words per side, ``entities`` entities of ``length`` words, and the links given."""
    start = np.arange(entities, dtype=np.int32) * length
    sentence = np.array([0, words])
    return SentencePairs.from_arrays(
        source_offsets=sentence,
        target_offsets=sentence,
        entity_offsets=np.array([0, entities]),
        entity_start=start,
        entity_end=start + np.int32(length),
        entity_label=np.arange(entities, dtype=np.int32) % labels,
        labels=[f"L{k}" for k in range(labels)],
        alignment_offsets=np.array([0, len(source)]),
        alignment_source=np.asarray(source, np.int32),
        alignment_target=np.asarray(target, np.int32),
    )


def one_to_all(n: int) -> SentencePairs:
    """One entity, linked to every word."""
    return pairs_of(n, 1, np.zeros(n), np.arange(n))


def all_to_one(n: int) -> SentencePairs:
    """An entity a word, all of them linked to the same word."""
    return pairs_of(n, n, np.arange(n), np.zeros(n))


def scattered(n: int) -> SentencePairs:
    """An entity a word, each linked to a word anywhere: most sentences of this kind clash."""
    return pairs_of(n, n, np.arange(n), np.random.default_rng(0).integers(0, n, n))


def far_apart(n: int) -> SentencePairs:
    """An entity every fifth word, each linked to the first word, to the last and to one between."""
    source = np.repeat(np.arange(n // 5), 3)
    target = np.stack([np.zeros(n // 5), np.arange(n // 5) * 5, np.full(n // 5, n - 1)], axis=1).ravel()
    return pairs_of(n, n // 5, source, target)


def tangled(n: int) -> SentencePairs:
    """An entity every fifth word, linked to five words of its own and five of its neighbour's."""
    source = np.repeat(np.arange(n // 5), 10)
    target = (source * 5 + np.tile(np.arange(10), n // 5)) % n
    return pairs_of(n, n // 5, source, target)


def diagonal(n: int) -> SentencePairs:
    """As real text is: an entity every fifth word, links close to the diagonal."""
    source = np.repeat(np.arange(n), 2)
    target = np.minimum(source + np.tile([0, 1], n), n - 1)
    return pairs_of(n, n // 5, source, target, length=3)


SHAPES = (one_to_all, all_to_one, scattered, far_apart, tangled, diagonal)


def fused(matcher: str, limit: str) -> Callable[[SentencePairs], Run]:
    """Match by alignment, as ``project`` does where it has nothing but links."""

    def prepare(pairs: SentencePairs) -> Run:
        options = {} if matcher == "heuristic" else {"limit": limit}
        if matcher == "exact":
            options["time_limit"] = TIME_LIMIT
        return lambda: project(pairs, matcher=matcher, backend=BACKEND, threads=1, **options).matches

    return prepare


def overwriting(pairs: SentencePairs) -> Run:
    """The heuristic where every entity may take what others have, over any distance."""
    options = HeuristicOptions(merge_distance=2**30, length_ratio=0.0, overwrite=True)
    return lambda: project(pairs, matcher="heuristic", heuristic=options, threads=1)


def staged(matcher: Any, entities: int) -> Callable[[SentencePairs], Run]:
    """Match dense scores of a few entities with every n-gram of up to four words."""

    def prepare(pairs: SentencePairs) -> Run:
        n = int(pairs.target.offsets[-1])
        few = pairs_of(n, entities, np.zeros(0), np.zeros(0))
        spans = ngrams(few, max_words=4)
        offsets = score_offsets(few.entities, spans)
        values = np.random.default_rng(0).random(int(offsets[-1]), np.float32)
        scores = PairScores(offsets, values)
        if matcher is greedy:
            return lambda: greedy(few, spans, scores, limit=">0", backend=BACKEND, threads=1)
        return lambda: exact(few, spans, scores, limit=">0", threads=1, time_limit=TIME_LIMIT)

    return prepare


def listed(pairs: SentencePairs) -> Run:
    """List the candidates inside of aligned ranges, then score a handful."""
    n = int(pairs.target.offsets[-1])
    handful = given(pairs, np.array([0, 3]), np.array([0, 5, n - 9], np.int32), np.array([9, n, n - 1], np.int32))

    def run() -> None:
        aligned_ngrams(pairs, max_words=4, backend=BACKEND, threads=1)
        alignment_scores(pairs, handful, backend=BACKEND, threads=1)

    return run


def grown(pairs: SentencePairs) -> Run:
    """Symmetrize where each sweep of grow-diag finds one point more, behind it."""
    n = int(pairs.target.offsets[-1])
    one = Links(np.array([0, 1]), np.array([n - 1], np.int32), np.array([n - 1], np.int32))
    all_of_them = Links(np.array([0, n]), np.arange(n, dtype=np.int32), np.arange(n, dtype=np.int32))
    return lambda: get().symmetrize(one, all_of_them, Symmetrization.GROW_DIAG, 1)


def labelled(pairs: SentencePairs) -> Run:
    """As many labels as entities: out as tags, in again."""
    n = int(pairs.target.offsets[-1])
    many = pairs_of(n, n, np.arange(n), np.arange(n), labels=n)
    return lambda: project(many, backend=BACKEND, threads=1).tags()


def read_all(reader: Any) -> None:
    """Read to the end of the file."""
    with closing(reader):
        while len(reader.read(10_000)):
            pass


def read(name: str, text: str) -> Run:
    """Read a file of one sentence."""
    path = FOLDER / name
    path.write_text(text)
    return lambda: read_all(open_sentences(path, entities=not name.endswith((".txt", ".words"))))


def links_file(n: int) -> Run:
    """Read a line of alignments."""
    path = FOLDER / "one.pharaoh"
    path.write_text(" ".join(f"{k}-{k}" for k in range(n)) + "\n")
    return lambda: read_all(PharaohReader(path))


FILES: dict[str, Callable[[int], str]] = {
    "one.conll": lambda n: "".join(f"w{k} B-L{k % 7}\n" for k in range(n)) + "\n",
    "tags.conll": lambda n: "".join(f"w{k} B-L{k}\n" for k in range(n)) + "\n",
    "one.words": lambda n: " ".join(["w"] * n) + "\n",
    "one.txt": lambda n: "w, " * n + "\n",
    "one.jsonl": lambda n: (
        json.dumps({"text": "w " * n, "entities": [[2 * k, 2 * k + 1, "L"] for k in range(n)]}) + "\n"
    ),
    "lines.conll": lambda n: "w O\n\n" * n,
}


def rows() -> dict[str, Callable[[int], Run]]:
    """Return every row: its name, and what prepares a run for a size."""
    found: dict[str, Callable[[int], Run]] = {}
    limits = {"greedy": ("<=1", ">0"), "exact": ("<=1", ">0", "<=9")}
    for shape in SHAPES:
        for matcher, limit in ((m, text) for m, texts in limits.items() for text in texts):
            found[f"{matcher} {limit} {shape.__name__}"] = lambda n, s=shape, m=matcher, t=limit: fused(m, t)(s(n))
        found[f"heuristic {shape.__name__}"] = lambda n, s=shape: fused("heuristic", "")(s(n))
        found[f"heuristic overwrite {shape.__name__}"] = lambda n, s=shape: overwriting(s(n))
        found[f"candidates {shape.__name__}"] = lambda n, s=shape: listed(s(n))
    found["greedy >0 dense scores"] = lambda n: staged(greedy, 20)(one_to_all(n))
    found["exact >0 dense scores"] = lambda n: staged(exact, 20)(one_to_all(n))
    found["symmetrize"] = lambda n: grown(one_to_all(n))
    found["labels"] = lambda n: labelled(one_to_all(n))
    for name, text in FILES.items():
        found[f"read {name}"] = lambda n, name=name, text=text: read(name, text(n))
    found["read one.pharaoh"] = lambda n: links_file(n)
    return found


BACKEND, FOLDER = "cpp", Path()


def main() -> int:
    """Measure and print the table."""
    global BACKEND, FOLDER
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, nargs="+", default=[12_500, 25_000, 50_000, 100_000])
    parser.add_argument("--only", nargs="*", default=[], help="rows whose name holds one of these")
    parser.add_argument("--backend", default="cpp")
    args = parser.parse_args()
    BACKEND, FOLDER = args.backend, Path(tempfile.mkdtemp())
    print("| one sentence | " + " | ".join(f"{n:,}" for n in args.words) + " | exponent |")
    print("|---|" + "--:|" * (len(args.words) + 1))
    failed = False
    for name, prepare in rows().items():
        if args.only and not any(part in name for part in args.only):
            continue
        seconds, cells = [], []
        for n in args.words:
            run = prepare(n)
            best, limited = math.inf, False
            for _ in range(2):
                begin = time.perf_counter()
                result = run()
                best = min(best, time.perf_counter() - begin)
                limited = getattr(result, "status", None) is not None and Status.LIMIT in result.status
                if best > 1:
                    break
            seconds.append(best)
            cells.append(f"{best:.4f}{'*' if limited else ''}")
        exponent = math.log(seconds[-1] / seconds[-2]) / math.log(args.words[-1] / args.words[-2])
        failed |= exponent > 1.5 and seconds[-1] > 1
        print(f"| {name} | " + " | ".join(cells) + f" | {exponent:.2f} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
