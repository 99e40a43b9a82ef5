"""Options that the pipeline commands share, and what they become."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import derived, options, reading, usage
from xproj_fast.cli.parser import rare

if TYPE_CHECKING:
    from xproj_fast.models.alignment import NeuralAlignOptions
    from xproj_fast.models.tagging import TaggerOptions
    from xproj_fast.models.translation import TranslateOptions
    from xproj_fast.runs.markers import MarkerOptions
    from xproj_fast.runs.model_paths import ModelPaths


# Of the options of models: --batch-tokens is one for all models of a command, and --chunk is the command's own.
SHARED = ("batch_tokens", "chunk")


def add_input(group: Any, what: str, formats: Sequence[str]) -> None:
    """Add the input file and how it is read."""
    group.add_argument("input", type=options.input_path, metavar="FILE", help=what)
    text = "text" in formats
    help = reading.FORMAT_HELP if text else "format of the input (default: by the suffix)"
    rare(group.add_argument("--input-format", choices=formats, help=help))


def add_aligner(group: Any) -> None:
    """Add the aligner, which has to be there already."""
    group.add_argument(
        "--aligner",
        type=Path,
        metavar="DIR|FILE",
        help="folder of an aligner, or file of what align learnt",
    )


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


def add_record(parser: argparse.ArgumentParser, record: type, heading: str, without: Collection[str] = ()) -> Any:
    """Add the options of a model, which are left to ``--help-all``; returns their group."""
    group = derived.add(parser, record, lambda only: heading, without=(*SHARED, *without))[heading]
    for action in group._group_actions:
        rare(action)
    return group


def add_translation(parser: argparse.ArgumentParser) -> Any:
    """Add how sentences are translated; returns the group."""
    from xproj_fast.models.translation import TranslateOptions

    return add_record(parser, TranslateOptions, "translation")


def add_alignment(parser: argparse.ArgumentParser) -> None:
    """Add how a neural aligner reads links."""
    from xproj_fast.models.alignment import NeuralAlignOptions

    add_record(parser, NeuralAlignOptions, "neural aligner")


def translation_options() -> tuple[str, ...]:
    """Return the names of what ``add_translation`` adds, for ``usage.refuse``."""
    from xproj_fast.models.translation import TranslateOptions

    return tuple(each.dest for each in derived.derive(TranslateOptions) if each.dest not in SHARED)


def alignment_options() -> tuple[str, ...]:
    """Return the names of what ``add_alignment`` adds, for ``usage.require``."""
    from xproj_fast.models.alignment import NeuralAlignOptions

    return tuple(each.dest for each in derived.derive(NeuralAlignOptions) if each.dest not in SHARED)


def marker_options(args: argparse.Namespace) -> MarkerOptions:
    """Return how entities are marked."""
    from xproj_fast.runs.markers import MarkerOptions

    return MarkerOptions(args.markers or MarkerOptions().form, args.marker_spaces)


def translate_options(args: argparse.Namespace) -> TranslateOptions:
    """Return how sentences are translated."""
    from xproj_fast.models.translation import TranslateOptions

    return derived.made(TranslateOptions, args, without=["chunk"])


def align_options(args: argparse.Namespace) -> NeuralAlignOptions | None:
    """Return how a neural aligner aligns words; None where the aligner is none.

    Raises:
        UsageError: for values that cannot be, and options that its extraction does not look at.
    """
    from xproj_fast.models.alignment import NeuralAlignOptions

    if args.aligner is not None and Path(args.aligner).is_file():
        usage.require(args, alignment_options(), "a neural aligner (--aligner DIR)")
        return None
    how = derived.made(NeuralAlignOptions, args)
    derived.require_effect(
        args,
        NeuralAlignOptions,
        [how.extraction],
        lambda needs: f"--extraction {' or '.join(needs)}, got --extraction {how.extraction}",
    )
    return how


def tagger_options(
    rename: Mapping[str, str], drop: tuple[str, ...] = (), how: TaggerOptions | None = None
) -> TaggerOptions:
    """Return how a tagger runs: as otherwise said (None = its defaults), with classes renamed and left out."""
    from xproj_fast.models.tagging import TaggerOptions

    with usage.usage_errors():
        return replace(how or TaggerOptions(), rename=rename, drop=drop)


def load(args: argparse.Namespace, *options: str) -> dict[str, Any]:
    """Load the models of those of some options that were given; returns them by the names of the options."""
    return model_paths(args, *options).load()


def model_paths(args: argparse.Namespace, *options: str, **changed: Any) -> ModelPaths:
    """Return the folders of the models of some options, and how they run; ``changed``: in another way than was said."""
    from xproj_fast.runs.model_paths import ModelPaths

    folders = {name: getattr(args, name) for name in options}
    how = {"device": args.device, "compute_type": getattr(args, "compute_type", None), "threads": args.threads}
    return ModelPaths(**folders, **how | changed)
