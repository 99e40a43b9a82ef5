"""One language of a suite: each model runs once, when the first pipeline asks for what it makes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from xproj_fast.arrays import Entities, Links, WordProbabilities, Words
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.formats.files import EVERYTHING, open_sentences
from xproj_fast.formats.hub import read_dataset
from xproj_fast.formats.pharaoh import PharaohReader
from xproj_fast.formats.sentences import Sentences
from xproj_fast.labelled import LabelledSentences
from xproj_fast.method import Method
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.report.datasets import DatasetFiles
from xproj_fast.runs.models import align_pairs, phrase_scorer
from xproj_fast.scores.evidence import Evidence
from xproj_fast.text.joining import texts_of
from xproj_fast.text.words import split


@dataclass(frozen=True, slots=True)
class Models:
    """What pipelines may use; None = not there.

    Attributes:
        tagger: labels the source words where a dataset brings no labels.
        target_tagger: labels the target words: model transfer, NER candidates and scores.
        aligner: aligns where a dataset brings no links.
        translator: translates where a dataset brings no source words, and makes MT scores.
    """

    tagger: Any = None
    target_tagger: Any = None
    aligner: Any = None
    translator: Any = None


@dataclass(frozen=True, slots=True)
class SuiteOptions:
    """How a suite runs.

    Attributes:
        ignore_labels: classes that do not count: left out of gold, predictions, source entities and NER scores.
            Source classes that a gold standard lacks are left out in any case.
        source_language: NLLB's code of the source, for translator and aligner.
        codes: folder name -> NLLB's code of its language, where they differ.
        tag_names: what numbers in Parquet and JSONL mean, see ``formats.hub.read_dataset``.
        base: what all pipelines share: limits, options of scores.
        threads: None = all CPUs.
    """

    ignore_labels: tuple[str, ...] = ()
    source_language: str = "eng_Latn"
    codes: dict[str, str] = field(default_factory=dict)
    tag_names: str | tuple[str, ...] | None = None
    base: Method = field(default_factory=Method)
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One pipeline on one language.

    Attributes:
        f1: overall micro F1. precision, recall: likewise.
        seconds: of the models it needs and its projection.
        projection_seconds: of its projection alone.
    """

    pipeline: str
    dataset: str
    sentences: int
    f1: float
    precision: float
    recall: float
    seconds: float
    projection_seconds: float


class Known:
    """What is known of one language so far; each model runs when the first pipeline asks for it."""

    def __init__(self, files: DatasetFiles, models: Models, options: SuiteOptions) -> None:
        self.files, self.models, self.options = files, models, options
        self.language = options.codes.get(files.language, files.language)
        self.seconds: dict[str, float] = {}  # of each model
        gold = read_dataset(files.gold, options.tag_names)
        if gold.entities is None or not len(gold):
            raise InputError(f"{files.gold}: expected labelled sentences, got none")
        self.gold = gold
        self._made: dict[str, Any] = {}

    def run(self, name: str, method: Method | None) -> Cell:
        """Run one pipeline and score it."""
        if method is None:
            projection_seconds, used = 0.0, ["transfer"]
            predicted: Any = self.once("transfer", self._transfer)
        else:
            pairs = self.pairs(method)
            probabilities = self.probabilities() if method.needs_tagger else None
            if probabilities is not None:
                ner = replace(method.ner, classes=self._classes(probabilities), missing="zero")
                method = replace(method, ner=ner)
            mt = None
            languages = self.options.source_language, self.language
            if method.needs_translator:
                mt = self.once("mt", lambda: phrase_scorer(self.models.translator, *languages))
            evidence = Evidence(probabilities, mt)
            started = time.perf_counter()
            predicted = project(pairs, method.between(*languages), evidence=evidence, threads=self.options.threads)
            projection_seconds = time.perf_counter() - started
            used = ["translate", "tag"]
            used += ["align"] if method.needs_links else []
            used += ["probabilities"] if method.needs_tagger else []
        there = (*self.gold.labels, *predicted.labelled().labels)
        ignored = [name for name in self.options.ignore_labels if name in there]  # those of other languages are not
        figures = evaluate(self.gold, predicted, ignore_labels=ignored).micro
        seconds = projection_seconds + sum(self.seconds.get(model, 0.0) for model in used)
        return Cell(
            name,
            self.files.name,
            len(self.gold),
            figures.f1,
            figures.precision,
            figures.recall,
            seconds,
            projection_seconds,
        )

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        """Make something the first time it is asked for, and note how long that took."""
        if what not in self._made:
            started = time.perf_counter()
            self._made[what] = make()
            self.seconds[what] = time.perf_counter() - started
        return self._made[what]

    def pairs(self, method: Method) -> SentencePairs:
        """Return the sentence pairs, aligned where the method needs it."""
        pairs: SentencePairs = self.once("pairs", self._pairs)
        if not method.needs_links:
            return pairs
        aligned: SentencePairs = self.once(
            "pairs aligned", lambda: pairs.with_alignments(self._links(pairs), copy=False)
        )
        return aligned

    def probabilities(self) -> WordProbabilities:
        """Return the target tagger's probabilities."""
        found: WordProbabilities = self.once(
            "probabilities", lambda: self.models.target_tagger.probabilities(self.gold.words)
        )
        return found

    def _transfer(self) -> Any:
        tagger = self.models.target_tagger
        drop = tuple(label for label in tagger.classes if label in self.options.ignore_labels)
        found = tagger.tag(self.gold.words, TaggerOptions(drop=drop))
        return LabelledSentences(self.gold.words, found.entities, found.labels)

    def _classes(self, probabilities: WordProbabilities) -> tuple[str, ...]:
        return tuple(name for name in probabilities.class_columns() if name not in self.options.ignore_labels)

    def _pairs(self) -> SentencePairs:
        words, entities, labels = self._source()
        if len(words) != len(self.gold):
            raise InputError(
                f"{self.files.name}: expected as many source as gold sentences, got {len(words):,} and "
                f"{len(self.gold):,}"
            )
        pairs = SentencePairs.from_columns(words, self.gold.words, entities, labels, copy=False)
        wanted = set(self.gold.labels) - set(self.options.ignore_labels)
        return pairs.drop_labels([label for label in labels if label not in wanted])

    def _source(self) -> tuple[Words, Entities, tuple[str, ...]]:
        if self.files.labelled is not None:
            read: Sentences = read_dataset(self.files.labelled)
            if read.entities is None:
                raise InputError(f"{self.files.labelled}: expected labelled sentences, got none")
            return read.words, read.entities, read.labels
        words = self._source_words()
        found = self.once("tag", lambda: self.models.tagger.tag(words))
        return words, found.entities, found.labels

    def _source_words(self) -> Words:
        if self.files.words is not None:
            return open_sentences(self.files.words, "words", entities=False).read(EVERYTHING).words
        language = self.options.source_language
        texts = texts_of(self.gold.words, self.language)
        found = self.once("translate", lambda: [*self.models.translator.translate(texts, self.language, language)])
        return split([translation.text for translation in found], language)

    def _links(self, pairs: SentencePairs) -> Links:
        if self.files.links is not None:
            return PharaohReader(self.files.links).read(EVERYTHING)
        languages = (self.options.source_language, self.language)
        links: Links = self.once(
            "align", lambda: align_pairs(self.models.aligner, pairs.source, pairs.target, *languages, {})
        )
        return links
