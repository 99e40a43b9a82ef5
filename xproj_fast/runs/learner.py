"""The learned score in a run: learnt for each language from the first sentence pairs, then the same for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from xproj_fast.formats.sentences import concat_records
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.runs.learning import Learnt, after_learning, first_rows
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.learning import learn

W = TypeVar("W")
ENOUGH = 250  # silver sentences: from there on, more of them gain nothing (docs/benchmarks/labels.md)


class Learner:
    """Learns one score per language, or takes those that an interrupted run has learnt.

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
        """
        self._learnt, self._method, self._threads = learnt, method, threads
        known = {} if learnt.value is None else learnt.value["learned"]
        self.scores = {code: LearnedScore.from_dict(known[code]) for code in languages if code in known}
        self._languages = languages

    def over(self, works: Iterator[W], pairs: Callable[[W], Mapping[str, SentencePairs]]) -> Iterator[W]:
        """Yield chunks, the first ones once enough was learnt from them.

        Args:
            works: chunks of sentences.
            pairs: returns the sentence pairs of one, as many for each language.
        """
        if len(self.scores) == len(self._languages):
            return works
        first = self._languages[0]
        return after_learning(works, lambda work: len(pairs(work)[first]), lambda held, n: self._learn(held, n, pairs))

    def _learn(self, works: list[W], sentences: int, pairs: Callable[[W], Mapping[str, SentencePairs]]) -> bool:
        made = [pairs(work) for work in works]
        for code in self._languages:
            chunks = [each[code] for each in made]
            rows = first_rows(map(len, chunks), sentences)
            some = joined_pairs([chunk[:n] for chunk, n in zip(chunks, rows, strict=True)])
            self.scores[code] = learn(some, self._method.learned, threads=self._threads)
        self._learnt.value = {"learned": {code: score.to_dict() for code, score in self.scores.items()}}
        return all(is_enough(score) for score in self.scores.values())


def learner_of(learnt: Learnt, languages: Sequence[str], method: Method, threads: int | None) -> Learner | None:
    """Return what learns the scores of a method; None where it has none to learn."""
    return Learner(learnt, languages, method, threads) if "learned" in method.weights else None


def is_enough(score: LearnedScore) -> bool:
    """Whether a score was learnt from enough, or from nothing, as weights are given."""
    raise NotImplementedError


def joined_pairs(chunks: Sequence[SentencePairs]) -> SentencePairs:
    """Return the sentence pairs of consecutive chunks as one, without their ids."""
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
