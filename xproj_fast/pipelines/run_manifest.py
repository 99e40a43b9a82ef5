"""The manifest of a run: what its output was made from, what is written, what was counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xproj_fast import __version__
from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import write_whole

FORMAT = 1
SHOWN = 60  # characters of a value in an error


@dataclass(frozen=True, slots=True)
class RunManifest:
    """What ``manifest.json`` holds.

    Attributes:
        made_from: what the output depends on; nested, JSON values only.
        complete: whether all of the input was done.
        sentences: of the input that are done.
        counts: sums over them, by name.
        parts: one record a part, in order: its sentences and, by suffix, hash and size of its files.
        outputs: of a complete run: by suffix, name, hash and size of what the parts became.
        notes: of a complete run: seconds a stage and other things that no output depends on.
        created: when it was begun, in ISO 8601, UTC.
        updated: when it was written last.
    """

    made_from: Mapping[str, Any]
    complete: bool = False
    sentences: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Mapping[str, Any], ...] = ()
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    updated: str = ""

    @classmethod
    def fresh(cls, made_from: Mapping[str, Any]) -> RunManifest:
        """Return that of a run that has done nothing yet."""
        values = {"xproj_fast": __version__} | dict(made_from)
        return cls(json.loads(json.dumps(values)), created=_now())  # as it will be read back: tuples become lists

    def with_part(self, part: Mapping[str, Any], counts: Mapping[str, int]) -> RunManifest:
        """Return the manifest with one more part."""
        total = Counter(self.counts)
        total.update(counts)
        return replace(
            self, sentences=self.sentences + part["sentences"], counts=dict(total), parts=(*self.parts, part)
        )

    def finished(self, outputs: Mapping[str, Any], notes: Mapping[str, Any], keep_parts: bool) -> RunManifest:
        """Return the manifest of the complete output; parts that were joined are no longer listed."""
        return replace(self, complete=True, outputs=outputs, notes=notes, parts=self.parts if keep_parts else ())

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        data = {"xproj_fast_run": FORMAT} | asdict(self) | {"updated": _now()}
        write_whole(path, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


def read_run_manifest(path: Path) -> RunManifest | None:
    """Read a manifest; None where there is none.

    Raises:
        InputError: for a file that is something else.
    """
    try:
        data = json.loads(path.read_bytes())
        if data.pop("xproj_fast_run") == FORMAT:
            data["parts"] = tuple(data["parts"])
            return RunManifest(**{known.name: data[known.name] for known in fields(RunManifest)})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise InputError(f"{path}: expected the manifest of a run, got something else; remove it to start anew")


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Return the first thing that differs between what two runs are made from, and how; None = nothing."""
    old, new = _flat(before), _flat(now)
    for name in [*new, *(name for name in old if name not in new)]:
        if old.get(name) != new.get(name):
            return f"{name}, got {_short(new.get(name))} where the interrupted run had {_short(old.get(name))}"
    return None


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found.update(_flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value})
    return found


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
