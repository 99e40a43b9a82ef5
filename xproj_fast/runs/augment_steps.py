"""Translate-train: labelled sentences into labelled sentences of other languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xproj_fast.arrays import Entities, Links, Outcome, Score, WordProbabilities, Words
from xproj_fast.confidence import summable
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.ragged import Rows, row_numbers, take
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions, check_augment
from xproj_fast.runs.classes import label_counts
from xproj_fast.runs.inputs import Part
from xproj_fast.runs.learner import Learner, learner_of
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.marked import MarkedTranslations, translate_marked
from xproj_fast.runs.models import (
    align_targets,
    aligning,
    phrase_scorer,
)
from xproj_fast.runs.select import (
    keep_labels,
    of_rows,
    spread_links,
    spread_probabilities,
)
from xproj_fast.runs.stream import Stage, Stop, Stream
from xproj_fast.runs.translations import Problem, Translated, count_problems, translate_words
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.mt import Scorer
from xproj_fast.scores.ner import rename_classes

if TYPE_CHECKING:
    import pyarrow as pa

WORKERS = 2  # of translating, as in ``label``


@dataclass(frozen=True, slots=True, eq=False)
class Augmented:
    """A part of the input in all languages.

    Attributes:
        part: the input.
        projections: by language, the labelled translations that are kept; their ids are those of the input, or the
            numbers of its sentences where it has none.
        problems: sentences that could not be translated, by language; they are left out there.
        counts: ``<language>/<what>``.
    """

    part: Part
    projections: Mapping[str, Projection | LabelledSentences]
    problems: list[Problem]
    counts: dict[str, int]


@dataclass(slots=True, eq=False)
class AugmentWork:
    """A part on its way: all by language."""

    part: Part
    entities: Entities  # those wanted
    confidence: Score | None  # of these, where the input says
    translated: dict[str, Translated | MarkedTranslations]
    links: dict[str, Links] = field(default_factory=dict)
    probabilities: dict[str, WordProbabilities] = field(default_factory=dict)


def augment_stream(
    parts: Iterable[Part],
    models: AugmentModels,
    options: AugmentOptions,
    *,
    learnt: Learnt | None = None,
    learner: Learner | None = None,
    stop: Stop | None = None,
    patience: float | None = None,
) -> Stream[Augmented]:
    """Return a stream of translated and labelled parts, in order; see ``Stream`` for how to use it.

    Args:
        parts: labelled sentences.
        models: see ``AugmentModels``.
        options: see ``AugmentOptions``.
        learnt: what was learnt before, and where what is learnt goes; None = nothing, nowhere.
        learner: learns scores, or has them; None = one that learns from the first parts.
        stop: ends all stages; None = the stream's own.
        patience: see ``Stream``.

    Raises:
        InputError: at once, for models that are missing, languages they do not know and options that cannot be; from
            the iteration, what the stages find wrong.
    """
    stop = stop or Stop()
    steps = _Steps(models, options, stop, learnt or Learnt(), learner)
    return Stream(parts, steps.stages(), stop=stop, patience=patience)


def translate_stream(parts: Iterable[Part], models: AugmentModels, options: AugmentOptions) -> Stream[Any]:
    """Return a stream of parts that are translated, and nothing else: ``AugmentWork``."""
    stop = Stop()
    steps = _Steps(models, options, stop, Learnt(), translates_only=True)
    return Stream(parts, [Stage("translate", steps.translate, WORKERS)], stop=stop)


class _Steps:
    def __init__(
        self,
        models: AugmentModels,
        options: AugmentOptions,
        stop: Stop,
        learnt: Learnt,
        learner: Learner | None = None,
        *,
        translates_only: bool = False,
    ) -> None:
        self._models, self._options, self._stop = models, options, stop
        check_augment(models, options, translates_only=translates_only)
        self._scorers: dict[str, Scorer] = {}
        self._learner: Learner | None = None
        if options.markers is not None or translates_only:
            return
        self._learner = learner or learner_of(learnt, options.languages, options.method, options.threads)
        if options.method.needs_translator:
            for code in options.languages:
                self._scorers[code] = phrase_scorer(models.translator, options.source_language, code)

    def stages(self) -> list[Stage]:
        stages = [Stage("translate", self.translate, WORKERS)]
        if self._options.markers is not None:
            return [*stages, Stage("project", self.project)]
        if self._options.method.needs_tagger:
            stages.append(Stage("tag target", self.tag_target))
        if self._options.method.needs_links:
            stages.append(Stage("align", self.align))
        if self._learner is not None:
            stages.append(Stage("learn", self.learn, over=True))
        return [*stages, Stage("project", self.project)]

    def translate(self, part: Part) -> AugmentWork:
        options, sentences = self._options, part.sentences
        if sentences.entities is None:
            raise InputError("entities: expected labelled sentences, got sentences without entities")
        wanted = np.array([options.labels is None or name in options.labels for name in sentences.labels], np.bool_)
        entities, confidence = sentences.entities, sentences.confidences
        if confidence is not None:
            confidence = confidence[wanted[entities.label]]
        entities = keep_labels(entities, wanted)
        return AugmentWork(
            part,
            entities,
            confidence,
            {code: self._translated(sentences.words, entities, code) for code in options.languages},
        )

    def _translated(self, words: Words, entities: Entities, code: str) -> Translated | MarkedTranslations:
        options, translator = self._options, self._models.translator
        how: dict[str, Any] = {"chinese": options.chinese, "stop": self._stop, "max_words": options.max_sentence_words}
        languages = (options.source_language, code)
        if options.markers is None:
            return translate_words(translator, words, *languages, options.translate, **how)
        return translate_marked(translator, words, entities, *languages, options.markers, options.translate, **how)

    def tag_target(self, work: AugmentWork) -> AugmentWork:
        tagger, how = self._models.target_tagger, self._options.target_tag or TaggerOptions()
        assert tagger is not None
        rows = self._rows(work)
        for code, translated in work.translated.items():
            words = translated.words
            found = tagger.probabilities(take(words, rows), how, progress=self._stop.check)
            work.probabilities[code] = spread_probabilities(rename_classes(found, how.rename), rows, words)
        return work

    def align(self, work: AugmentWork) -> AugmentWork:
        """Align only sentences with entities; each is encoded once for all languages."""
        aligner, options, rows = self._models.aligner, self._options, self._rows(work)
        how = aligning(options, self._stop.check)
        source = take(work.part.sentences.words, rows)
        targets = [take(work.translated[code].words, rows) for code in options.languages]
        found = align_targets(aligner, source, targets, options.source_language, options.languages, how)
        for code, links in zip(options.languages, found, strict=True):
            work.links[code] = spread_links(links, rows, len(work.part.sentences))
        return work

    def learn(self, works: Iterator[AugmentWork]) -> Iterator[AugmentWork]:
        assert self._learner is not None
        return self._learner.over(works, self._all_pairs)

    def _all_pairs(self, work: AugmentWork) -> dict[str, SentencePairs]:
        """Return all sentences in each language; a translation that cannot be used has no words."""
        rows = np.arange(len(work.part.sentences))
        return {code: self._pairs(work, code, rows) for code in self._options.languages}

    def project(self, work: AugmentWork) -> Augmented:
        counts: dict[str, int] = {}
        projections = {}
        for code in self._options.languages:
            projection, found = self._project(work, code)
            projections[code] = projection
            counts |= {f"{code}/{name}": count for name, count in found.items()}
        problems = sorted(p for translated in work.translated.values() for p in translated.problems)
        return Augmented(work.part, projections, problems, counts)

    def _project(self, work: AugmentWork, code: str) -> tuple[Projection | LabelledSentences, dict[str, int]]:
        """Project onto the translations of one language that can be used, and keep those that are wanted."""
        translated = work.translated[code]
        make = self._method if self._options.markers is None else self._marked
        has_words = np.diff(work.part.sentences.words.offsets) > 0
        rows = np.flatnonzero(translated.usable & has_words)
        result = make(work, code, rows)
        missed = translated.missed[rows] if isinstance(translated, MarkedTranslations) else _missed(result)
        counts: dict[str, int] = {"not_projected": int(missed.sum())}
        if self._options.complete_only and missed.any():
            counts["incomplete"] = int(np.count_nonzero(missed))
            result = make(work, code, rows[missed == 0])
        blank = int(np.count_nonzero(translated.usable & ~has_words))
        counts |= {"blank": blank} if blank else {}
        if isinstance(translated, MarkedTranslations):
            counts |= translated.counts
        return result, summable(result.counts()) | label_counts(result) | count_problems(translated.problems) | counts

    def _marked(self, work: AugmentWork, code: str, rows: Rows) -> LabelledSentences:
        """Return the labels that markers gave."""
        found = work.translated[code]
        assert isinstance(found, MarkedTranslations)
        words, entities = take(found.words, rows), take(found.entities, rows)
        return LabelledSentences(words, entities, work.part.sentences.labels, self._ids(work.part, rows))

    def _method(self, work: AugmentWork, code: str, rows: Rows) -> Projection:
        options, probabilities = self._options, work.probabilities.get(code)
        method = options.method.between(options.source_language, code)
        evidence = Evidence(
            None if probabilities is None else take(probabilities, rows),
            self._scorers.get(code),
            source_confidence=None
            if work.confidence is None
            else of_rows(work.confidence, work.entities.offsets, rows),
            learned=None if self._learner is None else self._learner.scores[code],
        )
        return project(self._pairs(work, code, rows), method, evidence=evidence, threads=options.threads)

    def _pairs(self, work: AugmentWork, code: str, rows: Rows) -> SentencePairs:
        sentences, links = work.part.sentences, work.links.get(code)
        return SentencePairs.from_columns(
            take(sentences.words, rows),
            take(work.translated[code].words, rows),
            take(work.entities, rows),
            sentences.labels,
            None if links is None else take(links, rows),
            self._ids(work.part, rows),
            copy=False,
        )

    def _ids(self, part: Part, rows: Rows) -> pa.Array:
        """Return the ids of sentences, so that it can be told which were left out."""
        import pyarrow as pa

        return pa.array(part.first + rows) if part.sentences.ids is None else part.sentences.ids.take(pa.array(rows))

    def _rows(self, work: AugmentWork) -> Rows:
        """Return the sentences with entities that some language can use."""
        usable = np.any([translated.usable for translated in work.translated.values()], axis=0)
        return np.flatnonzero((np.diff(work.entities.offsets) > 0) & usable)


def _missed(result: Projection | LabelledSentences) -> Any:
    """Return int64[N]: how many entities of each sentence have no span."""
    assert isinstance(result, Projection)
    sentence = row_numbers(result.pairs.entities.offsets)
    return np.bincount(sentence[result.matches.outcome != Outcome.PROJECTED], minlength=len(result))
