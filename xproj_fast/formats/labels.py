"""The classes that are wanted of an input, chunk by chunk: which of them exist is known only at its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs

T = TypeVar("T", SentencePairs, LabelledSentences)


class LabelFilter:
    """Leaves entities of unwanted classes out of all chunks of a file, and checks at the end that names exist.

    Args:
        labels: the only classes wanted; () = all.
        drop_labels: those unwanted.
        path: the file, for messages.

    Raises:
        InputError: for a string in place of a list, and for a class in both lists.
    """

    def __init__(self, labels: Sequence[str], drop_labels: Sequence[str], path: str | Path) -> None:
        for field, names in (("labels", labels), ("drop_labels", drop_labels)):
            if isinstance(names, str):
                raise InputError(f"{field}: expected a list of classes, got the string {names!r}", field=field)
        both = [name for name in labels if name in drop_labels]
        if both:
            raise InputError(f"labels: expected classes that are not dropped, too, got {both[0]!r}", field="labels")
        self._wanted = tuple(labels)
        self._dropped = tuple(drop_labels)
        self._path = path
        self._seen: dict[str, None] = {}

    def of(self, chunk: T) -> T:
        """Return a chunk with the entities that are wanted."""
        self._seen.update(dict.fromkeys(chunk.labels))
        unwanted = [name for name in chunk.labels if not self._wants(name)]
        return chunk.drop_labels(unwanted) if unwanted else chunk

    def check(self) -> None:
        """Refuse, when everything was read, a class that was nowhere.

        Raises:
            InputError: naming the classes that there are.
        """
        for field, names in (("labels", self._wanted), ("drop_labels", self._dropped)):
            for name in names:
                if name not in self._seen:
                    raise unknown_name(f"{self._path}: {field}", name, self._seen, "some of its classes,")

    def _wants(self, name: str) -> bool:
        return name not in self._dropped and (not self._wanted or name in self._wanted)
