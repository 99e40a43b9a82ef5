"""``xproj-fast evaluate``: span precision, recall and F1 of one labelled file against another."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from xproj_fast.cli import console, options, projecting, reading, suite, usage
from xproj_fast.errors import InputError
from xproj_fast.wording import count

EPILOG = """\
examples:
  xproj-fast evaluate de.gold.conll de.conll --ignore-labels MISC
  xproj-fast evaluate --suite data/ --target-tagger models/ner-multi -o out/suite

An entity is right if its words and its class are (seqeval's default mode; --mode
strict reads IOB2 to the letter, as seqeval's strict mode does). Files are read as
seqeval reads tags: no sequence is an error.

A suite is a folder with one folder per dataset or language, each with gold labels
(gold.*, *.gold.*, test.*: CoNLL, Parquet, JSONL) and, where they exist, the
translation (*.words), its labels (*.predicted.conll) and alignments (*.pharaoh);
models make what is missing. Options of the method hold for every pipeline in
which they mean something.
"""


OF_FILES = (
    *("mode", "format", "gold_format", "reviewed"),
    *("word_column", "tag_column", "separator", "docstart", "empty_sentences", "keep_prefix"),
    "confidences_from",
    "report",
    "ignore_words",
    *reading.OF_RECORDS,
    *reading.OF_LABELLED_RECORDS,
)


DESCRIPTION = """\
Compare labels with gold labels: span precision, recall and F1, micro and per
class, as seqeval computes them; or (--suite) compare pipelines on a folder of
datasets.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("evaluate", description=DESCRIPTION, epilog=EPILOG)
    files = parser.add_argument_group("two files")
    files.add_argument(
        "gold", type=options.input_path, nargs="?", metavar="GOLD", help="gold labels: CoNLL, JSONL, Parquet or Arrow"
    )
    files.add_argument(
        "predicted",
        type=options.input_path,
        nargs="?",
        metavar="PREDICTED",
        help="predicted labels of the same sentences",
    )
    files.add_argument(
        "--mode", default="default", choices=["default", "strict"], help="how tags are read (default: default)"
    )
    reading.add_format(files, "--format", "both files")
    files.add_argument(
        "--reviewed",
        action="store_true",
        help="GOLD is what came back of --review: some of the sentences, which are found in PREDICTED by id or number",
    )
    reading.add_gold_format(files)
    files.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="draw the errors by kind, the most frequent ones, and, where PREDICTED has confidences, how far these can "
        "be trusted: .png, .svg or .pdf (needs pip install 'xproj-fast[report]')",
    )
    files.add_argument("--ignore-words", action="store_true", help="compare labels only, not the words")
    suite.add_suite(parser)
    projecting.add_method(parser, without=suite.BY_PIPELINE)
    reading.add_conll(parser, scheme=False, confidences=True)
    reading.add_jsonl(parser)
    running = parser.add_argument_group("running")
    options.add(running, "--ignore-labels", "--json")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read both files, compare, print; or run a suite."""
    if args.suite is not None:
        if args.gold is not None:
            raise usage.UsageError(f"--suite: not allowed with files, got {args.gold}")
        usage.refuse(args, OF_FILES, "--suite")
        return suite.run_suite(args)
    usage.require(args, (*suite.OPTIONS, *suite.method_options()), "--suite")
    if args.predicted is None:
        raise usage.UsageError("expected two files, GOLD and PREDICTED, or --suite DIR")
    if args.report is not None:
        from xproj_fast.report.drawing import check_picture

        options.refuse_overwriting(args.report, args.gold, args.predicted)
        check_picture(args.report)
    from xproj_fast.difference import differences
    from xproj_fast.evaluation import evaluate
    from xproj_fast.formats.files import read_sentences

    of_both = replace(reading.conll_options(args), scheme="drop" if args.mode == "strict" else "any")
    of_gold = replace(of_both, confidences_from=None)  # there nobody needs to say how sure they are
    jsonl = reading.jsonl_options(args)
    gold = read_sentences(args.gold, args.gold_format or args.format, conll=of_gold, jsonl=jsonl)
    whole = predicted = read_sentences(args.predicted, args.format, conll=of_both, jsonl=jsonl)
    if args.reviewed:
        from xproj_fast.formats.review_join import reviewed_rows

        predicted = whole.take(reviewed_rows(gold, whole, args.gold, args.predicted))
    if len(gold) != len(predicted):
        raise InputError(
            f"expected files of as many sentences each, got {args.gold} {len(gold):,}, "
            f"{args.predicted} {len(predicted):,}{_hint(args)}"
        )
    if not args.ignore_words:
        _check_same_words(args, gold, predicted)
    figures = evaluate(gold, predicted, mode=args.mode, ignore_labels=args.ignore_labels)
    errors = differences(gold, predicted, mode=args.mode, ignore_labels=args.ignore_labels)
    if args.report is not None:  # before the figures, whose reader may leave (`| head`)
        from xproj_fast.report.drawing import short_name
        from xproj_fast.report.error_plot import error_plot

        title = f"{short_name(args.predicted.name)} against {short_name(args.gold.name)}"
        error_plot(errors, figures.reliability, args.report, title=title)
    if args.json:
        part = {"reviewed": {"sentences": len(gold), "of": len(whole)}} if args.reviewed else {}
        console.print_json(figures.to_dict() | errors.to_dict() | part)
    else:
        console.out(
            *f"{figures}\n\n{errors}".split("\n"), *(_of_review(len(gold), len(whole)) if args.reviewed else ())
        )
    return 0


def _of_review(reviewed: int, whole: int) -> tuple[str, ...]:
    """Return what must be known of figures of a review."""
    return (
        "",
        f"reviewed: {reviewed:,} of {count(whole, 'sentence')}, {whole - reviewed:,} left out",
        "the least certain were chosen for review: these figures are not those of the whole",
    )


def _hint(args: argparse.Namespace) -> str:
    """Return what may be behind files of different lengths: a sentence without words, which only some formats show."""
    from xproj_fast.formats.registry import format_of

    formats = {format_of(path, args.format) for path in (args.gold, args.predicted)}
    if "conll" not in formats or args.empty_sentences:
        return ""
    return (
        " (a sentence without words is one more blank line in CoNLL: --empty-sentences reads it; --docstart skip "
        "leaves out -DOCSTART- lines that only one of them has)"
    )


def _check_same_words(args: argparse.Namespace, gold: Any, predicted: Any) -> None:
    """Two files of as many words can still be two texts; then every figure would be nonsense."""
    from xproj_fast.same_words import first_unlike

    found = first_unlike(gold.words, predicted.words)
    if found is None:
        return
    s, expected, got = found
    told = f"{count(got, 'word') if isinstance(got, int) else repr(got)}, expected {expected!r}"
    raise InputError(
        f"{args.predicted}:{predicted.lines[s]}: got {told} as in {args.gold}:{gold.lines[s]} "
        "(--ignore-words compares labels alone)"
    )
