"""``xproj-fast project``: files in, labelled file out."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from typing import Any

from xproj_fast.cli import aligning, console, learning, options, projecting, projections, reading, reviewing, usage
from xproj_fast.wording import count

DESCRIPTION = """\
Project the entities of labelled sentences onto their translations.
"""

EPILOG = """\
examples:
  xproj-fast project --source en.conll --target de.txt -o de.conll
  xproj-fast project --source en.conll --target de.words \\
      --alignments en-de.pharaoh --min-confidence 0.8 -o de.jsonl
  xproj-fast project --source pairs.parquet -o labelled.parquet --matcher exact

Without --alignments the words are aligned first, by what is learned from the text
itself; the links are kept beside the output (OUT.alignments.gz) for the next run.
The score learned trains itself on these very sentences, without any gold label,
and is how sure each span is; --scores alignment is the paper's method and learns
nothing (arXiv 2501.18750). The output appears under its name when it is whole.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    from xproj_fast.kernels import BACKENDS

    parser = commands.add_parser("project", description=DESCRIPTION, epilog=EPILOG)
    reading.add_pair_files(parser)
    output = parser.add_argument_group("output")
    output.add_argument("-o", "--output", required=True, metavar="FILE", help="labelled file; '-' = standard output")
    options.add(output, "--output-format", "--with-source", "--keep-columns", "--confidence-column")
    reviewing.add_review(output)
    reading.add_alignment_files(parser)
    projections.add_options(parser)
    reading.add_conll(parser)
    reading.add_jsonl(parser)
    options.add_common(parser)
    running = parser._action_groups[-1]
    options.add(running, "--backend", choices=BACKENDS)
    options.add(running, "--chunk", default=65536)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, project and write chunk by chunk."""
    if args.output == "-" and args.json:
        raise usage.UsageError("--json: expected an output file, as standard output holds the labels")
    aligning.refuse_overwriting(args, args.source, args.target, args.alignments)
    from xproj_fast.confidence import summable, summed

    found = projections.Projections(args)
    if args.confidence_column:
        projecting.require_confidence(found.method.tells_confidence, "--confidence-column")
    review = reviewing.Review(args, found.method.tells_confidence, args.source, args.target, args.alignments)
    kept = options.kept_columns(args, args.source, args.source_format)
    started = time.perf_counter()
    totals: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    with (
        console.progress("projecting", quiet=args.quiet) as report,
        options.open_labelled(args) as write,
    ):
        for result in found.over(report):
            with usage.faults_of(args.target or args.source):
                write(result if kept is None else kept.beside(result, totals["sentences"]))
                review.add(result)
            totals.update(summable(result.counts()))
            labels.update(result.label_counts())
    found.learning.save()
    review.write()
    seconds = {"project": found.seconds, "total": time.perf_counter() - started}
    summary = {
        "output": args.output,
        **summed(totals),
        **found.learning.told,
        **review.told,
        "labels": dict(labels.most_common()),
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
    }
    if args.json:
        console.print_json(summary)
    elif not args.quiet:
        _say(summary)
    return 0


def _say(summary: dict[str, Any]) -> None:
    entities = summary["entities"]
    share = summary["projected"] / entities if entities else 1.0
    lines = [
        f"{summary['output']}: {count(summary['sentences'], 'sentence')}, {count(entities, 'entity')}, "
        f"{summary['projected']:,} projected ({share:.1%}) onto {count(summary['spans'], 'span')}",
        "not projected: " + projecting.missed(summary),
        *projecting.sureness(summary),
    ]
    if summary["limit_sentences"]:
        reached = count(summary["limit_sentences"], "sentence")
        lines.append(f"{reached} reached the time limit: the spans are the best that were found")
    if summary["infeasible_sentences"]:
        infeasible = count(summary["infeasible_sentences"], "sentence")
        lines.append(f"{infeasible} could not meet the lower limit of every entity")
    lines += learning.said(summary)
    lines += reviewing.said(summary)
    total = summary["seconds"]["total"]
    lines.append(
        f"{total:.2f} s from files to file ({console.rate(summary['sentences'] / max(total, 1e-9))} sentences/s), "
        f"{summary['seconds']['project']:.3f} s of it projecting"
    )
    console.say(*lines, quiet=False)
