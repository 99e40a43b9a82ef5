"""What annotation tools export: records of their own, in a JSON array or one a line, each made into one of ours."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.json_arrays import JsonArray
from xproj_fast.formats.json_records import found, shown
from xproj_fast.formats.jsonl import JsonlOptions, JsonlReader, RecordColumns
from xproj_fast.formats.registry import Reading
from xproj_fast.formats.sentences import Sentences
from xproj_fast.wording import count

OURS = JsonlOptions()  # the keys of the records that are made


class ExportReader(JsonlReader):
    """Reads an export; derived classes say what a record of their tool means.

    Attributes:
        path: the file.
        noun: what the tool calls a record.
    """

    noun = "record"

    def __init__(self, path: Path, how: Reading) -> None:
        given = how.jsonl or JsonlOptions()
        own = replace(
            given,
            text_key=OURS.text_key,
            entities_key="entities",
            tokens_key=given.tokens_key and OURS.tokens_key,
            id_key=given.id_key and OURS.id_key,
        )
        super().__init__(path, own, entities=how.entities, scheme=how.scheme)
        self.keys = given
        self._array: JsonArray | None = None  # None = an object a line
        self._done = 0  # characters of the array
        self._dropped: Counter[tuple[str, str]] = Counter()
        self._name: str | None = None

    def left_out(self) -> list[str]:
        """See ``TextReader``."""
        told = [f"{count(number, what)} left out: {why}" for (what, why), number in sorted(self._dropped.items())]
        return super().left_out() + told

    def drop(self, why: str, what: str = "", number: int = 1) -> None:
        """Count what is left out.

        Args:
            why: it is.
            what: it is, one of them; "" = a record.
            number: of them.
        """
        if number:
            self._dropped[what or self.noun, why] += number

    def labels_of(self, names: Sequence[str], what: str, default: str) -> str:
        """Return whose labels are read: of one control or question, and the same for all of the file.

        Args:
            names: those that a record has labels of.
            what: they are, in errors: ``"the labels of one control"``.
            default: is read as long as there are none.

        Raises:
            InputError: for more than one, in this record or with those before.
        """
        if self.keys.entities_key != "auto":
            return self.keys.entities_key
        known = [] if self._name is None else [self._name]
        found = list(dict.fromkeys([*known, *names]))
        if len(found) > 1:
            raise InputError(
                f"expected {what}, got {', '.join(found)} (--entities-key names one)",
                field="entities",
            )
        self._name = found[0] if found else None
        return self._name or default

    @abstractmethod
    def sentence(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return text, tokens (where they are known) and id of a record, under the keys of JSON Lines."""

    @abstractmethod
    def labels(self, record: dict[str, Any]) -> list[Any] | None:
        """Return the entities that people agreed on; None, counted, where there is no such list."""

    def _found(self, record: dict[str, Any]) -> dict[str, Any] | None:
        made = self.sentence(record)
        if self._entities is not None:
            labels = self.labels(record)
            if labels is None:
                return None
            made["entities"] = labels
        return made

    def _look(self) -> None:
        ahead, _ = self._blocks.ahead()
        if ahead.lstrip(b" \t\r\n").startswith(b"["):
            while not self._blocks.at_end:
                self._blocks.more()
            self._array = JsonArray(bytes(self._blocks.view()).decode())

    def _parse(self, count: int) -> Sentences:
        if self._array is None:
            return super()._parse(count)
        columns, items = RecordColumns(), self._array
        while len(columns.lines) < count:
            try:
                record = items.next()
            except InputError as error:
                what = f"{self.noun} {items.count}: " if items.count else ""
                raise InputError(f"{self.path}:{self._line_of(items.start)}: {what}{error}") from None
            if record is None:
                self._blocks.consume(len(self._blocks.view()), 0)
                break
            line = self._line_of(items.start)
            with self._errors_at(line, f"{self.noun} {items.count}: "):
                self._take(record, line, columns)
            passed = items.text[self._done : items.end]
            self._blocks.consume(len(passed.encode()), passed.count("\n"))
            self._done = items.end
        return self._arrays(columns)

    def _line_of(self, position: int) -> int:
        assert self._array is not None
        return self._blocks.lines + self._array.text.count("\n", self._done, position) + 1


def text_of(values: dict[str, Any], key: str, where: str) -> str:
    """Return the text of a record.

    Raises:
        InputError: where there is none.
    """
    text = values.get(key)
    if not isinstance(text, str):
        raise InputError(f"expected a string under {key!r} of {where}, got {found(values, key)} (--text-key names it)")
    return text


def object_of(value: Any, name: str) -> dict[str, Any]:
    """Return what must be a JSON object."""
    if not isinstance(value, dict):
        raise InputError(f"expected {name} to be an object, got {shown(value)}")
    return value


def objects_of(value: Any, name: str) -> list[dict[str, Any]]:
    """Return what must be a list of JSON objects."""
    if not isinstance(value, list):
        raise InputError(f"expected {name} to be a list, got {shown(value)}")
    return [object_of(item, f"{name}[{i}]") for i, item in enumerate(value)]


def array_bytes(items: Iterable[dict[str, Any]]) -> bytes:
    """Return a JSON array, one object a line."""
    return ("[" + ",\n ".join(json.dumps(each, ensure_ascii=False) for each in items) + "]\n").encode()


def agreed(answers: Sequence[tuple[str, list[Any]]], what: str) -> list[Any]:
    """Return what several people say, who must say the same.

    Args:
        answers: who it was, and the entities; one at least.
        what: the answers are, in errors.

    Raises:
        InputError: where they do not.
    """
    first = _said(answers[0][1])
    for who, entities in answers[1:]:
        if _said(entities) != first:
            raise InputError(
                f"expected {what} that say the same, got {shown(answers[0][1])} by {answers[0][0]} and "
                f"{shown(entities)} by {who}",
                field="entities",
            )
    return answers[0][1]


def _said(spans: list[Any]) -> list[Any]:
    """Return what must be equal of spans: who made them, and when, is no matter."""
    keys = ("start", "end", "label", "labels")
    return sorted(([each.get(k) for k in keys] if isinstance(each, dict) else each for each in spans), key=repr)
