"""``Projector``: a batch of an engine's in, the same rows with what was projected out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from xproj_fast.arrays import PairScores, thread_count
from xproj_fast.arrow_layouts import no_rows
from xproj_fast.arrow_pairs import DEFAULT_COLUMNS, Columns, pairs_from_arrow
from xproj_fast.batch_schema import batch_by_batch, kept_columns, placed, with_added, without_row
from xproj_fast.errors import InputError, check_options
from xproj_fast.method import DEFAULT_METHOD, Method
from xproj_fast.projector import project
from xproj_fast.row_faults import RowFaults
from xproj_fast.scores.evidence import NO_EVIDENCE, Evidence

if TYPE_CHECKING:
    import pyarrow as pa

ERRORS = ("raise", "column")


@dataclass(frozen=True)
class Projector:
    """Projects batches of Arrow data: the same rows in the same order, with columns added.

    It keeps no state and pickles, so any engine can call it: Ray, Spark (``mapInArrow``), ``Dataset.map``, polars,
    duckdb. The added columns, always all of them and of these types:

    - ``tags`` list<string>, a tag per target word;
    - ``spans`` list<struct<entity: int32, start: int32, end: int32, label: string, score: float, confidence: float>>;
      a confidence is null where the method gives none;
    - ``outcomes`` list<string>, one a source entity, see ``Outcome``;
    - ``objective`` double, ``status`` string, ``proof`` string, see ``Matches``;
    - ``error`` string: null where all is well; otherwise all others are null.

    >>> import pyarrow as pa
    >>> batch = pa.table({
    ...     "source_words": [["Ada", "sings"], ["Rome"]],
    ...     "target_words": [["singt", "Ada"], None],
    ...     "entities": [[{"start": 0, "end": 1, "label": "PER"}], []],
    ...     "alignments": ["0-1 1-0", ""],
    ... })
    >>> done = Projector(errors="column")(batch)
    >>> done["tags"].to_pylist(), done["error"].to_pylist()
    ([['O', 'B-PER'], None], [None, 'target_words: expected a list, got null'])

    Attributes:
        method: how labels are projected; one that needs a tagger or a translator is refused, and so is the score
            "learned" without ``Evidence.learned``: what a batch is learned from would be that batch alone.
        errors: what is wrong with a row is raised (``"raise"``), or is its ``error`` (``"column"``), so that one bad
            row is no dead batch. A missing column, another type and a broken array are raised either way.
        columns: where a batch has what.
        keep: the input's columns that the output has, in this order; None = all.
        prefix: of the added columns' names, against those of the input.
        threads: 1, as engines run many at once; the same result for any number.
        nested: allow entities of one sentence to share words.
        evidence: scores of your own that are functions, what was learned, a calibration, see ``Evidence``. How sure
            source entities are comes with each batch, see ``xproj_fast.arrow_pairs``.

    Raises:
        InputError: for a bad option.
    """

    method: Method = DEFAULT_METHOD
    errors: Literal["raise", "column"] = "raise"
    columns: Columns = DEFAULT_COLUMNS
    keep: tuple[str, ...] | None = None
    prefix: str = ""
    threads: int = 1
    nested: bool = False
    evidence: Evidence = NO_EVIDENCE
    _last: Any = field(default=None, init=False, repr=False, compare=False)  # a schema given, and what was returned

    def __post_init__(self) -> None:
        check_options(self, ("errors", self.errors in ERRORS, ERRORS))
        thread_count(self.threads)
        if isinstance(self.keep, str):
            raise InputError(f"keep: expected a list of columns, got the string {self.keep!r}", field="keep")
        if self.keep is not None:
            object.__setattr__(self, "keep", tuple(self.keep))
        self.method.check(self.evidence)
        for needed, what in ((self.method.needs_tagger, "a tagger"), (self.method.needs_translator, "a translator")):
            if needed:
                raise InputError(
                    f"method: expected one that needs links alone, got one that needs {what}, which a batch does not "
                    "bring",
                    field="method",
                )
        if "learned" in self.method.weights and self.evidence.learned is None:
            raise InputError(
                "evidence: expected what the score 'learned' has learned, got nothing, so that each batch would learn "
                "anew, from itself alone: pass evidence=Evidence(learned=xp.learn(pairs)), of pairs of this kind, or "
                "LearnedScore.load(...)",
                field="evidence",
            )
        arrays = [name for name, each in self.evidence.given.items() if isinstance(each, PairScores)]
        arrays += [name for name in ("probabilities", "source_confidence") if getattr(self.evidence, name) is not None]
        if arrays:
            raise InputError(f"evidence: expected functions, got {arrays[0]} of some sentences alone", field="evidence")

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was kept of the last call: ``datasets`` knows a function again by its pickle."""
        return {**self.__dict__, "_last": None}

    @property
    def _reads_text(self) -> bool:
        """Whether more than the number of the words may count, as for any score but the alignment's."""
        return not self.method.weights.keys() <= {"alignment"}

    def schema(self, given: Any) -> pa.Schema:
        """Return the schema of what comes out for batches of a schema.

        Args:
            given: a ``pyarrow.Schema``, or anything with ``__arrow_c_schema__``.

        Raises:
            InputError: for a missing column, a column of another type, an added column's name that the input has.
        """
        import pyarrow as pa

        schema = given if isinstance(given, pa.Schema) else pa.schema(given)
        last = self._last
        if last is not None and schema.equals(last[0], check_metadata=True):
            return last[1]
        read = [field for field in schema if field.name in self.columns.names_read]  # others may be of any type
        none = no_rows(pa.schema(read, schema.metadata))
        pairs = pairs_from_arrow(none, self.columns, nested=self.nested)
        if self.method.needs_links and pairs.alignments is None:
            names = ", ".join(schema.names)
            raise InputError(f"{self.columns.alignments}: expected a column of this name, got columns {names}")
        found = self._schema(schema)
        object.__setattr__(self, "_last", (schema, found))  # an engine asks with each batch
        return found

    def _schema(self, given: pa.Schema) -> pa.Schema:
        from xproj_fast.batch_columns import ADDED

        return with_added(given, self.keep, self.prefix, ADDED, {"method": self.method.described()})

    def __call__(self, batch: Any) -> Any:
        """Project a batch.

        Args:
            batch: a ``pyarrow.Table`` or ``RecordBatch``; a ``RecordBatchReader``, of which no more is read than is
                asked for; or anything else with ``__arrow_c_stream__``, a frame of polars, say.

        Returns:
            The same kind, a table for anything else; whatever reads Arrow takes it: ``polars.DataFrame(table)``.

        Raises:
            InputError: for a missing column, another type, a broken array; with ``errors="raise"`` for a row at fault,
                which is named by its number in the batch and its id.
        """
        return batch_by_batch(batch, self.schema, self._batches)

    def _batches(self, batches: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in batches:
            yield self._project(batch, schema, done)
            done += batch.num_rows

    def _project(self, batch: pa.RecordBatch, schema: pa.Schema, done: int) -> pa.RecordBatch:
        import pyarrow as pa

        from xproj_fast.batch_columns import added_columns

        faults = None if self.errors == "raise" else RowFaults()
        try:
            pairs = pairs_from_arrow(
                batch,
                replace(self.columns, id=None),  # ids are looked at where a row is at fault
                nested=self.nested,
                faults=faults,
                source_text=self._reads_text,
                target_text=self._reads_text or bool(self.method.stop_words),
            )
        except InputError as error:
            raise placed(error, batch, done, self.columns.id) from None
        evidence = self.evidence
        if pairs.source_confidence is not None:
            evidence = replace(evidence, source_confidence=pairs.source_confidence)
        result = project(pairs, self.method, evidence=evidence, threads=self.threads)
        rows = RowFaults() if faults is None else faults
        messages = [without_row(error) for error in rows.errors()]
        kept = [batch.column(i) for i in kept_columns(batch.schema, self.keep)]
        return pa.RecordBatch.from_arrays([*kept, *added_columns(result, rows.rows, messages)], schema=schema)
