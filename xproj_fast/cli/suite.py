"""``xproj-fast evaluate --suite DIR``: pipelines by languages, as a table."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from xproj_fast.cli import console, derived, options, pipeline_options, projecting, usage
from xproj_fast.cli.lists import Listed, names
from xproj_fast.errors import unknown_name

if TYPE_CHECKING:
    from xproj_fast.report.suite_language import Cell, Models


OPTIONS = (
    *("pipelines", "tagger", "target_tagger", "aligner", "translator", "source_language", "codes"),
    *("device", "threads", "output", "quiet"),
)
BY_PIPELINE = ("scores",)  # what the name of a pipeline always says


def add_suite(parser: argparse.ArgumentParser) -> None:
    """Add what a suite takes."""
    group = parser.add_argument_group("suite: pipelines on a folder of datasets and languages")
    group.add_argument("--suite", type=Path, metavar="DIR", help="folder of datasets, see below")
    group.add_argument(
        "--pipelines",
        type=names,
        metavar="A,B",
        help="heuristic, transfer, or SCORES[+CANDIDATES][:MATCHER]: align:exact, alignment+ner, all_fusion, string "
        "(default: all that the models allow)",
    )
    options.add(group, "--tagger", "--target-tagger")
    pipeline_options.add_aligner(group)
    options.add(group, "--translator")
    options.add(group, "--from", default="eng_Latn", help="source language, such as eng_Latn (default: eng_Latn)")
    group.add_argument(
        "--codes",
        type=Listed(_code, "NAME=CODE"),
        default=(),
        metavar="NAME=CODE,...",
        help="languages of the folders: de=deu_Latn,es=spa_Latn",
    )
    group.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder for suite.csv and suite.json")
    options.add(group, "--device", "--threads", "--quiet")


def method_options() -> tuple[str, ...]:
    """Return the options of a method that a suite takes."""
    return tuple(name for name in projecting.method_options() if name not in BY_PIPELINE)


def run_suite(args: argparse.Namespace) -> int:
    """Run all pipelines, print the table."""
    from xproj_fast.method import Method
    from xproj_fast.report import suite
    from xproj_fast.report.datasets import find_datasets
    from xproj_fast.report.suite_language import SuiteOptions

    datasets = find_datasets(args.suite)
    codes = _codes(args, [dataset.language for dataset in datasets])
    if args.output is not None:  # before hours are spent on figures that have no place
        options.make_folder(args.output)
    models = _load(args)
    chosen = args.pipelines or suite.default_pipelines(models)
    base = derived.made(Method, args)
    projecting.require_effect(args, [made for name in chosen if (made := suite.method_of(name, base)) is not None])
    how = SuiteOptions(
        ignore_labels=tuple(args.ignore_labels),
        source_language=args.source_language,
        codes=codes,
        tag_names=args.tag_names,
        base=base,
        threads=args.threads,
    )
    with console.progress("suite", quiet=args.quiet) as report:
        cells = suite.run_suite(datasets, chosen, models, how, progress=lambda _, share: report(share))
    if args.output is not None:
        _write(args.output, cells)
    if args.json:
        console.print_json({"cells": [asdict(cell) for cell in cells]})
    else:
        _show(cells, list(chosen))
    return 0


def _code(text: str) -> tuple[str, str]:
    name, equals, code = text.partition("=")
    if not (name and equals and code):
        raise ValueError
    return name, code


def _codes(args: argparse.Namespace, folders: list[str]) -> dict[str, str]:
    """Return the codes of folders; both must be what they look like, whether or not a model asks for them."""
    from xproj_fast.text.languages import check_language_code

    with usage.usage_errors():
        check_language_code(args.source_language, "source_language")
        for name, code in args.codes:
            if name not in folders:
                raise unknown_name("codes", name, folders, "folders of the suite,")
            check_language_code(code, "codes")
    return dict(args.codes)


def _load(args: argparse.Namespace) -> Models:
    from xproj_fast.report.suite_language import Models

    return Models(**pipeline_options.load(args, "tagger", "target_tagger", "aligner", "translator"))


def _show(cells: list[Cell], chosen: list[str]) -> None:
    from xproj_fast.report.suite import mean

    languages = list(dict.fromkeys(cell.dataset for cell in cells))
    f1 = {(cell.pipeline, cell.dataset): cell.f1 for cell in cells}
    projection = {name: sum(cell.projection_seconds for cell in cells if cell.pipeline == name) for name in chosen}
    headings = (*languages, "mean", "seconds", "projection alone")
    rows = []
    best = max(mean(cells, name)[0] for name in chosen)
    for name in chosen:
        average, seconds = mean(cells, name)
        shown = console.styled(f"{average:.4f}", "bold" if average == best else "")
        row = [f"{f1[name, language]:.4f}" for language in languages]
        rows.append((name, *row, shown, f"{seconds:.2f}", f"{projection[name]:.3f}"))
    screen = console.Screen()
    screen.table("overall micro F1", [("pipeline", "left"), *((heading, "right") for heading in headings)], rows)
    counts = {cell.dataset: cell.sentences for cell in cells}
    listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    screen.line(f"sentences: {listed}", "dim")
    screen.line("seconds: of the models a pipeline needs, each run once a language, and its projection", "dim")


def _write(folder: Path, cells: list[Cell]) -> None:
    from xproj_fast.formats.outputs import write_whole
    from xproj_fast.report.tables import csv_bytes

    rows = [asdict(cell) for cell in cells]
    write_whole(folder / "suite.json", (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode())
    write_whole(folder / "suite.csv", csv_bytes(rows))
