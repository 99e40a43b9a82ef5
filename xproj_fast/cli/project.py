"""``xproj-fast project``: files in, labelled file out."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import aligning, console, options, projecting, reading, usage
from xproj_fast.kernels import BACKENDS
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.projection import Projection

EPILOG = """\
examples:
  xproj-fast project --source en.conll --target de.words --alignments en-de.pharaoh -o de.conll
  xproj-fast project --source en.jsonl --target de.jsonl -o de.jsonl --symmetrization grow-diag-final-and
  xproj-fast project --source pairs.parquet -o labelled.parquet --matcher heuristic --length-ratio 0 --top-k 1

Output is IOB2. It appears under its name only when it is whole. Without --alignments the words are aligned with
eflomal first, and the links are kept beside the output (OUT.alignments.gz) for the next run.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "project",
        description="Project the entities of labelled sentences onto their translations.",
        epilog=EPILOG,
    )
    reading.add_pair_files(parser, target_required=False)
    reading.add_alignment_files(parser)
    aligning.add_aligner(parser)
    projecting.add_method(parser)
    output = parser.add_argument_group("output")
    output.add_argument("-o", "--output", required=True, metavar="FILE", help="where to; '-' = standard output")
    output.add_argument("--output-format", choices=["conll", "jsonl", "arrow"], help="default: by the suffix")
    reading.add_conll(parser)
    reading.add_jsonl(parser)
    options.add_common(parser)
    parser.add_argument(
        "--backend",
        default="cpp",
        choices=BACKENDS,
        help="kernels of n-grams, alignment scores and greedy matching (default: cpp); the result is the same",
    )
    options.add_chunk(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, project and write chunk by chunk."""
    if args.output == "-" and args.json:
        raise usage.UsageError("--json: expected an output file, as standard output holds the labels")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.source, args.target, args.alignments)
    from xproj_fast.formats import projection_writer
    from xproj_fast.projector import project

    method = projecting.method_of(args)
    if args.alignments is not None or args.target is None:  # which is a file that holds them
        given = ("aligner", *aligning.ONLY_EFLOMAL, *aligning.ONLY_NEURAL)
        usage.require(args, given, "--target without --alignments, as nothing is aligned otherwise")
    else:
        aligning.is_neural(args)
    started = time.perf_counter()
    totals: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    seconds = {"project": 0.0}
    with (
        console.progress("projecting", quiet=args.quiet) as report,
        projection_writer(args.output, args.output_format) as write,
    ):
        for pairs in _chunks(args, report):
            before = time.perf_counter()
            result = project(pairs, method, backend=args.backend, threads=args.threads)
            seconds["project"] += time.perf_counter() - before
            with usage.faults_of(args.target or args.source):
                write(result)
            totals.update(result.counts())
            labels.update(_label_counts(result))
    seconds["total"] = time.perf_counter() - started
    summary = {
        "output": args.output,
        **totals,
        "labels": dict(labels.most_common()),
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
    }
    if args.json:
        console.print_json(summary)
    elif not args.quiet:
        _say(summary)
    return 0


def _chunks(args: argparse.Namespace, report: Any) -> Iterator[SentencePairs]:
    from xproj_fast.formats import iter_pairs, read_pairs

    how = reading.read_options(args)
    needs_links = args.alignments is None and args.target is not None
    if not needs_links:
        yield from iter_pairs(args.source, args.target, args.alignments, how, chunk=args.chunk, progress=report)
        return
    if args.aligner != "eflomal":
        from xproj_fast.cli.align import load_aligner

        aligner, how_aligned = load_aligner(args), aligning.align_options(args)
        languages = {"source_language": args.source_language, "target_language": args.target_language}
        for pairs in iter_pairs(args.source, args.target, None, how, chunk=args.chunk, progress=report):
            found = aligner.align(pairs.source, pairs.target, how_aligned, threads=args.threads, **languages)
            yield pairs.with_alignments(found.links, copy=False)
        return
    # eflomal learns from all sentence pairs at once, so here the whole text is in memory.
    from xproj_fast.models.statistical_aligner import align_statistically

    pairs = read_pairs(args.source, args.target, None, how)
    output = Path(args.output)
    elsewhere = args.output == "-" or (output.exists() and not output.is_file())  # beside a pipe is no place to keep it
    cache = None if elsewhere else Path(args.output + ".alignments.gz")
    console.say(f"aligning the words of {count(len(pairs), 'sentence pair')} with eflomal ...", quiet=args.quiet)
    yield align_statistically(pairs, aligning.aligner_options(args), cache=cache)


def _label_counts(result: Projection) -> dict[str, int]:
    import numpy as np

    counts = np.bincount(result.label, minlength=len(result.pairs.labels))
    return dict(zip(result.pairs.labels, counts.tolist(), strict=True))


def _say(summary: dict[str, Any]) -> None:
    entities = summary["entities"]
    share = summary["projected"] / entities if entities else 1.0
    missed = {
        "no aligned target word": summary["unscored"],
        "words taken by others": summary["overlap"],
        "runs too short": summary["too_short"],
    }
    lines = [
        f"{summary['output']}: {count(summary['sentences'], 'sentence')}, {count(entities, 'entity')}, "
        f"{summary['projected']:,} projected ({share:.1%}) onto {count(summary['spans'], 'span')}",
        "not projected: " + (", ".join(f"{n:,} {why}" for why, n in missed.items() if n) or "none"),
    ]
    if summary["limit_sentences"]:
        reached = count(summary["limit_sentences"], "sentence")
        lines.append(f"{reached} reached the time limit: the spans are the best that were found")
    if summary["infeasible_sentences"]:
        infeasible = count(summary["infeasible_sentences"], "sentence")
        lines.append(f"{infeasible} could not meet the lower limit of every entity")
    total = summary["seconds"]["total"]
    lines.append(
        f"{total:.2f} s from files to file ({console.rate(summary['sentences'] / max(total, 1e-9))} sentences/s), "
        f"{summary['seconds']['project']:.3f} s of it projecting"
    )
    console.say(*lines, quiet=False)
