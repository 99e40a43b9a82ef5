"""Classes that are left out of an input, chunk by chunk: which of them exist is known only at its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xproj_fast.errors import unknown_name
from xproj_fast.pairs import SentencePairs


class DroppedLabels:
    """Leaves entities of some classes out of all chunks of a file, and checks at the end that it had them."""

    def __init__(self, names: Sequence[str], path: str | Path) -> None:
        self._names = tuple(names)
        self._path = path
        self._seen: dict[str, None] = {}

    def drop_from(self, pairs: SentencePairs) -> SentencePairs:
        """Return a chunk without them."""
        self._seen.update(dict.fromkeys(pairs.labels))
        return pairs.drop_labels([name for name in self._names if name in pairs.labels])

    def check(self) -> None:
        """Refuse, when everything was read, a class that was nowhere.

        Raises:
            InputError: naming the classes that there are.
        """
        for name in self._names:
            if name not in self._seen:
                raise unknown_name(f"{self._path}: drop_labels", name, self._seen, "some of its classes,")
