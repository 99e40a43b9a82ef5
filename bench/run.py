"""Every speed claim, measured in one run: prints a table of target, figure and verdict.

    make bench            (or: .venv/bin/python bench/run.py [--only NAME ...])

Contenders of a ratio run in turn in one process and medians are quoted (timing.py). Input: the 14,041 sentences of
conll-translate-train with German DeepL translations and AWESoME alignments, unless a row says otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np

import xproj_fast as xp
from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.candidates import ngrams
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.ilp import ilp
from xproj_fast.scores.alignment import alignment_scores

from corpora import BAMBARA, DATA, europarl, require_data, tiled, translate_train
from peers import Sentence, careful_greedy, research_greedy
from timing import median_of, paired, ratio

HERE = Path(__file__).resolve().parent  # processes start here: in the root the source tree hides the package
Row = tuple[str, str, str, bool | None]  # what, target, figure, met


def flat_arrays(pairs: xp.SentencePairs) -> dict[str, object]:
    """Return the arguments of from_arrays."""
    return {
        "source_offsets": pairs.source.offsets,
        "target_offsets": pairs.target.offsets,
        "entity_offsets": pairs.entities.offsets,
        "entity_start": pairs.entities.start,
        "entity_end": pairs.entities.end,
        "entity_label": pairs.entities.label,
        "labels": pairs.labels,
        "alignment_offsets": pairs.alignments.offsets,
        "alignment_source": pairs.alignments.source,
        "alignment_target": pairs.alignments.target,
    }


def as_lists(pairs: xp.SentencePairs) -> tuple[list, list, list, list]:
    """Return source words, target words, entities and alignments as Python lists."""
    entities, links = pairs.entities, pairs.alignments
    spans = list(
        zip(
            entities.start.tolist(),
            entities.end.tolist(),
            [pairs.labels[i] for i in entities.label],
            strict=True,
        )
    )
    flat = list(zip(links.source.tolist(), links.target.tolist(), strict=True))
    return (
        pairs.source.to_lists(),
        pairs.target.to_lists(),
        [spans[a:b] for a, b in zip(entities.offsets, entities.offsets[1:], strict=False)],
        [flat[a:b] for a, b in zip(links.offsets, links.offsets[1:], strict=False)],
    )


def rate(pairs: xp.SentencePairs, seconds: float) -> str:
    return f"{len(pairs) / seconds / 1e6:.2f} M/s ({seconds / len(pairs) * 1e9:.0f} ns per sentence)"


def entry_points() -> Iterator[Row]:
    """project() from every kind of input, input conversion and checks included, one thread."""
    corpus = translate_train("de")
    pairs = corpus.pairs()
    flat = flat_arrays(pairs)
    table = pairs_to_arrow(pairs)
    lists = as_lists(pairs)
    text = (DATA / corpus.alignments).read_bytes()
    source, target = pairs.source, pairs.target

    def from_text() -> object:
        links = xp.parse_pharaoh(text)
        made = xp.SentencePairs.from_columns(source, target, pairs.entities, pairs.labels, links, copy=False)
        return xp.project(made, threads=1)

    checked = xp.SentencePairs.from_arrays(**flat)
    contenders: dict[str, Callable[[], object]] = {
        "pairs": lambda: xp.project(checked, threads=1),
        "flat": lambda: xp.project(xp.SentencePairs.from_arrays(**flat, copy=False), threads=1),
        "copied": lambda: xp.project(xp.SentencePairs.from_arrays(**flat), threads=1),
        "arrow": lambda: xp.project(xp.SentencePairs.from_arrow(table), threads=1),
        "text": from_text,
        "lists": lambda: xp.project(xp.SentencePairs.from_lists(*lists), threads=1),
        "tags": lambda: xp.project(pairs, threads=1).tags(),
    }
    # Rates, not ratios: each input by itself, in the state the caches have when it is what a program works on.
    seconds = {name: median_of(paired({name: run}, 41))[name] for name, run in contenders.items()}
    for name, what, target_rate in (
        ("pairs", "`project(pairs)`, pairs checked before, no strings", None),
        ("flat", "flat arrays: `from_arrays(copy=False)` + `project`", 10e6),
        ("copied", "flat arrays, copied: `from_arrays` + `project`", None),
        ("arrow", "Arrow table with words: `from_arrow` + `project` (stop words looked up)", 6e6),
        ("text", "Pharaoh text: `parse_pharaoh` + `from_columns` + `project` (stop words looked up)", 4e6),
        ("lists", "Python lists of words, entities and links: `from_lists` + `project`", 2e6),
        ("tags", "`project(pairs).tags()`: IOB2 as Python lists out", None),
    ):
        per_second = len(pairs) / seconds[name]
        goal = "-" if target_rate is None else f">= {target_rate / 1e6:.0f} M/s"
        yield (
            what,
            goal,
            rate(pairs, seconds[name]),
            None if target_rate is None else per_second >= target_rate,
        )


def against_python() -> Iterator[Row]:
    """The same labels from plain Python, and how much longer they take."""
    for corpus in (translate_train("de"), translate_train("es"), europarl("de", "intersect"), BAMBARA):
        pairs = corpus.pairs()
        words, targets, entities, links = as_lists(pairs)
        sentences: list[Sentence] = [
            (len(w), len(t), e, a) for w, t, e, a in zip(words, targets, entities, links, strict=True)
        ]
        flat = flat_arrays(pairs)
        made: dict[str, list[list[str]]] = {}

        def run_peer(
            name: str,
            peer: Callable[[Sentence], list[str]],
            sentences: list[Sentence] = sentences,
            made: dict = made,
        ) -> None:
            made[name] = [peer(sentence) for sentence in sentences]

        seconds = paired(
            {
                "research": lambda: run_peer("research", research_greedy),
                "careful": lambda: run_peer("careful", careful_greedy),
                "ours": lambda flat=flat: xp.project(xp.SentencePairs.from_arrays(**flat), threads=1),
            },
            3,
        )
        ours = xp.project(pairs, stop_words=()).tags()
        same = made["research"] == ours and made["careful"] == ours
        if not same:
            yield f"{corpus.name}: labels equal plain Python's", "identical", "DIFFERENT", False
        against = {name: ratio(seconds, name, "ours") for name in ("careful", "research")}
        yield (
            f"{corpus.name}: plain Python greedy over all n-grams / `from_arrays` + `project`, labels identical",
            ">= 400",
            f"{against['careful']:,.0f} (prefix sums), {against['research']:,.0f} (as research code)",
            same and against["research"] >= 400,
        )


def threads_and_backends() -> Iterator[Row]:
    """Two threads against one; the staged way and Numba against the fused C++ kernel."""
    pairs = translate_train("de").pairs()
    large = tiled(pairs, 20)

    def side_by_side() -> None:
        """Two independent calls at once: what two cores of this machine give at the most, right now."""
        other = threading.Thread(target=lambda: xp.project(large, threads=1))
        other.start()
        xp.project(large, threads=1)
        other.join()

    seconds = paired(
        {
            "one": lambda: xp.project(large, threads=1),
            "two": lambda: xp.project(large, threads=2),
            "apart": side_by_side,
        },
        31,
    )
    speedup, ceiling = ratio(seconds, "one", "two"), 2 * ratio(seconds, "one", "apart")
    yield (
        f"two threads / one, {len(large):,} sentences (two independent calls at once, same rounds: {ceiling:.2f})",
        ">= 1.8",
        f"{speedup:.2f}",
        speedup >= 1.8,
    )

    def staged() -> object:
        spans = ngrams(pairs, threads=1)
        return greedy(pairs, spans, alignment_scores(pairs, spans, threads=1), threads=1)

    contenders = {
        "fused": lambda: xp.project(pairs, threads=1),
        "heuristic": lambda: xp.project(pairs, matcher="heuristic", threads=1),
        "numba": lambda: xp.project(pairs, threads=1, backend="numba"),
        "staged": staged,
    }
    seconds = paired(contenders, 21)
    yield "greedy, fused kernel", "-", rate(pairs, median(seconds["fused"])), None
    yield "word-to-word heuristic", "-", rate(pairs, median(seconds["heuristic"])), None
    yield "Numba / C++, fused greedy", "-", f"{ratio(seconds, 'numba', 'fused'):.2f}", None
    yield "staged (list n-grams, score, match) / fused", "-", f"{ratio(seconds, 'staged', 'fused'):.1f}", None


def exact_matching() -> Iterator[Row]:
    """Exact against greedy and against one HiGHS model per sentence, one thread, labels from alignment scores."""
    for corpus in (translate_train("de"), translate_train("es")):
        pairs = corpus.pairs()
        some = pairs[np.arange(4000)]
        spans = ngrams(pairs, threads=1)
        some_spans = ngrams(some, threads=1)
        some_scores = alignment_scores(some, some_spans, threads=1)
        scores = alignment_scores(pairs, spans, threads=1)
        seconds = paired(
            {
                "greedy": lambda pairs=pairs: xp.project(pairs, threads=1),
                "exact": lambda pairs=pairs: xp.project(pairs, matcher="exact", threads=1),
                "exact2": lambda pairs=pairs: xp.project(pairs, matcher="exact", limit="<=2", threads=1),
                "all": lambda p=pairs, c=spans, s=scores: greedy(p, c, s, threads=1),
            },
            31,
        )
        few = paired(
            {
                "ilp": lambda p=some, c=some_spans, s=some_scores: ilp(p, c, s, threads=1),
                "batched": lambda p=some, c=some_spans, s=some_scores: ilp(p, c, s, batch=200, threads=1),
                "exact": lambda some=some: xp.project(some, matcher="exact", threads=1),
            },
            3,
        )
        against = ratio(seconds, "exact", "greedy")
        yield f"{corpus.name}: exact / greedy, both fused", "<= 1.2", f"{against:.2f}", against <= 1.2
        against = ratio(seconds, "exact", "all")
        yield f"{corpus.name}: exact / greedy over all n-grams, scores given", "<= 1.0", f"{against:.2f}", against <= 1
        against = ratio(seconds, "exact2", "exact")
        yield f"{corpus.name}: exact `<=2` / exact `<=1`", "<= 3", f"{against:.2f}", against <= 3
        against = ratio(few, "ilp", "exact")
        per = median(few["ilp"]) / len(some) * 1e3, median(few["batched"]) / len(some) * 1e3
        yield (
            f"{corpus.name}: one HiGHS model per sentence / exact, 4,000 sentences "
            f"(HiGHS {per[0]:.3f} ms per sentence, {per[1]:.3f} ms in models of 200)",
            ">= 1,000",
            f"{against:,.0f}",
            against >= 1000,
        )


def command(args: list[str], rounds: int) -> float:
    """Return the median wall time of a command."""
    taken = []
    for _ in range(rounds):
        before = time.perf_counter()
        subprocess.run(args, check=True, capture_output=True)
        taken.append(time.perf_counter() - before)
    return median(taken[1:] or taken)


def start_up() -> Iterator[Row]:
    """Processes from start to end: import, and files to CoNLL on disk."""
    numpy_ = [sys.executable, "-c", "import numpy"]
    ours = [sys.executable, "-c", "import numpy, xproj_fast"]
    seconds = paired(
        {
            "numpy": lambda: subprocess.run(numpy_, check=True, cwd=HERE),
            "ours": lambda: subprocess.run(ours, check=True, cwd=HERE),
        },
        21,
    )
    extra = median(b - a for a, b in zip(seconds["numpy"], seconds["ours"], strict=True))
    figure = f"{extra * 1000:.1f} ms more ({median(seconds['numpy']) * 1000:.0f} ms)"
    yield "`import xproj_fast` beyond `import numpy`", "<= 30 ms", figure, extra <= 0.03
    corpus = translate_train("de")
    with tempfile.TemporaryDirectory() as folder:
        wall = command(
            [
                str(Path(sys.executable).with_name("xproj-fast")),
                *("project", "--source", str(DATA / corpus.source), "--target", str(DATA / corpus.target)),
                *("--alignments", str(DATA / corpus.alignments), "-o", f"{folder}/de.conll"),
            ],
            12,
        )
    yield (
        "`xproj-fast project`: files to CoNLL on disk, 14,041 sentences, start-up included",
        "< 0.6 s",
        f"{wall:.2f} s",
        wall < 0.6,
    )


MEMORY_PROBE = """
import json, resource, sys
sys.path.insert(0, {bench!r})
from corpora import tiled, translate_train
import xproj_fast as xp
pairs = translate_train("de").pairs()
warm = xp.project(pairs)
large = tiled(pairs, 200)
size = sum(a.nbytes for r in (large.source, large.target, large.entities, large.alignments)
           for a in (getattr(r, f) for f in r.__dataclass_fields__) if hasattr(a, "nbytes"))
before = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
open("/proc/self/clear_refs", "w").write("5")  # forget the peak so far
result = xp.project(large, threads=1)
peak = int([l for l in open("/proc/self/status") if l.startswith("VmHWM")][0].split()[1]) * 1024
print(json.dumps([len(large), size, peak - before]))
"""


def memory() -> Iterator[Row]:
    """What project() takes beyond its input."""
    probe = MEMORY_PROBE.format(bench=str(HERE))
    found = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True, cwd=HERE)
    sentences, size, extra = json.loads(found.stdout)
    factor = (size + extra) / size
    yield (
        f"peak memory of `project`, {sentences:,} sentences, input included / flat input ({size / 1e6:.0f} MB)",
        "<= 3",
        f"{factor:.2f}",
        factor <= 3,
    )


SECTIONS: dict[str, Callable[[], Iterator[Row]]] = {
    "entry-points": entry_points,
    "against-python": against_python,
    "threads": threads_and_backends,
    "exact": exact_matching,
    "start-up": start_up,
    "memory": memory,
}


def main() -> int:
    """Run the sections and print their rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS))
    args = parser.parse_args()
    require_data()
    if len(args.only) == 1:
        missed = 0
        for what, target, figure, met in SECTIONS[args.only[0]]():
            missed += met is False
            print(f"| {what} | {target} | {figure} | {'' if met is None else 'yes' if met else '**no**'} |", flush=True)
        return 1 if missed else 0
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    print(f"xproj_fast {xp.__version__}, Python {platform.python_version()}, {cpu}, {os.cpu_count()} cores\n")
    print("| what | target | measured | met |\n|---|--:|--:|---|", flush=True)
    # A process of its own for each section: what one leaves in memory is no burden on the next.
    codes = [subprocess.run([sys.executable, __file__, "--only", name], check=False).returncode for name in args.only]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
