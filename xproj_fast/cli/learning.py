"""What ``project`` learns from the first sentence pairs: a score, and, of a gold sample, how far it can be trusted."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xproj_fast.cli import options, projecting, reading, usage
from xproj_fast.cli.parser import rare
from xproj_fast.errors import InputError
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.method import Method
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.scores.evidence import Evidence

FIRST = 65_536  # sentence pairs that are learnt from, whatever --chunk says: the result is the same


def add_learning(parser: argparse.ArgumentParser) -> None:
    """Add where the weights that were learnt go, and the sample."""
    group = parser.add_argument_group("learning")
    rare(
        group.add_argument(
            "--save-learned",
            type=Path,
            metavar="FILE",
            help="write the weights that were learned, as JSON, for --learned-weights FILE",
        )
    )
    group.add_argument(
        "--gold-sample",
        type=options.input_path,
        metavar="FILE",
        help="labelled target sentences, 150 or more, of those to be projected, by which confidence is recalibrated",
    )


class Learning:
    """Learns from the first sentence pairs of a command, and adds what was learnt to what is known of all.

    Attributes:
        told: what the summary tells of it.
    """

    def __init__(
        self, args: argparse.Namespace, method: Method, evidence_of: Callable[[SentencePairs], Evidence]
    ) -> None:
        """Check the options, before anything is read.

        Raises:
            UsageError: for options that mean nothing with the method.
            InputError: for a file of weights that holds something else.
        """
        from xproj_fast.method import probable

        self._args, self._method, self._evidence_of = args, method, evidence_of
        self._found: dict[str, Any] = {}  # fields of ``Evidence``
        self._gold: LabelledSentences | None = None
        self.told: dict[str, Any] = {}
        self._learns = "learned" in method.weights
        if not self._learns:
            usage.require(args, ["save_learned"], "--scores with learned")
        if not method.tells_confidence:
            usage.require(args, ["gold_sample"], f"--scores with {projecting.either(probable())}")
        if args.save_learned is not None:
            inputs = (args.source, args.target, args.alignments, args.gold_sample, Path(args.output))
            options.refuse_overwriting(args.save_learned, *inputs)
        if args.gold_sample is not None:
            self._gold = self._read_gold()
        if self._learns and method.learned.is_file:
            from xproj_fast.scores.learned_score import LearnedScore

            usage.require(args, ["save_learned"], "weights that are learned here")
            self._found["learned"] = LearnedScore.load(method.learned.weights)
            self.told["learned"] = {"file": method.learned.weights}

    def evidence(self, pairs: SentencePairs) -> Evidence:
        """Return what is known about sentence pairs."""
        return replace(self._evidence_of(pairs), **self._found)

    def over(self, chunks: Iterator[SentencePairs]) -> Iterator[SentencePairs]:
        """Yield the chunks; the first ones are held back where they are learnt from."""
        if (not self._learns or "learned" in self._found) and self._gold is None:
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

        args, first = self._args, joined_pairs(chunks, FIRST)
        if self._learns and "learned" not in self._found:
            try:
                score = learn(first, self._method.learned, threads=args.threads)
            except InputError as error:
                raise InputError(str(error).replace("weights:", "--learned-weights own:", 1)) from None
            self._found["learned"] = score
            self.told["learned"] = dict(score.made_from)
        if self._gold is not None:
            self._calibrate(first, self._gold)

    def save(self) -> None:
        """Write what was learnt to where it was asked for, whole or not at all; called when all is done."""
        if self._args.save_learned is not None:
            from xproj_fast.formats.outputs import write_whole

            write_whole(self._args.save_learned, self._found["learned"].to_json().encode())

    def _calibrate(self, first: SentencePairs, gold: LabelledSentences) -> None:
        """Project the sentences of the sample alone, so that models need not see the others twice."""
        from xproj_fast.calibration import calibrate
        from xproj_fast.projector import project

        args = self._args
        wanted = set(map(tuple, gold.words.to_lists()))
        sample = first[np.array([tuple(words) in wanted for words in first.target.to_lists()], np.bool_)]
        method = replace(self._method, min_confidence=0.0)
        evidence = self.evidence(sample)
        try:
            result = project(sample, method, evidence=evidence, backend=args.backend, threads=args.threads)
            self._found["calibration"] = calibrate(result, gold)
        except InputError as error:
            if error.field not in ("gold", "confidence"):
                raise
            what = str(error).partition(": ")[2]
            if error.sentence is not None:
                what += f" (the sample must be of the first {FIRST:,} sentence pairs)"
            raise InputError(f"{args.gold_sample}: {what}", sentence=error.sentence) from None
        self.told["gold_sample"] = len(gold)

    def _read_gold(self) -> LabelledSentences:
        from xproj_fast.formats.files import read_labelled

        args = self._args
        conll, jsonl = reading.conll_options(args), reading.jsonl_options(args)
        return read_labelled(args.gold_sample, conll=conll, jsonl=jsonl, tokenized=args.tokenized)


def said(summary: Mapping[str, Any]) -> list[str]:
    """Return the lines of a summary about what was learnt, by this command or by a run for each of some languages."""
    lines = [_weights_said(summary["learned"])] if "learned" in summary else []
    learnt = summary.get("learnt", {}).get("learned", {})
    lines += [f"{code}: {_weights_said(score['made_from'])}" for code, score in learnt.items()]
    if "gold_sample" in summary:
        lines.append(f"confidence recalibrated by {count(summary['gold_sample'], 'gold sentence')}")
    return lines


def _weights_said(made_from: Mapping[str, Any]) -> str:
    if "file" in made_from:
        return f"scored with the weights of {made_from['file']}"
    if made_from["weights"] == "shipped":
        return "scored with the shipped weights"  # why, was warned of
    text = f"learned from {count(made_from['silver_sentences'], 'sentence')} whose links leave no doubt, without gold"
    return text + (", and the shipped weights, as these are few" if made_from["weights"] == "mean" else "")
