"""``xproj-fast project``: files in, labelled file out."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options
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
        help="project the labels of one file onto another",
        description="Project the entities of labelled sentences onto their translations.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_pair_files(parser, target_required=False)
    options.add_alignment_files(parser)
    options.add_aligner(parser)
    _add_method(parser)
    output = parser.add_argument_group("output")
    output.add_argument("-o", "--output", required=True, metavar="FILE", help="where to; '-' = standard output")
    output.add_argument("--output-format", choices=["conll", "jsonl", "arrow"], help="default: by the suffix")
    options.add_conll(parser)
    options.add_jsonl(parser)
    options.add_common(parser)
    parser.add_argument(
        "--backend",
        default="cpp",
        choices=["cpp", "numba"],
        help="kernels of n-grams, alignment scores and greedy matching (default: cpp); the result is the same",
    )
    options.add_chunk(parser)
    parser.set_defaults(run=run)


def _add_method(parser: argparse.ArgumentParser) -> None:
    method = parser.add_argument_group("method")
    method.add_argument(
        "--matcher",
        default="greedy",
        choices=["greedy", "exact", "ilp", "heuristic"],
        help="greedy: best-scoring spans first (arXiv 2501.18750); exact: the provably best choice, at about the same "
        "price; ilp: the same by HiGHS, to check it; heuristic: runs of aligned words (Garcia-Ferrero et al. 2022) "
        "(default: greedy)",
    )
    method.add_argument(
        "--limit", default="<=1", metavar="L", help="spans an entity: '<=1', '=1', '>=1', '<3', '>0' ..."
    )
    method.add_argument("--candidates", default="ngrams", choices=["ngrams", "aligned"], help="default: ngrams")
    method.add_argument("--min-words", type=int, default=1, metavar="N", help="fewest words of a span (1)")
    method.add_argument(
        "--max-words", type=int, default=10, metavar="N", help="most words of a span, 0 = no limit (10)"
    )
    options.add_stop_words(method)
    method.add_argument(
        "--forbid-adjacent", action="store_true", help="exact, ilp: two spans of one entity may not touch"
    )
    method.add_argument(
        "--time-limit",
        type=float,
        default=0.8,
        metavar="S",
        help="exact, ilp: seconds of HiGHS a sentence, 0 = no limit (0.8)",
    )
    runs = parser.add_argument_group("heuristic")
    runs.add_argument("--merge-distance", type=int, metavar="N", help="join runs at most N words apart (1)")
    runs.add_argument("--length-ratio", type=float, metavar="R", help="keep runs longer than R times the entity (0.8)")
    runs.add_argument("--top-k", type=int, metavar="K", help="keep the K longest runs of an entity, 0 = all (0)")
    runs.add_argument("--sentence-order", action="store_true", help="entities as they stand, not shortest first")
    runs.add_argument("--overwrite", action="store_true", help="later entities take words from earlier ones")


def run(args: argparse.Namespace) -> int:
    """Read, project and write chunk by chunk."""
    if args.output == "-" and args.json:
        raise options.UsageError("--json: expected an output file, as standard output holds the labels")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.source, args.target, args.alignments)
    from xproj_fast.formats import open_writer

    _check_method(args)
    if args.alignments is not None or args.target is None:  # which is a file that holds them
        given = ("aligner", *options.ONLY_EFLOMAL, *options.ONLY_NEURAL)
        options.refuse(args, given, "--target and no --alignments beside it, as nothing is aligned then")
    else:
        options.is_neural(args)
    started = time.perf_counter()
    totals: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    seconds = {"project": 0.0}
    with (
        console.progress("projecting", quiet=args.quiet) as report,
        open_writer(args.output, args.output_format) as write,
    ):
        for pairs in _chunks(args, report):
            before = time.perf_counter()
            result = _project(args, pairs)
            seconds["project"] += time.perf_counter() - before
            with options.faults_of(args.target or args.source):
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

    how = options.read_options(args)
    needs_links = args.alignments is None and args.target is not None
    if not needs_links:
        yield from iter_pairs(args.source, args.target, args.alignments, how, chunk=args.chunk, progress=report)
        return
    if args.aligner != "eflomal":
        from xproj_fast.cli.align_neural import load

        aligner, aligning = load(args), options.align_options(args)
        languages = {"source_language": args.source_language, "target_language": args.target_language}
        for pairs in iter_pairs(args.source, args.target, None, how, chunk=args.chunk, progress=report):
            found = aligner.align(pairs.source, pairs.target, aligning, threads=args.threads, **languages)
            yield pairs.with_alignments(found.links, copy=False)
        return
    # eflomal learns from all sentence pairs at once, so here the whole text is in memory.
    from xproj_fast.models.statistical_aligner import align_statistically

    pairs = read_pairs(args.source, args.target, None, how)
    output = Path(args.output)
    elsewhere = args.output == "-" or (output.exists() and not output.is_file())  # beside a pipe is no place to keep it
    cache = None if elsewhere else Path(args.output + ".alignments.gz")
    console.say(f"aligning the words of {count(len(pairs), 'sentence pair')} with eflomal ...", quiet=args.quiet)
    yield align_statistically(pairs, options.aligner_options(args), cache=cache)


def _check_method(args: argparse.Namespace) -> None:
    """Say what is wrong with the options before anything is read, let alone aligned."""
    from xproj_fast.candidates import check_word_limits
    from xproj_fast.matching import Limit
    from xproj_fast.matching.time_limit import check_time_limit

    with options.usage_errors():
        _heuristic_options(args)
    if args.matcher in ("greedy", "heuristic"):
        options.refuse(args, ("forbid_adjacent", "time_limit"), "--matcher exact or ilp beside it")
    if args.matcher == "heuristic":
        ngrams = ("limit", "candidates", "min_words", "max_words", "stop_words")
        options.refuse(args, ngrams, "no --matcher heuristic beside it, which has none")
    with options.usage_errors():
        check_time_limit(args.time_limit or None)
        Limit.parse(args.limit)
        check_word_limits(args.min_words, args.max_words or None)


def _project(args: argparse.Namespace, pairs: SentencePairs) -> Projection:
    from xproj_fast.projector import project

    return project(
        pairs,
        matcher=args.matcher,
        candidates=args.candidates,
        limit=args.limit,
        min_words=args.min_words,
        max_words=args.max_words or None,
        stop_words=args.stop_words,
        heuristic_options=_heuristic_options(args),
        forbid_adjacent=args.forbid_adjacent,
        time_limit=args.time_limit or None,
        backend=args.backend,
        threads=args.threads,
    )


def _heuristic_options(args: argparse.Namespace) -> Any:
    from xproj_fast.kernels.protocol import HeuristicOptions

    numbers = ("merge_distance", "length_ratio", "top_k")
    if args.matcher != "heuristic":
        given = (*numbers, "sentence_order", "overwrite")
        options.refuse(args, given, f"--matcher heuristic beside it, got --matcher {args.matcher}")
        return None
    chosen = {name: getattr(args, name) for name in numbers if getattr(args, name) is not None}
    return HeuristicOptions(**chosen, shortest_first=not args.sentence_order, overwrite=args.overwrite)


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
