"""What all text readers share: look, then parse what is buffered and read on until there are enough sentences."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence, Sized
from pathlib import Path
from typing import Generic, TypeVar

from xproj_fast.formats.streams import TextBlocks
from xproj_fast.wording import shown

R = TypeVar("R", bound=Sized)

logger = logging.getLogger(__name__)


class TextReader(ABC, Generic[R]):
    """Reads consecutive sentences of a text file.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._blocks = TextBlocks(path)
        self.path = path
        self._looked = self._told = False

    @property
    def share_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._blocks.share_read

    def close(self) -> None:
        """Close the file before its end; at its end and on an error it closes itself."""
        self._blocks.close()

    def read(self, count: int) -> R:
        """Return the next ``count`` sentences, fewer at the end of the file.

        At its end a warning says what was left out or changed: that never happens in silence.
        """
        try:
            if not self._looked:
                self._looked = True
                self._look()
            found = self._read(count)
        except BaseException:
            self.close()
            raise
        if self._blocks.exhausted and not self._told:
            self._told = True
            for what in self.left_out():
                logger.warning("%s", shown(f"{self.path}: {what}"))
        return found

    def left_out(self) -> list[str]:
        """Return what was left out or changed so far, a phrase each."""
        return []

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

    def _look(self) -> None:
        """Look at the beginning of the file, once, before anything is read; nothing is consumed."""

    @abstractmethod
    def _parse(self, count: int) -> R:
        """Parse and consume at most ``count`` sentences of what is buffered."""

    @abstractmethod
    def _join(self, parts: Sequence[R]) -> R:
        """Join consecutive parts."""
