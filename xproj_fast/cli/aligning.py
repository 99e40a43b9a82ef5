"""Options of how words are aligned: by eflomal, or by a neural model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from xproj_fast.cli import options
from xproj_fast.cli.usage import require, usage_errors

if TYPE_CHECKING:
    from xproj_fast.models.neural_aligner import NeuralAlignOptions
    from xproj_fast.models.statistical_aligner import StatisticalAlignOptions


def add_aligner(parser: argparse.ArgumentParser) -> None:
    """Add how words are aligned where no alignments are given."""
    group = parser.add_argument_group("aligning words (where no alignments are given)")
    group.add_argument(
        "--aligner",
        default="eflomal",
        metavar="eflomal|DIR",
        help="eflomal learns the alignment from the sentence pairs themselves (pip install 'xproj-fast[eflomal]'); "
        "a folder holds a neural aligner (xproj-fast export aligner) (default: eflomal)",
    )
    group.add_argument(
        "--symmetrization",
        choices=["intersection", "union", "grow-diag", "grow-diag-final-and"],
        help="eflomal: how the two directions become one (default: intersection)",
    )
    group.add_argument(
        "--extra-text",
        nargs=2,
        type=Path,
        metavar=("SOURCE", "TARGET"),
        help="eflomal: more parallel text to learn from, one sentence a line",
    )
    group.add_argument("--priors", type=Path, metavar="FILE", help="eflomal: priors (eflomal-makepriors)")
    group.add_argument(
        "--extraction",
        choices=["awesome", "argmax", "itermax", "match"],
        help="DIR: how links are read from sub-token similarities: awesome-align's softmax, or simalign's "
        "(default: awesome)",
    )
    group.add_argument(
        "--link-threshold",
        type=float,
        metavar="P",
        help="DIR: awesome: both softmaxes must exceed it (0.001); others: least similarity of a link (0 = off)",
    )
    group.add_argument("--from", dest="source_language", metavar="CODE", help="DIR of an NLLB encoder: eng_Latn")
    group.add_argument("--to", dest="target_language", metavar="CODE", help="DIR of an NLLB encoder: deu_Latn")
    options.add_model(group)


ONLY_EFLOMAL = ("symmetrization", "extra_text", "priors")


ONLY_NEURAL = ("extraction", "link_threshold", "source_language", "target_language", "device", "batch_tokens")


def is_neural(args: argparse.Namespace) -> bool:
    """Whether a neural aligner was asked for.

    Raises:
        UsageError: for options of the other kind of aligner.
    """
    neural: bool = args.aligner != "eflomal"
    wrong, right = (ONLY_EFLOMAL, "eflomal") if neural else (ONLY_NEURAL, "DIR")
    require(args, wrong, f"--aligner {right}")
    return neural


def aligner_options(args: argparse.Namespace) -> StatisticalAlignOptions:
    """Return how eflomal aligns words."""
    from xproj_fast.models.statistical_aligner import StatisticalAlignOptions

    return StatisticalAlignOptions(
        symmetrization=args.symmetrization or StatisticalAlignOptions().symmetrization,
        extra_text=None if args.extra_text is None else (args.extra_text[0], args.extra_text[1]),
        tokenized=args.tokenized,
        priors=args.priors,
    )


def align_options(args: argparse.Namespace) -> NeuralAlignOptions:
    """Return how a neural aligner aligns words."""
    from xproj_fast.models.neural_aligner import NeuralAlignOptions

    with usage_errors(method="extraction", threshold="link_threshold"):
        return NeuralAlignOptions(
            method=args.extraction or NeuralAlignOptions().method,
            threshold=args.link_threshold,
            max_tokens=args.batch_tokens,
        )
