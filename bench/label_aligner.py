"""Rows of bench/labels.py: the built-in aligner by itself, with the learned score, and beside eflomal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from statistics import mean, median, pstdev

import xproj_fast as xp
from xproj_fast.demo import LANGUAGES, demo_gold, demo_pairs
from xproj_fast.models.alignment import EflomalOptions, StatisticalAlignOptions
from xproj_fast.scores.options import LearnedOptions

from corpora import BAMBARA, DATA, Corpus, europarl, translate_test, translate_train
from goals import Goal, judged
from label_scores import f1_of

SEEDS = (1, 2, 3, 4, 5)
TWO = 2  # threads, as the targets have it


def _corpora() -> list[Corpus]:
    found = [europarl("de", None), europarl("es", None), BAMBARA, translate_test("de"), translate_test("es")]
    return [replace(corpus, alignments=None) for corpus in found]


@cache
def _by_seed() -> dict[str, dict[str, list[float]]]:
    """Return by corpus the F1 of the alignment score and of the learned score, each by seed, on our links."""
    found: dict[str, dict[str, list[float]]] = {}
    for corpus in _corpora():
        pairs = corpus.pairs()
        found[corpus.name] = {"alignment": [], "learned": []}
        for seed in SEEDS:
            aligned = xp.align_statistically(pairs, StatisticalAlignOptions(seed=seed), threads=TWO)
            learned = {"scores": "learned", "learned": LearnedOptions(seed=seed)}
            for name, method in (("alignment", {}), ("learned", learned)):
                found[corpus.name][name].append(f1_of(corpus, aligned, **method))
    return found


def alone() -> list[Goal]:
    """Return what the aligner gives without other text, by the alignment score and by the learned score."""
    found = _by_seed()
    what = "built-in aligner alone, greedy alignment score, Europarl de / es, Bambara, translate-test de / es"
    values = [of["alignment"] for of in found.values()]
    sure = [of["learned"] for of in found.values()]
    spread = [pstdev(each) for each in values]
    return [
        judged(
            f"{what}: F1 of 5 seeds",
            list(map(mean, values)),
            (0.917, 0.902, 0.566, 0.623, 0.631),
            spread=spread,
            detail=found,
        ),
        judged("the same: standard deviation over the seeds", spread, (0.003, 0.005, 0.003, 0.003, 0.005), most=True),
        judged(
            "the same with the learned score: F1 of 5 seeds",
            list(map(mean, sure)),
            (0.920, 0.905, 0.580, 0.624, 0.633),
            spread=list(map(pstdev, sure)),
        ),
    ]


def on_demo() -> list[Goal]:
    """Return what the aligners make of the 40 pairs of the demo."""
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    for language in LANGUAGES:
        pairs, gold = demo_pairs(language), demo_gold(language)

        def f1(aligned: xp.SentencePairs, gold: object = gold) -> float:
            return xp.evaluate(gold, xp.project(aligned)).micro.f1

        ours[language] = [f1(xp.align_statistically(pairs, StatisticalAlignOptions(seed=seed))) for seed in SEEDS]
        theirs[language] = [f1(xp.align_with_eflomal(pairs)) for _ in SEEDS]
    aimed = ("de", "es", "ru", "ja")
    more = [language for language in LANGUAGES if language not in aimed]
    rows = []
    for languages, bounds in ((aimed, (0.84, 0.80, 0.84, 0.50)), (more, None)):
        note = "eflomal: " + " / ".join(f"{mean(theirs[each]):.4f}" for each in languages)
        rows.append(
            judged(
                f"demo, 40 pairs, {' / '.join(languages)}: F1 of 5 seeds",
                [mean(ours[each]) for each in languages],
                bounds,
                spread=[pstdev(ours[each]) for each in languages],
                note=note,
                detail={"ours": ours, "eflomal": theirs},
            )
        )
    return rows


def _cpu(run: Callable[[], xp.SentencePairs]) -> tuple[xp.SentencePairs, float]:
    """Return what a call returns, and its CPU seconds, those of its processes too."""
    before = os.times()
    found = run()
    return found, sum(b - a for a, b in zip(before[:4], os.times()[:4], strict=True))


def _beside(what: str, corpus: Corpus, extra: tuple[Path, Path] | None, rounds: int, most: float) -> Goal:
    """Return the CPU seconds of ours as a share of eflomal's on the same text, in turn."""
    pairs = replace(corpus, alignments=None).pairs()
    f1: dict[str, list[float]] = {"ours": [], "eflomal": []}
    cpu: dict[str, list[float]] = {"ours": [], "eflomal": []}
    for seed in range(1, rounds + 1):
        ours = StatisticalAlignOptions(seed=seed, extra_text=extra)
        theirs = EflomalOptions(extra_text=extra)
        for name, run in (
            ("ours", partial(xp.align_statistically, pairs, ours, threads=TWO)),
            ("eflomal", partial(xp.align_with_eflomal, pairs, theirs)),
        ):
            aligned, seconds = _cpu(run)
            cpu[name].append(seconds)
            f1[name].append(f1_of(corpus, aligned))
    share = median(a / b for a, b in zip(cpu["ours"], cpu["eflomal"], strict=True))
    note = ", ".join(f"{name} {median(cpu[name]):.1f} s, F1 {mean(f1[name]):.4f}" for name in cpu)
    detail = {"cpu": cpu, "f1": f1}
    return judged(
        f"CPU of ours / eflomal's, {what}", [share], [most], most=True, shown="{:.2f}", note=note, detail=detail
    )


def beside_eflomal() -> list[Goal]:
    """Return CPU time on the same text, and what both find there."""
    train = translate_train("de")
    extra = DATA / train.source, DATA / train.target
    return [
        _beside("799 pairs (Europarl de)", europarl("de", None), None, 3, 0.4),
        _beside("17,201 pairs (translate-test and translate-train de)", translate_test("de"), extra, 1, 0.7),
    ]


def on_a_million() -> list[Goal]:
    """Return what a million pairs take, see bench/million.py."""
    script = Path(__file__).with_name("million.py")
    done = subprocess.run([sys.executable, script, "--threads", str(TWO)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    note = f"{found['cpu_seconds'] / 60:.0f} CPU minutes"
    return [
        judged("10^6 pairs, two threads: minutes", [found["seconds"] / 60], [30], most=True, shown="{:.1f}", note=note),
        judged(
            "the same: GiB of memory at most",
            [found["gib"]],
            [4.0],
            most=True,
            shown="{:.2f}",
            note=f"{found['gib_of_text']:.2f} before, with the text",
            detail=found,
        ),
    ]


GROUPS: dict[str, Callable[[], list[Goal]]] = {
    "aligner": alone,
    "demo": on_demo,
    "cpu": beside_eflomal,
    "million": on_a_million,
}
