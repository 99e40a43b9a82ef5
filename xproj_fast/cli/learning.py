"""What ``project`` learns from the first sentence pairs: a score, and, of a gold sample, how far it can be trusted."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xproj_fast.cli import console, options, reading, usage
from xproj_fast.errors import InputError
from xproj_fast.formats.files import DEFAULT_CHUNK
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.method import Method
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.scores.evidence import Evidence

FIRST = DEFAULT_CHUNK  # sentence pairs that are learnt from, whatever --chunk says: the result is the same


def add_learning(parser: argparse.ArgumentParser) -> None:
    """Add what becomes of the weights that were learnt, and the sample."""
    group = parser.add_argument_group("learning")
    group.add_argument(
        "--save-learned",
        type=Path,
        metavar="FILE",
        help="keep the weights that the score learned has here, for --learned-weights FILE (JSON)",
    )
    group.add_argument(
        "--gold-sample",
        type=options.input_path,
        metavar="FILE",
        help=f"labelled sentences, 150 or more of the first {FIRST:,} of the target, by which confidence is recalibrated",
    )


class Learning:
    """Learns from the first sentence pairs of a command, and adds what was learnt to the evidence of all.

    Attributes:
        found: what is learnt, as fields of ``Evidence``.
        told: what of it the summary tells.
    """

    def __init__(
        self, args: argparse.Namespace, method: Method, evidence_of: Callable[[SentencePairs], Evidence]
    ) -> None:
        """Check the options, before anything is read.

        Raises:
            UsageError: for options that mean nothing with the method.
        """
        self._args, self._method, self._evidence_of = args, method, evidence_of
        self._learns = "learned" in method.weights
        if not self._learns:
            usage.require(args, ["save_learned", "gold_sample"], "--scores with learned")
        for file in filter(None, (args.save_learned,)):
            options.refuse_overwriting(file, args.source, args.target, args.alignments, args.gold_sample)
        self._gold: LabelledSentences | None = None
        self.found: dict[str, Any] = {}
        self.told: dict[str, Any] = {}

    def evidence(self, pairs: SentencePairs) -> Evidence:
        """Return what is known about sentence pairs."""
        return replace(self._evidence_of(pairs), **self.found)

    def over(self, chunks: Iterator[SentencePairs]) -> Iterator[SentencePairs]:
        """Yield the chunks; the first ones are held back, and learnt from."""
        if not self._learns:
            yield from chunks
            return
        held: list[SentencePairs] = []
        for pairs in chunks:
            held.append(pairs)
            if sum(map(len, held)) >= FIRST:
                break
        self._learn(held)
        while held:
            yield held.pop(0)
        yield from chunks

    def _learn(self, chunks: list[SentencePairs]) -> None:
        from xproj_fast.runs.learner import joined_pairs
        from xproj_fast.scores.learning import learn

        args = self._args
        first = chunks[0] if len(chunks) == 1 else joined_pairs(chunks)
        first = first if len(first) <= FIRST else first[:FIRST]
        score = learn(first, self._method.learned, threads=args.threads)
        self.found["learned"] = score
        self.told["learned"] = {"sentences": len(first), **score.made_from}
        if args.save_learned is not None:
            score.save(args.save_learned)
        if args.gold_sample is not None:
            self._calibrate(first)

    def _calibrate(self, first: SentencePairs) -> None:
        """Project the sentences of the sample alone, as the models need not see the others twice."""
        from xproj_fast.calibration import calibrate
        from xproj_fast.projector import project

        args = self._args
        gold = read_gold(args)
        wanted = set(map(tuple, gold.words.to_lists()))
        rows = np.flatnonzero([tuple(words) in wanted for words in first.target.to_lists()])
        sample = first[rows]
        method = replace(self._method, min_confidence=0.0)
        try:
            result = project(
                sample, method, evidence=self.evidence(sample), backend=args.backend, threads=args.threads
            )
            self.found["calibration"] = calibrate(result, gold)
        except InputError as error:
            raise InputError(f"{args.gold_sample}: {error}", field=error.field) from None
        self.told["gold_sample"] = len(gold)


def read_gold(args: argparse.Namespace) -> LabelledSentences:
    """Read the sample as the other files of the command are read."""
    from xproj_fast.formats.files import read_labelled

    return read_labelled(args.gold_sample, conll=reading.conll_options(args), jsonl=reading.jsonl_options(args))
