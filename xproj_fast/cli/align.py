"""``xproj-fast align``: parallel text in, Pharaoh alignments out."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from xproj_fast.cli import aligning, console, options, pipeline_options, reading, stages, usage
from xproj_fast.cli.parser import rare
from xproj_fast.errors import InputError
from xproj_fast.wording import count

DESCRIPTION = """\
Align the words of parallel sentences, with eflomal or with a neural model.
"""

EPILOG = """\
examples:
  xproj-fast align --source en.txt --target de.txt -o en-de.pharaoh
  xproj-fast align --source en.txt --target de.txt -o en-de.pharaoh \\
      --aligner models/align --extraction itermax --resume

eflomal (Ostling & Tiedemann 2016) learns from the sentence pairs themselves:
more text, better links. Its sampler is seeded by the system, so two runs differ
a little; keep the file to repeat a result. A neural aligner works sentence by
sentence: its run can be stopped at any moment and resumed (--resume). An NLLB
encoder needs --from and --to.

Links count words. Raw text (.txt) is split into words as by every other command,
so links of such files are read with --target-format text; words separated by
spaces (.words, or --tokenized) are counted alike by every other tool.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("align", description=DESCRIPTION, epilog=EPILOG)
    files = parser.add_argument_group("input and output")
    for side in ("source", "target"):
        files.add_argument(
            f"--{side}",
            required=True,
            type=options.input_path,
            metavar="FILE",
            help=f"sentences in the {side} language: text, one per line, CoNLL, JSONL or Parquet",
        )
        rare(files.add_argument(f"--{side}-format", choices=reading.word_formats(), help=reading.FORMAT_HELP))
    options.add(files, "--tokenized")
    files.add_argument("-o", "--output", required=True, metavar="FILE", help="Pharaoh file; '-' = standard output")
    files.add_argument(
        "--confidences",
        action="store_true",
        help="write a neural aligner's links as 0-0:0.98, with their confidence (read with --probabilities)",
    )
    options.add_resume(files)
    aligning.add_aligner(parser)
    options.add(parser._action_groups[-1], "--from", "--to", "--device", "--batch-tokens")
    reading.add_conll(parser, tags=False)
    reading.add_jsonl(parser, entities=False)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read both sides, align, write."""
    if args.output == "-" and args.json:
        raise usage.UsageError("--json: expected an output file, as standard output holds the links")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.source, args.target, *(args.extra_text or ()), args.priors)
    summary = _align_with_model(args) if aligning.is_neural(args) else _align_with_eflomal(args)
    if args.json:
        console.print_json(summary)
    elif summary.get("complete"):
        console.say_complete(args.output, summary["sentences"], "sentence", quiet=args.quiet)
    else:
        console.say(
            f"{args.output}: {count(summary['sentences'], 'sentence')}, {count(summary['links'], 'link')}, "
            f"{summary['seconds']:.1f} s",
            quiet=args.quiet,
        )
    return 0


def _align_with_model(args: argparse.Namespace) -> dict[str, Any]:
    from xproj_fast.runs.aligning import align_file

    how = pipeline_options.align_options(args)
    aligner = aligning.load_aligner(args)
    with stages.running(args, "aligning") as running:
        summary = align_file(
            args.source,
            args.target,
            args.output,
            aligner,
            how,
            source_language=args.source_language,
            target_language=args.target_language,
            confidences=args.confidences,
            reading=reading.input_options(args, args.source_format),
            target_format=args.target_format,
            threads=args.threads,
            **running,
        )
    if summary["words_without_piece"]:
        without = count(summary["words_without_piece"], "word has no subword", "words have no subword")
        console.say(f"{without}: no link reaches them", quiet=args.quiet)
    return summary


def _align_with_eflomal(args: argparse.Namespace) -> dict[str, Any]:
    usage.require(args, aligning.OF_MODELS, "--aligner DIR")
    if args.resume or args.restart or args.confidences:
        raise usage.UsageError("--resume, --restart, --confidences: requires --aligner DIR")
    from xproj_fast.formats.files import read_sentences
    from xproj_fast.formats.outputs import whole_output
    from xproj_fast.formats.pharaoh import pharaoh_bytes
    from xproj_fast.models.eflomal import align_words

    started = time.perf_counter()
    source, target = (
        read_sentences(path, fmt, **reading.opening(args), entities=False)
        for path, fmt in ((args.source, args.source_format), (args.target, args.target_format))
    )
    if len(source) != len(target):
        raise InputError(
            f"expected files of as many sentences each, got {args.source} {len(source):,}, "
            f"{args.target} {len(target):,}"
        )
    # Opened before, not after minutes of work.
    with whole_output(args.output) as write:
        console.say(f"aligning the words of {count(len(source), 'sentence pair')} with eflomal ...", quiet=args.quiet)
        links = align_words(source.words, target.words, aligning.aligner_options(args))
        write(pharaoh_bytes(links))
    return {
        "output": args.output,
        "sentences": len(source),
        "links": len(links.source),
        "seconds": round(time.perf_counter() - started, 3),
    }
