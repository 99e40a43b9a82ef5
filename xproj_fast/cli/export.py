"""``xproj-fast export``: Hugging Face checkpoints into model folders, each proved against its original."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, options
from xproj_fast.errors import InputError
from xproj_fast.models.settings import COMPUTE_TYPES, ENGINES, PRECISIONS

if TYPE_CHECKING:
    from xproj_fast.models.manifest import Manifest


DESCRIPTION = """\
Turn a Hugging Face checkpoint into a folder that runs fast and without torch.
"""

EPILOG = """\
examples:
  xproj-fast export nllb facebook/nllb-200-distilled-600M models/nllb
  xproj-fast export tagger FacebookAI/xlm-roberta-large-finetuned-conll03-english models/ner
  xproj-fast export aligner bert-base-multilingual-cased models/align

Done once, with torch and transformers (pip install 'xproj-fast[export]'); the
folders run without them (pip install 'xproj-fast[models]'), here or on another
machine. A folder is whole or not there: nothing is left of an export that fails,
is interrupted, or does not equal its original.
"""

NLLB_EPILOG = """\
examples:
  xproj-fast export nllb facebook/nllb-200-distilled-600M models/nllb \\
      --compute-type float16
  xproj-fast export nllb ~/checkpoints/nllb-200-3.3B models/nllb-3b \\
      --compute-type int8
then:
  xproj-fast translate --translator models/nllb --from eng_Latn --to deu_Latn \\
      en.txt -o de.txt

float16 is for GPUs, int8 for CPUs.
"""

TAGGER_EPILOG = """\
examples:
  xproj-fast export tagger ./xlm-roberta-large-ner models/ner --precision fp16
  xproj-fast export tagger ./my-checkpoint models/ner --precision int8 \\
      --engine ctranslate2 --parity-text my-domain.txt
then:
  xproj-fast tag --tagger models/ner de.txt -o de.conll

Labels must be O, or B- or I- and a class, in any scheme. fp16 is for GPUs, int8
for CPUs. On CPUs ctranslate2 is the faster engine and loses less in int8; it
takes models of the BERT family (BERT, RoBERTa, XLM-R, DistilBERT).
"""

ALIGNER_EPILOG = """\
examples:
  xproj-fast export aligner bert-base-multilingual-cased models/align
  xproj-fast export aligner sentence-transformers/LaBSE models/labse \\
      --precision int8
  xproj-fast export aligner facebook/nllb-200-distilled-600M models/nllb-encoder
then:
  xproj-fast align --aligner models/align --source en.txt --target de.txt \\
      -o en-de.pharaoh
"""


def add_command(commands: Any) -> None:
    """Add the command and its three kinds to the parser."""
    parser = commands.add_parser(
        "export",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    nllb = _add_kind(kinds, "nllb", "a translator: NLLB, in CTranslate2", NLLB_EPILOG)
    nllb.add_argument(
        "--compute-type",
        default="float32",
        choices=COMPUTE_TYPES,
        metavar="TYPE",
        help=f"of the stored weights: {', '.join(COMPUTE_TYPES)} (default: float32)",
    )
    nllb.set_defaults(run=run_nllb)
    tagger = _add_kind(kinds, "tagger", "a token classifier", TAGGER_EPILOG)
    _add_precision(tagger, "onnxruntime")
    tagger.set_defaults(run=run_tagger)
    aligner = _add_kind(kinds, "aligner", "an encoder whose states align words", ALIGNER_EPILOG)
    aligner.add_argument(
        "--layer",
        type=options.positive,
        metavar="N",
        help="layer whose states align, from 1 (default: 8 of 12, two thirds up in other depths, the last of NLLB)",
    )
    _add_precision(aligner, "ctranslate2")
    aligner.set_defaults(run=run_aligner)


def _add_kind(kinds: Any, name: str, what: str, epilog: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(
        name,
        help=what,
        description=f"Export {what}.",
        epilog=epilog,
        allow_abbrev=False,
    )
    parser.add_argument("source", metavar="SOURCE", help="folder of a checkpoint, or its name on the Hugging Face hub")
    parser.add_argument("folder", metavar="DIR", type=Path, help="new or empty folder for the model")
    parser.add_argument("--revision", metavar="NAME", help="branch, tag or commit on the hub (default: main)")
    parser.add_argument("--force", action="store_true", help="replace the exported model in DIR")
    parser.add_argument(
        "--parity-text",
        type=Path,
        metavar="FILE",
        help="sentences, one per line, on which the model must equal its original (default: the demo corpus)",
    )
    options.add(parser, "--device", default="cpu")
    options.add(parser, "--quiet", "--json")
    return parser


def _add_precision(parser: argparse.ArgumentParser, engine: str) -> None:
    parser.add_argument(
        "--precision", default="fp32", choices=PRECISIONS, help="precision of the weights (default: fp32)"
    )
    parser.add_argument("--engine", default=engine, choices=ENGINES, help=f"engine that runs it (default: {engine})")
    options.add(parser, "--threads")


def run_nllb(args: argparse.Namespace) -> int:
    """Export a translator."""
    from xproj_fast.export.translator import export_translator

    return _done(args, export_translator(args.source, args.folder, compute_type=args.compute_type, **_common(args)))


def run_tagger(args: argparse.Namespace) -> int:
    """Export a tagger."""
    from xproj_fast.export.tagger import export_tagger

    how = {"precision": args.precision, "engine": args.engine, "threads": args.threads}
    return _done(args, export_tagger(args.source, args.folder, **how, **_common(args)))


def run_aligner(args: argparse.Namespace) -> int:
    """Export an aligner."""
    from xproj_fast.export.aligner import export_aligner

    how = {"layer": args.layer, "precision": args.precision, "engine": args.engine, "threads": args.threads}
    return _done(args, export_aligner(args.source, args.folder, **how, **_common(args)))


def _common(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "revision": args.revision,
        "force": args.force,
        "device": args.device,
        "sentences": None if args.parity_text is None else _lines(args.parity_text),
        "progress": lambda line: console.say(line, quiet=args.quiet),
    }


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8 text, got {error.reason} at byte {error.start}") from None
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise InputError(f"{path}: expected sentences, one per line, got none")
    return lines


def _done(args: argparse.Namespace, manifest: Manifest) -> int:
    if args.json:
        console.print_json(json.loads(manifest.to_json()))
    return 0
