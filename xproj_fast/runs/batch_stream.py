"""Batches through a stream of stages: cut into parts, worked on side by side, put together again, in order."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from xproj_fast.batch_schema import batch_by_batch, placed
from xproj_fast.batches import ERRORS
from xproj_fast.errors import InputError, check_options
from xproj_fast.models.hashes import sha256
from xproj_fast.row_faults import RowFaults
from xproj_fast.runs.model_paths import ModelPaths, loaded_once
from xproj_fast.runs.models import identity_of
from xproj_fast.runs.stream import Stream

if TYPE_CHECKING:
    import pyarrow as pa

I = TypeVar("I")  # noqa: E741 - what a stream takes
R = TypeVar("R")


def over_batches(
    batches: Iterable[Any],
    cut: Callable[[Any], list[tuple[Any, I]]],
    stream: Callable[[Iterator[I]], Stream[R]],
    put: Callable[[Any, R], Any],
) -> Iterator[Any]:
    """Yield one record batch for each that comes in; no more are read than the stages can hold.

    Args:
        batches: record batches.
        cut: the parts of a batch, at least one, each with whatever ``put`` needs to know of it.
        stream: makes a stream of the parts of all batches.
        put: the record batch of a part, from what ``cut`` knew of it and what the stream made of it.
    """
    known: deque[tuple[Any, bool]] = deque()  # of each part on its way, and whether it is the last of its batch

    def parts() -> Iterator[I]:
        for batch in batches:
            found = cut(batch)
            for i, (about, part) in enumerate(found):
                known.append((about, i + 1 == len(found)))
                yield part

    made: list[Any] = []
    with stream(parts()) as results:
        for result in results:
            about, last = known.popleft()
            made.append(put(about, result))
            if last:
                yield one_batch(made)
                made = []


def one_batch(batches: list[Any]) -> Any:
    """Return record batches of one schema as one."""
    import pyarrow as pa

    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).combine_chunks()
    found = table.to_batches()
    return found[0] if found else batches[0]


def _identity(model: Any) -> Any:
    manifest = getattr(model, "manifest", None)
    return identity_of(model) if manifest is None else manifest.identity


class Batches(ABC):
    """What an engine calls with batches: it pickles without its models, which each process loads once.

    Attributes:
        models: loaded, or ``ModelPaths``.
        options: of the pipeline.
        errors: ``"raise"`` or ``"column"``: where what is wrong with a row goes.
        keep: the input's columns that the output has; None = all.
        stages: those that run here; None = all.
        id: the column of ids, for what is raised.
        chunk: rows that a stage works on together.
        counts: what was counted so far, in this process.
    """

    models: Any
    options: Any
    errors: Literal["raise", "column"]
    keep: tuple[str, ...] | None
    stages: tuple[str, ...] | None
    id: str | None
    chunk: int

    def _check_own(self) -> None:
        """Check the attributes that all have; lists become tuples.

        Raises:
            InputError: for one that cannot be.
        """
        check_options(self, ("errors", self.errors in ERRORS, ERRORS))
        for name in ("keep", "stages"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.chunk < 1:
            raise InputError(f"chunk: expected at least 1 sentence, got {self.chunk}", field="chunk")

    def schema(self, given: Any) -> pa.Schema:
        """Return the schema of what comes out for batches of a schema, before there is any.

        Args:
            given: a ``pyarrow.Schema``, or anything with ``__arrow_c_schema__``.

        Raises:
            InputError: for a missing column, and an added column's name that the input has.
        """
        import pyarrow as pa

        return self._schema(given if isinstance(given, pa.Schema) else pa.schema(given))

    @abstractmethod
    def _schema(self, schema: pa.Schema) -> pa.Schema:
        """Return the schema of what comes out."""

    @abstractmethod
    def loaded(self) -> Any:
        """Return the models, loaded and checked; at once where the first batch shall not wait for them."""

    @abstractmethod
    def _read(self, batch: Any, faults: RowFaults) -> Any:
        """Return the rows of a batch as the first stage takes them; ``faults`` gathers what is wrong with them."""

    @abstractmethod
    def _stream(self, parts: Iterator[Any], models: Any) -> Stream[Any]:
        """Return the stages over parts."""

    @abstractmethod
    def _put(self, batch: Any, faults: RowFaults, found: Any, schema: pa.Schema) -> Any:
        """Return the record batch of a part, from what came out of the last stage."""

    def _over(self, batches: Iterable[Any], schema: pa.Schema) -> Iterator[Any]:
        """Yield a batch for each that comes in."""
        models, done = self.loaded(), 0

        def cut(batch: Any) -> list[tuple[Any, Any]]:
            nonlocal done
            starts = range(0, max(batch.num_rows, 1), self.chunk)
            found = [self._cut(batch.slice(first, self.chunk), done + first) for first in starts]
            done += batch.num_rows
            return found

        return over_batches(
            batches,
            cut,
            lambda parts: self._stream(parts, models),
            lambda about, found: self._put(about[0], about[1], found, schema),
        )

    def _cut(self, batch: Any, first: int) -> tuple[tuple[Any, RowFaults], Any]:
        faults = RowFaults()
        part = self._read(batch, faults)
        if self.errors == "raise":
            for error in faults.errors():
                raise placed(error, batch, first, self.id)
        return (batch, faults), part

    @cached_property
    def counts(self) -> Counter[str]:
        """See the class."""
        return Counter()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("counts", "_identities")}

    @abstractmethod
    def _needed(self) -> Iterable[str]:
        """Return the names of the models that it runs, or may run."""

    @cached_property
    def _identities(self) -> dict[str, str]:
        """The hash of what tells each model from others, as its folder has it: the same wherever it lies or runs."""
        names = dict.fromkeys(self._needed())
        if isinstance(self.models, ModelPaths):
            told = self.models.described(names)
        else:
            loaded = {name: getattr(self.models, name) for name in names}
            told = {name: _identity(model) for name, model in loaded.items() if model is not None}
        return {name: sha256([json.dumps(value, sort_keys=True).encode()]) for name, value in sorted(told.items())}

    def _loaded_once(self, kind: Any) -> Any:
        return kind(**loaded_once(self.models, self._needed())) if isinstance(self.models, ModelPaths) else self.models

    def __call__(self, batch: Any) -> Any:
        """Return a batch with what was made of it.

        Args:
            batch: a ``pyarrow.Table`` or ``RecordBatch``; a ``RecordBatchReader``, of which no more is read than is
                worked on; or anything else with ``__arrow_c_stream__``.

        Returns:
            The same kind, a table for anything else.

        Raises:
            InputError: for a missing column, another type, a broken array; with ``errors="raise"`` for a row at fault.
        """
        return batch_by_batch(batch, self.schema, self._over)
