"""A batch with columns added: which columns it keeps, what its schema says, and where an error of a row is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from xproj_fast.arrow_layouts import as_table
from xproj_fast.errors import InputError, unknown_name

METADATA = b"xproj_fast"
MOST_ROWS = 65_536  # of a table that are worked on at once


def kept_columns(schema: Any, keep: tuple[str, ...] | None) -> list[int]:
    """Return which columns of the input are kept, in order; None = all.

    Raises:
        InputError: for a name that no column has, or several have.
    """
    if keep is None:
        return list(range(len(schema)))
    for name in keep:
        if schema.names.count(name) != 1:
            raise unknown_name("keep", name, schema.names, "one of the columns")
    return [schema.names.index(name) for name in keep]


def with_added(
    given: Any,
    keep: tuple[str, ...] | None,
    prefix: str,
    added: Mapping[str, Any],
    about: Mapping[str, Any],
    plain: Mapping[str, Any] | None = None,
) -> Any:
    """Return the schema of a batch's kept columns and those that are added.

    Args:
        given: the input's.
        keep: see ``kept_columns``.
        prefix: of the names of added columns.
        added: name -> type.
        about: JSON values for the metadata: what the columns were made with.
        plain: added behind these, without the prefix.

    Raises:
        InputError: for an added column's name that a kept one has.
    """
    import pyarrow as pa

    from xproj_fast import __version__

    named = {prefix + name: kind for name, kind in added.items()}
    plain = dict(plain or {})
    kept = [given.field(i) for i in kept_columns(given, keep)]
    for each in kept:
        if each.name in named:
            raise InputError(
                f"prefix: expected one that tells added columns from the input's, got {prefix!r} and a column "
                f"{each.name!r} (or leave it out of keep)",
                field="prefix",
            )
        if each.name in plain:
            raise InputError(
                f"keep: expected columns of other names than those that are added, {', '.join(plain)}, got a column "
                f"{each.name!r}: rename it, or leave it out",
                field="keep",
            )
    told = json.dumps({"version": __version__} | dict(about))
    fields = [*kept, *(pa.field(name, kind) for name, kind in (named | plain).items())]
    return pa.schema(fields, {**(given.metadata or {}), METADATA: told})


def batch_by_batch(
    batch: Any, schema: Callable[[Any], Any], over: Callable[[Iterable[Any], Any], Iterator[Any]]
) -> Any:
    """Return what is made of whatever an engine gives, as the same kind; a table for anything but pyarrow's own.

    Args:
        batch: a ``pyarrow.Table``, ``RecordBatch`` or ``RecordBatchReader``, or anything with ``__arrow_c_stream__``.
        schema: of what comes out, for the schema of what comes in.
        over: makes a record batch of each, given that schema.
    """
    import pyarrow as pa

    if isinstance(batch, pa.RecordBatchReader):
        made = schema(batch.schema)
        return pa.RecordBatchReader.from_batches(made, over(batch, made))
    table = as_table(batch, "batch")
    made = schema(table.schema)
    if isinstance(table, pa.RecordBatch):
        (found,) = over([table], made)  # all of it: the threads of a stream end here
        return found
    return pa.Table.from_batches(over(table.to_batches(MOST_ROWS), made), made)


def placed(error: InputError, batch: Any, done: int, id_column: str | None) -> InputError:
    """Return the error of a row with its place in all that was given, and its id.

    Args:
        error: of a row of the batch, or of something else.
        batch: that it is of.
        done: rows that came before the batch.
        id_column: where ids are, if anywhere.
    """
    row = error.sentence
    if row is None:
        return error
    which = f"sentence {done + row}"
    if batch.schema.names.count(id_column) == 1:
        which += f" (id {batch.column(id_column)[row].as_py()!r})"
    message = str(error).replace(f"sentence {row}", which, 1)
    return InputError(message, field=error.field, sentence=done + row)


def without_row(error: InputError) -> str:
    """Return what is wrong with a row, without its number, which is one of its batch alone."""
    where = f"sentence {error.sentence}"
    return str(error).replace(f"{where}, ", "", 1).replace(f"{where}: ", "", 1)
