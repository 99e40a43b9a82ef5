"""A dataset to a folder of Parquet: each row once, however often the run was killed; a manifest when all is done."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.distributed.actors import counts_of
from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import write_whole
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.identity import difference
from xproj_fast.packages import need
from xproj_fast.runs.layout import MANIFEST
from xproj_fast.runs.run_manifest import RunManifest, as_stored, read_run_manifest
from xproj_fast.stored_json import read_json
from xproj_fast.wording import count

if TYPE_CHECKING:
    from ray.data import Dataset

PENDING = ".pending.parquet"  # of what Ray notes before a file is written
REMEMBERED = "_xproj_fast_made_from"
ROWS_AT_ONCE = 65_536  # of the output, which are counted together


def write(
    ds: Dataset,
    folder: str | Path,
    *,
    id: str = "id",
    made_from: Mapping[str, Any] | None = None,
    resume: bool = False,
    restart: bool = False,
    prefix: str = "",
) -> dict[str, Any]:
    """Write a dataset as Parquet files; a run that was killed is gone on with, and every row is written once.

    Ray notes the ids of a block before its file is written and again behind it (``CheckpointConfig``, in a hidden
    folder beside the output): on resuming, files of blocks without the second note are removed and made again, whoever
    has been killed, whenever. ``<folder>.manifest.json`` is written last: where it is, all is there.

    Args:
        ds: rows with an id, a number or a string, that the same input has again: each its own, or that of all that was
            made of one row (of a sentence in several languages).
        folder: new or empty, on a file system that all machines share.
        id: the column of ids.
        made_from: what the rows depend on, as JSON values: the name and version of the input, above all. Options and
            models of ``label``, ``augment`` and ``project`` are known, if ``ds`` is what these returned. A run is
            resumed with the same alone.
        resume: continue a run that was stopped, if there is one; leave a finished one alone.
        restart: remove what a run wrote.
        prefix: of the columns that labels are in, for what is counted.

    Returns:
        The summary: ``output``, ``rows``, ``spans``, ``errors`` and their reasons (``error:<reason>``), ``files``,
        ``resumed`` (files that were there), ``complete`` (nothing was left to do), ``seconds``.

    Raises:
        InputError: for a folder with something else in it, a stopped run without ``resume``, one that was made from
            something else, and a dataset without ids.
        MissingDependencyError: without Ray.
    """
    need("ray.data", "ray")
    from ray.data.checkpoint import CheckpointConfig

    started = time.perf_counter()
    target = Path(folder).absolute()
    notes = target.with_name(f".{target.name}.checkpoint")  # beside it: the folder holds what was asked for alone
    begun = notes.with_name(f".{target.name}.run.json")
    told = as_stored({"pipeline": "ray"} | getattr(ds, REMEMBERED, {}) | {"made_from": dict(made_from or {})})
    if restart:
        _remove(target, notes, begun)
    final = read_run_manifest(_manifest_of(target))
    if final is not None:
        _check_same(target, final.made_from, told)
        if not resume:
            raise InputError(
                f"{target}: holds a finished output of {count(final.sentences, 'row')}: restart replaces it"
            )
        _remove_notes(notes, begun)  # what a kill behind the last word left
        return _summary(target, final, started, resumed=len(final.outputs), complete=True)
    schema = ds.schema(fetch_if_missing=False)  # None where only running it would tell
    if schema is not None and id not in schema.names:
        got = ", ".join(schema.names)
        raise InputError(f"id: expected a column {id!r} that tells rows from each other, got {got}", field="id")
    if begun.is_file():
        if not resume:
            raise InputError(f"{target}: a stopped run wrote to it: resume continues it, restart discards it")
        _check_same(target, read_json(begun).mapping(), told)
        check_ids(_done(target, notes), id)
    else:
        if target.is_dir() and any(target.iterdir()):
            raise InputError(
                f"{target}: expected a new or empty folder, got one with {next(target.iterdir()).name} in it"
            )
        target.mkdir(parents=True, exist_ok=True)
        write_whole(begun, (json.dumps(told, ensure_ascii=False) + "\n").encode())
    before = len(_files(target))
    ds.context.checkpoint_config = CheckpointConfig(
        id,
        str(notes),
        delete_checkpoint_on_success=False,  # a kill before the manifest would lose what was done
    )
    try:
        ds.write_parquet(str(target))
    finally:
        ds.context.checkpoint_config = None
    begin = datetime.fromtimestamp(begun.stat().st_mtime, UTC).isoformat(timespec="seconds")
    manifest = _manifest(target, told, prefix, begin, time.perf_counter() - started)
    manifest.write(_manifest_of(target))
    _remove_notes(notes, begun)
    return _summary(target, manifest, started, resumed=before, complete=False)


def remembered(ds: Dataset, made_from: Mapping[str, Any]) -> Dataset:
    """Return a dataset that ``write`` knows what it was made from."""
    setattr(ds, REMEMBERED, dict(made_from))
    return ds


def _done(target: Path, notes: Path) -> list[Path]:
    """Return the files that Ray keeps: not those that were noted before they were written, and not after."""
    pending = tuple(path.name.removesuffix(PENDING) for path in notes.glob(f"*{PENDING}"))
    return [path for path in _files(target) if not path.name.startswith(pending)]


def check_ids(files: Sequence[Path], id: str) -> None:
    """Check that no id is in two files: one of them done, the rest of its rows would be taken for done as well.

    Raises:
        InputError: naming an id, and both files; for a null.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found = {}
    for path in files:
        with suppress(pa.ArrowInvalid):  # a kill left it half-written: Ray removes it
            found[path.name] = pc.unique(pq.read_table(path, columns=[id])[id])
    for name, ids in found.items():
        if ids.null_count:
            raise InputError(f"{id}: expected an id in every row, got null in {name}; restart discards it", field="id")
    seen = pa.chunked_array(list(found.values())) if found else pa.chunked_array([], pa.string())
    if pc.count_distinct(seen, mode="all").as_py() == len(seen):
        return
    counts = pc.value_counts(seen)
    twice = next(row["values"] for row in counts.to_pylist() if row["counts"] > 1)
    names = [name for name, ids in found.items() if twice in ids.to_pylist()]
    raise InputError(
        f"{id}: expected ids of their own, got {twice!r} in {names[0]} and {names[1]}: nobody can tell what a stopped "
        "run did; restart discards it",
        field="id",
    )


def _manifest_of(target: Path) -> Path:
    """Return where the manifest goes: beside the folder, all of whose files are then Parquet, as readers expect."""
    return target.with_name(f"{target.name}.{MANIFEST}")


def _files(target: Path) -> list[Path]:
    return sorted(target.glob("*.parquet"))


def _manifest(target: Path, made_from: Mapping[str, Any], prefix: str, begin: str, seconds: float) -> RunManifest:
    """Return what is there: counted in the files themselves, so that it holds for all runs together."""
    import pyarrow.parquet as pq

    found, outputs, rows = Counter[str](), {}, 0
    for path in _files(target):
        with pq.ParquetFile(path) as file:
            wanted = [name for name in (f"{prefix}spans", f"{prefix}error") if name in file.schema_arrow.names]
            rows += file.metadata.num_rows
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=wanted):
                found.update(counts_of(batch, prefix))
                if f"{prefix}error" in wanted:
                    found.update(f"error:{_reason(told)}" for told in batch[f"{prefix}error"].to_pylist() if told)
        outputs[path.name] = {"file": path.name, "sha256": sha256(blocks(path)), "bytes": path.stat().st_size}
    return RunManifest(
        made_from, rows, dict(found), outputs=outputs, notes={"seconds": {"ray": round(seconds, 3)}}, created=begin
    )


def _reason(told: str) -> str:
    """Return what kind an error is of: without what stood there, of which each has its own."""
    if told.startswith("not translated: "):
        return told.split(": ", 2)[1]
    return told.split(":", 1)[0]  # the column at fault


def _check_same(target: Path, before: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    wrong = difference(before, told)
    if wrong is not None:
        raise InputError(
            f"{target}: expected what the run before was made from, got another {wrong}; restart discards it"
        )


def _remove_notes(notes: Path, begun: Path) -> None:
    shutil.rmtree(notes, ignore_errors=True)
    begun.unlink(missing_ok=True)  # last: as long as it is there, the notes count


def _remove(target: Path, notes: Path, begun: Path) -> None:
    """Remove what a run wrote, and nothing else."""
    if not begun.is_file() and not (_manifest_of(target)).is_file():
        return
    (_manifest_of(target)).unlink(missing_ok=True)
    for path in _files(target):
        path.unlink()
    _remove_notes(notes, begun)


def _summary(target: Path, final: RunManifest, started: float, *, resumed: int, complete: bool) -> dict[str, Any]:
    return {
        "output": str(target),
        "rows": final.sentences,
        **final.counts,
        "files": len(final.outputs),
        "resumed": resumed,
        "complete": complete,
        "seconds": round(time.perf_counter() - started, 3),
    }
