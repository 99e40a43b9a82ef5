"""Output in parts beside a manifest: what was written stays, and a stopped run goes on behind it.

While a run is under way, the folder ``<output>.parts`` holds ``part-000000.conll``, ... and ``manifest.json``, which
says what they were made from and lists every whole part. A part is written whole, then recorded, both by a rename:
whenever the process dies, what the manifest lists is there, and nothing else counts. In the end the parts are joined
into the output, and its manifest stays beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES, arrow_writer, read_table
from xproj_fast.formats.durable import sync_folder
from xproj_fast.formats.leftovers import remove, remove_abandoned, surely
from xproj_fast.formats.locks import locked
from xproj_fast.formats.outputs import whole_file, write_whole
from xproj_fast.formats.streams import format_suffix
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.identity import difference
from xproj_fast.runs.layout import MANIFEST, Layout, is_of_a_run
from xproj_fast.runs.run_manifest import RunManifest, read_run_manifest
from xproj_fast.wording import count


class Parts:
    """Where chunks go; made by ``open_parts``.

    Attributes:
        done: sentences of the input that are written, those of earlier runs included: skip them.
        counts: what was counted so far, earlier runs included.
        complete: whether an earlier run wrote everything: nothing is left to do.
    """

    def __init__(self, layout: Layout, manifest: RunManifest) -> None:
        self._layout = layout
        self._manifest = manifest

    @property
    def done(self) -> int:
        """See the class."""
        return self._manifest.sentences

    @property
    def started(self) -> bool:
        """Whether there is a part already, if only one of an empty input."""
        return bool(self._manifest.parts)

    @property
    def complete(self) -> bool:
        """See the class."""
        return self._manifest.complete

    @property
    def counts(self) -> Counter[str]:
        """See the class."""
        return Counter(self._manifest.counts)

    def append(self, data: Mapping[str, Any], sentences: int, counts: Mapping[str, int] | None = None) -> None:
        """Write the next part: bytes or an Arrow table for each output, then say in the manifest that it is whole.

        Args:
            data: suffix of an output -> bytes (text formats) or ``pyarrow.Table``. No bytes = no file.
            sentences: of the input, that these are the output of.
            counts: are added to ``counts``.

        Raises:
            InputError: where it cannot be written (full disk): the parts before it stay valid.
        """
        number = len(self._manifest.parts)
        with self._advice():
            files = {}
            for suffix, content in data.items():
                if isinstance(content, bytes) and not content:
                    continue
                path = self._layout.part(number, suffix)
                if isinstance(content, bytes):
                    write_whole(path, content)
                else:
                    with arrow_writer(path) as write:
                        write(content)
                files[suffix] = {"sha256": sha256(blocks(path)), "bytes": path.stat().st_size}
            added = self._manifest.with_part({"sentences": sentences, "files": files}, counts or {})
            added.write(self._layout.folder / MANIFEST)
        self._manifest = added

    def finish(self, notes: Mapping[str, Any]) -> None:
        """Join the parts into the outputs, write the manifest beside them, remove the parts."""
        layout = self._layout
        outputs = {}
        with self._advice():
            for suffix, target in layout.targets.items():
                if target is not None:
                    outputs[suffix] = self._join(suffix, target)
            final = self._manifest.finished({k: v for k, v in outputs.items() if v is not None}, notes, layout.keeps)
            final.write(layout.manifest)
            if not layout.keeps:
                clear(layout.folder)
                _remove_if_empty(layout.folder)
        self._manifest = final

    def _join(self, suffix: str, target: Path) -> dict[str, Any] | None:
        """Put all parts of one output together; returns its record, or None where there is nothing."""
        parts = [
            self._checked(number, suffix, part["files"][suffix])
            for number, part in enumerate(self._manifest.parts)
            if suffix in part["files"]
        ]
        if not parts and suffix in self._layout.only_if_any:
            target.unlink(missing_ok=True)  # of an earlier run
            return None
        if format_suffix(target) in ARROW_SUFFIXES:
            with arrow_writer(target) as write:
                for part in parts:
                    write(read_table(part, format_suffix(target)))
        else:
            with whole_file(target) as out:
                for part in parts:
                    out.write(part.read_bytes())
        return {"file": target.name, "sha256": sha256(blocks(target)), "bytes": target.stat().st_size}

    def _checked(self, number: int, suffix: str, record: Mapping[str, Any]) -> Path:
        path = self._layout.part(number, suffix)
        if not path.is_file() or sha256(blocks(path)) != record["sha256"]:
            raise InputError(
                f"{path}: expected the part the manifest lists, got another or none; --restart makes it anew"
            )
        return path

    @contextmanager
    def _advice(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            safe = f"{self.done:,} sentences are safe in {self._layout.folder}, --resume goes on behind them"
            raise InputError(
                f"{error.filename or self._layout.folder}: could not be written: {error.strerror or error}"
                + (f" ({safe})" if self.done else "")
            ) from error


@contextmanager
def open_parts(
    layout: Layout, made_from: Mapping[str, Any], *, resume: bool = False, restart: bool = False
) -> Iterator[tuple[Parts, dict[str, Any]]]:
    """Open an output for parts; when the body ends well they become the output.

    Args:
        layout: what goes where.
        made_from: what the output depends on (hashes of inputs, options, models), as JSON values; resuming needs the
            same.
        resume: go on with an interrupted run, where there is one; a finished one of the same inputs is left alone.
        restart: throw an interrupted run away.

    Yields:
        The parts, and a dictionary of notes (seconds, devices) that go into the final manifest.

    Raises:
        InputError: where an interrupted run is there and neither is said, where it was made from something else,
            where a recorded part is missing, where the manifest is no run's, and while another process writes the
            same output.
    """
    layout.check()
    with locked(layout.lock, layout.name):
        layout.folder.mkdir(exist_ok=True)  # now, as the last holder of the lock may have removed it
        sync_folder(layout.folder.parent)
        remove_abandoned(layout.half_written())
        try:
            manifest = _begin(layout, RunManifest.fresh(made_from), resume, restart)
            parts, notes = Parts(layout, manifest), dict[str, Any]()
            if manifest.complete:
                if not layout.keeps:
                    clear(layout.folder)  # what a kill behind the last word left
                    _remove_if_empty(layout.folder)
                yield parts, notes
                return
            try:
                yield parts, notes
            except BaseException:
                if not parts.started:  # nothing worth keeping
                    clear(layout.folder)
                    _remove_if_empty(layout.folder)
                raise
            parts.finish(notes)
        finally:
            surely(lambda: remove(layout.lock))


def _begin(layout: Layout, fresh: RunManifest, resume: bool, restart: bool) -> RunManifest:
    """Return the manifest to go on with: an interrupted run's, a finished one's, or a fresh one."""
    before = read_run_manifest(layout.folder / MANIFEST)
    final = read_run_manifest(layout.manifest)  # an exported model has one of another kind: never written over
    if before is None and resume and final is not None and _is_done(layout, final, fresh):
        return final
    if before is not None and before.parts and not restart:
        if not resume:
            what = "holds a finished output of" if before.complete else "an interrupted run wrote"
            ways = "--restart replaces it" if before.complete else "--resume goes on with it, --restart throws it away"
            raise InputError(f"{layout.name}: {what} {before.sentences:,} sentences in {layout.folder}: {ways}")
        wrong = difference(before.made_from, fresh.made_from)
        if wrong is not None:
            raise InputError(
                f"{layout.name}: expected what the interrupted run was made from, got another {wrong}; "
                f"--restart throws away its {count(before.sentences, 'sentence')}"
            )
        _check_parts(layout, before)
        return before
    fresh.write(layout.folder / MANIFEST)  # first: whenever this is interrupted, what is there is known to be ours
    _remove_unknown(layout.folder, {MANIFEST})
    return fresh


def _check_parts(layout: Layout, manifest: RunManifest) -> None:
    """Check that what is recorded is there, and remove what is not recorded: what a kill left half-written."""
    known = {MANIFEST}
    for number, part in enumerate(manifest.parts):
        for suffix, record in part["files"].items():
            path = layout.part(number, suffix)
            known.add(path.name)
            size = path.stat().st_size if path.is_file() else None
            if size != record["bytes"]:
                got = "nothing there" if size is None else f"{size:,}"
                raise InputError(f"{path}: expected {record['bytes']:,} bytes, got {got}; --restart starts anew")
    _remove_unknown(layout.folder, known)


def _is_done(layout: Layout, final: RunManifest, fresh: RunManifest) -> bool:
    """Whether a run has finished what would be made now, and its outputs are all there, unchanged."""
    if not final.complete or layout.keeps or final.made_from != fresh.made_from:
        return False
    found = {suffix: target for suffix, target in layout.targets.items() if target is not None}
    return all(
        found[suffix].is_file() and sha256(blocks(found[suffix])) == record["sha256"]
        for suffix, record in final.outputs.items()
        if suffix in found
    )


def clear(folder: Path) -> None:
    """Remove the manifest first, then the parts: without it they are nothing, whenever this is interrupted."""
    (folder / MANIFEST).unlink(missing_ok=True)
    sync_folder(folder)
    _remove_unknown(folder, set())


def _remove_unknown(folder: Path, known: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in known and is_of_a_run(path):
            path.unlink()


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
