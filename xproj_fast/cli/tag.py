"""``xproj-fast tag``: sentences in, the same sentences with entities out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, derived, options, pipeline_options, reading, stages, usage
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.models.tagger import Tagger
    from xproj_fast.models.tagging import TaggerOptions

LABELS = ("rename", "drop")  # options of a tagger that every command has as --rename and --drop-labels
CHUNK = 4096  # sentences, as in runs.tagging

DESCRIPTION = """\
Find the entities of sentences with a token classifier that was exported
(xproj-fast export tagger).
"""

EPILOG = """\
examples:
  xproj-fast tag --tagger models/ner en.txt -o en.conll --drop-labels MISC
  xproj-fast tag --tagger models/ner en.jsonl -o en.labelled.jsonl \\
      --rename PERSON=PER,GPE=LOC

A word gets the tag of its first subword. Tags are read as conlleval reads them,
so models that write IOB1 or IOB2 both give the entities they mean; CoNLL output
is IOB2. A sentence too long for the model is read in overlapping windows, never
cut; a word without a subword (a lone zero-width mark) is O, and counted. The
score of an entity (JSONL, Parquet, Arrow) is the mean probability of its tags.

A run can be stopped at any moment, also by kill -9, and resumed (--resume):
parts are written to OUT.parts and joined at the end. OUT.manifest.json says what
the output was made from.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    from xproj_fast.models.tagging import TaggerOptions

    parser = commands.add_parser("tag", description=DESCRIPTION, epilog=EPILOG)
    files = parser.add_argument_group("input and output")
    pipeline_options.add_input(
        files,
        "text, one sentence per line, CoNLL (its tags are not read), JSONL or Parquet; '-' = standard input",
        reading.word_formats(),
    )
    options.add(files, "--tokenized")
    files.add_argument("-o", "--output", required=True, metavar="FILE", help="labelled file; '-' = standard output")
    options.add(files, "--output-format", "--keep-columns")
    options.add_resume(files)
    model = parser.add_argument_group("model")
    options.add(model, "--tagger", required=True)
    options.add(model, "--device", "--batch-tokens")
    labels = parser.add_argument_group("labels")
    options.add(labels, "--rename", "--labels", "--drop-labels")
    pipeline_options.add_record(parser, TaggerOptions, "tagging", LABELS)
    reading.add_conll(parser, tags=False)
    reading.add_jsonl(parser, entities=False)
    options.add_common(parser)
    options.add(parser._action_groups[-1], "--chunk", default=CHUNK)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tag, and say what came of it."""
    from xproj_fast.runs.tagging import tag_file

    if args.output == "-" and args.json:
        raise usage.UsageError("--json: expected an output file, as standard output holds the labels")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.input)
    tagger, how = _load(args)
    summary = stages.carried_out(args, "tagging", tag_file, tagger, how)
    if args.json:
        console.print_json(summary)
    elif summary["complete"]:
        console.say_complete(args.output, summary["sentences"], "sentence", quiet=args.quiet)
    elif not args.quiet:
        _say(summary)
    return 0


def _load(args: argparse.Namespace) -> tuple[Tagger, TaggerOptions]:
    """Load the tagger, and check the classes before anything is read."""
    from xproj_fast.models.tagging import TaggerOptions
    from xproj_fast.runs.classes import tagger_options

    how = derived.made(TaggerOptions, args, without=LABELS)
    how = pipeline_options.tagger_options(args.rename, args.drop_labels, how)
    tagger = pipeline_options.load(args, "tagger")["tagger"]
    with usage.usage_errors():
        return tagger, tagger_options(tagger, how, args.labels)


def _say(summary: dict[str, Any]) -> None:
    by_label = ", ".join(f"{name} {number:,}" for name, number in summary["labels"].items())
    lines = [
        f"{summary['output']}: {count(summary['sentences'], 'sentence')}, {count(summary['words'], 'word')}, "
        f"{count(summary['entities'], 'entity')}" + (f" ({by_label})" if by_label else ""),
    ]
    if summary["long_sentences"]:
        long = count(summary["long_sentences"], "sentence was", "sentences were")
        lines.append(f"{long} too long for the model, and read in overlapping windows")
    if summary["words_without_piece"]:
        lines.append(
            count(summary["words_without_piece"], "word without a subword is O", "words without a subword are O")
        )
    if summary["resumed_at"]:
        lines.append(f"resumed after {count(summary['resumed_at'], 'sentence')} of an interrupted run")
    rate = console.rate(summary["sentences_per_second"])
    lines.append(f"{summary['seconds']:.2f} s from file to file on {summary['devices']['tagger']} ({rate} sentences/s)")
    console.say(*lines, quiet=False)
