"""The journal of an unfinished run: what its output is made from, what it has learnt, and one line per complete part.

A line is appended and synced once the files of its part are on disk. So it holds true whenever the process dies, and
the cost of a part does not depend on how many came before. A last line without a line break was cut short by a kill:
its part is not done.

What a run learns from its input (the weights of a score, say) stands in a line of its own, before the first part that
depends on it: a run that is resumed goes on with it, rather than learn something else from what is left.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from xproj_fast.errors import InputError, InternalError, blamed
from xproj_fast.formats.outputs import NamedFile, write_whole
from xproj_fast.runs.run_manifest import now, part_of, said_to_remove
from xproj_fast.stored_json import read_json_lines

MARK = "xproj_fast_journal"  # the key that only the first line of such a file has
FORMAT = 1
LEARNT = "learnt"  # the one key of the line that says so


@dataclass(slots=True)
class Written:
    """What is done so far.

    Attributes:
        made_from: what the output depends on; nested, JSON values only.
        created: when the run was begun, in ISO 8601, UTC.
        parts: one record per part, in order: its number, sentences, counts, and hash and size of each of its files.
        counts: sums over the parts, by name.
        sentences: of the input that are done.
        learnt: what the run has learnt, a JSON value; None = nothing (yet).
        length: bytes of the journal up to the end of its last complete line.
    """

    made_from: Mapping[str, Any]
    created: str
    parts: list[Mapping[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    learnt: Any = None
    length: int = 0

    def add(self, part: Mapping[str, Any]) -> None:
        """Count one more part."""
        self.parts.append(part)
        self.counts.update(part["counts"])
        self.sentences += part["sentences"]


def begin_journal(path: Path, made_from: Mapping[str, Any]) -> Written:
    """Write the journal of a new run; it replaces any other."""
    written = Written(made_from, now())
    line = _line({MARK: FORMAT, "made_from": made_from, "created": written.created})
    write_whole(path, line, tidy=False)
    written.length = len(line)
    return written


def read_journal(path: Path) -> Written | None:
    """Read a journal; None where there is none.

    Raises:
        InputError: if it is something else, naming the line that no run has written.
    """
    if not path.exists():
        return None
    with said_to_remove(path):
        written: Written | None = None
        for value, end in read_json_lines(path):
            if written is None:
                if not isinstance(value.value, dict) or value.value.get(MARK) != FORMAT:
                    value.fail("the journal of a run", "something else")
                found = value.record(MARK, "made_from", "created")
                found["made_from"].table()
                written = Written(found["made_from"].value, found["created"].text())
            elif isinstance(value.value, dict) and LEARNT in value.value:
                if written.learnt is not None:
                    value.fail("what a run has learnt once", "it a second time")
                written.learnt = value.record(LEARNT)[LEARNT].some()
            else:
                written.add(part_of(value, len(written.parts)))
            written.length = end
        if written is None:
            raise InputError(f"{path}: expected the journal of a run, got no whole line")
        return written


class Journal:
    """A journal opened for appending; use it as a context manager."""

    def __init__(self, path: Path, written: Written) -> None:
        with blamed(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        self._file = NamedFile(descriptor, path)
        self._path = path
        self.written = written

    def __enter__(self) -> Journal:
        try:
            self._cut()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, part: Mapping[str, Any]) -> None:
        """Record a part, whose files must be on disk; after any error it is not recorded."""
        self._write(part)
        self.written.add(part)

    def learn(self, learnt: Any) -> None:
        """Record what the run has learnt: once, and before the first part that depends on it."""
        if self.written.learnt is not None:
            raise InternalError(f"{self._path}: expected to learn once, got something learnt again")
        self._write({LEARNT: learnt})
        self.written.learnt = learnt

    def _write(self, record: Mapping[str, Any]) -> None:
        line = _line(record)
        try:
            left = memoryview(line)
            while left:
                left = left[self._file.write(left) :]
            with blamed(self._path):
                os.fsync(self._file.fileno())
        except BaseException:
            with suppress(OSError):
                self._cut()
            raise
        self.written.length += len(line)

    def _cut(self) -> None:
        """Drop what follows the last complete line."""
        with blamed(self._path):
            self._file.truncate(self.written.length)


def _line(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()
