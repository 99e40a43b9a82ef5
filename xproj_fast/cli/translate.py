"""``xproj-fast translate``: lines or sentences in, one translation a line out."""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast import __version__
from xproj_fast.cli import console, options, stages
from xproj_fast.errors import InputError
from xproj_fast.wording import count, shown

if TYPE_CHECKING:
    from xproj_fast.cli.resumable import Output
    from xproj_fast.models.translator import TranslateOptions, Translation, Translator

CHUNK = 1024  # translations written at a time
ALL = 1 << 62

EPILOG = """\
examples:
  xproj-fast translate --translator models/nllb --from swh_Latn --to eng_Latn sw.txt -o en.txt
  xproj-fast translate --translator models/nllb --from eng_Latn --to deu_Latn en.conll -o de.jsonl --beam 4 --resume
  zcat en.txt.gz | xproj-fast translate --translator models/nllb --from eng_Latn --to deu_Latn - > de.txt
  xproj-fast translate --translator models/nllb --list-languages

A line too long for the model is cut at sentence ends; what is still too long is refused: its translation is empty, and
the summary counts it. Words of CoNLL and word files are joined with spaces; in scripts that write none, only
between words of other scripts (iPhone Pro).
JSONL output has score, lengths and flags of each translation.
"""

logger = logging.getLogger(__name__)


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "translate",
        help="translate text with a neural model",
        description="Translate line by line with an exported NLLB model (xproj-fast export nllb).",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = parser.add_argument_group("input and output")
    files.add_argument("input", nargs="?", metavar="FILE", help="one text a line, or CoNLL; '-' = standard input")
    files.add_argument(
        "--input-format",
        choices=["text", "conll", "words"],
        help="raw text, or words apart by spaces (default: conll and words by the suffix, else text; .txt is text)",
    )
    files.add_argument("-o", "--output", default="-", metavar="FILE", help="where to; '-' = standard output (default)")
    files.add_argument("--output-format", choices=["text", "jsonl"], help="default: by the suffix")
    options.add_resume(files)
    model = parser.add_argument_group("model")
    model.add_argument("--translator", required=True, type=Path, metavar="DIR", help="folder of an exported translator")
    model.add_argument("--from", dest="source_language", metavar="CODE", help="language of the input, such as eng_Latn")
    model.add_argument("--to", dest="target_language", metavar="CODE", help="language to translate to")
    model.add_argument("--list-languages", action="store_true", help="print the codes the model knows, and end")
    options.add_device(model)
    model.add_argument(
        "--compute-type", metavar="TYPE", help="float32, float16, int8, ... (default: as exported, or the nearest)"
    )
    model.add_argument(
        "--batch-tokens",
        type=options.positive,
        metavar="N",
        help="padded sub-tokens a batch, halved where memory is short (4096 on a CPU, 16384 on a GPU)",
    )
    search = parser.add_argument_group("translation")
    search.add_argument("--beam", type=options.positive, default=1, metavar="N", help="beam size (1 = greedy)")
    search.add_argument(
        "--split",
        default="long",
        choices=["long", "always", "never"],
        help="translate sentences of a line together as far as they fit (long, the default), each alone, which keeps "
        "NLLB from leaving some out (always), or refuse long lines (never)",
    )
    search.add_argument(
        "--no-repeat-ngram",
        type=int,
        default=0,
        metavar="N",
        help="sub-token n-grams of this size appear once in a translation (0 = off)",
    )
    options.add_conll(parser, tags=False)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Translate, or list languages."""
    if args.list_languages:
        from xproj_fast.models.manifest import read_manifest

        console.out(*read_manifest(args.translator, "translator", verify=False).settings["languages"])
        return 0
    for given, name in ((args.input, "FILE"), (args.source_language, "--from"), (args.target_language, "--to")):
        if given is None:
            raise options.UsageError(f"expected {name} beside --translator, got none")
    if args.output == "-" and args.json:
        raise options.UsageError("--json: expected an output file, as standard output holds the translations")
    _input_format(args)  # refuses what it cannot be, before anything is read
    path = Path("/dev/stdin" if args.input == "-" else args.input)
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), path)
    with stages.stopping_promptly("translating"):
        summary = _translate(args, path)
    if args.json:
        console.print_json(summary)
    elif summary["complete"]:
        console.say_complete(args.output, summary["lines"], "line", quiet=args.quiet)
    else:
        shown = [count(summary["lines"], "line")]
        for name in ("empty", "split", "refused", "repeated", "cut"):
            if summary[name]:
                shown.append(f"{summary[name]:,} {name}")
        shown.append(f"{summary['source_tokens']:,} -> {summary['target_tokens']:,} sub-tokens")
        console.say(f"{args.output}: {', '.join(shown)}, {summary['seconds']:.1f} s", quiet=args.quiet)
    return 0


def _translate(args: argparse.Namespace, path: Path) -> dict[str, Any]:
    from xproj_fast.cli.resumable import identity_of, open_output
    from xproj_fast.runs.models import described

    started = time.perf_counter()
    how = _options(args)
    made_from: dict[str, Any] = {"input": identity_of(path)}
    with _load(args) as translator:
        made_from |= {
            "translator": translator.identity,
            "languages": [args.source_language, args.target_language],
            "options": described(how),
            "formats": [_input_format(args), _output_format(args)],
            "reading": asdict(options.conll_options(args)),
            "xproj_fast": __version__,
        }
        with (
            open_output(args.output, made_from, resume=args.resume, restart=args.restart) as output,
            console.progress("translating", quiet=args.quiet) as report,
        ):
            resumed = output.done
            if not output.complete:
                _write(args, path, translator, how, output, report)
            complete, counts = output.complete, Counter(output.counts)
        device, compute_type = str(translator.device), translator.compute_type
    names = ("lines", "empty", "split", "refused", "repeated", "cut", "source_tokens", "target_tokens", "unknown")
    return {
        "output": args.output,
        "device": device,
        "compute_type": compute_type,
        **{name: counts[name] for name in names},
        "resumed_at": resumed,
        "complete": complete,
        "seconds": round(time.perf_counter() - started, 3),
    }


def _options(args: argparse.Namespace) -> TranslateOptions:
    from xproj_fast.models.translator import TranslateOptions

    with options.usage_errors():
        return TranslateOptions(
            beam_size=args.beam,
            split=args.split,
            no_repeat_ngram_size=args.no_repeat_ngram,
            max_tokens=args.batch_tokens,
        )


def _load(args: argparse.Namespace) -> Translator:
    """Check the languages, which is quick, then load the model."""
    from xproj_fast.models.manifest import read_manifest
    from xproj_fast.models.translator import Translator
    from xproj_fast.text.languages import check_language

    known = read_manifest(args.translator, "translator", verify=False).settings["languages"]
    with options.usage_errors():
        check_language(args.source_language, known, "--from")
        check_language(args.target_language, known, "--to")
    return Translator.load(args.translator, device=args.device, compute_type=args.compute_type, threads=args.threads)


def _write(
    args: argparse.Namespace,
    path: Path,
    translator: Translator,
    how: TranslateOptions,
    output: Output,
    report: Callable[[float], None],
) -> None:
    from xproj_fast.models.translator import TranslationCounts

    done = output.done
    ahead: deque[tuple[int, float]] = deque()  # lines read, share of the file: the translator reads ahead
    with closing(_lines(args, path, ahead)) as lines:
        for _ in range(done):
            if next(lines, None) is None:
                raise InputError(f"{path}: expected at least the {done:,} lines the interrupted run had read")
        translations = translator.translate(lines, args.source_language, args.target_language, how)
        encode = _as_json if _output_format(args) == "jsonl" else _as_text
        while chunk := list(islice(translations, CHUNK)):
            counts = TranslationCounts()
            for i, translation in enumerate(chunk, done + 1):
                counts.add(translation)
                if translation.refused and counts.refused + output.counts["refused"] == 1:
                    logger.warning("%s", shown(f"{args.input}: line {i:,} refused: {translation.refused}"))
            output.append("".join(map(encode, chunk)).encode(), len(chunk), asdict(counts))
            done += len(chunk)
            while ahead and ahead[0][0] <= done:
                report(ahead.popleft()[1])


def _as_text(translation: Translation) -> str:
    return " ".join(translation.text.split("\n")) + "\n"


def _as_json(translation: Translation) -> str:
    record = asdict(translation)
    if math.isnan(translation.score):
        record["score"] = None
    return json.dumps(record, ensure_ascii=False) + "\n"


def _input_format(args: argparse.Namespace) -> str:
    from xproj_fast.formats.registry import by_suffix
    from xproj_fast.formats.streams import format_suffix

    if args.input_format is not None:
        return str(args.input_format)
    suffix = "" if args.input == "-" else format_suffix(Path(args.input))
    named = by_suffix(Path(args.input))
    if named in ("jsonl", "arrow"):
        raise options.UsageError(
            f"{args.input}: expected text, CoNLL or words, or --input-format beside it, got .{suffix}"
        )
    return named if named in ("conll", "words") else "text"


def _output_format(args: argparse.Namespace) -> str:
    from xproj_fast.formats.registry import by_suffix

    if args.output_format is not None:
        return str(args.output_format)
    return "jsonl" if args.output != "-" and by_suffix(Path(args.output)) == "jsonl" else "text"


def _lines(args: argparse.Namespace, path: Path, ahead: deque[tuple[int, float]]) -> Generator[str, None, None]:
    """Yield the lines or sentences of the input as raw text; note in ``ahead`` how far the file was read."""
    from xproj_fast.formats.files import open_sentences
    from xproj_fast.text.joining import texts_of

    kind = _input_format(args)
    if kind == "text":
        yield from _text_lines(path, ahead, args.input_format is not None)
        return
    read = 0
    with closing(open_sentences(path, kind, conll=options.conll_options(args), entities=False)) as reader:
        while len(sentences := reader.read(CHUNK)):
            read += len(sentences)
            ahead.append((read, reader.share_read))
            yield from texts_of(sentences.words, args.source_language)


def _text_lines(path: Path, ahead: deque[tuple[int, float]], sure: bool) -> Generator[str, None, None]:
    """Yield the lines of a UTF-8 file without their ends; ``sure``: see ``look_at_text``."""
    from xproj_fast.formats.streams import TextBlocks, compression_of
    from xproj_fast.formats.words import look_at_text, take_lines

    size = path.stat().st_size if path.is_file() and not compression_of(path) else 0
    taken = 0
    with closing(TextBlocks(path)) as blocks:
        look_at_text(blocks, sure)
        while not blocks.exhausted:
            before = blocks.lines
            lines = take_lines(blocks, ALL)
            if not lines:
                blocks.more()
                continue
            for i, line in enumerate(lines, before + 1):
                taken += len(line) + 1  # about its bytes: this is for the bar
                if i % CHUNK == 0:
                    ahead.append((i, min(taken / size, 1.0) if size else blocks.share_read))
                yield line
