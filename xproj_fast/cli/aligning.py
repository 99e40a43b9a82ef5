"""Options of how words are aligned: by what is learnt from the text, or by an aligner that is there already."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, derived, options, pipeline_options, reading, stages
from xproj_fast.cli.parser import rare
from xproj_fast.cli.usage import UsageError, require, usage_errors
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.arrays import Words
    from xproj_fast.formats.pair_files import ReadOptions
    from xproj_fast.models.alignment import Alignment, EflomalOptions, StatisticalAlignOptions
    from xproj_fast.pairs import SentencePairs

FEW_PAIRS = 250  # sentence pairs below which the statistical aligner is often wrong

STATISTICAL, EFLOMAL, STATE, NEURAL = "statistical", "eflomal", "state", "neural"
# What aligns -> how it is asked for.
ASKED_FOR = {
    STATISTICAL: "--aligner statistical",
    EFLOMAL: "--aligner eflomal",
    STATE: "--aligner-state FILE",
    NEURAL: "--aligner DIR",
}
OF_MODELS = ("source_language", "target_language", "device", "batch_tokens")
BY_HAND = ("link_threshold", "extra_text")  # of the statistical aligner, shared with others


def add_aligner(parser: argparse.ArgumentParser) -> None:
    """Add how words are aligned where no alignments are given."""
    from xproj_fast.models.alignment import StatisticalAlignOptions

    group = parser.add_argument_group("aligning words, where no alignments are given")
    group.add_argument(
        "--aligner",
        default=STATISTICAL,
        metavar="NAME|DIR",
        help="statistical learns from the sentence pairs themselves; so does eflomal, another program (pip install "
        "'xproj-fast[eflomal]'); a folder holds a neural aligner (xproj-fast export aligner) (default: statistical)",
    )
    group.add_argument(
        "--aligner-state",
        type=options.input_path,
        metavar="FILE",
        help="align with what the statistical aligner learnt before, each sentence pair by itself",
    )
    group.add_argument(
        "--save-aligner-state", type=Path, metavar="FILE", help="keep what the statistical aligner learns"
    )
    group.add_argument(
        "--extra-text",
        nargs=2,
        type=Path,
        metavar=("SOURCE", "TARGET"),
        help="more parallel text to learn from, one sentence per line",
    )
    group.add_argument("--priors", type=Path, metavar="FILE", help="priors for eflomal (eflomal-makepriors)")
    for action in group._group_actions[1:]:
        rare(action)
    pipeline_options.add_record(parser, StatisticalAlignOptions, "aligner that learns from the text", BY_HAND)
    pipeline_options.add_alignment(parser)
    threshold: Any = parser._option_string_actions["--link-threshold"]
    threshold.help = f"least probability of a link (statistical, default: 0.5); of a neural aligner: {threshold.help}"


def kind_of(args: argparse.Namespace) -> str:
    """Return what aligns, after a look at the options.

    Raises:
        UsageError: for options of another kind of aligner.
    """
    kind: str = args.aligner if args.aligner in (STATISTICAL, EFLOMAL) else NEURAL
    if args.aligner_state is not None:
        if kind != STATISTICAL:
            raise UsageError(f"--aligner-state: not allowed with --aligner {args.aligner}")
        kind = STATE
    elif kind == NEURAL and Path(args.aligner).is_file():
        kind, args.aligner_state = STATE, Path(args.aligner)
    for kinds, names in _takers().items():
        if kind not in kinds:
            require(args, [name for name in names if name in args.known], " or ".join(ASKED_FOR[k] for k in kinds))
    return kind


def _takers() -> dict[tuple[str, ...], list[str]]:
    """Return, by the aligners that take them, the options that not all do."""
    sampling = ["seed", "chains", "sweeps"]
    neural = [name for name in pipeline_options.alignment_options() if name not in BY_HAND]
    return {
        (STATISTICAL,): [*sampling, "save_aligner_state"],
        (EFLOMAL,): ["priors"],
        (NEURAL,): neural,
        (STATISTICAL, EFLOMAL): ["extra_text"],
        (STATISTICAL, EFLOMAL, STATE): ["symmetrization"],
        (STATISTICAL, STATE, NEURAL): ["link_threshold", "confidences"],
        (STATE, NEURAL): ["resume", "restart"],
    }


def refuse_overwriting(args: argparse.Namespace, *inputs: Path | None) -> None:
    """Refuse outputs, of links or labels and of a state, that are an input or each other.

    Raises:
        InputError: naming the file; and for a state whose folder is not there, before minutes of work.
        UsageError: where both outputs are one.
    """
    from xproj_fast.formats.outputs import need_folder_of

    read = (*inputs, *(args.extra_text or ()), args.priors, args.aligner_state)
    output, state = Path(args.output), args.save_aligner_state
    if args.output != "-":
        options.refuse_overwriting(output, *read)
    if state is not None:
        options.refuse_overwriting(state, *read)
        need_folder_of(state)
        if os.path.realpath(output) == os.path.realpath(state):
            raise UsageError(f"--save-aligner-state: expected another file than the output, got {state}")


def own_options() -> tuple[str, ...]:
    """Return the names of all options that ``add_aligner`` adds."""
    return tuple(dict.fromkeys(["aligner", "aligner_state", *(n for names in _takers().values() for n in names)]))


def links_beside(output: str) -> Path:
    """Return the file of links that what learns from the text keeps beside an output; FILE.json says of what."""
    return Path(f"{output}.alignments.gz")


class Ready:
    """An aligner that was made before, and how it aligns the words of a command's files.

    Attributes:
        aligner: an ``Aligner`` or a ``StatisticalAligner``.
        how: its options.
        uses: names of the options of models that it looks at.
    """

    def __init__(self, args: argparse.Namespace, kind: str) -> None:
        """Load it, and check the languages before anything is read."""
        self.how: Any
        if kind == STATE:
            from xproj_fast.models.statistical_aligner import StatisticalAligner

            self.aligner: Any = StatisticalAligner.load(args.aligner_state)
            self.how = statistical_options(args, self.aligner.options)
            self.uses: tuple[str, ...] = ()
        else:
            self.how = pipeline_options.align_options(args)
            self.aligner = pipeline_options.load(args, "aligner")["aligner"]
            self.uses = OF_MODELS if self.aligner.languages else OF_MODELS[2:]
        self.languages: dict[str, Any] = dict.fromkeys(OF_MODELS[:2])
        if self.uses == OF_MODELS:
            self.languages = {name: getattr(args, name) for name in self.languages}
        with usage_errors():
            self.aligner.check_languages(self.languages["source_language"], [self.languages["target_language"]])

    def align(self, pairs: SentencePairs, threads: int | None) -> SentencePairs:
        """Return the pairs with links."""
        found = self.aligner.align(pairs.source, pairs.target, self.how, threads=threads, **self.languages)
        return pairs.with_alignments(found.links, copy=False)


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
        self._ready: Ready | None = None
        self._learns = ""
        self._how: Any = None  # it learns
        if not needs_links or args.alignments is not None or args.target is None:  # a lone file holds its links
            why = "a method that needs links" if not needs_links else "--target without --alignments"
            unused = [name for name in own_options() if name in args.known]
            require(args, unused, f"{why}, as nothing is aligned otherwise")
        else:
            kind = kind_of(args)
            if kind in (STATE, NEURAL):
                self._ready = Ready(args, kind)
            else:
                self._learns, self._how = kind, learning_options(args, kind)
        self.uses = self._ready.uses if self._ready is not None else ()

    def read(self, report: Callable[[float], None]) -> Iterator[SentencePairs]:
        """Yield the sentence pairs chunk by chunk."""
        args = self._args
        from xproj_fast.formats.pair_files import iter_pairs

        how = reading.read_options(args)
        if self._learns:
            yield self._learned(how)
            return
        for pairs in iter_pairs(args.source, args.target, args.alignments, how, chunk=args.chunk, progress=report):
            yield pairs if self._ready is None else self._ready.align(pairs, args.threads)

    def _learned(self, how: ReadOptions) -> SentencePairs:
        """Return all pairs: what learns, learns from all of them at once, so here the whole text is in memory."""
        from xproj_fast.formats.pair_files import read_pairs

        args = self._args
        pairs = read_pairs(args.source, args.target, None, how)
        output = Path(args.output)
        elsewhere = args.output == "-" or (output.exists() and not output.is_file())  # no place next to a pipe
        cache = None if elsewhere else links_beside(args.output)
        with learning(args, self._learns, len(pairs)) as progress:
            if self._learns == EFLOMAL:
                from xproj_fast.models.eflomal import align_with_eflomal

                return align_with_eflomal(pairs, self._how, cache=cache)
            if args.save_aligner_state is not None:  # it learns nothing from links in a cache
                found = learnt(args, self._how, pairs.source, pairs.target, progress)
                return pairs.with_alignments(found.links, copy=False)
            from xproj_fast.models.statistical_aligner import align_statistically

            return align_statistically(pairs, self._how, cache=cache, progress=progress, threads=args.threads)


@contextmanager
def learning(args: argparse.Namespace, kind: str, pairs: int) -> Iterator[Callable[[float], None]]:
    """Say what is learnt from, and yield what takes the share done, 0 to 1."""
    name = " with eflomal" if kind == EFLOMAL else ""
    console.say(f"aligning the words of {count(pairs, 'sentence pair')}{name} ...", quiet=args.quiet)
    if kind == STATISTICAL and pairs < FEW_PAIRS and args.extra_text is None:
        console.say(
            "there is little to learn from: many links may be wrong, and confidences, which cannot know which, too "
            "high (--extra-text SOURCE TARGET adds text to learn from, --aligner DIR takes a neural aligner)",
            quiet=args.quiet,
        )
    with stages.progress("aligning", quiet=args.quiet) as report:
        yield lambda share: report(round(share * pairs), share)


def learnt(
    args: argparse.Namespace,
    how: StatisticalAlignOptions,
    source: Words,
    target: Words,
    progress: Callable[[float], None],
) -> Alignment:
    """Return the links that the statistical aligner learns, and keep what it learnt where that is wanted."""
    from xproj_fast.models.statistical_aligner import StatisticalAligner, learn_links

    if args.save_aligner_state is None:
        return learn_links(source, target, how, threads=args.threads, progress=progress)
    aligner = StatisticalAligner.learn(source, target, how, threads=args.threads, progress=progress)
    aligner.save(args.save_aligner_state)
    assert aligner.learnt is not None
    return aligner.learnt


def statistical_options(
    args: argparse.Namespace, otherwise: StatisticalAlignOptions | None = None
) -> StatisticalAlignOptions:
    """Return how the statistical aligner learns or aligns: as an aligner says otherwise, or by default.

    Raises:
        UsageError: for values that cannot be, and a threshold that is not looked at.
    """
    from xproj_fast.models.alignment import StatisticalAlignOptions

    given = {each.dest: getattr(args, each.dest) for each in derived.given(args, StatisticalAlignOptions)}
    given["extra_text"] = _extra_text(args)
    with usage_errors():
        how = replace(otherwise or StatisticalAlignOptions(tokenized=args.tokenized), **given)
    derived.require_effect(
        args,
        StatisticalAlignOptions,
        [how.symmetrization],
        lambda needs: f"--symmetrization {' or '.join(needs)}, got --symmetrization {how.symmetrization}",
    )
    return how


def learning_options(args: argparse.Namespace, kind: str) -> StatisticalAlignOptions | EflomalOptions:
    """Return how what learns from the text aligns words.

    Raises:
        UsageError: see ``statistical_options``.
    """
    from xproj_fast.models.alignment import EflomalOptions

    if kind == STATISTICAL:
        return statistical_options(args)
    given = {"symmetrization": args.symmetrization} if "symmetrization" in args else {}
    with usage_errors():
        return EflomalOptions(**given, extra_text=_extra_text(args), tokenized=args.tokenized, priors=args.priors)


def _extra_text(args: argparse.Namespace) -> tuple[Path, Path] | None:
    return None if args.extra_text is None else (args.extra_text[0], args.extra_text[1])
