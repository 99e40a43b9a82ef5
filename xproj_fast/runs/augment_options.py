"""What ``augment`` needs to know, and which models it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.models.alignment import AlignOptions
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.models.translation import TranslateOptions
from xproj_fast.runs.classes import check_renaming
from xproj_fast.runs.label_options import ENGLISH
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
from xproj_fast.text.chinese import described_chinese


@dataclass(frozen=True, slots=True)
class AugmentOptions:
    """How labelled sentences are taken into other languages.

    Attributes:
        languages: into which, NLLB's codes.
        source_language: of the labelled sentences.
        labels: the only classes wanted; None = all there are.
        complete_only: leave out translations in which an entity was not projected.
        markers: mark entities in the text, and read them off its translation (EasyProject, LabelPigeon), instead of
            projecting them; ``method``, and all models but the translator, are not used then.
        method: how labels are projected.
        translate, align, target_tag: how the models run; None = their defaults.
        chinese: how Chinese translations are cut into words, see ``words.splitter``.
        max_sentence_words: a sentence of more words is not translated, and listed as a problem.
        threads: CPU threads of aligning and projecting; None = all CPUs.

    >>> import xproj_fast as xp
    >>> options = AugmentOptions(("deu_Latn", "bam_Latn"), labels=("PER", "LOC"), method=xp.Method(matcher="exact"))
    >>> options.source_language
    'eng_Latn'
    """

    languages: tuple[str, ...]
    source_language: str = ENGLISH
    labels: tuple[str, ...] | None = None
    complete_only: bool = False
    markers: MarkerOptions | None = None
    method: Method = field(default_factory=Method)
    translate: TranslateOptions | None = None
    align: AlignOptions | None = None
    target_tag: TaggerOptions | None = None
    chinese: str = "jieba"
    max_sentence_words: int = MOST_WORDS
    threads: int | None = None

    def __post_init__(self) -> None:
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise InputError(f"languages: expected at least one, each once, got {', '.join(self.languages) or 'none'}")
        if self.source_language in self.languages:
            raise InputError(f"languages: expected others than the source's, got {self.source_language}")
        if self.labels == ():
            raise InputError("labels: expected at least one class or None, got none")
        if self.max_sentence_words < 1:
            raise InputError(f"max_sentence_words: expected at least 1, got {self.max_sentence_words}")

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the models, as ``AugmentModels`` has them, without which it cannot run."""
        links, tagger = self.method.needs_links, self.method.needs_tagger
        projected = () if self.markers is not None else ("aligner",) * links + ("target_tagger",) * tagger
        return ("translator", *projected)

    def described(self) -> dict[str, Any]:
        """Return what an output depends on, as JSON values."""
        names = ("languages", "source_language", "labels", "complete_only", "max_sentence_words")
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        values["chinese"] = described_chinese(self.chinese, (self.source_language, *self.languages))
        values |= {name: described(getattr(self, name)) for name in ("translate", "align", "target_tag")}
        if self.markers is not None:
            return values | {"markers": described(self.markers)}
        return values | {"method": described_method(self.method)}


@dataclass(frozen=True, slots=True)
class AugmentModels:
    """The models; only those a method needs must be there.

    Attributes:
        translator: from the source language into the others.
        aligner: of the words of both sides.
        target_tagger: of the other languages, for the scores "ner" and "ner_spans" and candidates "ner".

    >>> import xproj_fast as xp
    >>> models = AugmentModels(xp.Translator.load("models/nllb"), xp.Aligner.load("models/align"))
    """

    translator: TranslatorLike
    aligner: AlignerLike | None = None
    target_tagger: TaggerLike | None = None

    def described(self) -> dict[str, Any]:
        """Return what tells the models from others; see ``models.identity_of``."""
        names = ("translator", "aligner", "target_tagger")
        return {name: identity_of(getattr(self, name)) for name in names if getattr(self, name) is not None}


def check_augment(models: AugmentModels, options: AugmentOptions, *, translates_only: bool = False) -> None:
    """Find what is wrong before any model runs; ``translates_only``: of the translator, as nothing else runs here.

    Raises:
        InputError: see ``augment_stream``.
        MissingDependencyError: for a score whose package is not installed.
    """
    check_translator_languages(models.translator, source_language=options.source_language)
    for code in options.languages:
        check_translator_languages(models.translator, languages=code)
    if options.markers is not None or translates_only:
        return
    method = options.method
    check_models(models, options.needs)
    method.check()
    if method.needs_tagger:
        check_renaming(models.target_tagger, options.target_tag)
    if method.needs_links:
        check_aligner_languages(models.aligner, options.source_language, options.languages)
