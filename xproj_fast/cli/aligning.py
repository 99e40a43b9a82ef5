"""Options of how words are aligned: by eflomal, or by a neural model."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, pipeline_options, reading
from xproj_fast.cli.parser import rare
from xproj_fast.cli.usage import require, usage_errors
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.formats.pair_files import ReadOptions
    from xproj_fast.models.alignment import EflomalOptions, NeuralAlignOptions
    from xproj_fast.models.neural_aligner import Aligner
    from xproj_fast.pairs import SentencePairs


def add_aligner(parser: argparse.ArgumentParser) -> None:
    """Add how words are aligned where no alignments are given."""
    group = parser.add_argument_group("aligning words, where no alignments are given")
    group.add_argument(
        "--aligner",
        default="eflomal",
        metavar="eflomal|DIR",
        help="eflomal learns from the sentence pairs themselves (pip install 'xproj-fast[eflomal]'); a folder holds a "
        "neural aligner (xproj-fast export aligner) (default: eflomal)",
    )
    group.add_argument(
        "--symmetrization",
        choices=["intersection", "union", "grow-diag", "grow-diag-final-and"],
        help="how eflomal's two directions become one (default: intersection)",
    )
    group.add_argument(
        "--extra-text",
        nargs=2,
        type=Path,
        metavar=("SOURCE", "TARGET"),
        help="more parallel text for eflomal to learn from, one sentence per line",
    )
    group.add_argument("--priors", type=Path, metavar="FILE", help="priors for eflomal (eflomal-makepriors)")
    for action in group._group_actions[1:]:
        rare(action)
    pipeline_options.add_alignment(parser)


ONLY_EFLOMAL = ("symmetrization", "extra_text", "priors")
OF_MODELS = ("source_language", "target_language", "device", "batch_tokens")


def is_neural(args: argparse.Namespace) -> bool:
    """Whether a neural aligner was asked for.

    Raises:
        UsageError: for options of the other kind of aligner.
    """
    neural: bool = args.aligner != "eflomal"
    wrong, right = (ONLY_EFLOMAL, "eflomal") if neural else (pipeline_options.alignment_options(), "DIR")
    require(args, wrong, f"--aligner {right}")
    return neural


class AlignedPairs:
    """The sentence pairs of a command's files, whose words are aligned where that is needed.

    Attributes:
        uses: options of models that are used for it.
    """

    def __init__(self, args: argparse.Namespace, needs_links: bool) -> None:
        """Check the options, before anything is read.

        Raises:
            UsageError: for options of an aligner where nothing is aligned, or of another aligner.
        """
        self._args = args
        self._aligner: Any = None
        self._how: NeuralAlignOptions | None = None
        self._learns = False
        self.uses: tuple[str, ...] = ()
        if not needs_links or args.alignments is not None or args.target is None:  # a lone file holds its links
            why = "a method that needs links" if not needs_links else "--target without --alignments"
            unused = ("aligner", *ONLY_EFLOMAL, *pipeline_options.alignment_options())
            require(args, unused, f"{why}, as nothing is aligned otherwise")
        elif is_neural(args):
            self._how = pipeline_options.align_options(args)
            self._aligner, self.uses = load_aligner(args), OF_MODELS
        else:
            self._learns = True

    def read(self, report: Callable[[float], None]) -> Iterator[SentencePairs]:
        """Yield the sentence pairs chunk by chunk."""
        args = self._args
        from xproj_fast.formats.pair_files import iter_pairs

        how = reading.read_options(args)
        if self._learns:
            yield self._learned(how)
            return
        languages = {"source_language": args.source_language, "target_language": args.target_language}
        for pairs in iter_pairs(args.source, args.target, args.alignments, how, chunk=args.chunk, progress=report):
            if self._aligner is None:
                yield pairs
                continue
            found = self._aligner.align(pairs.source, pairs.target, self._how, threads=args.threads, **languages)
            yield pairs.with_alignments(found.links, copy=False)

    def _learned(self, how: ReadOptions) -> SentencePairs:
        """Return all pairs: eflomal learns from all of them at once, so here the whole text is in memory."""
        from xproj_fast.formats.pair_files import read_pairs
        from xproj_fast.models.eflomal import align_with_eflomal

        args = self._args
        pairs = read_pairs(args.source, args.target, None, how)
        output = Path(args.output)
        elsewhere = args.output == "-" or (output.exists() and not output.is_file())  # no place next to a pipe
        cache = None if elsewhere else Path(args.output + ".alignments.gz")
        console.say(f"aligning the words of {count(len(pairs), 'sentence pair')} with eflomal ...", quiet=args.quiet)
        return align_with_eflomal(pairs, aligner_options(args), cache=cache)


def load_aligner(args: argparse.Namespace) -> Aligner:
    """Load the aligner the options name, and check the languages before anything is read."""
    aligner: Aligner = pipeline_options.load(args, "aligner")["aligner"]
    with usage_errors():
        aligner.check_languages(args.source_language, [args.target_language])
    return aligner


def aligner_options(args: argparse.Namespace) -> EflomalOptions:
    """Return how eflomal aligns words."""
    from xproj_fast.models.alignment import EflomalOptions

    return EflomalOptions(
        symmetrization=args.symmetrization or EflomalOptions().symmetrization,
        extra_text=None if args.extra_text is None else (args.extra_text[0], args.extra_text[1]),
        tokenized=args.tokenized,
        priors=args.priors,
    )
