"""``xproj-fast tag``: sentences in, the same sentences with entities out."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast import __version__
from xproj_fast.cli import console, options, pipeline_options
from xproj_fast.errors import InputError
from xproj_fast.wording import brief, count, shown

if TYPE_CHECKING:
    from xproj_fast.cli.resumable import Output
    from xproj_fast.formats.sentences import Sentences
    from xproj_fast.models.tagger import Tagged, Tagger, TaggerOptions

CHUNK = 4096  # sentences in memory at a time, and what a kill loses
LABEL = "label:"  # in front of a class in the counts of an output

EPILOG = """\
examples:
  xproj-fast export tagger FacebookAI/xlm-roberta-large-finetuned-conll03-english models/ner      (once)
  xproj-fast tag --tagger models/ner en.txt -o en.conll --drop-labels MISC
  xproj-fast tag --tagger models/ner en.jsonl -o en.labelled.jsonl --rename PERSON=PER --rename GPE=LOC
  xproj-fast tag --tagger models/ner en.txt.gz -o en.conll --device cuda --batch-tokens 16384 --resume

A word gets the label that its first sub-token gets; labels are read as conlleval reads them, so models that write IOB1
and IOB2 both give the entities they mean, and CoNLL output is IOB2. A sentence too long for the model is read in
overlapping windows, never cut; a word that gives no sub-token (a lone zero-width mark) is O, and counted. The score of
an entity (JSONL, Parquet, Arrow) is the mean probability of its words' labels.

CoNLL and JSONL output can be gone on with after an interrupt or a kill (--resume); it appears under its name only
when it is whole.
"""

logger = logging.getLogger(__name__)


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "tag",
        help="find the entities of sentences, with a neural tagger",
        description="Label the words of sentences with an exported token classifier (xproj-fast export tagger).",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = parser.add_argument_group("input and output")
    files.add_argument(
        "input",
        type=options.input_path,
        metavar="FILE",
        help="text, one sentence a line, CoNLL (its tags are not read), JSONL, Parquet; '-' = standard input",
    )
    files.add_argument("--input-format", choices=options.WORD_FORMATS, help=options.FORMAT_HELP)
    options.add_tokenized(files)
    files.add_argument("-o", "--output", required=True, metavar="FILE", help="where to; '-' = standard output")
    files.add_argument("--output-format", choices=["conll", "jsonl", "arrow"], help="default: by the suffix")
    options.add_resume(files)
    model = parser.add_argument_group("model")
    model.add_argument("--tagger", required=True, type=Path, metavar="DIR", help="folder of an exported tagger")
    options.add_model(model)
    labels = parser.add_argument_group("labels")
    labels.add_argument(
        "--rename",
        action="append",
        type=pipeline_options.renaming,
        default=[],
        metavar="OLD=NEW",
        help="give a class of the model another name, which the options below then take; may be repeated, and two "
        "classes may get one name",
    )
    pipeline_options.add_labels(labels)
    labels.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        metavar="T",
        help="divide logits by T before the softmax: changes the scores of entities, never the entities (1 = off)",
    )
    options.add_conll(parser, tags=False)
    options.add_jsonl(parser, entities=False)
    options.add_common(parser)
    parser.add_argument(
        "--chunk", type=options.positive, default=CHUNK, metavar="N", help=f"sentences in memory at a time ({CHUNK})"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, tag and write chunk by chunk."""
    if args.output == "-" and args.json:
        raise options.UsageError("--json: expected an output file, as standard output holds the labels")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.input)
    started = time.perf_counter()
    tagger, how = _load(args)
    with (
        _open(args, tagger, how) as (output, write),
        console.progress("tagging", quiet=args.quiet) as report,
    ):
        said = False
        done, counts, fresh = output.done, output.counts, 0
        for chunk, before, share in () if output.complete else _chunks(args, done):
            tagged = tagger.tag(chunk.words, how, warn=False)
            if len(tagged.without_piece) and not said:
                said = True
                _warn(args.input, chunk, int(tagged.without_piece[0]))
            write(tagged, chunk, before)
            fresh += len(chunk)
            report(share)
    seconds = time.perf_counter() - started
    names = ("sentences", "words", "entities", "long_sentences", "words_without_piece")
    by_label = {name.removeprefix(LABEL): number for name, number in counts.most_common() if name.startswith(LABEL)}
    summary = {
        "output": args.output,
        "device": str(tagger.device),
        **{name: counts[name] for name in names},
        "labels": by_label,
        "resumed_at": done,
        "complete": output.complete,
        "seconds": round(seconds, 3),
        "sentences_per_second": round(fresh / max(seconds, 1e-9), 1),
    }
    if args.json:
        console.print_json(summary)
    elif output.complete:
        console.say_complete(args.output, done, "sentence", quiet=args.quiet)
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
    with options.usage_errors():
        return tagger, tagger_options(tagger, how, args.labels)


@contextmanager
def _open(
    args: argparse.Namespace, tagger: Tagger, how: TaggerOptions
) -> Iterator[tuple[Output, Callable[[Tagged, Sentences, int], None]]]:
    """Yield what is written so far, and the function that writes a chunk."""
    from xproj_fast.cli.resumable import Output, identity_of, open_output
    from xproj_fast.formats import open_writer
    from xproj_fast.formats.registry import format_of
    from xproj_fast.formats.sentences import error_at
    from xproj_fast.formats.writers import text_encoder
    from xproj_fast.runs.models import described

    kind = args.output_format or ("conll" if args.output == "-" else format_of(Path(args.output)))
    encode = text_encoder(kind)
    if encode is None:  # Parquet and Arrow; what nothing can be written as is refused by the writer
        if args.resume or args.restart:
            raise options.UsageError(f"--resume, --restart: expected CoNLL or JSONL output, got {kind}")
        rows = Output(None)
        with open_writer(args.output, args.output_format) as append:

            def write_rows(tagged: Tagged, chunk: Sentences, before: int) -> None:
                append(tagged.labelled(chunk.ids))
                rows.counts.update(_counts(tagged))

            yield rows, write_rows
        return
    made_from = {
        "input": identity_of(args.input),
        "tagger": tagger.identity,
        "options": described(how),
        "output": kind,
        "reading": options.reading_identity(args) | {"format": format_of(args.input, args.input_format)},
        "xproj_fast": __version__,
    }
    with open_output(args.output, made_from, resume=args.resume, restart=args.restart) as output:

        def write_text(tagged: Tagged, chunk: Sentences, before: int) -> None:
            try:
                data = encode(tagged.labelled(chunk.ids))
            except InputError as error:
                line = "" if error.sentence is None else f":{chunk.lines[error.sentence]}"
                raise error_at(f"{args.input}{line}", error, before) from None
            output.append(data, len(chunk), _counts(tagged))

        yield output, write_text


def _chunks(args: argparse.Namespace, done: int) -> Iterator[tuple[Sentences, int, float]]:
    """Yield the sentences after the first ``done``, how many stand before them, and the share of the file read."""
    from xproj_fast.formats.files import open_sentences

    reader = open_sentences(args.input, args.input_format, **options.reading(args), entities=False)
    with closing(reader):
        before = 0
        while before < done:
            before += len(reader.read(min(done - before, args.chunk)))
        while True:
            chunk = reader.read(args.chunk)
            if len(chunk) or before == 0:
                yield chunk, before, reader.share_read
            before += len(chunk)
            if len(chunk) < args.chunk:
                break


def _counts(tagged: Tagged) -> dict[str, int]:
    import numpy as np

    by_label = np.bincount(tagged.entities.label, minlength=len(tagged.labels)).tolist()
    found = {LABEL + name: number for name, number in zip(tagged.labels, by_label, strict=True)}
    return tagged.counts | {"entities": len(tagged.entities.label)} | found


def _warn(path: Path, chunk: Sentences, word: int) -> None:
    from xproj_fast.arrays import sentence_of

    s = sentence_of(chunk.words.offsets, word)
    strings: Any = chunk.words.strings
    logger.warning(
        "%s:%d: word %d, %s, gives the model no sub-token: it is O, and so are others like it",
        shown(str(path)),
        chunk.lines[s],
        word - chunk.words.offsets[s] + 1,
        brief(repr(strings[word].as_py())),
    )


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
    lines.append(f"{summary['seconds']:.2f} s from file to file on {summary['device']} ({rate} sentences/s)")
    console.say(*lines, quiet=False)
