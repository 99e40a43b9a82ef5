"""``xproj-fast align``: parallel text in, Pharaoh alignments out."""

from __future__ import annotations

import argparse
import time
from typing import Any

from xproj_fast.cli import aligning, console, options, reading, stages, usage
from xproj_fast.cli.parser import rare
from xproj_fast.errors import InputError
from xproj_fast.wording import count

DESCRIPTION = """\
Align the words of parallel sentences: by what is learnt from them, or with a
neural model.
"""

EPILOG = """\
examples:
  xproj-fast align --source en.txt --target de.txt -o en-de.pharaoh
  xproj-fast align --source old.en --target old.de --tokenized \\
      -o old.pharaoh --save-aligner-state en-de.state
  xproj-fast align --source new.txt --target new.txt -o new.pharaoh \\
      --aligner-state en-de.state --confidences --resume

The statistical aligner, the default, learns from the sentence pairs themselves,
from some 40 on: more text, better links. The same text gives the same links. What
it learnt can be kept, and aligns more text sentence by sentence. So does a neural
aligner (--aligner models/align; an NLLB encoder needs --from and --to). Such runs
can be stopped at any moment and resumed (--resume).

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
        help="write links as 0-0:0.98, with their confidence (read with --probabilities; not of eflomal)",
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
    kind = aligning.kind_of(args)
    aligning.refuse_overwriting(args, args.source, args.target)
    summary = _align(args, kind) if kind in (aligning.STATE, aligning.NEURAL) else _learn(args, kind)
    if args.json:
        console.print_json(summary)
    elif summary.get("complete"):
        console.say_complete(args.output, summary["sentences"], "sentence", quiet=args.quiet)
    else:
        console.say(
            f"{args.output}: {count(summary['sentences'], 'sentence')}, {count(summary['links'], 'link')}, "
            f"{summary['seconds']:.1f} s",
            *_left_out(summary),
            quiet=args.quiet,
        )
    return 0


def _align(args: argparse.Namespace, kind: str) -> dict[str, Any]:
    """Align sentence by sentence, with what is there already."""
    from xproj_fast.runs.aligning import align_file

    ready = aligning.Ready(args, kind)
    idle = [name for name in aligning.OF_MODELS if name not in ready.uses]
    usage.require(args, idle, "an aligner that uses it (--aligner DIR)")
    with stages.running(args, "aligning") as running:
        return align_file(
            args.source,
            args.target,
            args.output,
            ready.aligner,
            ready.how,
            **ready.languages,
            confidences=args.confidences,
            reading=reading.input_options(args, args.source_format),
            target_format=args.target_format,
            threads=args.threads,
            **running,
        )


def _learn(args: argparse.Namespace, kind: str) -> dict[str, Any]:
    """Align all sentences at once, by what is learnt from them."""
    usage.require(args, aligning.OF_MODELS, "--aligner DIR")
    how: Any = aligning.learning_options(args, kind)
    from xproj_fast.formats.files import read_sentences
    from xproj_fast.formats.outputs import whole_output
    from xproj_fast.formats.pharaoh import pharaoh_bytes

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
    with whole_output(args.output) as write, aligning.learning(args, kind, len(source)) as progress:
        if kind == aligning.EFLOMAL:
            from xproj_fast.models.eflomal import align_words

            links = align_words(source.words, target.words, how)
            write(pharaoh_bytes(links))
        else:
            found = aligning.learnt(args, how, source.words, target.words, progress)
            links = found.links
            write(pharaoh_bytes(links, found.confidence if args.confidences else None))
    return {
        "output": args.output,
        "sentences": len(source),
        "links": len(links.source),
        "seconds": round(time.perf_counter() - started, 3),
    }


def _left_out(summary: dict[str, Any]) -> list[str]:
    lines = []
    if summary.get("words_without_piece"):
        without = count(summary["words_without_piece"], "word has no subword", "words have no subword")
        lines.append(f"{without}: no link reaches them")
    unknown, words = summary.get("unknown_words", 0), summary.get("words", 0)
    if unknown:
        lines.append(f"{unknown:,} of {count(words, 'word')} ({unknown / words:.0%}) were not in the text learnt from")
    if unknown > words / 2:
        lines.append("is the state of these languages, in this order?")
    return lines
