"""What ``label`` needs to know, and which models it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.method import Method
from xproj_fast.models.alignment import AlignOptions
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.models.translation import TranslateOptions
from xproj_fast.runs.classes import check_renaming, check_target_classes, tagger_options
from xproj_fast.runs.learner import described_method
from xproj_fast.runs.markers import MarkerOptions
from xproj_fast.runs.models import (
    AlignerLike,
    TaggerLike,
    TranslatorLike,
    check_aligner_languages,
    check_models,
    check_translator_languages,
    described,
    identity_of,
)
from xproj_fast.runs.translations import MOST_WORDS
from xproj_fast.scores.mt import Scorer
from xproj_fast.text.chinese import described_chinese
from xproj_fast.text.languages import check_language_code
from xproj_fast.wording import listed

PIPELINES = ("translate-test", "back-translation", "transfer")
ENGLISH = "eng_Latn"
STAGE_MODELS = {  # stage -> the model that it cannot do without
    "translate": "translator",
    "tag": "tagger",
    "tag target": "target_tagger",
    "align": "aligner",
}


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """How text is labelled.

    Attributes:
        language: of the text, NLLB's code, such as ``"bam_Latn"``.
        pipeline: ``"translate-test"``: translate, tag the translation, project its entities back;
            ``"back-translation"``: translate the tagged translation back with its entities marked, and project from
            that, see ``refine``; ``"transfer"``: tag the text itself, the baseline that projection must beat.
        pivot: the language that is translated into and tagged.
        more_pivots: further languages to go through; what their entities say is added up, see ``sources``. The tagger
            must know them all.
        labels: the only classes wanted; None = all the tagger has.
        method: how labels are projected.
        translate, tag, target_tag, align: how the models run; None = their defaults. ``target_tag`` is of the tagger
            of the text itself, which some scores need.
        markers: of back-translation.
        chinese: how Chinese translations are cut into words, see ``words.splitter``.
        max_sentence_words: a sentence of more words is not translated, and listed as a problem.
        threads: CPU threads of aligning and projecting; None = all CPUs.

    >>> import xproj_fast as xp
    >>> LabelOptions("bam_Latn", method=xp.Method(matcher="exact"), labels=("PER", "LOC")).pipeline
    'translate-test'
    """

    language: str
    pipeline: str = "translate-test"
    pivot: str = ENGLISH
    more_pivots: tuple[str, ...] = ()
    labels: tuple[str, ...] | None = None
    method: Method = field(default_factory=Method)
    translate: TranslateOptions | None = None
    tag: TaggerOptions | None = None
    target_tag: TaggerOptions | None = None
    align: AlignOptions | None = None
    markers: MarkerOptions = field(default_factory=MarkerOptions)
    chinese: str = "jieba"
    max_sentence_words: int = MOST_WORDS
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.pipeline not in PIPELINES:
            raise unknown_name("pipeline", self.pipeline, PIPELINES)
        if self.more_pivots and (
            not self.translates
            or self.method.matcher == "heuristic"
            or len({self.pivot, *self.more_pivots}) <= len(self.more_pivots)
        ):
            raise InputError(
                "more_pivots: expected languages that differ, a pipeline that translates and a matcher other than "
                f"'heuristic', got {', '.join([self.pivot, *self.more_pivots])}, {self.pipeline}, {self.method.matcher}"
            )
        if self.max_sentence_words < 1:
            raise InputError(f"max_sentence_words: expected at least 1, got {self.max_sentence_words}")

    @property
    def stages(self) -> tuple[str, ...]:
        """What is done with a sentence, in order; each needs models of its own, see ``STAGE_MODELS``."""
        if not self.translates:
            return ("tag",)
        back = ("translate back",) if self.pipeline == "back-translation" else ()
        target = ("tag target",) if self.method.needs_tagger else ()
        align = ("align",) if self.method.needs_links else ()
        return ("translate", "tag", *back, *target, *align, "project")

    def needs(self, stages: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the models, as ``LabelModels`` has them, without which some stages cannot run."""
        found = [STAGE_MODELS[stage] for stage in stages if stage in STAGE_MODELS]
        if "project" in stages and self.method.needs_translator:
            found.append("translator")
        return tuple(dict.fromkeys(found))

    @property
    def translates(self) -> bool:
        """Whether the text is translated at all."""
        return self.pipeline != "transfer"

    @property
    def projects_from(self) -> str:
        """The language whose entities are projected."""
        return self.language if self.pipeline == "back-translation" else self.pivot

    def described(self) -> dict[str, Any]:
        """Return what an output depends on, as JSON values."""
        values: dict[str, Any] = {
            name: getattr(self, name) for name in ("language", "pipeline", "labels", "max_sentence_words")
        }
        values["chinese"] = described_chinese(self.chinese, (self.language, self.pivot, *self.more_pivots))
        values["tag"] = described(self.tag)
        if self.pipeline == "back-translation":
            values["markers"] = described(self.markers)
        if self.translates:
            values |= {"pivot": self.pivot, "more_pivots": self.more_pivots, "method": described_method(self.method)}
            values |= {name: described(getattr(self, name)) for name in ("translate", "target_tag", "align")}
        return values


@dataclass(frozen=True, slots=True)
class LabelModels:
    """The models of a pipeline; only those it needs must be there.

    Attributes:
        tagger: of the pivot language, or, for transfer, of the text's own.
        translator: into the pivot language.
        aligner: of the words of both.
        back_translator: from the pivot language, one that keeps markers; None = the translator.
        target_tagger: of the text itself, for the scores "ner" and "ner_spans" and candidates "ner".
        scorer: scores pairs of a phrase of the pivot language and one of the text's, for the score "mt"; None = the
            translator does.

    >>> import xproj_fast as xp
    >>> models = LabelModels(
    ...     tagger=xp.Tagger.load("models/ner"),
    ...     translator=xp.Translator.load("models/nllb"),
    ...     aligner=xp.Aligner.load("models/align"),
    ... )
    """

    tagger: TaggerLike | None = None
    translator: TranslatorLike | None = None
    aligner: AlignerLike | None = None
    target_tagger: TaggerLike | None = None
    scorer: Scorer | None = None
    back_translator: TranslatorLike | None = None

    def described(self) -> dict[str, Any]:
        """Return what tells the models from others; see ``models.identity_of``."""
        names = ("tagger", "translator", "aligner", "target_tagger", "scorer", "back_translator")
        return {name: identity_of(getattr(self, name)) for name in names if getattr(self, name) is not None}


def check_label(models: LabelModels, options: LabelOptions, stages: Sequence[str] | None = None) -> None:
    """Find what is wrong before any model runs.

    Args:
        models: of which those are looked at that the stages need.
        options: of the whole pipeline.
        stages: those that run here; None = all of the pipeline.

    Raises:
        InputError: see ``label_stream``.
        MissingDependencyError: for a score whose package is not installed.
    """
    stages = options.stages if stages is None else stages
    check_there(models, options, stages)
    if models.tagger is not None:
        tagging = tagger_options(models.tagger, options.tag, options.labels)
    if not options.translates:
        check_language_code(options.language, "language")
        return
    method = options.method
    if "project" in stages:
        method.check()
    for translator in (models.translator, models.back_translator):
        for code in (options.pivot, *options.more_pivots):
            check_translator_languages(translator, language=options.language, pivot=code)
    if "align" in stages:
        check_aligner_languages(models.aligner, options.projects_from, [options.language])
    if "tag target" in stages:
        check_renaming(models.target_tagger, options.target_tag)
        if models.tagger is not None and "ner" in method.weights and method.ner.missing == "error":
            check_target_classes(models.target_tagger, options.target_tag, tagging, models.tagger.classes)


def check_there(models: Any, options: LabelOptions, stages: Sequence[str]) -> None:
    """Check that stages can run apart, and that the models are there that they need, loaded or as folders.

    Raises:
        InputError: for some of the stages with several pivots; for a model that is missing.
    """
    if options.more_pivots and tuple(stages) != options.stages:
        raise InputError(
            f"stages: expected all of them with several pivots, {listed(options.stages)}, got {listed(stages)}",
            field="stages",
        )
    scored = "translate" not in stages and getattr(models, "scorer", None) is not None  # by a scorer of one's own
    check_models(models, (name for name in options.needs(stages) if not (name == "translator" and scored)))
    if "translate back" in stages and models.back_translator is None and models.translator is None:
        raise InputError("models: expected a translator with this pipeline, got none", field="translator")
