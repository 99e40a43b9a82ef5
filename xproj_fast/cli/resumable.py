"""Output that survives a kill: written chunk by chunk, and gone on with where it stopped."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError, InternalError, blamed
from xproj_fast.formats.leftovers import remove, surely
from xproj_fast.formats.locks import locked
from xproj_fast.formats.outputs import linked, need_folder_of, whole_output, write_whole
from xproj_fast.formats.streams import compression_of
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.identity import difference
from xproj_fast.runs.layout import MANIFEST
from xproj_fast.runs.run_manifest import RunManifest, read_run_manifest, said_to_remove
from xproj_fast.stored_json import read_json
from xproj_fast.wording import count

MARK = "xproj_fast_partial"  # the key that only such a state has
FORMAT = 1
OUTPUT = "output"  # what the manifest calls the file


class Output:
    """Where chunks go.

    Attributes:
        complete: whether an earlier run wrote everything: nothing is left to do.
        done: sentences that an earlier run had written.
        counts: what was counted so far, interrupted runs included.
    """

    def __init__(self, write: Any, *, complete: bool = False) -> None:
        self._write = write
        self.complete = complete
        self.done = 0
        self.counts: Counter[str] = Counter()

    def append(self, data: bytes, sentences: int, counts: Mapping[str, int] | None = None) -> None:
        """Write the output of the next ``sentences`` sentences and add up their counts."""
        self._write(data)
        self.counts.update(counts or {})


class Resumable(Output):
    """A file that grows under another name; a state file beside it says how much of it counts."""

    def __init__(self, path: Path, made_from: Mapping[str, Any], lock: Any, resume: bool) -> None:
        self.path = path
        self._file = lock
        super().__init__(lock.write)
        self._made_from = json.loads(json.dumps(dict(made_from)))
        self._state = _state_of(path)
        self._bytes = 0
        if resume:
            self._restore()
        self._save()  # before anything is thrown away
        with blamed(path):
            lock.truncate(self._bytes)
            lock.seek(self._bytes)

    def append(self, data: bytes, sentences: int, counts: Mapping[str, int] | None = None) -> None:
        """Write, make sure it is on disk, then say so in the state file: never the other way round."""
        with blamed(self.path):
            super().append(data, sentences, counts)
            self._file.flush()
            os.fsync(self._file.fileno())
        self._bytes += len(data)
        self.done += sentences
        self._save()

    def finish(self) -> None:
        """Give the file its name, and say beside it what it was made from: so a later run knows that it is whole."""
        os.replace(self._file.name, self.path)
        record = {"file": self.path.name, "sha256": sha256(blocks(self.path)), "bytes": self._bytes}
        final = replace(RunManifest.fresh(self._made_from), sentences=self.done, counts=dict(self.counts))
        final.finished({OUTPUT: record}, {}, keep_parts=False).write(_manifest_of(self.path))
        self._state.unlink()

    def _restore(self) -> None:
        state = _read_state(self._state)
        if state is None:
            return  # killed before the first chunk, or never started
        wrong = difference(state["made_from"], self._made_from)
        if wrong is not None:
            raise InputError(
                f"{self.path}: expected what the interrupted run was made from, got another {wrong}; "
                f"--restart throws away its {count(state['sentences'], 'sentence')}"
            )
        size = os.path.getsize(self._file.name)
        if size < state["bytes"]:
            raise InputError(
                f"{self._file.name}: expected the {state['bytes']:,} bytes that the interrupted run wrote, got "
                f"{size:,}; --restart starts anew"
            )
        self.done, self._bytes = state["sentences"], state["bytes"]
        self.counts.update(state["counts"])

    def _save(self) -> None:
        state = {
            MARK: FORMAT,
            "made_from": self._made_from,
            "sentences": self.done,
            "bytes": self._bytes,
            "counts": dict(self.counts),
        }
        write_whole(self._state, json.dumps(state).encode())


@contextmanager
def open_output(
    path: str, made_from: Mapping[str, Any], *, resume: bool = False, restart: bool = False
) -> Iterator[Output]:
    """Open an output for appending chunks; it appears under its name when the body ends well.

    What was written before an error or a kill stays in ``<path>.partial`` for ``resume``; a file that is whole has
    ``<path>.manifest.json`` beside it, which says what it was made from. Standard output (``-``),
    compressed files and pipes cannot be gone on with: they are whole or not there.

    Args:
        path: file name or ``-``.
        made_from: what the output depends on (hashes of inputs, options, models); resuming needs the same.
        resume: go on with an interrupted run, where there is one; a finished one of the same is left alone.
        restart: throw an interrupted run away.

    Raises:
        InputError: where an interrupted run is there and neither is said, where it was made from something else,
            and while another process writes the same output.
    """
    with ExitStack() as stack:
        name = linked(Path(path))
        special = name.exists() and not name.is_file()
        if path == "-" or special or compression_of(name):
            if resume and path != "-":
                raise InputError(f"--resume: expected a plain file to go on with, got {path}")
            yield Output(stack.enter_context(whole_output(path)))
            return
        need_folder_of(name)
        partial = name.with_name(name.name + ".partial")
        _take_back(name, partial)
        final = read_run_manifest(_manifest_of(name))  # a file of another kind is never written over
        if resume and final is not None and not partial.exists() and _is_done(name, final, made_from):
            output = Output(_refuse_more, complete=True)
            output.done, output.counts = final.sentences, Counter(final.counts)
            yield output
            return
        lock = stack.enter_context(locked(partial, name))
        state = _read_state(_state_of(name))
        if state is not None and state["sentences"] and not (resume or restart):
            raise InputError(
                f"{name}: an interrupted run wrote {state['sentences']:,} sentences to {partial.name}: "
                "--resume goes on with it, --restart throws it away"
            )
        try:
            output = Resumable(name, made_from, lock, resume)
            yield output
        except BaseException:
            surely(lambda: _forget_if_empty(name, partial))
            raise
        output.finish()


def _is_done(name: Path, final: RunManifest, made_from: Mapping[str, Any]) -> bool:
    """Whether a run has finished what would be made now, and the file is what it wrote."""
    same = final.complete and final.made_from == RunManifest.fresh(made_from).made_from
    return same and name.is_file() and sha256(blocks(name)) == final.outputs.get(OUTPUT, {}).get("sha256")


def _forget_if_empty(name: Path, partial: Path) -> None:
    state = _read_state(_state_of(name))
    if state is None or not state["sentences"]:  # nothing worth keeping
        remove(partial)
        remove(_state_of(name))


def _refuse_more(data: bytes) -> None:
    raise InternalError(f"expected no more output, as it is complete, got {len(data):,} bytes")


def _take_back(name: Path, partial: Path) -> None:
    """Undo the first step of a ``finish`` that was killed before its second: the output is partial again."""
    state = _read_state(_state_of(name))
    if state is None or partial.exists() or not name.is_file() or name.stat().st_size != state["bytes"]:
        return
    with locked(name, name):  # its writer holds it until both steps are done
        if _state_of(name).exists():
            os.replace(name, partial)


def _manifest_of(name: Path) -> Path:
    return name.with_name(f"{name.name}.{MANIFEST}")


def _state_of(name: Path) -> Path:
    return name.with_name(name.name + ".partial.json")


def identity_of(path: Path) -> str:
    """Return what tells an input from another: the hash of its bytes.

    Raises:
        InputError: where there is no such file.
    """
    if not path.exists():
        raise InputError(f"{path}: expected a file, got nothing there")
    # A pipe can be read only once: a new run gets something else, so it never goes on with an old one.
    return sha256(blocks(path)) if path.is_file() else f"read from a pipe by process {os.getpid()}"


def _read_state(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    with said_to_remove(path):
        value = read_json(path)
        if not isinstance(value.value, dict) or value.value.get(MARK) != FORMAT:
            value.fail("the state of an interrupted run", "something else")
        found = value.record(MARK, "made_from", "sentences", "bytes", "counts")
        return {
            "made_from": {name: inner.value for name, inner in found["made_from"].table().items()},
            "sentences": found["sentences"].whole(),
            "bytes": found["bytes"].whole(),
            "counts": {name: number.whole() for name, number in found["counts"].table().items()},
        }
