"""Output that goes straight to standard output, a pipe or a device: nothing of it can be gone on with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES, arrow_writer
from xproj_fast.formats.outputs import linked, whole_output


class Straight(NamedTuple):
    """Such an output.

    Attributes:
        name: what the user calls it; ``"-"`` = standard output.
        suffix: of what is written there.
    """

    name: str
    suffix: str


def is_straight(output: str) -> bool:
    """Return whether an output takes no file in its place, but what is written."""
    if output == "-":
        return True
    path = linked(Path(output))
    return path.exists() and not path.is_file() and not path.is_dir()


class Written:
    """Where chunks go; see ``parts.Parts``, whose face it has."""

    complete = False

    def __init__(self, write: Callable[[Any], object], suffix: str) -> None:
        self._write, self._suffix = write, suffix
        self.done = 0
        self.counts: Counter[str] = Counter()

    def append(self, data: Mapping[str, Any], sentences: int, counts: Mapping[str, int] | None = None) -> None:
        """Write the next chunk."""
        self._write(data[self._suffix])
        self.done += sentences
        self.counts.update(counts or {})


@contextmanager
def open_straight(output: Straight, *, resume: bool = False) -> Iterator[tuple[Written, dict[str, Any]]]:
    """Open such an output; yields what ``open_parts`` does.

    Raises:
        InputError: for ``resume`` onto a pipe or a device; standard output always begins anew.
    """
    if resume and output.name != "-":
        raise InputError(f"--resume: expected a plain file to go on with, got {output.name}")
    opened = arrow_writer(Path(output.name)) if output.suffix in ARROW_SUFFIXES else whole_output(output.name)
    with opened as write:
        yield Written(write, output.suffix), {}
