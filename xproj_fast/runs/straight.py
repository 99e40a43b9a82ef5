"""Output that goes straight to standard output, a pipe or a device, and so cannot be resumed."""

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
    """Return whether an output is standard output, a pipe or a device, which no file can replace."""
    if output == "-":
        return True
    path = linked(Path(output))
    return path.exists() and not path.is_file() and not path.is_dir()


class Written:
    """The output of a run, with the interface of ``parts.Parts``."""

    complete = False

    def __init__(self, write: Callable[[Any], object], suffix: str) -> None:
        self._write, self._suffix = write, suffix
        self.done = 0
        self.learnt: Any = None
        self.counts: Counter[str] = Counter()

    def learn(self, learnt: Any) -> None:
        """Keep what the run has learnt for its summary."""
        self.learnt = learnt

    def append(self, data: Mapping[str, Any], sentences: int, counts: Mapping[str, int] | None = None) -> None:
        """Write the next chunk."""
        self._write(data[self._suffix])
        self.done += sentences
        self.counts.update(counts or {})


@contextmanager
def open_straight(output: Straight, *, resume: bool = False) -> Iterator[tuple[Written, dict[str, Any]]]:
    """Open such an output; yields what ``open_parts`` does.

    Raises:
        InputError: for ``resume`` with a pipe or a device; standard output always starts over.
    """
    if resume and output.name != "-":
        raise InputError(f"--resume: expected a plain file to continue, got {output.name}")
    opened = arrow_writer(Path(output.name)) if output.suffix in ARROW_SUFFIXES else whole_output(output.name)
    with opened as write:
        yield Written(write, output.suffix), {}
