"""``xproj-fast tag``: sentences in, the same sentences with entities out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options, pipeline_options, reading, stages, usage
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.models.tagger import Tagger, TaggerOptions

CHUNK = 4096  # sentences, as in runs.tagging

EPILOG = """\
examples:
  xproj-fast export tagger FacebookAI/xlm-roberta-large-finetuned-conll03-english models/ner      (once)
  xproj-fast tag --tagger models/ner en.txt -o en.conll --drop-labels MISC
  xproj-fast tag --tagger models/ner en.jsonl -o en.labelled.jsonl --rename PERSON=PER,GPE=LOC
  xproj-fast tag --tagger models/ner en.txt.gz -o en.conll --device cuda --batch-tokens 16384 --resume

A word gets the label that its first sub-token gets; labels are read as conlleval reads them, so models that write IOB1
and IOB2 both give the entities they mean, and CoNLL output is IOB2. A sentence too long for the model is read in
overlapping windows, never cut; a word that gives no sub-token (a lone zero-width mark) is O, and counted. The score of
an entity (JSONL, Parquet, Arrow) is the mean probability of its words' labels.

A run can be stopped at any moment, also by kill -9, and gone on with (--resume): parts are written to OUT.parts and
joined in the end, so the output appears under its name only when it is whole; OUT.manifest.json says what it was made
from.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "tag",
        description="Label the words of sentences with an exported token classifier (xproj-fast export tagger).",
        epilog=EPILOG,
    )
    files = parser.add_argument_group("input and output")
    files.add_argument(
        "input",
        type=reading.input_path,
        metavar="FILE",
        help="text, one sentence a line, CoNLL (its tags are not read), JSONL, Parquet; '-' = standard input",
    )
    files.add_argument("--input-format", choices=reading.WORD_FORMATS, help=reading.FORMAT_HELP)
    reading.add_tokenized(files)
    files.add_argument("-o", "--output", required=True, metavar="FILE", help="where to; '-' = standard output")
    files.add_argument("--output-format", choices=["conll", "jsonl", "arrow"], help="default: by the suffix")
    options.add_resume(files)
    model = parser.add_argument_group("model")
    model.add_argument("--tagger", required=True, type=Path, metavar="DIR", help="folder of an exported tagger")
    options.add_model(model)
    labels = parser.add_argument_group("labels")
    pipeline_options.add_rename(labels)
    pipeline_options.add_labels(labels)
    labels.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        metavar="T",
        help="divide logits by T before the softmax: changes the scores of entities, never the entities (1 = off)",
    )
    reading.add_conll(parser, tags=False)
    reading.add_jsonl(parser, entities=False)
    options.add_common(parser)
    parser.add_argument(
        "--chunk", type=options.positive, default=CHUNK, metavar="N", help=f"sentences in memory at a time ({CHUNK})"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tag, and say what came of it."""
    from xproj_fast.runs.tagging import tag_file

    if args.output == "-" and args.json:
        raise usage.UsageError("--json: expected an output file, as standard output holds the labels")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.input)
    tagger, how = _load(args)
    with stages.running(args, "tagging") as running:
        summary = tag_file(
            args.input,
            args.output,
            tagger,
            how,
            reading=reading.input_options(args, args.input_format),
            output_format=args.output_format,
            chunk=args.chunk,
            **running,
        )
    if args.json:
        console.print_json(summary)
    elif summary["complete"]:
        console.say_complete(args.output, summary["sentences"], "sentence", quiet=args.quiet)
    elif not args.quiet:
        _say(summary)
    return 0


def _load(args: argparse.Namespace) -> tuple[Tagger, TaggerOptions]:
    """Load the tagger, and check the classes before anything is read."""
    from xproj_fast.models.tagger import Tagger
    from xproj_fast.runs.classes import tagger_options

    how = pipeline_options.tagger_options(
        args.rename, temperature=args.temperature, drop=args.drop_labels, max_tokens=args.batch_tokens
    )
    tagger = Tagger.load(args.tagger, device=args.device, threads=args.threads)
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
            count(summary["words_without_piece"], "word without sub-token is O", "words without sub-token are O")
        )
    if summary["resumed_at"]:
        lines.append(f"gone on with after {count(summary['resumed_at'], 'sentence')} of an interrupted run")
    rate = console.rate(summary["sentences_per_second"])
    lines.append(f"{summary['seconds']:.2f} s from file to file on {summary['devices']['tagger']} ({rate} sentences/s)")
    console.say(*lines, quiet=False)
