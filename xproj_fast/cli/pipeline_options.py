"""Options that the pipeline commands share, and what they become."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import options, reading, usage
from xproj_fast.cli.parser import rare

if TYPE_CHECKING:
    from xproj_fast.models.alignment import NeuralAlignOptions
    from xproj_fast.models.tagging import TaggerOptions
    from xproj_fast.models.translation import TranslateOptions
    from xproj_fast.runs.markers import MarkerOptions


# What the groups of options below hold, for usage.refuse.
TRANSLATION = ("compute_type", "beam", "split", "no_repeat_ngram", "max_sentence_words")
ALIGNMENT = ("extraction", "link_threshold")


def add_input(group: Any, what: str, formats: Sequence[str]) -> None:
    """Add the input file and how it is read."""
    group.add_argument("input", type=options.input_path, metavar="FILE", help=what)
    text = "text" in formats
    help = reading.FORMAT_HELP if text else "format of the input (default: by the suffix)"
    rare(group.add_argument("--input-format", choices=formats, help=help))


def add_aligner(group: Any) -> None:
    """Add the aligner, which has to be a model here."""
    group.add_argument("--aligner", type=Path, metavar="DIR", help="folder of an aligner (xproj-fast export aligner)")


def add_running(parser: argparse.ArgumentParser) -> None:
    """Add where models run, and in which portions."""
    options.add_common(parser)
    group = parser._action_groups[-1]
    options.add(group, "--device", "--compute-type")
    options.add(
        group,
        "--chunk",
        help="sentences processed together, which a kill loses of each stage; same result "
        "(default: 512 on a CPU, 4096 on a GPU)",
    )


def add_translation(parser: argparse.ArgumentParser) -> None:
    """Add how sentences are translated and split into words."""
    group = parser.add_argument_group("translation")
    options.add(group, "--beam", "--split", "--no-repeat-ngram", "--max-sentence-words", "--chinese")


def marker_options(args: argparse.Namespace) -> MarkerOptions:
    """Return how entities are marked."""
    from xproj_fast.runs.markers import MarkerOptions

    return MarkerOptions(args.markers or "brackets", args.marker_spaces)


def add_alignment(parser: argparse.ArgumentParser) -> None:
    """Add how links are read."""
    options.add(parser.add_argument_group("aligning words"), "--extraction", "--link-threshold")


def translate_options(args: argparse.Namespace) -> TranslateOptions:
    """Return how sentences are translated."""
    from xproj_fast.models.translation import TranslateOptions

    with usage.usage_errors():
        return TranslateOptions(beam_size=args.beam, split=args.split, no_repeat_ngram_size=args.no_repeat_ngram)


def align_options(args: argparse.Namespace) -> NeuralAlignOptions:
    """Return how links are read."""
    from xproj_fast.models.alignment import NeuralAlignOptions

    with usage.usage_errors():
        return NeuralAlignOptions(
            extraction=args.extraction or NeuralAlignOptions().extraction, link_threshold=args.link_threshold
        )


def tagger_options(rename: Sequence[tuple[str, str]], **others: Any) -> TaggerOptions:
    """Return how a tagger runs: classes renamed, and whatever else ``TaggerOptions`` takes."""
    from xproj_fast.models.tagging import TaggerOptions

    if len(dict(rename)) < len(rename):
        raise usage.UsageError(f"--rename: expected each class once, got {', '.join(old for old, _ in rename)}")
    with usage.usage_errors():
        return TaggerOptions(rename=dict(rename), **others)


def loading(args: argparse.Namespace) -> dict[str, Any]:
    """Return what every model is loaded with."""
    return {"device": args.device, "threads": args.threads}
