"""What is known about sentence pairs beyond the pairs themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import PairScores, Spans, WordProbabilities
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import take
from xproj_fast.scores.fuse import PRESETS
from xproj_fast.scores.registry import SCORES

if TYPE_CHECKING:
    from xproj_fast.calibration import Calibration
    from xproj_fast.scores.learned_score import LearnedScore
    from xproj_fast.scores.mt import MtCounts, Scorer

OwnScorer = Callable[[SentencePairs, Spans], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What scores and candidates need beyond the sentence pairs; only what is asked for is looked at.

    How it is used (thresholds, options of each score) stands in ``Method``. It pickles where what it holds does.

    >>> import xproj_fast as xp
    >>> pairs = xp.SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]])
    >>> same = lambda source, target: [float(a == b) for a, b in zip(source, target, strict=True)]
    >>> xp.project(pairs, scores="mt", evidence=xp.Evidence(mt=same)).spans()
    [[ProjectedSpan(start=0, end=1, label='PER', score=1.0)]]

    Attributes:
        probabilities: a tagger's word probabilities of the target words, for "ner", "ner_spans" and candidates "ner"
            and "ner_sub_spans"; see ``Tagger.probabilities``.
        mt: says how well phrases translate each other, for "mt": N source and N target phrases -> float32[N], such as
            ``xproj_fast.models.phrase_scorer.PhraseScorer``.
        given: further scores by name: ``PairScores`` of the candidates, or a function of pairs and candidates that
            returns them or one number per pair; see ``pair_columns``.
        counts: what ``mt`` was asked is added to; None = not counted.
        learned: the weights of the score "learned"; None = they are learned from the pairs at hand, see ``learn``.
        source_confidence: float32[source entities], the probability that each entity is right, such as the source
            tagger's ``Tagged.scores``, for "learned".
        calibration: corrects the confidence of projected spans, see ``calibrate``; the scores stay as they are.

    Raises:
        InputError: for a given score with the name of one that there is.
    """

    probabilities: WordProbabilities | None = None
    mt: Scorer | None = None
    given: Mapping[str, PairScores | OwnScorer] = field(default_factory=dict)
    counts: MtCounts | None = None
    learned: LearnedScore | None = None
    source_confidence: NDArray[np.float32] | None = None
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "given", MappingProxyType(dict(self.given)))  # checked once, and never changed
        for name in self.given:
            if name in SCORES or name in PRESETS:
                raise InputError(f"evidence: expected names of their own for given scores, got {name!r}")

    def first(self, sentences: int, entities: int = 0) -> Evidence:
        """Return the evidence of the first sentences alone; what is a function says as much of any.

        Args:
            sentences: how many.
            entities: how many source entities these have; needed for ``source_confidence``.
        """
        rows = np.arange(sentences)
        probabilities = None if self.probabilities is None else take(self.probabilities, rows)
        given = {name: take(each, rows) if isinstance(each, PairScores) else each for name, each in self.given.items()}
        sure = None if self.source_confidence is None else self.source_confidence[:entities]
        return replace(self, probabilities=probabilities, given=given, source_confidence=sure)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as a plain dictionary, as no process can be sent a view of one."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return _evidence, tuple({**values, "given": dict(self.given)}.values())


def _evidence(*parts: Any) -> Evidence:
    """Return what was pickled; what has arrived is nobody else's, and nobody may write to it."""
    found = Evidence(*parts)
    for record in (found.probabilities, *found.given.values()):
        if isinstance(record, (WordProbabilities, PairScores)):
            record.offsets.flags.writeable = record.values.flags.writeable = False
    if found.source_confidence is not None:
        found.source_confidence.flags.writeable = False
    return found


NO_EVIDENCE = Evidence()


def require_evidence(what: str, needs: Iterable[str], evidence: Evidence) -> None:
    """Refuse what needs evidence that is not there.

    Args:
        what: needs it, in messages: ``"the score 'ner'"``.
        needs: see ``Score``.
        evidence: what there is.

    Raises:
        InputError: where a tagger's probabilities or a translator are needed and are not there.
    """
    if "tagger" in needs and evidence.probabilities is None:
        raise InputError(
            f"evidence: {what} needs a tagger's probabilities of the target words: pass "
            "evidence=Evidence(probabilities=...), such as Tagger.probabilities() makes",
            field="evidence",
        )
    if "translator" in needs and evidence.mt is None:
        raise InputError(
            f"evidence: {what} needs a translator: pass evidence=Evidence(mt=...), a function of source and target "
            "phrases, such as xproj_fast.models.phrase_scorer.PhraseScorer",
            field="evidence",
        )
