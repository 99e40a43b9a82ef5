"""Output written in parts, listed by a journal: a stopped run is resumed after the last part that was recorded.

During a run, the folder ``<output>.parts`` holds ``part-000000.conll``, ... and ``journal.jsonl``, which says what they
are made from and lists every complete part. A part is on disk under its name before it is listed: whenever the process
dies, what the journal lists exists, and nothing else counts. At the end the parts are joined into the output, and a
manifest next to it replaces the journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError, InternalError
from xproj_fast.formats.arrow import ARROW_SUFFIXES, arrow_writer, read_table
from xproj_fast.formats.durable import sync_folder
from xproj_fast.formats.leftovers import remove, remove_abandoned, surely
from xproj_fast.formats.locks import locked
from xproj_fast.formats.outputs import whole_file, write_whole
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.identity import difference
from xproj_fast.runs.journal import Journal, Written, begin_journal, read_journal
from xproj_fast.runs.labelled_output import joining_writer
from xproj_fast.runs.layout import JOURNAL, MANIFEST, Layout, is_of_a_run
from xproj_fast.runs.run_manifest import RunManifest, as_stored, read_run_manifest
from xproj_fast.wording import count


class Parts:
    """The output of a run; made by ``open_parts``.

    Attributes:
        done: sentences of the input that have been written, by earlier runs too: skip them.
        counts: sums over them, by name.
        learnt: what the run has learnt from its input, by an earlier process, too; None = nothing (yet).
        complete: an earlier run finished, and nothing is left to do.
    """

    def __init__(self, layout: Layout, written: Written | RunManifest, journal: Journal | None) -> None:
        self._layout = layout
        self._written = written
        self._journal = journal

    @property
    def done(self) -> int:
        """See the class."""
        return self._written.sentences

    @property
    def started(self) -> bool:
        """Whether there is a part already, if only one of an empty input."""
        return bool(self._written.parts)

    @property
    def complete(self) -> bool:
        """See the class."""
        return self._journal is None

    @property
    def counts(self) -> Counter[str]:
        """See the class."""
        return Counter(self._written.counts)

    @property
    def learnt(self) -> Any:
        """See the class."""
        return self._written.learnt

    def learn(self, learnt: Any) -> None:
        """Record what the run has learnt, a JSON value: once, and before the first part that depends on it."""
        with self._advice():
            self._open_journal().learn(learnt)

    def append(self, data: Mapping[str, Any], sentences: int, counts: Mapping[str, int] | None = None) -> None:
        """Write the next part: bytes or an Arrow table for each output, then record it in the journal.

        Args:
            data: suffix of an output -> bytes (text formats) or ``pyarrow.Table``. No bytes = no file.
            sentences: number of input sentences that the part covers.
            counts: added to ``counts``.

        Raises:
            InputError: if it cannot be written (full disk); earlier parts stay valid.
        """
        journal = self._open_journal()
        number = len(self._written.parts)
        with self._advice():
            files = {}
            for suffix, content in data.items():
                if isinstance(content, bytes) and not content:
                    continue
                path = self._layout.part(number, suffix)
                if isinstance(content, bytes):
                    write_whole(path, content, tidy=False)
                else:
                    with arrow_writer(path, tidy=False) as write:
                        write(content)
                files[suffix] = {"sha256": sha256(blocks(path)), "bytes": path.stat().st_size}
            part = {"part": number, "sentences": sentences, "counts": dict(counts or {}), "files": files}
            journal.append(part)

    def _open_journal(self) -> Journal:
        if self._journal is None:
            raise InternalError(f"{self._layout.name}: expected no more output, as it is complete, got a part")
        return self._journal

    def finish(self, notes: Mapping[str, Any]) -> None:
        """Join the parts into the outputs, write the manifest next to them, remove the journal and what it lists."""
        layout, written = self._layout, self._written
        outputs = {}
        with self._advice():
            for suffix, target in layout.targets.items():
                if target is not None:
                    outputs[suffix] = self._join(suffix, target)
            manifest = RunManifest(
                made_from=written.made_from,
                sentences=written.sentences,
                counts=dict(written.counts),
                parts=tuple(written.parts) if layout.keeps else (),
                outputs={suffix: record for suffix, record in outputs.items() if record is not None},
                learnt=written.learnt,
                notes=notes,
                created=written.created,
            )
            manifest.write(layout.manifest)
            _forget(layout)

    def _join(self, suffix: str, target: Path) -> dict[str, Any] | None:
        """Join the parts of one output; returns its record, or None if there is none."""
        parts = [
            self._checked(number, suffix, part["files"][suffix])
            for number, part in enumerate(self._written.parts)
            if suffix in part["files"]
        ]
        if not parts and suffix in self._layout.only_if_any:
            target.unlink(missing_ok=True)  # of an earlier run
            return None
        kind = suffix.rpartition(".")[2]
        if kind in ARROW_SUFFIXES:
            with (joining_writer(suffix) or arrow_writer)(target) as write:
                for part in parts:
                    write(read_table(part, kind))
        else:
            with whole_file(target) as out:
                for part in parts:
                    out.write(part.read_bytes())
        return {"file": target.name, "sha256": sha256(blocks(target)), "bytes": target.stat().st_size}

    def _checked(self, number: int, suffix: str, record: Mapping[str, Any]) -> Path:
        path = self._layout.part(number, suffix)
        if not path.is_file() or sha256(blocks(path)) != record["sha256"]:
            raise InputError(f"{path}: expected the part the journal lists, got another or none; --restart starts over")
        return path

    @contextmanager
    def _advice(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            safe = f"{self.done:,} sentences are safe in {self._layout.folder}, --resume continues after them"
            raise InputError(
                f"{error.filename or self._layout.folder}: could not be written: {error.strerror or error}"
                + (f" ({safe})" if self.done else "")
            ) from error


@contextmanager
def open_parts(
    layout: Layout, made_from: Mapping[str, Any], *, resume: bool = False, restart: bool = False
) -> Iterator[tuple[Parts, dict[str, Any]]]:
    """Open an output for parts; if the body ends without an error, they become the output.

    Args:
        layout: where everything goes.
        made_from: what the output depends on (hashes of inputs, options, models), as JSON values; a run is resumed only
            with the same.
        resume: continue an interrupted run, if there is one; leave a finished one of the same inputs alone.
        restart: discard an interrupted run.

    Yields:
        The parts, and a dictionary of notes (seconds, devices) for the manifest.

    Raises:
        InputError: if there is an interrupted run and neither ``resume`` nor ``restart`` is given; if it was made from
            something else; if a recorded part is missing; if the journal or manifest is not a run's; and while another
            process writes the same output.
    """
    layout.check()
    with locked(layout.lock, layout.name):
        layout.folder.mkdir(exist_ok=True)  # now, as the last holder of the lock may have removed it
        sync_folder(layout.folder.parent)
        remove_abandoned(layout.half_written())
        try:
            begun = _begin(layout, as_stored(made_from), resume, restart)
            notes: dict[str, Any] = {}
            if isinstance(begun, RunManifest):
                _forget(layout)  # what a kill behind the last word left
                yield Parts(layout, begun, None), notes
                return
            with Journal(layout.journal, begun) as journal:
                parts = Parts(layout, begun, journal)
                try:
                    yield parts, notes
                except BaseException:
                    if not parts.started:  # nothing worth keeping
                        _forget(layout)
                    raise
            parts.finish(notes)
        finally:
            surely(lambda: remove(layout.lock))


def _begin(layout: Layout, made_from: Mapping[str, Any], resume: bool, restart: bool) -> Written | RunManifest:
    """Return the run to continue (interrupted or new), or the manifest of a finished one."""
    before = read_journal(layout.journal)
    final = read_run_manifest(layout.manifest)  # an exported model has one of another kind: never written over
    if before is None and final is not None and not restart:
        if layout.keeps and not resume:
            raise InputError(
                f"{layout.name}: holds a finished output of {count(final.sentences, 'sentence')} in {layout.folder}: "
                "--restart replaces it"
            )
        if layout.keeps:
            _check_same(layout, final, made_from)
            _check_parts(layout, final)
        if resume and final.made_from == made_from and _is_there(layout, final):
            return final
    if before is not None and before.parts and not restart:
        if not resume:
            raise InputError(
                f"{layout.name}: an interrupted run wrote {count(before.sentences, 'sentence')} in {layout.folder}: "
                "--resume continues it, --restart discards it"
            )
        _check_same(layout, before, made_from)
        _check_parts(layout, before)
        return before
    begun = begin_journal(layout.journal, made_from)  # first: whenever this is interrupted, the folder is known as ours
    if layout.keeps:
        layout.manifest.unlink(missing_ok=True)  # it lists the parts that are removed now
        sync_folder(layout.folder)
    _remove_unknown(layout.folder, {JOURNAL})
    return begun


def _check_same(layout: Layout, before: Written | RunManifest, made_from: Mapping[str, Any]) -> None:
    wrong = difference(before.made_from, made_from)
    if wrong is not None:
        raise InputError(
            f"{layout.name}: expected what the interrupted run was made from, got another {wrong}; "
            f"--restart discards its {count(before.sentences, 'sentence')}"
        )


def _check_parts(layout: Layout, before: Written | RunManifest) -> None:
    """Check that recorded parts exist, and remove unrecorded ones, which a kill left behind."""
    known = {JOURNAL, MANIFEST}
    for number, part in enumerate(before.parts):
        for suffix, record in part["files"].items():
            path = layout.part(number, suffix)
            known.add(path.name)
            size = path.stat().st_size if path.is_file() else None
            if size != record["bytes"]:
                got = "nothing there" if size is None else f"{size:,}"
                raise InputError(f"{path}: expected {record['bytes']:,} bytes, got {got}; --restart starts over")
    _remove_unknown(layout.folder, known)


def _is_there(layout: Layout, final: RunManifest) -> bool:
    """Whether all outputs of a finished run exist, unchanged."""
    found = {suffix: target for suffix, target in layout.targets.items() if target is not None}
    return all(
        found[suffix].is_file() and sha256(blocks(found[suffix])) == record["sha256"]
        for suffix, record in final.outputs.items()
        if suffix in found
    )


def _forget(layout: Layout) -> None:
    """Remove the journal, then the parts unless they are the output: in this order a kill leaves nothing listed."""
    layout.journal.unlink(missing_ok=True)
    sync_folder(layout.folder)
    if not (layout.keeps and layout.manifest.is_file()):
        _remove_unknown(layout.folder, set())
        with suppress(OSError):
            layout.folder.rmdir()


def _remove_unknown(folder: Path, known: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in known and is_of_a_run(path):
            path.unlink()
