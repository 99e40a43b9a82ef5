"""``xproj-fast compare``: what each matcher, score and aligner costs and gives on your own data; which to take."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import compare_input, compare_tables, console, derived, options, projecting, reading, usage
from xproj_fast.cli.lists import Listed, names, numbers
from xproj_fast.cli.parser import rare

if TYPE_CHECKING:
    from xproj_fast.method import Method
    from xproj_fast.report.contenders import Gold
    from xproj_fast.report.noise import NoiseRow

LEVELS = (0.0, 0.1, 0.2, 0.3)

DESCRIPTION = """\
Compare the speed and accuracy of matchers, scores and aligners on your own data:
time, objective, proof, F1 and confidence; and say which to take.
"""

EPILOG = """\
examples:
  xproj-fast compare --source en.conll --target de.words \\
      --alignments en-de.pharaoh
  xproj-fast compare --source en.conll --target de.conll \\
      --alignments en-de.pharaoh --gold de.conll --noise 0,.1,.2,.3 -o out/compare

Time is that of project() in memory, on one thread: the median of --rounds rounds
in which all contenders run in turn, after one that does not count. The figures of
one run belong together; those of two runs differ. Options of the method hold for
every matcher in which they mean something. Where several choices are equally
good, the ILP may take another than exact: the same objective, another F1.

--noise P changes each link on its own: with probability P/2 it is dropped, with
probability P/2 it is moved to another target word of its sentence. The F1 is the
mean of --noise-draws draws, with the first backend and the first limit.
"""

WRITTEN = (
    *("compare.csv", "compare.json", "compare.png", "compare.svg", "confidence.png", "confidence.svg"),
    *("noise.csv", "noise.png", "noise.svg"),
)
BY_CONTENDER = ("matcher", "limit")  # what --matchers and --limits say


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("compare", description=DESCRIPTION, epilog=EPILOG)
    reading.add_pair_files(parser)
    reading.add_alignment_files(parser)
    gold = parser.add_argument_group("gold labels")
    reading.add_gold(gold)
    options.add(gold, "--ignore-labels")
    _add_contenders(parser)
    projecting.add_method(parser, without=BY_CONTENDER)
    projecting.add_models(parser)
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for tables and plots: compare.*, with --gold confidence.*, with --noise noise.* (plots need "
        "pip install 'xproj-fast[report]')",
    )
    reading.add_conll(parser)
    reading.add_jsonl(parser)
    options.add(parser.add_argument_group("running"), "--quiet", "--json")
    parser.set_defaults(run=run, threads=1)


def _add_contenders(parser: argparse.ArgumentParser) -> None:
    from xproj_fast.kernels import BACKENDS
    from xproj_fast.matching.registry import MATCHERS

    every = MATCHERS.names()
    group = parser.add_argument_group("contenders")
    group.add_argument(
        "--matchers",
        type=Listed(choices=every),
        default=every,
        metavar="A,B",
        help=f"matchers to compare (default: {','.join(every)})",
    )
    group.add_argument(
        "--limits",
        type=names,
        default=("<=1", "<=2"),
        metavar="A,B",
        help="spans per entity, for matchers with a limit (default: '<=1,<=2')",
    )
    group.add_argument(
        "--backends",
        type=Listed(choices=BACKENDS),
        metavar="A,B",
        help="backends of greedy (default: those that are installed)",
    )
    rare(
        group.add_argument(
            "--rival-scores",
            type=Listed(may_be_empty=True),
            metavar="A,B",
            help="scores that greedy is also run with, by name (default: learned, and the presets that the models "
            "allow; '' = none)",
        )
    )
    rare(
        group.add_argument(
            "--aligners",
            type=Listed(choices=tuple(compare_input.ALIGNERS)),
            metavar="A,B",
            help=f"without --alignments: some of {','.join(compare_input.ALIGNERS)} (default: what is installed)",
        )
    )
    group.add_argument("--rounds", type=options.positive, default=5, metavar="N", help="rounds that count (default: 5)")
    rare(
        group.add_argument(
            "--ilp-sentences",
            type=int,
            default=2000,
            metavar="N",
            help="the ILP runs on the first N sentences only, and its figures are of those (default: 2000; 0 = all)",
        )
    )
    group.add_argument(
        "--noise",
        nargs="?",
        type=numbers,
        const=LEVELS,
        metavar="A,B",
        help="also score alignments with noise of these levels, see below (without levels: 0,.1,.2,.3)",
    )
    rare(
        group.add_argument(
            "--noise-draws", type=options.positive, default=5, metavar="N", help="draws per level (default: 5)"
        )
    )
    rare(
        group.add_argument(
            "--seed", type=int, default=0, metavar="N", help="seed of the noise: draw d takes seed + d (default: 0)"
        )
    )


def run(args: argparse.Namespace) -> int:
    """Read, run all contenders, show, write."""
    levels = _check(args)
    from xproj_fast.method import Method
    from xproj_fast.report import compare
    from xproj_fast.report.contenders import Setting
    from xproj_fast.report.noise import compare_noise
    from xproj_fast.scores.named import check_scores_named

    base = derived.made(Method, args)
    rivals = _rivals(args, base)
    with usage.usage_errors(scores="rival_scores"):
        for name in rivals:
            check_scores_named(name)
    with usage.usage_errors():
        check_scores_named(base.scores)
        methods = [replace(base, matcher=name).narrowed() for name in args.matchers]
        for method in methods:
            method.check()
    scored = [method for method in methods if method.weights]
    methods += [replace(method, scores=name, thresholds={}).narrowed() for method in scored[:1] for name in rivals]
    projecting.require_effect(args, methods)
    evidence_of = projecting.evidence_of(args, methods)
    texts, gold = compare_input.read(args, needs_links=any(method.needs_links for method in methods))
    pairs = next(iter(texts.values()))
    setting = Setting(
        projecting.between(args, base),
        evidence_of(pairs),
        rivals=rivals,
        ignore_labels=_ignored(args, gold),
        ilp_sentences=args.ilp_sentences or None,
    )
    with console.progress("comparing", quiet=args.quiet) as report:
        rows = compare.compare(
            texts,
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
                backend=args.backends[0] if args.backends else "cpp",
                seed=args.seed,
                draws=args.noise_draws,
                setting=setting,
                progress=report,
            )
    summary = compare_tables.summary(args, pairs, rows, noisy, setting)
    if args.output is not None:  # before the table, whose reader may leave (`| head`)
        files = compare_tables.write(args.output, summary, rows, noisy)
        console.say(f"written: {', '.join(map(str, files))}", quiet=args.quiet)
    if args.json:
        console.print_json(summary)
    else:
        compare_tables.show(args, pairs, rows, noisy, setting)
    return 0


def _ignored(args: argparse.Namespace, gold: Gold | None) -> tuple[str, ...]:
    """Return the classes that F1 leaves out, without those that were dropped and no gold has: they are gone already."""
    there = () if gold is None else gold[1]
    return tuple(name for name in args.ignore_labels if name in there or name not in args.drop_labels)


def _check(args: argparse.Namespace) -> list[float]:
    """Say what is wrong with the options before anything is read; returns the noise levels."""
    from xproj_fast.matching.limit import Limit

    with usage.usage_errors(limit="limits"):
        for limit in args.limits:
            Limit.parse(limit)
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
    if args.output is not None:  # before minutes are spent on figures that no plot can show
        from xproj_fast.report.drawing import require_matplotlib

        require_matplotlib()
        options.make_folder(args.output)
        for name in WRITTEN:
            options.refuse_overwriting(args.output / name, args.source, args.target, args.alignments, args.gold)
    return levels


def _rivals(args: argparse.Namespace, base: Method) -> list[str]:
    """Return the scores that greedy also runs with: those that were asked for, or what there is allows."""
    from xproj_fast.report.contenders import rivals_of

    if args.rival_scores is not None:
        return list(args.rival_scores)
    models = {"tagger": args.target_tagger, "translator": args.translator}
    return rivals_of(base.scores, {"links", "texts", *(name for name, folder in models.items() if folder is not None)})
