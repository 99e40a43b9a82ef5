"""``xproj-fast compare``: what each matcher costs and gives on your own data, as a table and a plot."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast import __version__
from xproj_fast.cli import console, options, reading, usage
from xproj_fast.cli.lists import Listed, names, numbers
from xproj_fast.kernels import BACKENDS, installed
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.formats.sentences import Sentences
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.report.compare import Row
    from xproj_fast.report.contenders import Gold, Setting
    from xproj_fast.report.noise import NoiseRow

MATCHERS = ("heuristic", "greedy", "exact", "ilp")
LEVELS = (0.0, 0.1, 0.2, 0.3)

EPILOG = """\
examples:
  xproj-fast compare --source en.conll --target de.words --alignments en-de.pharaoh
  xproj-fast compare --source en.conll --target de.conll --alignments en-de.pharaoh --gold de.conll -o out/compare
  xproj-fast compare ... --gold de.conll --noise 0,.1,.2,.3 --backends cpp -o out/compare

Speed is that of project() in memory, stop words looked up, one thread: the median of --rounds rounds in which all
contenders run in turn, after one round that does not count. The figures of one run belong together; two runs differ.
--backends are those of greedy: heuristic and exact run on the compiled core, whatever they are. The heuristic has no
limit. The ILP is HiGHS, one model a sentence. Where several choices are equally good it may take another one than
exact: the same objective, another F1.

--noise P changes each link on its own: with probability P/2 it is dropped, with probability P/2 it is moved to
another target word of its sentence (each with the same chance), else it stays; a link moved onto one that is there
becomes one with it. The F1 is the mean of --noise-draws draws, with the first backend and the first limit.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "compare",
        description="Run heuristic, greedy, exact and ILP on the same sentence pairs; show time, objective, proof and "
        "F1.",
        epilog=EPILOG,
    )
    reading.add_pair_files(parser, target_required=False)
    reading.add_alignment_files(parser)
    gold = parser.add_argument_group("gold")
    gold.add_argument(
        "--gold", type=reading.input_path, metavar="FILE", help="right labels of the target side: CoNLL, JSONL, Parquet"
    )
    gold.add_argument("--gold-format", choices=["conll", "jsonl", "arrow"], help="default: by the suffix")
    gold.add_argument("--ignore-labels", type=names, default=(), metavar="A,B", help="classes that F1 leaves out")
    _add_contenders(parser)
    _add_noise(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write compare.csv, compare.json, compare.png, compare.svg, and with --noise noise.csv, noise.png, "
        "noise.svg (plots need pip install 'xproj-fast[report]')",
    )
    reading.add_conll(parser)
    reading.add_jsonl(parser)
    running = parser.add_argument_group("running")
    running.add_argument("--quiet", action="store_true", help="no progress")
    running.add_argument("--json", action="store_true", help="print what compare.json holds, not a table")
    parser.set_defaults(run=run)


def _add_contenders(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("contenders")
    every = ",".join
    group.add_argument(
        "--matchers", type=Listed(choices=MATCHERS), default=MATCHERS, metavar="A,B", help=f"({every(MATCHERS)})"
    )
    group.add_argument(
        "--limits", type=names, default=("<=1", "<=2"), metavar="L,M", help="spans an entity (default: '<=1,<=2')"
    )
    group.add_argument(
        "--backends",
        type=Listed(choices=BACKENDS),
        default=installed(),
        metavar="A,B",
        help=f"of greedy: {', '.join(BACKENDS)} (default: those that are installed)",
    )
    group.add_argument("--rounds", type=options.positive, default=5, metavar="N", help="rounds that count (5)")
    group.add_argument(
        "--ilp-sentences",
        type=int,
        default=2000,
        metavar="N",
        help="the ILP takes the first N sentences only, and all its figures are of those; 0 = all (2000)",
    )
    group.add_argument("--max-words", type=int, default=10, metavar="N", help="most words of a span, 0 = no limit (10)")
    options.add_stop_words(group)


def _add_noise(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("noise (needs --gold)")
    group.add_argument(
        "--noise",
        nargs="?",
        type=numbers,
        const=LEVELS,
        metavar="P,Q",
        help="also score alignments in which each link is dropped with probability P/2 and moved to another target "
        "word with probability P/2 (without values: 0,.1,.2,.3)",
    )
    group.add_argument("--noise-draws", type=options.positive, default=5, metavar="N", help="draws a level (5)")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise: draw d takes seed + d (0)")


def run(args: argparse.Namespace) -> int:
    """Read, run all contenders, show, write."""
    levels = _check(args)
    from xproj_fast.method import Method
    from xproj_fast.report import compare
    from xproj_fast.report.contenders import Setting
    from xproj_fast.report.noise import compare_noise

    pairs, gold = _read(args)
    method = Method(max_words=args.max_words or None, stop_words=args.stop_words)
    setting = Setting(method, ignore_labels=_ignored(args, gold), ilp_sentences=args.ilp_sentences or None)
    with console.progress("comparing", quiet=args.quiet) as report:
        rows = compare.compare(
            pairs,
            gold=gold,
            matchers=args.matchers,
            limits=args.limits,
            backends=args.backends,
            rounds=args.rounds,
            setting=setting,
            progress=report,
        )
    noisy: list[NoiseRow] = []
    if levels and gold is not None:
        with console.progress("with noise", quiet=args.quiet) as report:
            noisy = compare_noise(
                pairs,
                gold,
                levels=levels,
                matchers=args.matchers,
                limit=args.limits[0],
                backend=args.backends[0],
                seed=args.seed,
                draws=args.noise_draws,
                setting=setting,
                progress=report,
            )
    summary = _summary(args, pairs, rows, noisy)
    if args.output is not None:  # before the table, whose reader may leave (`| head`)
        files = _write(args.output, summary, rows, noisy)
        console.say(f"written: {', '.join(map(str, files))}", quiet=args.quiet)
    if args.json:
        console.print_json(summary)
    else:
        _show(args, pairs, rows, noisy, setting)
    return 0


def _ignored(args: argparse.Namespace, gold: Gold | None) -> tuple[str, ...]:
    """Return the classes that F1 leaves out, without those that were dropped and no gold has: they are gone already."""
    there = () if gold is None else gold[1]
    return tuple(name for name in args.ignore_labels if name in there or name not in args.drop_labels)


def _check(args: argparse.Namespace) -> list[float]:
    """Say what is wrong with the options before anything is read; returns the noise levels."""
    from xproj_fast.matching import Limit

    with usage.usage_errors(limit="limits"):
        for limit in args.limits:
            Limit.parse(limit)
    if args.max_words < 0:
        raise usage.UsageError(f"--max-words: expected 0 (no limit) or more, got {args.max_words}")
    levels = sorted(set(args.noise or ()))
    for level in levels:
        if not 0 <= level <= 1:
            raise usage.UsageError(f"--noise: expected probabilities from 0 to 1, got {level}")
    if args.ilp_sentences < 0:
        raise usage.UsageError(f"--ilp-sentences: expected 0 (all) or more, got {args.ilp_sentences}")
    if args.seed < 0:
        raise usage.UsageError(f"--seed: expected 0 or more, got {args.seed}")
    for name, given in (("--noise", levels), ("--ignore-labels", args.ignore_labels)):
        if given and args.gold is None:
            raise usage.UsageError(f"{name}: requires --gold")
    if args.alignments is None and args.target is not None:
        raise usage.UsageError("--alignments: expected a file of word alignments ('xproj-fast align' makes one)")
    if args.output is not None:  # before minutes are spent on figures that no plot can show
        from xproj_fast.report import plot

        plot.require_matplotlib()
        options.make_folder(args.output)
        for name in ("compare.csv", "compare.json", "compare.png", "compare.svg", "noise.csv"):
            options.refuse_overwriting(args.output / name, args.source, args.target, args.alignments, args.gold)
    return levels


def _read(args: argparse.Namespace) -> tuple[SentencePairs, Gold | None]:
    from xproj_fast.errors import InputError
    from xproj_fast.formats import read_pairs, read_sentences

    pairs = read_pairs(args.source, args.target, args.alignments, reading.read_options(args))
    if args.gold is None:
        return pairs, None
    conll = replace(reading.conll_options(args), scheme="any")
    gold: Sentences = read_sentences(args.gold, args.gold_format, conll=conll, jsonl=reading.jsonl_options(args))
    if len(gold) != len(pairs):
        raise InputError(
            f"{args.gold}: expected as many sentences as there are pairs, {len(pairs):,}, got {len(gold):,}"
        )
    if gold.entities is None:
        raise InputError(f"{args.gold}: expected sentences with labels, got words alone")
    wrong = [s for s, (a, b) in enumerate(zip(_lengths(gold.words), _lengths(pairs.target), strict=True)) if a != b]
    if wrong:
        s = wrong[0]
        raise InputError(
            f"{args.gold}:{gold.lines[s]}: expected as many words as the target sentence has, "
            f"{_lengths(pairs.target)[s]}, got {_lengths(gold.words)[s]}"
        )
    return pairs, (gold.entities, gold.labels)


def _lengths(words: Any) -> list[int]:
    bounds: list[int] = words.offsets.tolist()
    return [b - a for a, b in pairwise(bounds)]


def _summary(
    args: argparse.Namespace, pairs: SentencePairs, rows: Sequence[Row], noisy: Sequence[NoiseRow]
) -> dict[str, Any]:
    files = {name: None if getattr(args, name) is None else str(getattr(args, name)) for name in _FILES}
    return {
        "xproj_fast": __version__,
        "python": platform.python_version(),
        "machine": _machine(),
        "files": files,
        "sentences": len(pairs),
        "entities": len(pairs.entities.start),
        "max_words": args.max_words or None,
        "stop_words": args.stop_words,
        "ignore_labels": args.ignore_labels,
        "rounds": args.rounds,
        "threads": 1,
        "seed": args.seed,
        "rows": [row.to_dict() for row in rows],
        "noise": [asdict(row) for row in noisy],
    }


_FILES = ("source", "target", "alignments", "gold")


def _machine() -> str:
    """Return the CPU by name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {platform.system()}"


def _show(
    args: argparse.Namespace,
    pairs: SentencePairs,
    rows: Sequence[Row],
    noisy: Sequence[NoiseRow],
    setting: Setting,
) -> None:
    screen = console.Screen()
    columns = _columns(rows, len(pairs))
    screen.table(
        f"{count(len(pairs), 'sentence')}, {count(len(pairs.entities.start), 'entity')}, one thread",
        [(heading, "left" if left else "right") for heading, left, _ in columns],
        [[cell(row) for _, _, cell in columns] for row in rows],
    )
    capped = [row for row in rows if row.sentences < len(pairs)]
    notes = [
        f"time: median of {count(args.rounds, 'round')} of project(), all contenders in turn, after one that does not "
        "count",
    ]
    if any(row.short_share is not None for row in rows):
        notes.append("short: sentences whose objective is below the best one; by: how far, on average in those")
    if {"exact", "ilp"} <= {row.matcher for row in rows} and any(row.f1 is not None for row in rows):
        notes.append("ilp and exact have the same objective; among equally good choices the ILP may take others")
    if any(row.proofs for row in rows):
        notes.append("proved by: how many sentences each proof settled")
    if capped:
        notes.append(
            f"* the ILP ran on the first {capped[0].sentences:,} of {count(len(pairs), 'sentence')} only: its rate, "
            "objective and F1 are of those (--ilp-sentences 0 = all)"
        )
    for note in notes:
        screen.line(note, style="dim")
    if noisy:
        _show_noise(screen, args, pairs, noisy, setting)


_Column = tuple[str, bool, "Callable[[Row], str]"]  # heading, left-justified, cell


def _columns(rows: Sequence[Row], sentences: int) -> list[_Column]:
    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.2%}"

    def counts(found: dict[str, int] | None) -> str:
        return "-" if found is None else ", ".join(f"{name} {number:,}" for name, number in found.items())

    columns: list[_Column] = [
        ("matcher", True, lambda row: row.matcher + ("*" if row.sentences < sentences else "")),
        ("backend", True, lambda row: row.backend),
        ("limit", True, lambda row: row.limit or "-"),
        ("time", False, lambda row: _time(row.seconds)),
        ("sentences/s", False, lambda row: console.rate(row.sentences_per_second)),
        ("objective", False, lambda row: f"{row.objective:,.2f}"),
    ]
    if any(row.short_share is not None for row in rows):
        columns.append(("short", False, lambda row: share(row.short_share)))
        columns.append(("by", False, lambda row: share(row.shortfall) if row.short_share else "-"))
    if any(row.f1 is not None for row in rows):
        columns.append(("F1", False, lambda row: "-" if row.f1 is None else f"{row.f1:.4f}"))
    columns.append(("status", True, lambda row: counts(row.statuses)))
    if any(row.proofs for row in rows):
        columns.append(("proved by", True, lambda row: counts(row.proofs)))
    return columns


def _time(seconds: float) -> str:
    for factor, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= factor:
            return f"{seconds / factor:.2f} {unit}"
    return f"{seconds * 1e6:.0f} us"


def _show_noise(
    screen: Any, args: argparse.Namespace, pairs: SentencePairs, noisy: Sequence[NoiseRow], setting: Setting
) -> None:
    levels = sorted({row.noise for row in noisy})
    f1 = {(row.matcher, row.noise): row.f1 for row in noisy}
    screen.table(
        f"F1 by share of links changed (limit {args.limits[0]})",
        [("matcher", "left"), *((f"{level:.0%}", "right") for level in levels)],
        [
            (matcher, *(f"{f1[matcher, level]:.4f}" for level in levels))
            for matcher in dict.fromkeys(row.matcher for row in noisy)
        ],
    )
    note = f"mean of {count(args.noise_draws, 'draw')} a level, seeds from {args.seed}; half dropped, half moved"
    if "ilp" in args.matchers and setting.ilp_sentences and setting.ilp_sentences < len(pairs):
        note += "; no ILP here, as it runs on the first sentences only"
    screen.line(note, style="dim")


def _write(folder: Path, summary: dict[str, Any], rows: Sequence[Row], noisy: Sequence[NoiseRow]) -> list[Path]:
    from xproj_fast.formats.outputs import write_whole
    from xproj_fast.report import plot
    from xproj_fast.report.tables import csv_bytes

    json_file, csv_file = folder / "compare.json", folder / "compare.csv"
    write_whole(json_file, (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode())
    write_whole(csv_file, csv_bytes([row.flat() for row in rows]))
    files = [json_file, csv_file]
    sentences = count(summary["sentences"], "sentence")
    title = f"{sentences}, {count(summary['entities'], 'entity')}: speed and accuracy of each matcher"
    files += plot.pareto_plot(rows, folder / "compare", title=title)
    if noisy:
        files.append(folder / "noise.csv")
        write_whole(files[-1], csv_bytes([asdict(row) for row in noisy]))
        title = f"{sentences}: accuracy under noise in the alignments"
        files += plot.noise_plot(noisy, folder / "noise", title=title)
    return files
