"""The learned score in a run: learnt for each language from the first sentence pairs, then the same for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError
from xproj_fast.formats.sentences import concat_records
from xproj_fast.kernels import get
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.runs.learning import Learnt, after_learning, first_rows
from xproj_fast.runs.models import identity_of_file
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.learning import ENOUGH, learn
from xproj_fast.scores.options import LearnedOptions
from xproj_fast.stored_json import Value
from xproj_fast.text.word_shapes import word_shapes

W = TypeVar("W")
LEARNED = "learned"  # the score, and its key among what a run has learnt


class Learner:
    """Learns one score per language, or takes those that an interrupted run has learnt, or that a file has.

    Attributes:
        scores: by language, once the first chunk has come out of ``over``.
    """

    def __init__(self, learnt: Learnt, languages: Sequence[str], method: Method, threads: int | None) -> None:
        """Prepare to learn.

        Args:
            learnt: what the run has learnt, which is added to.
            languages: of what is projected from, or onto: one score each.
            method: whose score it is.
            threads: None = all CPUs.

        Raises:
            InputError: for a file, or a journal, that holds something else.
        """
        self._learnt, self._languages, self._options, self._threads = learnt, languages, method.learned, threads
        self.scores: dict[str, LearnedScore] = {}
        if method.learned.is_file:
            self.scores = dict.fromkeys(languages, LearnedScore.load(method.learned.weights))
        elif learnt.value is not None or learnt.resumed:
            self.scores = _scores_of(learnt.value, languages)

    def over(self, works: Iterator[W], pairs: Callable[[W], Mapping[str, SentencePairs]]) -> Iterator[W]:
        """Yield chunks, the first ones once the scores were learnt from them.

        Args:
            works: chunks of sentences.
            pairs: returns the sentence pairs of one, as many for each language.
        """
        if self.scores:
            return works

        def first(held: list[W], sentences: int) -> dict[str, SentencePairs]:
            made = [pairs(work) for work in held]
            return {code: joined_pairs([each[code] for each in made], sentences) for code in self._languages}

        def enough(held: list[W], sentences: int) -> bool:
            return all(is_enough(each, self._options) for each in first(held, sentences).values())

        def learn_from(held: list[W], sentences: int) -> None:
            for code, each in first(held, sentences).items():
                self.scores[code] = learn(each, self._options, threads=self._threads)
            self._learnt.value = {LEARNED: {code: score.to_dict() for code, score in self.scores.items()}}

        return after_learning(works, lambda work: len(pairs(work)[self._languages[0]]), enough, learn_from)


def _scores_of(learnt: Any, languages: Sequence[str]) -> dict[str, LearnedScore]:
    """Return what an interrupted run has learnt; whoever can write to its journal can have written anything there."""
    try:
        found = Value(learnt, "what the interrupted run has learnt").record(LEARNED)[LEARNED].record(*languages)
        return {code: LearnedScore.from_dict(found[code].mapping()) for code in languages}
    except InputError as error:
        raise InputError(f"{error}; --restart starts over") from None


def learner_of(learnt: Learnt, languages: Sequence[str], method: Method, threads: int | None) -> Learner | None:
    """Return what learns the scores of a method; None where it has none to learn."""
    return Learner(learnt, languages, method, threads) if LEARNED in method.weights else None


def described_method(method: Method) -> dict[str, Any]:
    """Return what an output depends on in a method, as JSON values: of weights in a file, what is in it."""
    told = method.described()
    if LEARNED in method.weights and method.learned.is_file:
        told["learned_weights"] = identity_of_file(Path(method.learned.weights))
    return told


def is_enough(pairs: SentencePairs, options: LearnedOptions) -> bool:
    """Whether more sentence pairs than these would gain nothing: there is silver enough, or nothing is learnt."""
    if options.weights == "shipped":
        return True
    enough = min(ENOUGH, options.silver)
    shapes = word_shapes(pairs.source)
    links = require_alignments(pairs)
    silver = get().learned_silver(shapes, pairs.target.offsets, pairs.entities, links, enough, options.seed)
    return len(silver.sentence) >= enough


def joined_pairs(chunks: Sequence[SentencePairs], sentences: int) -> SentencePairs:
    """Return the first so many sentence pairs of consecutive chunks as one chunk, without their ids."""
    rows = first_rows(map(len, chunks), sentences)
    chunks = [chunk if n == len(chunk) else chunk[:n] for chunk, n in zip(chunks, rows, strict=True)]
    links = [chunk.alignments for chunk in chunks if chunk.alignments is not None]
    return SentencePairs.from_columns(
        concat_records([chunk.source for chunk in chunks]),
        concat_records([chunk.target for chunk in chunks]),
        concat_records([chunk.entities for chunk in chunks]),
        chunks[-1].labels,
        concat_records(links) if links else None,
        nested=True,
        copy=False,
    )
