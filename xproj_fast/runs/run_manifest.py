"""The manifest of a finished run: what its output was made from, what is written, what was counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xproj_fast import __version__
from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import write_whole
from xproj_fast.stored_json import Value, read_json

MARK = "xproj_fast_run"  # the key that only such a manifest has
FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunManifest:
    """What ``manifest.json`` holds; it is written last, so where it is, all of the input was done.

    Attributes:
        made_from: what the output depends on; nested, JSON values only.
        sentences: of the input.
        counts: sums over them, by name.
        parts: where they stay as the output: one record per part, see ``journal.Written``.
        outputs: by suffix, name, hash and size of what the parts became.
        learnt: what the run has learnt from its input, a JSON value, such as the weights of a score; None = nothing.
        notes: seconds per stage and other things that no output depends on.
        created: when the run was begun, in ISO 8601, UTC.
        updated: when the manifest was written: the run was finished.
    """

    made_from: Mapping[str, Any]
    sentences: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Mapping[str, Any], ...] = ()
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    learnt: Any = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    updated: str = ""

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        data = {MARK: FORMAT} | asdict(self) | {"updated": now()}
        write_whole(path, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


def read_run_manifest(path: Path) -> RunManifest | None:
    """Read a manifest; None where there is none.

    Raises:
        InputError: for a file that is something else, naming what in it no run has written.
    """
    if not path.exists():
        return None
    with said_to_remove(path):
        value = read_json(path)
        if not isinstance(value.value, dict) or value.value.get(MARK) != FORMAT:
            value.fail("the manifest of a run", "something else")
        found = value.record(MARK, *(known.name for known in fields(RunManifest)))
        parts = tuple(part_of(part, number) for number, part in enumerate(found["parts"].items()))
        sentences = found["sentences"].whole()
        if parts and sum(part["sentences"] for part in parts) != sentences:
            found["sentences"].fail(f"the sum over the parts, {sum(part['sentences'] for part in parts):,}")
        return RunManifest(
            made_from=found["made_from"].mapping(),
            sentences=sentences,
            counts={name: number.whole() for name, number in found["counts"].table().items()},
            parts=parts,
            outputs={name: _file(record, "file") for name, record in found["outputs"].table().items()},
            learnt=found["learnt"].value,
            notes=found["notes"].mapping(),
            created=found["created"].text(),
            updated=found["updated"].text(),
        )


@contextmanager
def said_to_remove(path: Path) -> Iterator[None]:
    """Say what to do about a file of ours that was changed, or is not ours."""
    try:
        yield
    except (InputError, OSError) as error:
        why = str(error) if isinstance(error, InputError) else f"{path}: could not be read: {error.strerror}"
        raise InputError(f"{why}; remove it to start over") from None


def part_of(value: Value, number: int) -> Mapping[str, Any]:
    """Return the record of the part with this number: its sentences, its counts, and hash and size of its files."""
    found = value.record("part", "sentences", "counts", "files")
    if found["part"].whole() != number:
        found["part"].fail(f"{number}")
    files = {}
    for suffix, record in found["files"].table().items():
        if not re.fullmatch(r"\w[\w.-]*", suffix):  # it becomes the end of a file name
            record.fail("a suffix", "one that no run has")
        files[suffix] = _file(record)
    return {
        "part": number,
        "sentences": found["sentences"].whole(),
        "counts": {name: value.whole() for name, value in found["counts"].table().items()},
        "files": files,
    }


def _file(value: Value, *more: str) -> Mapping[str, Any]:
    found = value.record(*more, "sha256", "bytes")
    texts = {name: found[name].text() for name in (*more, "sha256")}
    return texts | {"bytes": found["bytes"].whole()}


def as_stored(made_from: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an output depends on as it will be read back, where tuples are lists; this version is part of it."""
    values: Mapping[str, Any] = json.loads(json.dumps({"xproj_fast": __version__} | dict(made_from)))
    return values


def now() -> str:
    """Return the time."""
    return datetime.now(UTC).isoformat(timespec="seconds")
