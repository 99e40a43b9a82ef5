"""``Method``: how labels are projected, the one record of it that the library, commands and manifests share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from xproj_fast.candidates import (
    CANDIDATES,
    DEFAULT_MAX_WORDS,
    DEFAULT_STOP_WORDS,
    check_stop_words,
    check_word_limits,
)
from xproj_fast.confidence import check_share
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.heuristic import DEFAULT_HEURISTIC_OPTIONS
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.matching.time_limit import DEFAULT_TIME_LIMIT, check_time_limit
from xproj_fast.options import option
from xproj_fast.packages import installed_version
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.fuse import PRESETS, check_weights
from xproj_fast.scores.named import check_scores_named, weights_of
from xproj_fast.scores.options import (
    DEFAULT_LEARNED_OPTIONS,
    DEFAULT_MT_OPTIONS,
    DEFAULT_NER_OPTIONS,
    DEFAULT_STRING_OPTIONS,
    LearnedOptions,
    MtOptions,
    NerOptions,
    StringOptions,
)
from xproj_fast.scores.registry import SCORES, Score

RECORDS = ("heuristic", "ner", "string", "mt", "learned")  # fields that are options of one matcher or score
OF_SCORED = ("candidates", "scores", "thresholds", "min_score")  # what means something with any matcher of scores


def matchers_with(name: str) -> tuple[str, ...]:
    """Return the matchers with which an option has an effect; none where that is not the matcher's to say."""
    scored = name in OF_SCORED or any(name in CANDIDATES[kind].takes for kind in CANDIDATES)
    return tuple(m for m in MATCHERS if name in MATCHERS[m].takes or (scored and MATCHERS[m].scored))


def probable() -> tuple[str, ...]:
    """Return the scores that are probabilities: by those alone something is known of confidence."""
    return tuple(name for name in SCORES if SCORES[name].probability)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, Limit):
        return str(value)
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


_version = cache(installed_version)


def _only(name: str) -> Any:
    return lambda: ", ".join(matchers_with(name))


@dataclass(frozen=True)
class Method:
    """How labels are projected: any method of the paper, or of your own.

    The default (n-grams, alignment score, greedy, at most one span per entity) is the paper's best method that needs
    no model beyond the alignments (arXiv 2501.18750).

    >>> from dataclasses import replace
    >>> method = Method(matcher="exact", scores={"alignment": 0.5, "ner_spans": 0.5})
    >>> method.needs_links, method.needs_tagger, method.needs_translator
    (True, True, False)
    >>> replace(method, matcher="greedy", time_limit=9).check()
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: time_limit: expected 0.8 with the matcher 'greedy' (an option of exact, ilp), got 9

    Attributes:
        matcher: ``"greedy"``; ``"exact"``, provably optimal at about the same price; ``"ilp"``, the same objective by
            HiGHS, to check it; ``"heuristic"``, the word-to-word heuristic, which looks at links alone; or any other
            in ``matching.registry.MATCHERS``.
        candidates: ``"ngrams"``; ``"aligned"``, n-grams inside the aligned range; ``"ner"``, the spans that a tagger
            predicts on the target, whatever their class; ``"ner_sub_spans"``, also all spans inside them.
        scores: one score by name, or several with weights, ``{"alignment": 0.5, "ner": 0.5}``, whose weighted sum
            counts: ``"alignment"``, ``"ner"`` (a tagger's probability that the span is an entity of the class),
            ``"ner_spans"`` (of any class), ``"mt"`` (NMTScore), ``"string"`` (edit similarity of the texts),
            ``"learned"`` (the probability of being right, learned from the pairs themselves), any other in
            ``scores.registry.SCORES``, or a name in ``Evidence.given``. Or one of the thesis's eight mixtures:
            ``"align"``, ``"ner"``, ``"nmt"``, ``"align_ner"``, ``"align_ner_spans"``, ``"align_nmt"``,
            ``"ner_spans_nmt"``, ``"all_fusion"``.
        thresholds: per score the least that counts, less is 0: ``{"mt": 0.2}``; in place of the score's own.
        min_score: the least (sum of) scores with which an entity is projected onto a candidate.
        min_confidence: projected spans of which less can be trusted are dropped, and their entities counted as
            ``unsure``; only with a score that is a probability.
        limit: spans per entity: ``"<=1"``, ``"=1"``, ``">=1"``, ``"<3"``, ``">0"``, ...
        min_words: fewest words of a candidate.
        max_words: most words of a candidate; None = no limit.
        stop_words: words that no candidate may contain; () = none. Pairs made without target strings have none.
        forbid_adjacent: two spans of one entity may not touch (limits above 1 reward cutting a span up).
        time_limit: seconds of search per sentence, None = no limit; a sentence that reaches it has the best spans
            found and status ``LIMIT``.
        heuristic: options of the matcher "heuristic".
        ner: options of the scores "ner" and "ner_spans"; its classes also say which predicted spans are candidates.
        string: options of the score "string".
        mt: options of the score "mt"; its weight is the one in ``scores``.
        learned: options of the score "learned".
    """

    matcher: str = option(
        "greedy",
        "how spans are chosen: greedy takes the best score first; exact is provably optimal at about the same price; "
        "ilp is the same by HiGHS, to check it; heuristic labels runs of aligned words",
        choices=MATCHERS.names,
    )
    candidates: str = option(
        "ngrams",
        "target spans that may get a label: all n-grams, those inside the aligned range, the spans that the target "
        "tagger predicts, or also all spans inside these",
        choices=CANDIDATES.names,
        only=_only("candidates"),
    )
    scores: str | Mapping[str, float] = option(
        "alignment",
        lambda: (
            f"one score ({', '.join(SCORES)}), several with weights (alignment=0.5,ner_spans=0.5), or a preset "
            f"({', '.join(PRESETS)})"
        ),
        only=_only("scores"),
    )
    thresholds: Mapping[str, float] = option(
        factory=dict,
        help="smaller scores count as 0: mt=0.1 (default: each score's own)",
        only=_only("thresholds"),
        more=True,
    )
    min_score: float = option(
        0.0, "project onto no candidate whose scores add up to less", off="0 = no limit", only=_only("min_score")
    )
    min_confidence: float = option(
        0.0, "drop spans of which less can be trusted", off="0 = no limit", only=lambda: ", ".join(probable())
    )
    limit: str | Limit = option("<=1", "spans per entity: '<=1', '=1', '>=1', '<3', '>0', ...", only=_only("limit"))
    min_words: int = option(1, "fewest words of a candidate", unit="words", only=_only("min_words"), more=True)
    max_words: int | None = option(
        DEFAULT_MAX_WORDS, "most words of a candidate", unit="words", off="0 = no limit", only=_only("max_words")
    )
    stop_words: Sequence[str] = option(
        DEFAULT_STOP_WORDS, "words that no candidate may contain", off="'' = none", only=_only("stop_words"), more=True
    )
    forbid_adjacent: bool = option(False, "two spans of one entity may not touch", only=_only("forbid_adjacent"))
    time_limit: float | None = option(
        DEFAULT_TIME_LIMIT, "most time per sentence", unit="seconds", off="0 = no limit", only=_only("time_limit")
    )
    heuristic: HeuristicOptions = DEFAULT_HEURISTIC_OPTIONS
    ner: NerOptions = DEFAULT_NER_OPTIONS
    string: StringOptions = DEFAULT_STRING_OPTIONS
    mt: MtOptions = DEFAULT_MT_OPTIONS
    learned: LearnedOptions = DEFAULT_LEARNED_OPTIONS

    def __post_init__(self) -> None:
        for name, kind in (("thresholds", dict), ("scores", dict), ("stop_words", tuple)):  # nobody else's to change
            value = getattr(self, name)
            if isinstance(value, (Mapping, list)):
                object.__setattr__(self, name, kind(value))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, each.name) for each in fields(self))

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The weight of each score; none where the matcher takes no scores."""
        return MappingProxyType(weights_of(self.scores) if MATCHERS[self.matcher].scored else {})

    @cached_property
    def options(self) -> dict[str, Any]:
        """All fields by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def needs_links(self) -> bool:
        """Whether words must be aligned."""
        return "links" in self._needs

    @property
    def needs_tagger(self) -> bool:
        """Whether a tagger must look at the target sentences."""
        return "tagger" in self._needs

    @property
    def needs_translator(self) -> bool:
        """Whether phrases must be scored by a translator."""
        return "translator" in self._needs

    @property
    def tells_confidence(self) -> bool:
        """Whether one of the scores is a probability, so that every span says how sure it is."""
        return any(score.probability for score in self._scores())

    @cached_property
    def _needs(self) -> frozenset[str]:
        matcher = MATCHERS[self.matcher]
        needs = matcher.needs.union(*(score.needs for score in self._scores()))
        return needs | CANDIDATES[self.candidates].needs if matcher.scored else needs

    def between(self, source_language: str, target_language: str) -> Method:
        """Return the method for texts of two languages, by which phrases are joined; codes such as ``"deu_Latn"``."""
        if "mt" not in self._used():
            return self
        return replace(self, mt=replace(self.mt, source_language=source_language, target_language=target_language))

    def narrowed(self) -> Method:
        """Return the method with the defaults of all options that mean nothing in it: what many methods share."""
        used = self._used()
        return Method(**{name: value for name, value in self.options.items() if name in used})

    def check(self, evidence: Evidence | None = None, own: Collection[str] = ()) -> None:
        """Find what is wrong with the options before any model runs.

        Args:
            evidence: what there is, where it has scores of its own; None = there are none.
            own: of ``"candidates"`` and ``"scores"``, which are the user's own arrays rather than made by name.

        Raises:
            InputError: for an unknown name, a bad number, an option that has no effect with the others.
            MissingDependencyError: for a score whose package is missing.
        """
        if own or (evidence is not None and evidence.given):
            self._check(() if evidence is None else evidence.given, own)
        else:
            self._checked  # noqa: B018 - once

    @cached_property
    def _checked(self) -> None:
        self._check((), ())

    def _check(self, given: Collection[str], own: Collection[str]) -> None:
        matcher = MATCHERS[self.matcher]
        if self.candidates not in CANDIDATES:
            raise unknown_name("candidates", self.candidates, CANDIDATES, also=" or Spans")
        if "scores" not in own:
            check_scores_named(self.scores, given)
        Limit.parse(self.limit)
        check_word_limits(self.min_words, self.max_words)
        check_stop_words(self.stop_words)
        check_time_limit(self.time_limit)
        check_share("min_confidence", self.min_confidence)
        sure = [name for name in self.weights if name in SCORES and SCORES[name].probability and "scores" not in own]
        if len(sure) > 1:
            raise InputError(f"scores: expected at most one that is a probability, got {' and '.join(sure)}")
        used = self._used(own)
        for name, value, default in self._changed():
            if name.partition(".")[0] not in used:
                raise self._meaningless(name, value, default)
        if matcher.scored:
            check_weights({"scores": 1.0} if "scores" in own else self.weights, self.thresholds, self.min_score)
        for score in self._scores(own):
            if score.ready is not None:
                score.ready()

    def _scores(self, own: Collection[str] = ()) -> list[Score]:
        return [] if "scores" in own else [SCORES[name] for name in self.weights if name in SCORES]

    def _used(self, own: Collection[str] = ()) -> set[str]:
        """Return the options that mean something."""
        matcher = MATCHERS[self.matcher]
        used = {"matcher", *matcher.takes}
        if matcher.scored:
            used |= {*OF_SCORED, *(() if "candidates" in own else CANDIDATES[self.candidates].takes)}
        scores = self._scores(own)
        if any(score.probability for score in scores):
            used.add("min_confidence")
        return used.union(*(score.takes for score in scores))

    def _changed(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield the options that have not their default, those of records inside as ``ner.alpha``, with both values."""
        for each in fields(self):
            value, default = getattr(self, each.name), getattr(DEFAULT_METHOD, each.name)
            if value == default:
                continue
            if each.name in RECORDS and type(value) is type(default):
                for inner in fields(value):
                    own, usual = getattr(value, inner.name), getattr(default, inner.name)
                    if own != usual:
                        yield f"{each.name}.{inner.name}", own, usual
            else:
                yield each.name, value, default

    def _meaningless(self, name: str, value: Any, default: Any) -> InputError:
        record, _, inner = name.rpartition(".")
        with_it = matchers_with(record or name)
        if name == "min_confidence":
            why = f"without a score that is a probability ({', '.join(probable()) or 'there is none'})"
        elif with_it and self.matcher not in with_it:
            why = f"with the matcher {self.matcher!r} (an option of {', '.join(with_it)})"
        else:
            scores = [each for each in SCORES if record in SCORES[each].takes]
            why = "with candidates of your own" if not record else f"without the scores {' or '.join(scores)}"
        return InputError(f"{inner or name}: expected {default!r} {why}, got {value!r}", field=name)

    def described(self, own: Collection[str] = ()) -> dict[str, Any]:
        """Return the options that mean something, as JSON values, for a manifest.

        Args:
            own: see ``check``; these are ``"given"``.
        """
        told = self._tell(own) if own else self._told
        return {name: value.copy() if isinstance(value, (dict, list)) else value for name, value in told.items()}

    @cached_property
    def _told(self) -> dict[str, Any]:
        return self._tell(())

    def _tell(self, own: Collection[str]) -> dict[str, Any]:
        used = self._used(own)
        told = {name: _plain(value) for name, value in self.options.items() if name in used}
        versions = {package: _version(package) for package in MATCHERS[self.matcher].packages}
        return told | dict.fromkeys(own, "given") | versions


DEFAULT_METHOD = Method()
