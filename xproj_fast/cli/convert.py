"""``xproj-fast convert``: between the formats of labelled sentences and of sentence pairs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options, reading, usage
from xproj_fast.errors import InputError
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.formats.labels import LabelFilter
    from xproj_fast.formats.sentences import Sentences
    from xproj_fast.labelled import LabelledSentences

DESCRIPTION = """\
Convert labelled sentences between CoNLL, JSONL, Parquet and Arrow, or (with
--target) sentence pairs into one Parquet or Arrow file.
"""

EPILOG = """\
examples:
  xproj-fast convert --source en.iob1.conll --scheme iob1 -o en.conll
  xproj-fast convert --source doccano.jsonl -o train.conll
  xproj-fast convert --source en.conll --target de.words \\
      --alignments en-de.pharaoh -o pairs.parquet

CoNLL output is IOB2.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("convert", description=DESCRIPTION, epilog=EPILOG)
    reading.add_pair_files(parser)
    reading.add_alignment_files(parser)
    output = parser.add_argument_group("output")
    output.add_argument("-o", "--output", required=True, metavar="FILE", help="labelled file; '-' = standard output")
    options.add(output, "--output-format", "--keep-columns", "--confidence-column")
    reading.add_conll(parser, confidences=True)
    reading.add_jsonl(parser)
    running = parser.add_argument_group("running")
    options.add(running, "--quiet")
    options.add(running, "--chunk", default=65536)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read and write chunk by chunk."""
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.source, args.target, args.alignments)
    with console.progress("converting", quiet=args.quiet) as report:
        sentences = _convert_sentences(args, report) if args.target is None else _convert_pairs(args, report)
    console.say(f"{args.output}: {count(sentences, 'sentence')}", quiet=args.quiet)
    return 0


def _convert_sentences(args: argparse.Namespace, report: Any) -> int:
    from xproj_fast.formats.files import open_sentences
    from xproj_fast.formats.labels import LabelFilter

    usage.require(args, ("alignments", "nested", "target_format", "tokenized"), "--target")
    how = reading.read_options(args)
    reader = open_sentences(args.source, args.source_format, conll=how.source, jsonl=how.source_jsonl)
    done = 0
    kept = options.kept_columns(args, args.source, args.source_format)
    wanted = LabelFilter(args.labels or (), args.drop_labels, args.source)
    with closing(reader), options.open_labelled(args) as write:
        while True:
            chunk = reader.read(args.chunk)
            report(reader.share_read)
            if len(chunk) or done == 0:
                result = _labelled(args, chunk, wanted, done)
                with _at(args, chunk, done):
                    write(result if kept is None else kept.beside(result, done))
            done += len(chunk)
            if len(chunk) < args.chunk:
                break
        wanted.check()
    return done


@contextmanager
def _at(args: argparse.Namespace, chunk: Sentences, done: int) -> Iterator[None]:
    """Name the line of the input in what the writer, which counts from the first sentence of all, finds wrong."""
    try:
        yield
    except InputError as error:
        if error.sentence is None:
            raise
        where = f"{args.source}:{chunk.lines[error.sentence - done]}"
        raise InputError(f"{where}: {error}", field=error.field, sentence=error.sentence) from None


def _labelled(args: argparse.Namespace, chunk: Sentences, wanted: LabelFilter, done: int) -> LabelledSentences:
    from xproj_fast.formats.sentences import error_at

    try:
        return wanted.of(chunk.labelled())
    except InputError as error:
        path = args.source
        where = f"{path}" if error.sentence is None else f"{path}:{chunk.lines[error.sentence]}"
        raise error_at(where, error, done) from None


def _convert_pairs(args: argparse.Namespace, report: Any) -> int:
    from xproj_fast.arrow_columns import pairs_to_arrow
    from xproj_fast.formats.arrow import arrow_writer
    from xproj_fast.formats.pair_files import iter_pairs
    from xproj_fast.formats.registry import format_of

    usage.refuse(args, ("confidence_column", "confidences_from", "keep_columns"), "--target")
    path = Path(args.output)
    if args.output == "-" or format_of(path, args.output_format) != "arrow":
        raise InputError(f"{args.output}: expected a .parquet or .arrow file, the formats that hold sentence pairs")
    done = 0
    with arrow_writer(path) as append:
        for pairs in iter_pairs(
            args.source,
            args.target,
            args.alignments,
            reading.read_options(args),
            chunk=args.chunk,
            progress=report,
        ):
            append(pairs_to_arrow(pairs))
            done += len(pairs)
    return done
