"""``xproj-fast inspect``: a page that shows what was projected or labelled, the worst first."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import aligning, console, options, projections, reading, usage
from xproj_fast.cli.parser import added, rare
from xproj_fast.errors import InputError
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.formats.sentences import Sentences
    from xproj_fast.report.page.views import View

DESCRIPTION = """\
Write one HTML page that shows what was projected or labelled: both sides, every
entity with its confidence, those that were not projected and why, what differs
from gold labels or from another output. Nothing else is needed to look at it.
"""

EPILOG = """\
examples:
  xproj-fast inspect --source en.conll --target de.txt -o de.html
  xproj-fast inspect --source en.conll --target de.words \\
      --alignments en-de.pharaoh --gold de.gold.conll -o de.html --open
  xproj-fast inspect de.parquet --gold de.gold.conll -o de.html
  xproj-fast inspect greedy.jsonl --against exact.jsonl -o both.html

With --source labels are projected as `xproj-fast project` does, with its options.
Links that are learned are kept in OUT.alignments.gz for the next run. Of a
labelled file the target side is shown; of .parquet and .arrow that were written
with --with-source both sides and the alignment. The page asks for nothing from
the network; a link to one sentence ends in #pair=NUMBER.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    from xproj_fast.report.page.page import LIMIT

    parser = commands.add_parser("inspect", description=DESCRIPTION, epilog=EPILOG)
    labelled = parser.add_argument_group("a labelled file")
    labelled.add_argument(
        "labelled",
        type=options.input_path,
        nargs="?",
        metavar="LABELLED",
        help="what was labelled: CoNLL, JSONL, Parquet or Arrow",
    )
    reading.add_format(labelled, "--labelled-format", "LABELLED")
    files = added(parser, lambda: reading.add_pair_files(parser, required=False))
    files += added(parser, lambda: reading.add_alignment_files(parser))
    beside = parser.add_argument_group("beside it")
    reading.add_gold(beside)
    beside.add_argument(
        "--against",
        type=options.input_path,
        metavar="FILE",
        help="the same sentences labelled in another way: what differs is marked",
    )
    reading.add_format(beside, "--against-format", "that")
    page = parser.add_argument_group("page")
    page.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="the page: .html")
    page.add_argument("--title", metavar="TEXT", help="above it (default: the names of the files)")
    page.add_argument(
        "--most",
        type=options.positive,
        default=LIMIT,
        metavar="N",
        help="sentences at most; of more, the worst and a sample of the others are shown (default: %(default)s)",
    )
    rare(
        page.add_argument(
            "--sample-seed", type=int, default=1, metavar="N", help="seed of that sample (default: %(default)s)"
        )
    )
    page.add_argument("--open", action="store_true", help="open it in a browser when it is written")
    method = added(parser, lambda: projections.add_options(parser))
    for action in method:
        rare(action)  # `project --help` explains them
    reading.add_conll(parser, confidences=True)
    reading.add_jsonl(parser)
    running = parser.add_argument_group("running")
    options.add(running, "--threads", "--quiet")
    of_projecting = [action.dest for action in (*files, *method) if action.dest != "source"]
    # All sentences at once: the worst may be the last.
    parser.set_defaults(run=run, backend="cpp", chunk=1 << 31, of_projecting=[*of_projecting, "threads"])


def run(args: argparse.Namespace) -> int:
    """Read or project, write the page, name it."""
    from xproj_fast.report.page.page import check_page, write_page

    if (args.labelled is None) == (args.source is None):
        raise usage.UsageError("expected a labelled file, or --source and --target to project")
    if args.sample_seed < 0:
        raise usage.UsageError(f"--sample-seed: expected 0 or more, got {args.sample_seed}")
    check_page(args.output)
    inputs = (args.labelled, args.source, args.target, args.alignments, args.gold, args.against)
    if args.labelled is not None:
        usage.refuse(args, args.of_projecting, "a labelled file")
        options.refuse_overwriting(args.output, *inputs)
        about, view = _of_labelled(args)
    else:
        usage.refuse(args, ("labelled_format", "confidences_from"), "--source")
        aligning.refuse_overwriting(args, *inputs)
        about, view = _of_projection(args)
    title = args.title or " \N{RIGHTWARDS ARROW} ".join(path.name for path in inputs[:3] if path is not None)
    write_page([view], args.output, title=title, about=about, most=args.most, seed=args.sample_seed)
    console.say(f"{args.output}: {count(len(view), 'sentence')}, to be opened in a browser", quiet=args.quiet)
    if args.open:
        import webbrowser

        webbrowser.open(args.output.resolve().as_uri())
    return 0


def _of_projection(args: argparse.Namespace) -> tuple[str, View]:
    from xproj_fast.report.page.views import view_of

    found = projections.Projections(args)
    with console.progress("projecting", quiet=args.quiet) as report:
        (result,) = found.over(report)
    found.learning.save()
    scores = ", ".join(found.method.weights) or "no scores"
    about = f"{found.method.matcher}, {scores}, {found.method.candidates}"
    return about, _beside(args, lambda **sides: view_of(result, **sides), ("projected",))


def _of_labelled(args: argparse.Namespace) -> tuple[str, View]:
    from xproj_fast.report.page.stored import stored_view

    sentences = _read(args, args.labelled, args.labelled_format)
    with usage.faults_of(args.labelled):
        found = sentences.labelled()
    view = _beside(
        args, lambda **sides: stored_view(found, args.labelled, args.labelled_format, **sides), (args.labelled.name,)
    )
    return "" if view.source is None else "both sides as they were stored", view


def _beside(args: argparse.Namespace, make: Callable[..., View], names: tuple[str, ...]) -> View:
    """Return a view with gold labels and another output beside what is inspected."""
    files = {name: getattr(args, name) for name in ("gold", "against") if getattr(args, name) is not None}
    sides = {name: _read(args, path, getattr(args, f"{name}_format")) for name, path in files.items()}
    other = files.get("against")
    if other is not None:
        names = (*names, other.name) if other.name not in names else (str(args.labelled), str(other))
    try:
        return make(**sides, names=names)
    except InputError as error:
        if error.field not in files:
            raise
        place = "" if error.sentence is None else f":{sides[error.field].lines[error.sentence]}"
        message = str(error).removeprefix(f"{error.field}: ")
        where = f"{files[error.field]}{place}"
        raise InputError(f"{where}: {message}", field=error.field, sentence=error.sentence) from None


def _read(args: argparse.Namespace, path: Path, fmt: str | None) -> Sentences:
    from xproj_fast.formats.files import read_sentences

    return read_sentences(path, fmt, conll=reading.conll_options(args), jsonl=reading.jsonl_options(args))
