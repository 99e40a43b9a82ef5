"""Options that the pipeline commands share, and what they become."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import options, reading, usage
from xproj_fast.cli.lists import names, renamings

if TYPE_CHECKING:
    from xproj_fast.models.neural_aligner import NeuralAlignOptions
    from xproj_fast.models.tagger import TaggerOptions
    from xproj_fast.models.translation import TranslateOptions
    from xproj_fast.runs.markers import MarkerOptions


# What the groups of options below hold, for usage.refuse.
TRANSLATION = ("compute_type", "beam", "split", "no_repeat_ngram", "max_sentence_words")
ALIGNMENT = ("extraction", "link_threshold")


def add_rename(group: Any, side: str = "") -> None:
    """Add other names for the classes of a tagger: of the ``"target"`` side, or of the only one there is."""
    group.add_argument(
        f"--{side}-rename" if side else "--rename",
        type=renamings,
        default=(),
        metavar="OLD=NEW,...",
        help=f"other names for classes of the {f'{side} ' if side else ''}tagger, which all other options then use",
    )


def add_labels(group: Any, *, drop: bool = True) -> None:
    """Add which classes are wanted."""
    group.add_argument("--labels", type=names, metavar="A,B", help="only these classes, such as PER,ORG,LOC")
    if drop:
        options.add_drop_labels(group)


def add_input(group: Any, what: str, formats: list[str]) -> None:
    """Add the input file and how it is read."""
    group.add_argument("input", type=reading.input_path, metavar="FILE", help=what)
    group.add_argument(
        "--input-format", choices=formats, help=reading.FORMAT_HELP if "text" in formats else "default: by the suffix"
    )


def add_running(group: Any) -> None:
    """Add where models run, and in which portions."""
    options.add_device(group)
    group.add_argument(
        "--compute-type", metavar="TYPE", help="of the translator: float32, float16, int8, ... (default: as exported)"
    )
    group.add_argument(
        "--chunk",
        type=options.positive,
        metavar="N",
        help="sentences that are worked on together, and written as one part: what a kill loses of each stage (512 on "
        "a CPU, 4096 on a GPU)",
    )


def add_translation(parser: argparse.ArgumentParser) -> None:
    """Add how sentences are translated and cut into words."""
    group = parser.add_argument_group("translation")
    group.add_argument("--beam", type=options.positive, default=1, metavar="N", help="beam size (1 = greedy)")
    group.add_argument(
        "--split",
        default="long",
        choices=["long", "always", "never"],
        help="translate sentences of a line together as far as they fit (long, the default), each alone, or refuse "
        "long lines (never)",
    )
    group.add_argument(
        "--no-repeat-ngram", type=int, default=0, metavar="N", help="sub-token n-grams of this size appear once (0)"
    )
    group.add_argument(
        "--max-sentence-words",
        type=options.positive,
        default=4000,
        metavar="N",
        help="longer sentences are not translated, but listed as problems (4000)",
    )
    group.add_argument(
        "--chinese",
        default="jieba",
        choices=["jieba", "characters"],
        help="how Chinese is cut into words (default: jieba: pip install 'xproj-fast[pipelines]')",
    )


def add_markers(group: Any, what: str) -> None:
    """Add how entities are marked."""
    group.add_argument(
        "--markers",
        choices=["brackets", "xml"],
        help=f"{what}: [Maria Lopez] met ... (EasyProject), or <a>Maria Lopez</a> met ... (LabelPigeon); best with a "
        "translator that was trained to keep them",
    )
    group.add_argument("--marker-spaces", action="store_true", help="a space between a marker and the entity")


def marker_options(args: argparse.Namespace) -> MarkerOptions:
    """Return how entities are marked."""
    from xproj_fast.runs.markers import MarkerOptions

    return MarkerOptions(args.markers or "brackets", args.marker_spaces)


def add_alignment(parser: argparse.ArgumentParser) -> None:
    """Add how links are read."""
    group = parser.add_argument_group("aligning words")
    group.add_argument(
        "--extraction",
        choices=["awesome", "argmax", "itermax", "match"],
        help="how links are read from sub-token similarities (default: awesome)",
    )
    group.add_argument(
        "--link-threshold", type=float, metavar="P", help="awesome: both softmaxes (0.001); others: similarity (0)"
    )


def translate_options(args: argparse.Namespace) -> TranslateOptions:
    """Return how sentences are translated."""
    from xproj_fast.models.translation import TranslateOptions

    with usage.usage_errors():
        return TranslateOptions(beam_size=args.beam, split=args.split, no_repeat_ngram_size=args.no_repeat_ngram)


def align_options(args: argparse.Namespace) -> NeuralAlignOptions:
    """Return how links are read."""
    from xproj_fast.models.neural_aligner import NeuralAlignOptions

    with usage.usage_errors(method="extraction", threshold="link_threshold"):
        return NeuralAlignOptions(method=args.extraction or NeuralAlignOptions().method, threshold=args.link_threshold)


def tagger_options(rename: Sequence[tuple[str, str]], **others: Any) -> TaggerOptions:
    """Return how a tagger runs: classes renamed, and whatever else ``TaggerOptions`` takes."""
    from xproj_fast.models.tagger import TaggerOptions

    if len(dict(rename)) < len(rename):
        raise usage.UsageError(f"--rename: expected each class once, got {', '.join(old for old, _ in rename)}")
    with usage.usage_errors():
        return TaggerOptions(rename=dict(rename), **others)


def loading(args: argparse.Namespace) -> dict[str, Any]:
    """Return what every model is loaded with."""
    return {"device": args.device, "threads": args.threads}
