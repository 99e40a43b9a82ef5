"""``xproj-fast demo``: the whole way on 40 sentences in four languages that come with the package."""

from __future__ import annotations

import argparse
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options
from xproj_fast.cli.lists import Listed

if TYPE_CHECKING:
    from xproj_fast.projection import Projection

LANGUAGES = {"de": "German", "es": "Spanish", "ru": "Russian", "ja": "Japanese"}
UNSEGMENTED = ("ja",)  # shown without spaces, as it is written
COLOURS = {
    "PER": "bold black on bright_cyan",
    "ORG": "bold black on bright_yellow",
    "LOC": "bold black on bright_green",
}
OTHER_COLOUR = "bold black on bright_magenta"


DESCRIPTION = """\
Project English labels onto German, Spanish, Russian and Japanese translations
that come with the package: print a sample and a summary, and write CoNLL files.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("demo", description=DESCRIPTION)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("out/demo"),
        metavar="DIR",
        help="folder for the CoNLL files (default: out/demo)",
    )
    parser.add_argument(
        "--languages",
        type=Listed(choices=tuple(LANGUAGES)),
        default=tuple(LANGUAGES),
        metavar="A,B",
        help="some of de,es,ru,ja (default: all)",
    )
    parser.add_argument("--sample", type=int, default=3, metavar="N", help="sentences shown per language (default: 3)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Project, write, show: in this order, as the reader of what is shown may leave (``| head``)."""
    import pyarrow  # noqa: F401 - so that the first language is not timed with its import

    from xproj_fast.evaluation import evaluate
    from xproj_fast.formats import open_writer, read_pairs, read_sentences
    from xproj_fast.projector import project

    options.make_folder(args.output)
    written = {language: args.output / f"{language}.conll" for language in args.languages}
    results: dict[str, Projection] = {}
    rows = []
    with as_file(files("xproj_fast") / "data" / "demo") as folder:
        for language in args.languages:
            started = time.perf_counter()
            pairs = read_pairs(folder / "en.conll", folder / f"{language}.words", folder / f"en-{language}.pharaoh")
            results[language] = result = project(pairs)
            with open_writer(written[language]) as write:
                write(result)
            seconds = time.perf_counter() - started
            figures = evaluate(read_sentences(folder / f"{language}.gold.conll"), result)
            counts = result.counts()
            rows.append(
                (
                    LANGUAGES[language],
                    f"{counts['sentences']:,}",
                    f"{counts['entities']:,}",
                    f"{counts['projected']:,} ({counts['projected'] / counts['entities']:.0%})",
                    f"{figures.micro.f1:.3f}",
                    console.rate(len(result) / seconds),
                )
            )
    screen = console.Screen()
    for language, result in results.items():
        _show_sample(screen, language, result, args.sample)
    headings = ("sentences", "entities", "projected", "F1 on gold", "sentences/s")
    columns = [("onto", "left"), *((heading, "right") for heading in headings)]
    screen.table("English labels projected: n-grams, alignment score, greedy", columns, rows)
    for line in (
        f"written: {', '.join(map(str, written.values()))}",
        "sentences/s is from files to file; the demo is too small to say more, bench/README.md has real corpora.",
        "Sentences, alignments and gold were written for this demo: they show the method, they do not rate it.",
    ):
        screen.line(line, style="dim")
    return 0


def _show_sample(screen: Any, language: str, result: Projection, size: int) -> None:
    screen.line()
    screen.line(f"English -> {LANGUAGES[language]}", style="bold underline")
    source = result.pairs.source.to_lists()
    target = result.pairs.target.to_lists()
    entities = result.pairs.entities
    projected = result.spans()
    for s in range(min(size, len(result))):
        own = range(int(entities.offsets[s]), int(entities.offsets[s + 1]))
        names = [(int(entities.start[e]), int(entities.end[e]), result.pairs.labels[entities.label[e]]) for e in own]
        screen.line(_coloured(source[s], names, " "))
        spans = [(span.start, span.end, span.label) for span in projected[s]]
        screen.line(_coloured(target[s], spans, "" if language in UNSEGMENTED else " "))
        screen.line()


def _coloured(words: list[str], spans: list[tuple[int, int, str]], joiner: str) -> Any:
    starts = {start: (end, label) for start, end, label in spans}
    text = console.styled("  ")
    word = 0
    while word < len(words):
        end, label = starts.get(word, (word + 1, ""))
        piece = joiner.join(words[word:end])
        style = COLOURS.get(label, OTHER_COLOUR) if label else ""
        text.append_text(console.styled(f" {piece} {label} " if label else piece, style))
        if end < len(words):
            text.append(joiner)
        word = end
    return text
