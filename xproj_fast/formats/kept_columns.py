"""Columns of an input that nobody here reads, beside what was made of its rows: read again, in step with writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.formats.arrow import read_batches
from xproj_fast.formats.registry import check_columns, format_of
from xproj_fast.formats.streams import format_suffix
from xproj_fast.formats.writers import Labelled, table_of
from xproj_fast.labelled import LabelledSentences

ALL = "all"
BATCH = 65_536  # rows
OURS = frozenset({"id", "tokens", "words", "target_words", "ner_tags", "tags", "text"})  # read, or written anew


class KeptColumns:
    """The columns of a Parquet or Arrow file that an output keeps, taken row by row.

    Attributes:
        names: of the columns, in the file's order.
    """

    def __init__(self, path: str | Path, names: Sequence[str], fmt: str | None, output: str) -> None:
        """Open a file once more.

        Args:
            path: the input.
            names: of the columns, or ``("all",)``: those that are not read or written in any case.
            fmt: the input's format, where it was named.
            output: the format of the output.

        Raises:
            InputError: for an input that has no columns, an output that has no place for them, and unknown names.
        """
        self._path, file = path, Path(path)
        if format_of(file, fmt) != "arrow":
            raise InputError(f"keep_columns: expected Parquet or Arrow input, got {path}", field="keep_columns")
        check_columns(output, "keep_columns")
        with closing(read_batches(file, format_suffix(file), 1)) as batches:
            there = next(batches)[0].schema.names
        self.names = tuple(names)
        if self.names == (ALL,):
            self.names = tuple(name for name in there if name not in OURS)
        for name in self.names:
            if name not in there or name in OURS:
                raise unknown_name("keep_columns", name, [n for n in there if n not in OURS], "some of the columns,")
        self._rows = self._open()
        self._rest: Any = None
        self._done = 0

    def _open(self) -> Iterator[Any]:
        file = Path(self._path)
        for batch, _ in read_batches(file, format_suffix(file), BATCH):
            yield batch.select(list(self.names))

    def beside(self, result: Labelled, first: int) -> Labelled:
        """Return what was made of rows from ``first`` on, which only grows from call to call, with their columns."""
        import pyarrow as pa

        while self._done < first:  # of an earlier run
            self._done += len(self._take(min(BATCH, first - self._done)))
        parts: list[Any] = []
        missing = len(result)
        while missing:
            parts.append(self._take(missing))
            missing -= len(parts[-1])
        self._done += len(result)
        return _Beside(result, pa.Table.from_batches(parts) if parts else None)

    def _take(self, count: int) -> Any:
        while self._rest is None or not len(self._rest):
            self._rest = next(self._rows)
        rows, self._rest = self._rest.slice(0, count), self._rest.slice(min(count, len(self._rest)))
        return rows


class _Beside:
    """What was made of some rows, and their columns."""

    def __init__(self, result: Labelled, columns: Any) -> None:
        self._result, self._columns = result, columns

    def __len__(self) -> int:
        return len(self._result)

    def labelled(self) -> LabelledSentences:
        """Return the sentences with their entities."""
        return self._result.labelled()

    def to_arrow(self, *, with_source: bool = False) -> Any:
        """Return all that there is to tell of them, and their columns."""
        table = table_of(self._result, with_source=with_source)
        for name in () if self._columns is None else self._columns.schema.names:
            if name in table.schema.names:
                raise InputError(
                    f"keep_columns: expected columns that the output does not have itself, got {name!r}",
                    field="keep_columns",
                )
            table = table.append_column(name, self._columns[name])
        return table
