"""Labels for unlabelled text: translate-test, by way of English and maybe back, and model transfer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xproj_fast.arrays import Entities, Links, Score, WordProbabilities, Words
from xproj_fast.confidence import summable
from xproj_fast.labelled import LabelledSentences
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.ragged import take
from xproj_fast.runs.classes import label_counts, tagger_options
from xproj_fast.runs.inputs import Part
from xproj_fast.runs.label_options import LabelModels, LabelOptions, check_label, check_there
from xproj_fast.runs.learner import Learner, learner_of
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.models import (
    align_pairs,
    aligning,
    phrase_scorer,
)
from xproj_fast.runs.refine import refine
from xproj_fast.runs.select import (
    most_certain,
    rows_with,
    spread_links,
    spread_probabilities,
)
from xproj_fast.runs.sources import project_sources
from xproj_fast.runs.stream import Stage, Stop, Stream
from xproj_fast.runs.translations import Problem, count_problems, translate_words
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.mt import MtCounts, Scorer
from xproj_fast.scores.ner import rename_classes

TRANSLATE = ("translate", "translate back")
WORKERS = 2  # of translating: while one chunk is on the device, the next is split into subwords


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A part of the input with labels.

    Attributes:
        part: the input.
        projection: its labels, on its own words.
        problems: sentences that could not be translated: they have no labels, which does not mean that they are O.
        counts: what is counted.
        confidence: float32[entities] of the source, as the tagger has it; None = nobody says.
    """

    part: Part
    projection: Projection | LabelledSentences
    problems: list[Problem]
    counts: dict[str, int]
    confidence: Score | None = None


@dataclass(slots=True, eq=False)
class Work:
    """A part on its way; its Arrow form is in ``work_arrow``."""

    part: Part
    source: Words
    problems: list[Problem]
    entities: Entities | None = None
    labels: tuple[str, ...] = ()
    confidence: Score | None = None  # of the entities, as the tagger has it
    links: Links | None = None
    probabilities: WordProbabilities | None = None
    counts: dict[str, int] = field(default_factory=dict)


def label_stream(
    parts: Iterable[Part],
    models: LabelModels,
    options: LabelOptions,
    *,
    learnt: Learnt | None = None,
    learner: Learner | None = None,
    stages: Sequence[str] | None = None,
    stop: Stop | None = None,
    patience: float | None = None,
) -> Stream[Any]:
    """Return a stream of labelled parts, in order; see ``Stream`` for how to use it. Nothing need be written.

    >>> import xproj_fast as xp
    >>> parts = xp.parts_from(["Awa Dembele bɛ taa Segu."], "bam_Latn", ids=["news-1"])
    >>> with xp.label_stream(parts, models, xp.LabelOptions("bam_Latn")) as stream:  # doctest: +SKIP
    ...     for labelled in stream:
    ...         print(labelled.projection[0], labelled.problems)

    Args:
        parts: the input, see ``parts_from``. ``Work`` where the first stage is another.
        models: see ``LabelModels``.
        options: see ``LabelOptions``.
        learnt: what was learnt before, and where what is learnt goes; None = nothing, nowhere.
        learner: learns scores, or has them; None = one that learns from the first parts.
        stages: some that follow each other, of ``options.stages``; the stream ends with ``Work`` before the last one.
            None = all.
        stop: ends all stages; None = the stream's own.
        patience: see ``Stream``.

    Raises:
        InputError: at once, for models that are missing, languages and classes they do not know and options that
            cannot be; from the iteration, what the stages find wrong.
    """
    stop = stop or Stop()
    kind = _SeveralSteps if options.more_pivots else _Steps
    steps = kind(models, options, stop, learnt or Learnt(), learner, stages)
    return Stream(parts, steps.stages(), stop=stop, patience=patience)


class _Steps:
    def __init__(
        self,
        models: LabelModels,
        options: LabelOptions,
        stop: Stop,
        learnt: Learnt,
        learner: Learner | None = None,
        stages: Sequence[str] | None = None,
    ) -> None:
        self._models, self._options, self._stop = models, options, stop
        self._names = options.stages if stages is None else tuple(stages)
        check_label(models, options, self._names)
        self._tagging = tagger_options(models.tagger, options.tag, options.labels) if models.tagger else None
        self.scorer: Scorer | None = None
        self._learner = None
        if "project" in self._names:
            if options.method.needs_translator:
                self.scorer = models.scorer or phrase_scorer(models.translator, options.projects_from, options.language)
            self._learner = learner or learner_of(learnt, [options.pivot], options.method, options.threads)

    def stages(self) -> list[Stage]:
        found = []
        for name in self._names:
            if name == "project" and self._learner is not None:
                found.append(Stage("learn", self.learn, over=True))
            run = getattr(self, name.replace(" ", "_")) if self._options.translates else self.tag_text
            found.append(Stage(name, run, WORKERS if name in TRANSLATE else 1))
        return found

    def tag_text(self, part: Part) -> Labelled:
        """Model transfer: the tagger's own labels."""
        assert self._models.tagger is not None
        found = self._models.tagger.tag(part.sentences.words, self._tagging, warn=False, progress=self._stop.check)
        projection = found.labelled(part.sentences.ids)
        counts = projection.counts() | label_counts(projection)
        counts["words_without_piece"] = found.counts["words_without_piece"]
        return Labelled(part, projection, [], counts)

    def translate(self, part: Part) -> Work:
        options = self._options
        found = translate_words(
            self._models.translator,
            part.sentences.words,
            options.language,
            options.pivot,
            options.translate,
            max_words=options.max_sentence_words,
            chinese=options.chinese,
            stop=self._stop,
        )
        return Work(part, found.words, found.problems)

    def tag(self, work: Work) -> Work:
        assert self._models.tagger is not None
        found = self._models.tagger.tag(work.source, self._tagging, warn=False, progress=self._stop.check)
        work.entities, work.labels, work.confidence = found.entities, found.labels, found.confidence()
        work.counts["words_without_piece"] = found.counts["words_without_piece"]
        return work

    def translate_back(self, work: Work) -> Work:
        options, models = self._options, self._models
        assert work.entities is not None
        found = refine(
            models.back_translator or models.translator,
            work.source,
            work.entities,
            options.pivot,
            options.language,
            options.markers,
            options.translate,
            chinese=options.chinese,
            stop=self._stop,
        )
        work.counts |= found.counts | {"tagged": len(work.entities.start)}
        work.source, work.entities = found.words, found.entities
        work.confidence = None if work.confidence is None else work.confidence[found.origin]
        work.problems = sorted(work.problems + found.problems)
        return work

    def tag_target(self, work: Work) -> Work:
        """Look only at sentences that have an entity to project; so does ``align``."""
        tagger, words, rows = self._models.target_tagger, work.part.sentences.words, self._rows(work)
        assert tagger is not None
        how = self._options.target_tag or TaggerOptions()
        found = tagger.probabilities(take(words, rows), how, progress=self._stop.check)
        work.probabilities = spread_probabilities(rename_classes(found, how.rename), rows, words)
        return work

    def align(self, work: Work) -> Work:
        aligner, options, rows = self._models.aligner, self._options, self._rows(work)
        target = work.part.sentences.words
        how = aligning(options, self._stop.check)
        source = take(work.source, rows)
        links = align_pairs(aligner, source, take(target, rows), options.projects_from, options.language, how)
        work.links = spread_links(links, rows, len(target))
        return work

    def learn(self, works: Iterator[Work]) -> Iterator[Work]:
        assert self._learner is not None
        return self._learner.over(works, lambda work: {self._options.pivot: self.pairs(work)})

    def project(self, work: Work) -> Labelled:
        options, asked = self._options, MtCounts()
        evidence = replace(self.evidence(work, work.probabilities), counts=asked)
        method = options.method.between(options.projects_from, options.language)
        projection = project(self.pairs(work), method, evidence=evidence, threads=options.threads)
        counts = summable(projection.counts()) | label_counts(projection) | count_problems(work.problems) | work.counts
        if self.scorer is not None:
            counts |= {"mt_pairs": asked.pairs, "mt_scored": asked.scored}
        return Labelled(work.part, projection, work.problems, counts, work.confidence)

    def evidence(self, work: Work, probabilities: WordProbabilities | None) -> Evidence:
        return Evidence(
            probabilities,
            self.scorer,
            source_confidence=work.confidence,
            learned=None if self._learner is None else self._learner.scores[self._options.pivot],
        )

    def pairs(self, work: Work) -> SentencePairs:
        sentences = work.part.sentences
        assert work.entities is not None
        return SentencePairs.from_columns(
            work.source, sentences.words, work.entities, work.labels, work.links, sentences.ids, copy=False
        )

    def _rows(self, work: Work) -> Any:
        assert work.entities is not None
        return rows_with(work.entities.offsets)


class _SeveralSteps:
    """The same steps by way of several languages, up to the projection; see ``sources``."""

    def __init__(
        self,
        models: LabelModels,
        options: LabelOptions,
        stop: Stop,
        learnt: Learnt,
        learner: Learner | None = None,
        stages: Sequence[str] | None = None,
    ) -> None:
        if stages is not None:
            check_there(models, options, stages)
        self._options = options
        self._pivots = (options.pivot, *options.more_pivots)
        self._learner = learner or learner_of(learnt, self._pivots, options.method, options.threads)
        self._steps = [
            _Steps(models, replace(options, pivot=code, more_pivots=()), stop, learnt, self._learner)
            for code in self._pivots
        ]

    def stages(self) -> list[Stage]:
        first, *rest, last = self._steps[0].stages()
        assert (first.name, last.name) == ("translate", "project")
        return [
            Stage("translate", lambda part: [steps.translate(part) for steps in self._steps], first.workers),
            *(
                Stage("learn", self.learn, over=True)
                if stage.over
                else Stage(stage.name, self._on_each(stage.name.replace(" ", "_")), stage.workers)
                for stage in rest
            ),
            Stage("project", self.project),
        ]

    def _on_each(self, name: str) -> Callable[[list[Work]], list[Work]]:
        return lambda works: [getattr(steps, name)(work) for steps, work in zip(self._steps, works, strict=True)]

    def learn(self, chunks: Iterator[list[Work]]) -> Iterator[list[Work]]:
        assert self._learner is not None
        return self._learner.over(chunks, lambda works: dict(zip(self._pivots, self.pairs(works), strict=True)))

    def pairs(self, works: list[Work]) -> list[SentencePairs]:
        return [steps.pairs(work) for steps, work in zip(self._steps, works, strict=True)]

    def project(self, works: list[Work]) -> Labelled:
        options, part = self._options, works[0].part
        probabilities = most_certain([w.probabilities for w in works if w.probabilities is not None])
        projection = project_sources(
            self.pairs(works),
            options.method,
            evidence=[steps.evidence(work, probabilities) for steps, work in zip(self._steps, works, strict=True)],
            languages=[(code, options.language) for code in self._pivots],
            threads=options.threads,
        )
        failed = [{problem.sentence: problem for problem in work.problems} for work in works]
        hopeless = sorted(set(failed[0]).intersection(*failed[1:]))
        problems = [failed[0][sentence] for sentence in hopeless]
        counts = summable(projection.counts()) | label_counts(projection) | count_problems(problems)
        counts |= sum((Counter(work.counts) for work in works), Counter())
        counts["some_sources_missing"] = len(set().union(*failed)) - len(hopeless)
        return Labelled(part, projection, problems, counts)
