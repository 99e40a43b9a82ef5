"""What ``xproj-fast compare`` shows and writes."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast import __version__
from xproj_fast.cli import console
from xproj_fast.report.verdict import finds, name_of, verdict
from xproj_fast.wording import count, listed

if TYPE_CHECKING:
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.reliability import Reliability
    from xproj_fast.report.contenders import Setting
    from xproj_fast.report.noise import NoiseRow
    from xproj_fast.report.rows import Row


def summary(
    args: argparse.Namespace,
    pairs: SentencePairs,
    rows: Sequence[Row],
    noisy: Sequence[NoiseRow],
    setting: Setting,
) -> dict[str, Any]:
    """Return what compare.json holds."""
    files = {name: None if getattr(args, name) is None else str(getattr(args, name)) for name in _FILES}
    return {
        "xproj_fast": __version__,
        "python": platform.python_version(),
        "machine": _machine(),
        "files": files,
        "sentences": len(pairs),
        "entities": len(pairs.entities.start),
        "method": setting.method.described(),
        "ignore_labels": args.ignore_labels,
        "rounds": args.rounds,
        "threads": 1,
        "seed": args.seed,
        "rows": [row.to_dict() for row in rows],
        "verdict": verdict(rows),
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


def show(
    args: argparse.Namespace,
    pairs: SentencePairs,
    rows: Sequence[Row],
    noisy: Sequence[NoiseRow],
    setting: Setting,
) -> None:
    """Print the tables."""
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
    if any(row.objective is None for row in rows):
        notes.append(
            "objective: sum of the scores of what was chosen; it compares between rows of the same scores, limit and "
            "links; the heuristic has none"
        )
    if any(row.short_share is not None for row in rows):
        notes.append("short: sentences whose objective is below the best one; by: how far, on average in those")
    if {"exact", "ilp"} <= {row.matcher for row in rows} and any(row.f1 is not None for row in rows):
        notes.append("ilp and exact have the same objective; among equally good choices the ILP may take others")
    if any(row.confidence is not None for row in rows):
        notes.append("confidence: the share of its spans that it expects to be right")
    if any(row.auc is not None for row in rows):
        notes.append("AUC: how well confidence tells right from wrong, .5 = not; ECE: how far it is from precision")
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
    for line in verdict(rows):
        screen.line(line, style="bold")


_Column = tuple[str, bool, "Callable[[Row], str]"]  # heading, left-justified, cell


def _columns(rows: Sequence[Row], sentences: int) -> list[_Column]:
    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.2%}"

    def counts(found: dict[str, int] | None) -> str:
        return "-" if found is None else ", ".join(f"{name} {number:,}" for name, number in found.items())

    def number(value: float | None, digits: int) -> str:
        return "-" if value is None else f"{value:.{digits}f}"

    columns: list[_Column] = [
        ("matcher", True, lambda row: row.matcher + ("*" if row.sentences < sentences else "")),
    ]
    if len({row.links for row in rows}) > 1:
        columns.append(("links", True, lambda row: row.links))
    if len({row.scores for row in rows} - {None}) > 1:
        columns.append(("scores", True, lambda row: row.scores or "-"))
    columns += [
        ("backend", True, lambda row: row.backend),
        ("limit", True, lambda row: row.limit or "-"),
        ("time", False, lambda row: _time(row.seconds)),
        ("sentences/s", False, lambda row: console.rate(row.sentences_per_second)),
        ("objective", False, lambda row: "-" if row.objective is None else f"{row.objective:,.2f}"),
    ]
    if any(row.short_share is not None for row in rows):
        columns.append(("short", False, lambda row: share(row.short_share)))
        columns.append(("by", False, lambda row: share(row.shortfall) if row.short_share else "-"))
    if any(row.f1 is not None for row in rows):
        columns.append(("F1", False, lambda row: number(row.f1, 4)))
    if any(row.confidence is not None for row in rows):
        columns.append(("confidence", False, lambda row: number(row.confidence, 3)))
    if any(row.auc is not None for row in rows):
        columns.append(("AUC", False, lambda row: number(row.auc, 3)))
        columns.append(("ECE", False, lambda row: number(row.ece, 3)))
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
    note = f"mean of {count(args.noise_draws, 'draw')} per level, seeds from {args.seed}; half dropped, half moved"
    if "ilp" in args.matchers and setting.ilp_sentences and setting.ilp_sentences < len(pairs):
        note += "; no ILP here, as it runs on the first sentences only"
    screen.line(note, style="dim")


def write(folder: Path, summary: dict[str, Any], rows: Sequence[Row], noisy: Sequence[NoiseRow]) -> list[Path]:
    """Write tables and plots, and return their names."""
    from xproj_fast.formats.outputs import write_whole
    from xproj_fast.report import plot
    from xproj_fast.report.confidence_plot import confidence_plot
    from xproj_fast.report.tables import csv_bytes

    json_file, csv_file = folder / "compare.json", folder / "compare.csv"
    write_whole(json_file, (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode())
    write_whole(csv_file, csv_bytes([row.flat() for row in rows]))
    files = [json_file, csv_file]
    data = f"{_data(summary['files'])}, {count(summary['sentences'], 'sentence')}"
    accuracy = "speed and accuracy" if any(row.f1 is not None for row in rows) else "speed and objective"
    files += plot.pareto_plot(rows, folder / "compare", title=f"{data}: {accuracy} of each method")
    sure, left_out = _confident(rows)
    if sure:
        title = f"{data}: how far confidence can be trusted"
        files += confidence_plot(sure, folder / "confidence", title=title, left_out=left_out)
    if noisy:
        files.append(folder / "noise.csv")
        write_whole(files[-1], csv_bytes([asdict(row) for row in noisy]))
        files += plot.noise_plot(noisy, folder / "noise", title=f"{data}: accuracy under noise in the alignments")
    return files


def _data(files: dict[str, str | None]) -> str:
    """Return what the compared text is called: its files, and their folder where the command line names one."""
    from xproj_fast.report.drawing import arrow, short_name

    paths = [Path(name) for name in (files["source"], files["target"]) if name is not None]
    folders = {path.parent.name for path in paths if path.parent != Path("/dev")}  # standard input lies there
    named = arrow(*(short_name(path.name) for path in paths))
    return f"{short_name(folders.pop())}: {named}" if len(folders) == 1 and folders != {""} else named


def _confident(rows: Sequence[Row]) -> tuple[dict[str, Reliability], str]:
    """Return by name the figures of the confidence of each method that has one, and a sentence on those left out.

    Backends find the same spans; what ran on fewer sentences than the rest cannot be compared with it.
    """
    whole = max(row.sentences for row in rows)
    there = [row for row in rows if row.reliability is not None]
    found = {finds(row): row for row in there if row.sentences == whole}
    part = {row.matcher for row in there if row.sentences < whole}
    left_out = f"Not shown: {listed(sorted(part))}, measured on the first sentences only." if part else ""
    return {name_of(row, there): row.reliability for row in found.values() if row.reliability is not None}, left_out
