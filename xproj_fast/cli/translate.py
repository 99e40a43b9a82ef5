"""``xproj-fast translate``: lines or sentences in, one translation a line out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options, reading, stages, usage
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.models.translator import TranslateOptions, Translator

EPILOG = """\
examples:
  xproj-fast translate --translator models/nllb --from swh_Latn --to eng_Latn sw.txt -o en.txt
  xproj-fast translate --translator models/nllb --from eng_Latn --to deu_Latn en.conll -o de.jsonl --beam 4 --resume
  zcat en.txt.gz | xproj-fast translate --translator models/nllb --from eng_Latn --to deu_Latn - > de.txt
  xproj-fast translate --translator models/nllb --list-languages

A line too long for the model is cut at sentence ends; what is still too long is refused: its translation is empty, and
the summary counts it. Words without their text (CoNLL, word files, records of tokens) are joined with spaces; in
scripts that write none, only between words of other scripts (iPhone Pro).
JSONL output has score, lengths and flags of each translation, and its id where the input has one.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "translate",
        description="Translate line by line with an exported NLLB model (xproj-fast export nllb).",
        epilog=EPILOG,
    )
    files = parser.add_argument_group("input and output")
    files.add_argument(
        "input",
        nargs="?",
        type=reading.input_path,
        metavar="FILE",
        help="text, one sentence a line, CoNLL, JSONL or Parquet; '-' = standard input",
    )
    files.add_argument(
        "--input-format",
        choices=reading.WORD_FORMATS,
        help="text: raw; words: apart by spaces (default: by the suffix; text, where it names none)",
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
    reading.add_conll(parser, tags=False)
    reading.add_jsonl(parser, entities=False)
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
            raise usage.UsageError(f"expected {name} beside --translator, got none")
    if args.output == "-" and args.json:
        raise usage.UsageError("--json: expected an output file, as standard output holds the translations")
    if args.output != "-":
        options.refuse_overwriting(Path(args.output), args.input)
    summary = _translate(args)
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


def _translate(args: argparse.Namespace) -> dict[str, Any]:
    from xproj_fast.runs.translating import translate_file

    how = _options(args)
    with stages.running(args, "translating", ("xproj-", "translating")) as running, _load(args) as translator:
        summary = translate_file(
            args.input,
            args.output,
            translator,
            args.source_language,
            args.target_language,
            how,
            reading=reading.input_options(args, args.input_format),
            output_format=args.output_format,
            **running,
        )
        return summary | {"compute_type": translator.compute_type}


def _options(args: argparse.Namespace) -> TranslateOptions:
    from xproj_fast.models.translator import TranslateOptions

    with usage.usage_errors():
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
    with usage.usage_errors():
        check_language(args.source_language, known, "--from")
        check_language(args.target_language, known, "--to")
    return Translator.load(args.translator, device=args.device, compute_type=args.compute_type, threads=args.threads)
