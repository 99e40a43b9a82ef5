"""``xproj-fast demo``: the whole way on 40 sentences, onto the languages that come with the package."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options
from xproj_fast.cli.lists import Listed

if TYPE_CHECKING:
    from xproj_fast.projection import Projection

DESCRIPTION = """\
Project English labels onto translations that come with the package, as
`xproj-fast project` does: print a sample with confidences and a summary, and
write CoNLL files, and a page that shows all of it, as `xproj-fast inspect` does.
"""
SCORES = "learned"
PAGE = "demo.html"


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    from xproj_fast.demo import LANGUAGES

    parser = commands.add_parser("demo", description=DESCRIPTION)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("out/demo"),
        metavar="DIR",
        help="folder for the CoNLL files and the page (default: out/demo)",
    )
    parser.add_argument(
        "--languages",
        type=Listed(choices=tuple(LANGUAGES)),
        default=tuple(LANGUAGES),
        metavar="A,B",
        help=f"some of {','.join(LANGUAGES)} (default: all)",
    )
    parser.add_argument("--sample", type=int, default=3, metavar="N", help="sentences shown per language (default: 3)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Project, write, show: in this order, as the reader of what is shown may leave (``| head``).

    Every language is projected twice: with the alignments that were made by hand, and as if there were none.
    """
    from xproj_fast.demo import LANGUAGES, demo_gold, demo_pairs
    from xproj_fast.evaluation import evaluate
    from xproj_fast.formats.writers import open_writer
    from xproj_fast.models.statistical_aligner import align_statistically
    from xproj_fast.projector import project
    from xproj_fast.report.page.page import write_page
    from xproj_fast.report.page.views import view_of

    options.make_folder(args.output)
    written = {language: args.output / f"{language}.conll" for language in args.languages}
    results: dict[str, Projection] = {}
    rows, views = [], []
    project(demo_pairs(args.languages[0]), scores=SCORES)  # so that no language is timed with imports
    for language in args.languages:
        started = time.perf_counter()
        pairs = demo_pairs(language)
        results[language] = result = project(pairs, scores=SCORES)
        with open_writer(written[language]) as write:
            write(result)
        seconds = time.perf_counter() - started
        gold, counts = demo_gold(language), result.counts()
        aligned = project(align_statistically(pairs), scores=SCORES)
        views.append(view_of(result, gold=gold, name=LANGUAGES[language]))
        rows.append(
            (
                LANGUAGES[language],
                f"{counts['projected']:,} of {counts['entities']:,}",
                f"{counts['expected_precision']:.3f}",
                *(f"{evaluate(gold, each).micro.f1:.3f}" for each in (result, aligned)),
                console.rate(len(result) / seconds),
            )
        )
    about = f"n-grams, {SCORES} score, greedy; sentences, alignments and gold were written for this demo"
    page = write_page(views, args.output / PAGE, title="English labels in other languages", about=about)
    screen = console.Screen()
    for language, result in results.items():
        _show_sample(screen, language, result, args.sample)
    headings = ("projected", "confidence", "F1", "F1, aligned here", "sentences/s")
    columns = [("onto", "left"), *((heading, "right") for heading in headings)]
    screen.table("English labels projected: n-grams, learned score, greedy", columns, rows)
    for line in (
        f"written: {', '.join(map(str, written.values()))}",
        "confidence: the share of the spans that the score expects to be right; it learns from the sentences alone.",
        "F1: with the alignments of the demo; aligned here: with those that are learnt from its 40 sentences.",
        "sentences/s is from files to file; the demo is too small to say more: see docs/benchmarks/speed.md.",
        "Sentences, alignments and gold were written for this demo: they show the method, they do not rate it.",
    ):
        screen.line(line, style="dim")
    screen.line(f"Open {page} in a browser to look at every sentence, the worst first.", style="bold")
    return 0


def _show_sample(screen: Any, language: str, result: Projection, size: int) -> None:
    from xproj_fast.demo import LANGUAGES

    screen.line()
    screen.line(f"English -> {LANGUAGES[language]}", style="bold underline")
    for pair in result[: max(size, 0)]:
        screen.draw(pair)
        screen.line()
