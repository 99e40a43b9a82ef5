"""Chunks of tables that are to become one file: what is known of entities, and chunks that have none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from xproj_fast.errors import InputError, blamed

OF_ENTITIES = ("entities", "spans")  # columns whose structs have a field more where more is known


class HeldTables:
    """Tables of one schema that wait on disk, as they may be most of a file."""

    def __init__(self) -> None:
        self.schema: Any = None  # of the first, which others are cast to
        self._file: Any = None
        self._writer: Any = None

    def add(self, table: Any) -> None:
        """Add a table."""
        import pyarrow as pa

        with blamed(tempfile.gettempdir()):
            if self._writer is None:
                self.schema = table.schema
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - ``close`` closes it
                self._writer = pa.ipc.new_stream(pa.PythonFile(self._file, "w"), self.schema)
            self._writer.write_table(table.cast(self.schema))

    def taken(self) -> Iterator[Any]:
        """Yield the tables; none can be added any more."""
        import pyarrow as pa

        if self._writer is None:
            return
        with blamed(tempfile.gettempdir()):
            self._writer.close()
            self._file.seek(0)
        for batch in pa.ipc.open_stream(pa.PythonFile(self._file, "r")):
            yield pa.Table.from_batches([batch])
        self.close()

    def close(self) -> None:
        """Let go of the disk."""
        if self._file is not None:
            with suppress(OSError):  # it writes what it still has
                self._file.close()
        self._file = self._writer = None


def has_entities(table: Any) -> bool:
    """Return whether a table has entities in one of their columns, or has no such column."""
    there = [table.column(name) for name in OF_ENTITIES if name in table.schema.names]
    return not there or any(len(chunk.flatten()) for column in there for chunk in column.chunks)


def check_fields(table: Any, schema: Any) -> None:
    """Check that as much is known of entities as of those before: a cast would drop what is more, or add nulls.

    Raises:
        InputError: naming the column.
    """
    if not has_entities(table):
        return
    for name in OF_ENTITIES:
        if name not in table.schema.names or name not in schema.names:
            continue
        expected, got = (_fields(each.field(name).type) for each in (schema, table.schema))
        if expected != got:
            message = f"expected entities with {', '.join(expected)}, as those before, got {', '.join(got)}"
            raise InputError(f"{name}: {message}", field=name)


def _fields(kind: Any) -> list[str]:
    return [kind.value_type.field(i).name for i in range(kind.value_type.num_fields)]
