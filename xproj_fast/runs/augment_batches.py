"""``AugmentBatches``: a batch of labelled sentences in, one row per sentence and language out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from xproj_fast.arrow_layouts import no_rows
from xproj_fast.batch_schema import kept_columns, with_added
from xproj_fast.errors import InputError
from xproj_fast.formats.sentences import Sentences
from xproj_fast.projection import Projection
from xproj_fast.row_faults import RowFaults
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions, check_augment
from xproj_fast.runs.augment_steps import Augmented, AugmentWork, augment_stream, translate_stream
from xproj_fast.runs.batch_stream import Batches
from xproj_fast.runs.inputs import InputOptions, Part
from xproj_fast.runs.label_batches import CHUNK
from xproj_fast.runs.label_steps import Work
from xproj_fast.runs.learner import LEARNED, Learner, learner_of
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.model_paths import ModelPaths
from xproj_fast.runs.models import check_models
from xproj_fast.runs.stream import Stream
from xproj_fast.runs.translations import untranslated
from xproj_fast.scores.learned_score import LearnedScore

if TYPE_CHECKING:
    import pyarrow as pa


TRANSLATE, TRANSLATOR = ("translate",), ("translator",)  # the stage that may run apart, and its model
HANDED_ON = ("target_words", "source_words", "source_text", "entities", "problem")  # to the stages behind it


@dataclass(frozen=True)
class AugmentBatches(Batches):
    """Takes batches of labelled sentences into other languages: one row per sentence and language.

    Columns in: words (``tokens``, ``words`` or ``source_words``), their tags (``ner_tags`` or ``tags``, strings or
    ClassLabel numbers) or ``entities``, and the raw ``text`` where it is there; others are kept. Columns out, beside
    these: ``language``, ``target_words``, and those of ``Projector``. Rows are ordered by language, then as they came.
    A sentence that could not be translated has null words and tags, and its ``error`` says so. With
    ``options.complete_only`` a translation in which an entity was not projected has no row.

    With ``stages=("translate",)`` nothing else is done here: rows have ``source_words``, ``source_text``, ``entities``,
    ``target_words`` and ``problem``, and ``LabelBatches(..., LabelOptions(language, pivot=source_language),
    stages=("align", "project"), words="target_words")`` goes on with those of one language, on another machine.

    Attributes:
        models: as folders, which each process loads for itself on its first batch; or loaded.
        options: see ``AugmentOptions``.
        stages: ``("translate",)``, see above; None = all.
        errors: what is wrong with a row is raised, or is the ``error`` of its rows.
        keep: the input's columns that the output has; None = all.
        prefix: of the names of all columns that are added.
        learned: by language, what the score "learned" has learned.
        reading: where the raw text is (``jsonl.text_key``), what numbers for tags mean (``jsonl.tag_names``), and how
            tags are read (``conll.scheme``).
        id: the column of ids, for what is raised.
        chunk: sentences that a stage works on together; no label depends on it.
        counts: see ``Batches``; ``<language>/<what>``.

    >>> import xproj_fast as xp
    >>> paths = xp.ModelPaths(translator="models/nllb", aligner="models/align")
    >>> rows = AugmentBatches(paths, xp.AugmentOptions(("swh_Latn", "yor_Latn")), errors="column")

    Raises:
        InputError: for options that cannot be, and models that are missing.
    """

    models: AugmentModels | ModelPaths
    options: AugmentOptions
    stages: tuple[str, ...] | None = None
    errors: Literal["raise", "column"] = "raise"
    keep: tuple[str, ...] | None = None
    prefix: str = ""
    learned: dict[str, LearnedScore] | None = None
    reading: InputOptions = field(default_factory=InputOptions)
    id: str | None = "id"
    chunk: int = CHUNK

    def __post_init__(self) -> None:
        self._check_own()
        method, options = self.options.method, self.options
        if self.stages is not None:
            if self.stages != TRANSLATE:
                raise InputError(f"stages: expected {TRANSLATE} or None, got {self.stages}", field="stages")
            if options.markers is not None or options.complete_only:
                raise InputError(
                    "stages: expected all of them with markers and complete_only, which look at labels, got translate",
                    field="stages",
                )
        learns = (
            self.stages is None and options.markers is None and LEARNED in method.weights and not method.learned.is_file
        )
        missing = [code for code in options.languages if learns and code not in (self.learned or {})]
        if missing:
            raise InputError(
                f"learned: expected what the score 'learned' has learned of each language, got nothing of {missing[0]}",
                field="learned",
            )
        check_models(self.models, self._needed())
        if isinstance(self.models, AugmentModels):
            check_augment(self.models, options, translates_only=self.stages is not None)

    def _needed(self) -> tuple[str, ...]:
        return TRANSLATOR if self.stages is not None else self.options.needs

    def loaded(self) -> AugmentModels:
        """Return the models, loaded and checked; at once where the first batch shall not wait for them."""
        models: AugmentModels = self._loaded_once(AugmentModels)
        check_augment(models, self.options, translates_only=self.stages is not None)
        return models

    def _schema(self, schema: pa.Schema) -> pa.Schema:
        import pyarrow as pa

        from xproj_fast.batch_columns import ADDED
        from xproj_fast.runs.work_arrow import TYPES

        self._read(no_rows(schema), RowFaults())
        if self.stages is not None:
            added = {"language": pa.string()} | {name: TYPES[name] for name in HANDED_ON}
        else:
            added = {"language": pa.string(), "target_words": TYPES["target_words"]} | ADDED
        about = {"options": self.options.described(), "models": self._identities}
        return with_added(schema, self.keep, self.prefix, added, about)

    def _stream(self, parts: Iterator[Part], models: AugmentModels) -> Stream[Any]:
        if self.stages is not None:
            return translate_stream(parts, models, self.options)
        return augment_stream(parts, models, self.options, learner=self._learner())

    def _put(self, batch: Any, faults: RowFaults, found: Augmented | AugmentWork, schema: pa.Schema) -> Any:
        if isinstance(found, AugmentWork):
            return self._translated(batch, faults, found, schema)
        self.counts.update(found.counts)
        return self._rows(batch, faults, found, schema)

    def _learner(self) -> Learner | None:
        options = self.options
        if options.markers is not None:
            return None
        learner = learner_of(Learnt(), options.languages, options.method, options.threads)
        if learner is not None and self.learned is not None:
            learner.scores = dict(self.learned)
        return learner

    def _read(self, batch: Any, faults: RowFaults) -> Part:
        from xproj_fast.runs.batch_words import read_labelled_words

        how = self.reading
        words, entities, labels, sure = read_labelled_words(batch, how.jsonl, how.conll.scheme, faults)
        lines = np.arange(len(words), dtype=np.int64)
        return Part(Sentences(words, entities, labels, None, lines, sure), 0, 1.0)

    def _translated(self, batch: Any, faults: RowFaults, work: AugmentWork, schema: pa.Schema) -> Any:
        """Return the rows of all languages as the stages behind the translation read them."""
        import pyarrow as pa

        from xproj_fast.runs.work_arrow import work_columns

        parts = []
        sentences, sure = work.part.sentences, work.confidence
        if sure is None:  # nobody says: as if the labels were certain, which counts the same
            sure = np.ones(len(work.entities.start), np.float32)
        for code, found in work.translated.items():
            target = Part(replace(sentences, words=found.words, entities=None), work.part.first, work.part.share)
            one = Work(target, sentences.words, found.problems, work.entities, sentences.labels, sure)
            kept = [batch.column(i) for i in kept_columns(batch.schema, self.keep)]
            language = pa.array([code] * batch.num_rows, pa.string())
            parts.append([*kept, language, *work_columns(one, HANDED_ON, faults)])
        return _one_below_the_other(parts, schema)

    def _rows(self, batch: Any, faults: RowFaults, found: Augmented, schema: pa.Schema) -> Any:
        """Return the rows of all languages, those of each in the order of the sentences."""
        from xproj_fast.runs.work_arrow import messages_of

        parts = []
        for code, result in found.projections.items():
            told = untranslated(problem for problem in found.problems if problem.language == code)
            blank = np.flatnonzero(np.diff(found.part.sentences.words.offsets) == 0).tolist()
            told |= dict.fromkeys(blank, "not translated: no words")
            told |= messages_of(faults)
            parts.append(self._language(batch, code, result, told))
        return _one_below_the_other(parts, schema)

    def _language(self, batch: Any, code: str, result: Any, told: dict[int, str]) -> list[Any]:
        import pyarrow as pa

        from xproj_fast.batch_columns import added_columns, labelled_columns
        from xproj_fast.runs.work_arrow import words_array

        ids: Any = result.pairs.ids if isinstance(result, Projection) else result.ids
        done = {row: i for i, row in enumerate(ids.to_pylist()) if row not in told}
        rows = sorted([*done, *told])
        place, chosen = pa.array([done.get(row) for row in rows], pa.int64()), pa.array(rows, pa.int64())
        columns = added_columns if isinstance(result, Projection) else labelled_columns
        words = result.pairs.target if isinstance(result, Projection) else result.words
        *made, _ = columns(result, np.zeros(0, np.int64), [])
        return [
            *(batch.column(i).take(chosen) for i in kept_columns(batch.schema, self.keep)),
            pa.array([code] * len(rows), pa.string()),
            *(column.take(place) for column in (words_array(words), *made)),
            pa.array([told.get(row) for row in rows], pa.string()),
        ]


def _one_below_the_other(parts: Sequence[Sequence[Any]], schema: pa.Schema) -> Any:
    """Return columns of several languages as one record batch."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.concat_arrays(each) for each in zip(*parts, strict=True)], schema=schema)
