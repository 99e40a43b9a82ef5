"""Parquet and Arrow IPC files, batch by batch; what is in them: ``arrow_columns``, ``arrow_sentences``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from xproj_fast.arrow_checks import validate
from xproj_fast.arrow_layouts import no_rows
from xproj_fast.errors import InputError, a
from xproj_fast.formats.held_tables import HeldTables, check_fields, has_entities
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.streams import compression_of, format_suffix, open_input

ARROW_SUFFIXES = ("parquet", "arrow", "feather")
MOST_STRING_BYTES = 1 << 30  # of a chunk: well below the 2 GiB where 32-bit string offsets end


def read_table(path: Path, suffix: str) -> Any:
    """Return a whole Parquet or Arrow IPC (file or stream) file as a table.

    Raises:
        InputError: where the file is not what its name says.
    """
    import pyarrow as pa

    return pa.Table.from_batches([batch for batch, _ in read_batches(path, suffix, 1 << 30)])


def read_batches(path: Path, suffix: str, rows: int) -> Generator[tuple[Any, float], None, None]:
    """Yield record batches of at most ``rows`` rows of a Parquet or Arrow IPC (file or stream) file, at least one.

    With each comes the share of the file read so far, 0 to 1. Nobody looks at a value before Arrow has checked all of
    its batch: in a broken file offsets may point anywhere, which would end the process.

    Raises:
        InputError: where the file is not what its name says, or is broken.
    """
    with open_input(path) as raw:  # the same words about a missing file as for any other format
        if not raw.seekable():
            raise InputError(f"{path}: expected a file, as Parquet and Arrow are read from both ends, got a pipe")
        if suffix not in ARROW_SUFFIXES:  # the format was named
            suffix = "parquet" if raw.read(4) == b"PAR1" else "arrow"
    try:
        with closing(_batches(path, suffix, rows)) as batches:
            for batch, share in batches:
                batch.validate()
                for column in batch:
                    validate(column)
                for start in range(0, max(batch.num_rows, 1), rows):
                    yield batch.slice(start, rows), share
    except InputError:
        raise
    except Exception as error:  # Arrow's readers fail in more ways than they say: KeyError, UnicodeDecodeError, ...
        what = str(error) or type(error).__name__
        raise InputError(f"{path}: expected {a(suffix)} file, got something else: {what}") from error


def _batches(path: Path, suffix: str, rows: int) -> Generator[tuple[Any, float], None, None]:
    """Yield batches as they lie in the file, unchecked; an empty one of an empty file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    done = 0
    if suffix == "parquet":
        with pq.ParquetFile(path) as file:
            schema, said = file.schema_arrow, file.metadata.num_rows
            _check_names(schema)
            for batch in _parquet_batches(file, rows):
                done += batch.num_rows
                yield batch, min(done / max(said, 1), 1.0)
            if done != said:
                raise InputError(f"{path}: expected {said:,} rows, as the file's footer says, got {done:,}")
    else:
        with pa.OSFile(str(path), "rb") as raw:
            schema, parts = _ipc_batches(raw)
            _check_names(schema)
            for batch, share in parts:
                done += batch.num_rows
                if batch.num_rows:
                    yield batch, share
    if done == 0:
        yield no_rows(schema), 1.0


def _check_names(schema: Any) -> None:
    """Look at the names of all columns, and of the fields inside: those of a broken file may be no text."""

    def look(field: Any) -> None:
        str(field.name)
        for i in range(field.type.num_fields):
            look(field.type.field(i))

    for field in schema:
        look(field)


def row_error(path: Path, error: InputError, done: int) -> InputError:
    """Return the error of rows as one of their file: sentences are counted from 1 in the message, as lines are."""
    s = error.sentence
    if s is None:
        return InputError(f"{path}: {error}", field=error.field)
    message = str(error).replace(f"sentence {s}", f"sentence {done + s + 1}", 1)
    if message == str(error):
        message = f"sentence {done + s + 1}: {message}"
    return InputError(f"{path}: {message}", field=error.field, sentence=done + s)


def _parquet_batches(file: Any, rows: int) -> Iterator[Any]:
    if not any(_has_dictionary(field.type) for field in file.schema_arrow):
        yield from file.iter_batches(batch_size=rows)
        return
    for group in range(file.num_row_groups):  # Arrow cannot join dictionaries inside lists: no batch across groups
        yield from file.iter_batches(batch_size=rows, row_groups=[group])


def _has_dictionary(kind: Any) -> bool:
    import pyarrow as pa

    inside = (kind.field(i).type for i in range(kind.num_fields))
    return pa.types.is_dictionary(kind) or any(_has_dictionary(part) for part in inside)


def _ipc_batches(raw: Any) -> tuple[Any, Iterator[tuple[Any, float]]]:
    """Return the schema, and the batches with the share of the file read."""
    import pyarrow as pa

    magic = raw.read(6)
    raw.seek(0)
    if magic == b"ARROW1":
        reader = pa.ipc.open_file(raw)
        count = reader.num_record_batches
        return reader.schema, ((reader.get_batch(i), (i + 1) / count) for i in range(count))
    stream = pa.ipc.open_stream(raw)
    return stream.schema, ((batch, raw.tell() / raw.size()) for batch in stream)


@contextmanager
def arrow_writer(path: Path, *, tidy: bool = True) -> Iterator[Callable[[Any], None]]:
    """Open a Parquet or (any other suffix) Arrow IPC file; yields the function that appends a table.

    All tables get the types of the first that has entities, so that the file is the same however its rows came in
    chunks; others before it, which cannot tell whether entities have a confidence, wait for it.
    ``tidy``: see ``whole_file``.

    Raises:
        InputError: for a name that ends in .gz or .zst, which no reader of these formats would look into; for entities
            of which other things are known than of those before.
    """
    if compression_of(path):
        raise InputError(f"{path}: expected a name without {path.suffix}: Parquet and Arrow files are not packed again")
    with whole_file(path, tidy=tidy) as out:
        writer = _ArrowWriter(out, format_suffix(path))
        try:
            yield writer.write
            writer.close()
        except BaseException:
            with suppress(Exception):  # now, not when it is collected: it writes to the file once more
                writer.abandon()
            raise


class _ArrowWriter:
    def __init__(self, out: Any, suffix: str) -> None:
        self._out = out
        self._suffix = suffix
        self._wide: bool | None = None
        self._head = HeldTables()  # the first ones, as long as they do not tell all types
        self._schema: Any = None
        self._writer: Any = None

    def write(self, table: Any) -> None:
        if self._wide is None:
            self._wide = table.nbytes > MOST_STRING_BYTES
        if self._writer is None and not has_entities(table):
            self._head.add(table.cast(_schema(table, self._wide)))
            return
        if self._writer is None:
            self._open(_schema(table, self._wide))
        check_fields(table, self._schema)
        self._writer.write_table(table.cast(self._schema))

    def _open(self, schema: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = schema
        self._writer = (pq.ParquetWriter if self._suffix == "parquet" else pa.ipc.new_file)(self._out, schema)
        for table in self._head.taken():
            self._writer.write_table(table.cast(schema))

    def close(self) -> None:
        if self._writer is None and self._head.schema is not None:
            self._open(self._head.schema)
        if self._writer is not None:
            self._writer.close()

    def abandon(self) -> None:
        self._head.close()
        if self._writer is not None:
            self._writer.close()


def _schema(table: Any, wide: bool) -> Any:
    import pyarrow as pa

    return pa.schema([pa.field(f.name, _plain(f.type, wide)) for f in table.schema])


def _plain(kind: Any, wide: bool) -> Any:
    """Return the type that all chunks of a file can have.

    Dictionaries become what they hold, as chunks may number their labels differently, and large strings become
    strings, which most chunks hold, unless the text is too long (``wide``).
    """
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type, wide)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.large_string() if wide else pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type, wide))
    if pa.types.is_large_list(kind):
        return pa.large_list(_plain(kind.value_type, wide))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _plain(f.type, wide)) for f in kind])
    return kind
