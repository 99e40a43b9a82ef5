"""Options of the scores that have any, apart from the scores themselves: a ``Method`` holds them, whichever it uses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from xproj_fast.errors import InputError, check_options, unknown_name
from xproj_fast.options import option

LENGTH_BONUSES = ("always", "when_predicted")
MISSING = ("error", "zero")
SCHEMES = ("IOB2", "IOB1")
_ONLY = "ner, ner_spans"


@dataclass(frozen=True, slots=True)
class NerOptions:
    """How word probabilities become scores. A tagger's temperature is set where it runs.

    Attributes:
        alpha: what each further word multiplies a score by; above 1 it makes up for the mean, which favours the
            surest word of a name over the whole name.
        length_bonus: ``"always"``, as the thesis says, or ``"when_predicted"``, as its code does: alpha counts only
            where the likeliest labels of the span form one entity of the class (B- then I-; where one label stands
            for both, that label on every word).
        spans_only: the largest score of any class, so that the tagger votes on spans and leaves the label to the
            source ("ner_spans").
        threshold: smaller scores are 0.
        classes: the tagger's classes that spans_only looks at; None = all. No effect otherwise.
        missing: what becomes of an entity whose class the tagger lacks: ``"error"``, or ``"zero"``, a score of 0
            with every candidate (see ``missing_classes``). spans_only needs no class.
        scheme: ``"IOB2"``: a first word is B-, or I- for classes without B-; ``"IOB1"``: I- for every word, for
            taggers that write B- only between touching entities.

    >>> NerOptions(alpha=1.0).length_bonus  # scores are plain means
    'always'
    """

    alpha: float = option(
        1.15, "multiply a score by this for each word after the first", off="1 = the plain mean", only=_ONLY, more=True
    )
    length_bonus: str = option(
        "always",
        "when alpha counts: always, or only where the tagger's likeliest labels make the span one entity",
        choices=LENGTH_BONUSES,
        only=_ONLY,
        more=True,
    )
    spans_only: bool = False
    threshold: float = 0.05  # Method.thresholds sets it
    classes: tuple[str, ...] | None = option(
        None,
        "only these classes of the tagger count, for ner_spans and for candidates",
        off="default: all",
        only="ner_spans, ner candidates",
        more=True,
    )
    missing: str = option(
        "error",
        "an entity whose class the tagger lacks is an error, or scores zero with every candidate",
        choices=MISSING,
        only="ner",
        more=True,
    )
    scheme: str = option(
        "IOB2",
        "the tagger's scheme: IOB2, or IOB1 if it writes B- only between touching entities",
        choices=SCHEMES,
        only=_ONLY,
        more=True,
    )

    def __post_init__(self) -> None:
        if not (math.isfinite(self.alpha) and self.alpha > 0):
            raise InputError(f"alpha: expected a number above 0, got {self.alpha}")
        if not (math.isfinite(self.threshold) and self.threshold >= 0):
            raise InputError(f"threshold: expected a number of 0 or more, got {self.threshold}")
        for name, known in (("length_bonus", LENGTH_BONUSES), ("missing", MISSING), ("scheme", SCHEMES)):
            if getattr(self, name) not in known:
                raise unknown_name(name, getattr(self, name), known)


@dataclass(frozen=True, slots=True)
class StringOptions:
    """How texts are compared.

    Attributes:
        threshold: smaller scores are 0. The higher it is, the fewer pairs need a comparison: one text that is much
            longer than the other cannot reach it.

    >>> StringOptions(threshold=2)
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: threshold: expected a number from 0 to 1, got 2
    """

    threshold: float = 0.5  # Method.thresholds sets it

    def __post_init__(self) -> None:
        if not (math.isfinite(self.threshold) and 0 <= self.threshold <= 1):
            raise InputError(f"threshold: expected a number from 0 to 1, got {self.threshold}")


@dataclass(frozen=True, slots=True)
class MtOptions:
    """Which pairs are scored, and what becomes of the scores.

    >>> import xproj_fast as xp
    >>> xp.Method(scores="align_nmt", mt=xp.MtOptions(top_k=3)).check()

    Attributes:
        threshold: smaller scores are 0; default .1 (thesis). One that is set in ``fuse``, too, must not be larger
            where there is a ``bound``.
        top_k: with other scores at hand, the best so many candidates of each entity by them are scored; None = all.
        min_other: with other scores at hand, only pairs whose sum of them is larger; default 0 = pairs they say
            nothing for are not asked about; None = no such limit.
        rescue: entities of which ``min_other`` leaves no pair have all theirs scored, whatever ``top_k``; default off.
        max_length_ratio: words of the longer of entity and candidate by those of the shorter, at most; None
            (default) = any. The only limit that also holds without other scores.
        bound: the largest MT score there can be. With it ``top_k`` pairs of each entity are only a first round, and
            rounds follow until no pair left can win (see ``mt_choice``): for at most one span an entity the projection
            is the one that scoring every pair gives, as far as ``min_other`` and ``max_length_ratio`` let pairs in.
            MT scores above 1 occur (see ``PhraseScorer``): 1 is an assumption, unless ``capped``. None (default) =
            one round.
        capped: larger scores count as ``bound``.
        weight: of the MT score in the sum that is matched, for ``bound``; default 1 (thesis).
        source_language: such as ``"zho_Hans"``: how the words of a source phrase are joined, where the raw sentences
            are not known, whose own text a phrase is; None (default) = with spaces.
        target_language: likewise.

    >>> import xproj_fast as xp
    >>> method = xp.Method(scores={"alignment": 0.5, "mt": 0.5}, mt=MtOptions(top_k=5, target_language="zho_Hans"))
    """

    threshold: float = 0.1  # Method.thresholds sets it
    top_k: int | None = option(
        10, "score only this many candidates of each entity, the best by the other scores", off="0 = all", only="mt"
    )
    min_other: float | None = option(
        0.0,
        "score only pairs whose other scores add up to more than this",
        off="none = no limit",
        only="mt",
        more=True,
    )
    rescue: bool = option(
        False, "score all candidates of an entity that min_other leaves without any", only="mt", more=True
    )
    max_length_ratio: float | None = option(
        None,
        "score only pairs where one side has at most this many times the words of the other",
        off="0 = any",
        only="mt",
        more=True,
    )
    bound: float | None = option(
        None,
        "the largest score possible: scores further candidates until no other can win",
        off="0 = score top_k only",
        only="mt",
        more=True,
    )
    capped: bool = option(False, "larger scores count as the bound", only="mt", more=True)
    weight: float = 1.0
    source_language: str | None = None
    target_language: str | None = None

    def __post_init__(self) -> None:
        check_options(
            self,
            ("threshold", math.isfinite(self.threshold), "a finite number"),
            ("top_k", self.top_k is None or self.top_k >= 1, "at least 1"),
            ("min_other", self.min_other is None or math.isfinite(self.min_other), "a finite number"),
            ("max_length_ratio", self.max_length_ratio is None or self.max_length_ratio >= 1, "at least 1"),
            ("bound", self.bound is None or 0 < self.bound < math.inf, "a finite number above 0"),
            ("capped", not self.capped or self.bound is not None, "a bound beside it"),
            ("weight", 0 < self.weight < math.inf, "a finite number above 0"),
        )


LEARNED_WEIGHTS = ("auto", "own", "shipped")


@dataclass(frozen=True, slots=True)
class LearnedOptions:
    """Where the weights of the learned score come from.

    Attributes:
        weights: ``"auto"``: learned from the pairs at hand; with little to learn from (below 250 sentences) their mean
            with the shipped weights, with next to nothing (below 15) the shipped weights alone. ``"own"``: learned,
            however little there is. ``"shipped"``: those that come with the package. Or a file that
            ``LearnedScore.save`` wrote. No effect where ``Evidence.learned`` has a score.
        seed: of what is drawn at random to learn from; the same seed gives the same weights.
        silver: sentences that are learned from, at most.
        threshold: smaller scores are 0; None = .25, or .35 where a tagger's probabilities are at hand.

    >>> LearnedOptions(silver=0)
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: silver: expected a whole number of at least 1, got 0
    """

    weights: str = option(
        "auto",
        "weights learned from the text (auto: with the shipped ones where it is short; own), shipped, or of a file",
        only="learned",
    )
    seed: int = option(1, "of what is drawn at random to learn from", only="learned", more=True)
    silver: int = option(1000, "learn from at most this many", unit="sentences", only="learned", more=True)
    threshold: float | None = None  # Method.thresholds sets it

    def __post_init__(self) -> None:
        fine = self.threshold is None or 0 <= self.threshold <= 1
        check_options(
            self,
            ("weights", isinstance(self.weights, str) and self.weights != "", "auto, own, shipped or a file"),
            ("seed", _is_whole(self.seed) and 0 <= self.seed < 2**63, "a whole number of 0 or more"),
            ("silver", _is_whole(self.silver) and self.silver >= 1, "a whole number of at least 1"),
            ("threshold", fine, "a number from 0 to 1"),
        )

    @property
    def is_file(self) -> bool:
        """Whether the weights are those of a file."""
        return self.weights not in LEARNED_WEIGHTS


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


DEFAULT_NER_OPTIONS = NerOptions()
DEFAULT_STRING_OPTIONS = StringOptions()
DEFAULT_MT_OPTIONS = MtOptions()
DEFAULT_LEARNED_OPTIONS = LearnedOptions()
