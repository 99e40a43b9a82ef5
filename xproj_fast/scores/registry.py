"""The scores by name: each says what it needs where it is defined.

A score is a function of sentence pairs and candidates. What else it looks at it takes by keyword alone, and is given:
``probabilities`` (a tagger's), ``phrases`` (what says how well phrases translate each other), ``counts`` (of what that
was asked), ``learned_score`` and ``source_confidence`` (see ``Evidence``), ``other`` (the weighted sum of the scores
that do not take it), its ``weight``, the options ``ner``, ``string``, ``mt`` and ``learned`` of ``Method``, ``backend``
and ``threads``. To add one is to write one file of this folder:

    @register("length_ratio")
    def length_ratio_scores(pairs: SentencePairs, candidates: Spans) -> NDArray[np.float32]:
        columns = pair_columns(pairs, candidates)
        ...

It returns ``PairScores``, or one value per (entity, candidate) pair in their order; see ``columns``. One that is a
probability (``probability=True``) may return ``Probabilities`` of them instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from xproj_fast.registry import Registry, keywords

Scoring = TypeVar("Scoring", bound=Callable[..., Any])


class Score(NamedTuple):
    """One score.

    Attributes:
        make: makes it; see above.
        needs: of ``"links"``, ``"tagger"``, ``"translator"``, ``"texts"``: what there must be beside the words.
        ready: raises MissingDependencyError where a package is missing.
        probability: whether it is the probability, 0 to 1, that span and label are right: what is projected by it, or
            beside it, has that as its confidence.
    """

    make: Callable[..., Any]
    needs: frozenset[str]
    ready: Callable[[], None] | None
    probability: bool = False

    @property
    def takes(self) -> tuple[str, ...]:
        """What it takes by keyword."""
        return keywords(self.make)


class Probabilities(NamedTuple):
    """What a score that is a probability returns where it has a threshold: confidence goes down to 0 all the same.

    Attributes:
        values: as any score returns them.
        threshold: what is smaller counts 0 in the sum that is matched.
    """

    values: Any
    threshold: float = 0.0


SCORES: Registry[Score] = Registry("scores", "xproj_fast.scores")


def register(
    name: str, *, needs: Iterable[str] = (), ready: Callable[[], None] | None = None, probability: bool = False
) -> Callable[[Scoring], Scoring]:
    """Return a decorator that gives a score its name; see ``Score``.

    Raises:
        InputError: for a name that is taken.
    """

    def add(function: Scoring) -> Scoring:
        SCORES.add(name, Score(function, frozenset(needs), ready, probability))
        return function

    return add
