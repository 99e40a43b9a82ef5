"""What all text readers share: parse what is buffered, read on, until there are enough sentences."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence, Sized
from pathlib import Path
from typing import Generic, TypeVar

from xproj_fast.formats.streams import TextBlocks

R = TypeVar("R", bound=Sized)


class TextReader(ABC, Generic[R]):
    """Reads consecutive sentences of a text file.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._blocks = TextBlocks(path)
        self.path = path

    @property
    def share_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._blocks.share_read

    def close(self) -> None:
        """Close the file before its end; at its end and on an error it closes itself."""
        self._blocks.close()

    def read(self, count: int) -> R:
        """Return the next ``count`` sentences, fewer at the end of the file."""
        try:
            return self._read(count)
        except BaseException:
            self.close()
            raise

    def _read(self, count: int) -> R:
        parts = [self._parse(count)]
        missing = count - len(parts[0])
        while missing > 0 and not self._blocks.exhausted:
            if not self._blocks.at_end:
                self._blocks.more()
            parts.append(self._parse(missing))
            missing -= len(parts[-1])
        whole = [part for part in parts if len(part)]
        return self._join(whole or parts[-1:])

    @abstractmethod
    def _parse(self, count: int) -> R:
        """Parse and consume at most ``count`` sentences of what is buffered."""

    @abstractmethod
    def _join(self, parts: Sequence[R]) -> R:
        """Join consecutive parts."""
