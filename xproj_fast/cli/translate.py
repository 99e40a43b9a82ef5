"""``xproj-fast translate``: lines or sentences in, one translation per line out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options, pipeline_options, reading, stages, usage
from xproj_fast.cli.parser import rare
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.models.translator import Translator

DESCRIPTION = """\
Translate text line by line with an NLLB model that was exported
(xproj-fast export nllb).
"""

EPILOG = """\
examples:
  xproj-fast translate --translator models/nllb --from swh_Latn --to eng_Latn \\
      sw.txt -o en.txt
  zcat en.txt.gz | xproj-fast translate --translator models/nllb \\
      --from eng_Latn --to deu_Latn - > de.txt
  xproj-fast translate --translator models/nllb --list-languages

A line too long for the model is cut at sentence ends; one that is still too long
is refused: its translation is empty, and the summary counts it. Words without
their text (CoNLL, word files, records of tokens) are joined with spaces; in
scripts that write none, only between words of other scripts (iPhone Pro). JSONL
output has the score, lengths and flags of each translation, and its id where the
input has one.
"""


def add_command(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("translate", description=DESCRIPTION, epilog=EPILOG)
    files = parser.add_argument_group("input and output")
    files.add_argument(
        "input",
        nargs="?",
        type=options.input_path,
        metavar="FILE",
        help="text, one sentence per line, CoNLL, JSONL or Parquet; '-' = standard input",
    )
    rare(files.add_argument("--input-format", choices=reading.word_formats(), help=reading.FORMAT_HELP))
    files.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="translations; '-' = standard output (default: -)"
    )
    options.add(files, "--output-format", choices=["text", "jsonl"])
    options.add_resume(files)
    model = parser.add_argument_group("model")
    options.add(model, "--translator", required=True)
    options.add(model, "--from", "--to")
    model.add_argument("--list-languages", action="store_true", help="print the language codes of the model, and stop")
    options.add(model, "--device", "--compute-type", "--batch-tokens")
    pipeline_options.add_translation(parser)
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
            raise usage.UsageError(f"{name}: expected one, as translating needs it, got none")
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
        shown.append(f"{summary['source_tokens']:,} -> {summary['target_tokens']:,} subwords")
        console.say(f"{args.output}: {', '.join(shown)}, {summary['seconds']:.1f} s", quiet=args.quiet)
    return 0


def _translate(args: argparse.Namespace) -> dict[str, Any]:
    from xproj_fast.runs.translating import translate_file

    how = pipeline_options.translate_options(args)
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


def _load(args: argparse.Namespace) -> Translator:
    """Check the languages, which is quick, then load the model."""
    from xproj_fast.models.manifest import read_manifest
    from xproj_fast.text.languages import check_language

    known = read_manifest(args.translator, "translator", verify=False).settings["languages"]
    with usage.usage_errors():
        check_language(args.source_language, known, "--from")
        check_language(args.target_language, known, "--to")
    translator: Translator = pipeline_options.load(args, "translator")["translator"]
    return translator
