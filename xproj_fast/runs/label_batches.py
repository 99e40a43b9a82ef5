"""``LabelBatches``: a batch of text in, the same rows with labels out: what an engine's actor calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from xproj_fast.arrow_layouts import no_rows
from xproj_fast.batch_schema import kept_columns, with_added
from xproj_fast.errors import InputError
from xproj_fast.formats.sentences import Sentences
from xproj_fast.projection import Projection
from xproj_fast.row_faults import RowFaults
from xproj_fast.runs.batch_stream import Batches
from xproj_fast.runs.inputs import InputOptions, Part
from xproj_fast.runs.label_options import LabelModels, LabelOptions, check_label, check_there
from xproj_fast.runs.label_steps import Labelled, Work, label_stream
from xproj_fast.runs.learner import LEARNED, Learner, learner_of
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.model_paths import ModelPaths
from xproj_fast.runs.stream import Stream
from xproj_fast.runs.translations import untranslated
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.text.words import split_spaces, splitter
from xproj_fast.wording import listed

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 512  # sentences that a stage works on together: while they are translated, those before are tagged
SOURCE = ("source_words", "entities", "alignments")


@dataclass(frozen=True)
class LabelBatches(Batches):
    """Labels batches of Arrow data: the same rows in the same order, with columns added.

    The schema of what comes out is known before any row, and before any model is loaded; its metadata (``xproj_fast``,
    JSON) has the version, the options and a hash of each model's identity.

    Columns in: words (``tokens``, ``words`` or ``target_words``, lists of strings), or raw ``text``; others are kept.
    Columns out: those of ``Projector``, and ``target_words`` where the input has raw text alone. The ``error`` of a
    sentence that could not be translated says so; its tags are null, which is not O, whatever ``errors`` is.

    Its stages may run apart, on different machines: what one batch needs to go on is then in its columns (see
    ``xproj_fast.runs.work_arrow``), and each needs its own models alone.

    Attributes:
        models: as folders, which each process loads once, on its first batch; or loaded.
        options: see ``LabelOptions``.
        stages: those that run here, some of ``options.stages`` that follow each other; None = all.
        errors: what is wrong with a row is raised, or is its ``error``. A missing column and a broken array are raised
            either way.
        keep: the input's columns that the output has; None = all but what stages have handed on.
        prefix: of the names of the columns that labels are in.
        keep_source: the output has what was projected from, too: ``source_words``, ``entities``, ``alignments``.
        learned: what the score "learned" has learned: a batch alone would be too little to learn from.
        words: the column of words, which stay as they are; None = the one of ``tokens``, ``words`` and
            ``target_words`` that is there.
        reading: how text is cut, and where it is (``jsonl.text_key``).
        id: the column of ids, for what is raised.
        chunk: sentences that a stage works on together; no label depends on it.
        counts: see ``Batches``.

    >>> import xproj_fast as xp
    >>> paths = xp.ModelPaths(tagger="models/ner", translator="models/nllb", aligner="models/align")
    >>> labels = LabelBatches(paths, xp.LabelOptions("bam_Latn"), errors="column")
    >>> table = labels(pa.table({"id": [1], "text": ["Bamako ka bon."]}))  # doctest: +SKIP

    Raises:
        InputError: for options that cannot be, and models that are missing.
    """

    models: LabelModels | ModelPaths
    options: LabelOptions
    stages: tuple[str, ...] | None = None
    errors: Literal["raise", "column"] = "raise"
    keep: tuple[str, ...] | None = None
    prefix: str = ""
    keep_source: bool = False
    learned: LearnedScore | None = None
    words: str | None = None
    reading: InputOptions = field(default_factory=InputOptions)
    id: str | None = "id"
    chunk: int = CHUNK

    def __post_init__(self) -> None:
        self._check_own()
        every = self.options.stages
        places = [every.index(name) if name in every else -1 for name in self._stages]
        if not places or -1 in places or places != list(range(places[0], places[0] + len(places))):
            raise InputError(
                f"stages: expected some of {listed(every)} that follow each other, got "
                f"{listed(self._stages) or 'none'}",
                field="stages",
            )
        method = self.options.method
        if self._ends and LEARNED in method.weights and self.learned is None and not method.learned.is_file:
            raise InputError(
                "learned: expected what the score 'learned' has learned, got nothing, so that each batch would learn "
                "anew, from itself alone: pass learned=xp.learn(pairs), of pairs of this kind",
                field="learned",
            )
        if isinstance(self.models, LabelModels):
            check_label(self.models, self.options, self._stages)
        else:
            check_there(self.models, self.options, self._stages)

    @property
    def _stages(self) -> tuple[str, ...]:
        return self.options.stages if self.stages is None else self.stages

    @property
    def _before(self) -> tuple[str, ...]:
        """The stages whose work comes in."""
        return self.options.stages[: self.options.stages.index(self._stages[0])]

    @property
    def _ends(self) -> bool:
        """Whether labels come out, rather than something on its way."""
        return self._stages[-1] == self.options.stages[-1]

    def loaded(self) -> LabelModels:
        """Return the models, loaded and checked; at once where the first batch shall not wait for them."""
        models: LabelModels = self._loaded_once(LabelModels)
        check_label(models, self.options, self._stages)
        return models

    def _needed(self) -> tuple[str, ...]:
        back = ("back_translator", "translator") if "translate back" in self._stages else ()
        return self.options.needs(self._stages) + back

    def _schema(self, schema: pa.Schema) -> pa.Schema:

        from xproj_fast.batch_columns import ADDED
        from xproj_fast.runs.work_arrow import TYPES

        if not self._before:
            self._read(no_rows(schema), RowFaults())
        for name in self._handed_on():
            if name not in schema.names and name != "target_words":
                raise InputError(
                    f"{name}: expected a column of this name, which the stages {listed(self._before)} make, "
                    f"got columns {', '.join(schema.names)}",
                    field=name,
                )
        made = {name: TYPES[name] for name in self._made(schema)}
        about = {"options": self.options.described(), "stages": self._stages, "models": self._identities}
        kept = tuple(schema.names[i] for i in self._kept(schema))
        return with_added(schema, kept, self.prefix, ADDED if self._ends else {}, about, made)

    def _handed_on(self) -> tuple[str, ...]:
        """Return the columns that the stages before have made."""
        from xproj_fast.runs.work_arrow import MADE

        return tuple(dict.fromkeys(name for stage in self._before for name in MADE[stage]))

    def _made(self, schema: Any) -> tuple[str, ...]:
        """Return the columns that are added before, or without, those that labels are in."""
        from xproj_fast.runs.batch_words import words_column
        from xproj_fast.runs.work_arrow import MADE

        words = () if words_column(schema, self.words) is not None else ("target_words",)
        if self._ends:
            return words + (SOURCE if self.keep_source and self.options.translates else ())
        names = dict.fromkeys(name for stage in self._stages for name in MADE[stage])
        return tuple(name for name in names if name != "target_words" or words)

    def _kept(self, schema: Any) -> list[int]:
        """Return which columns are kept: the user's, and before the end what stages have handed on and nobody remakes.

        The words stay at the end, too: labels are of them.
        """
        handed = set(self._handed_on()) - {"target_words"}
        remade = handed.intersection(self._made(schema))
        kept = kept_columns(schema, self.keep)
        if self.keep is None:
            kept = [i for i in kept if schema.names[i] not in handed]
        if self._ends:
            return kept
        needed = handed | ({"target_words"} if self._before else set())
        kept += [i for i, name in enumerate(schema.names) if name in needed and i not in kept]
        return [i for i in kept if schema.names[i] not in remade]

    def _stream(self, parts: Iterator[Part | Work], models: LabelModels) -> Stream[Any]:
        return label_stream(parts, models, self.options, learner=self._learner(), stages=self._stages)  # type: ignore[arg-type]

    def _put(self, batch: Any, faults: RowFaults, found: Labelled | Work, schema: pa.Schema) -> Any:
        import pyarrow as pa

        kept = [batch.column(i) for i in self._kept(batch.schema)]
        return pa.RecordBatch.from_arrays([*kept, *self._columns(batch.schema, found, faults)], schema=schema)

    def _learner(self) -> Learner | None:
        codes = (self.options.pivot, *self.options.more_pivots)
        learner = learner_of(Learnt(), codes, self.options.method, self.options.threads) if self._ends else None
        if learner is not None and self.learned is not None:
            learner.scores = dict.fromkeys(codes, self.learned)
        return learner

    def _read(self, batch: Any, faults: RowFaults) -> Part | Work:
        from xproj_fast.runs.batch_words import read_words, words_column
        from xproj_fast.runs.work_arrow import carried, read_work

        problems = carried(batch, faults) if self._before else []
        reading = self.reading
        split = split_spaces if reading.tokenized else splitter(self.options.language, reading.chinese)
        words = read_words(batch, self.words, reading.jsonl.text_key, split, faults)
        lines = np.arange(len(words), dtype=np.int64)
        part = Part(Sentences(words, None, (), None, lines), 0, 1.0)
        if not self._before:
            return part
        column = words_column(batch.schema, self.words)
        return read_work(batch, part, self._before, problems, column, self.options.language, faults)

    def _columns(self, schema: Any, found: Labelled | Work, faults: RowFaults) -> list[Any]:
        from xproj_fast.batch_columns import added_columns, labelled_columns
        from xproj_fast.runs.work_arrow import messages_of, source_columns, target_words, work_columns

        made = self._made(schema)
        self.counts.update(found.counts)
        if isinstance(found, Work):
            return work_columns(found, made, faults)
        told = untranslated(found.problems) | messages_of(faults)
        rows = np.array(sorted(told), np.int64)
        result, messages = found.projection, [told[row] for row in rows.tolist()]
        words = [target_words(found.part.sentences.words, faults.rows)] if "target_words" in made else []
        if not isinstance(result, Projection):
            return [*labelled_columns(result, rows, messages), *words]
        source = source_columns(result.pairs, found.confidence, rows) if made[len(words) :] else []
        return [*added_columns(result, rows, messages), *words, *source]
