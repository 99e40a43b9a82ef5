"""The objects of a JSON array one by one, with the place of each in the file."""

from __future__ import annotations

import json
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.json_records import every_key_once, shown

_BLANKS = " \t\r\n"
_DECODER = json.JSONDecoder(object_pairs_hook=every_key_once)


class JsonArray:
    r"""Goes through an array of objects.

    >>> items = JsonArray('[{"a": 1},\n {"b": 2}]')
    >>> items.next(), items.next(), items.start, items.next()
    ({'a': 1}, {'b': 2}, 12, None)

    Attributes:
        text: all of it; it begins with a bracket.
        start: where the object that was returned last begins, or what is wrong.
        end: one past its last character.
        count: how many were returned, or tried.
    """

    __slots__ = ("count", "end", "start", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = 0
        self.end = text.index("[") + 1
        self.count = 0

    def next(self) -> dict[str, Any] | None:
        """Return the next object; None after the last.

        Raises:
            InputError: for what is no array of objects, and an object with the same key twice.
        """
        self._skip()
        if self._at("]"):
            self._finish()
            return None
        if self.count:
            if not self._at(","):
                self._refuse("a comma or the closing bracket")
            self.end += 1
            self._skip()
        self.count += 1
        self.start = self.end
        if not self._at("{"):
            self._refuse("an object")
        try:
            record, self.end = _DECODER.raw_decode(self.text, self.start)
        except json.JSONDecodeError as error:
            self.start = error.pos
            cut = ": cut short?" if error.pos >= len(self.text.rstrip()) else ""
            raise InputError(f"expected JSON, got invalid JSON: {error.msg}{cut}") from None
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets nested as deep
            raise InputError(f"expected JSON, got JSON that cannot be read: {error}") from None
        found: dict[str, Any] = record
        return found

    def _at(self, character: str) -> bool:
        return self.text.startswith(character, self.end)

    def _skip(self) -> None:
        while self.text[self.end : self.end + 1] in (*_BLANKS,):
            self.end += 1

    def _finish(self) -> None:
        rest = self.text[self.end + 1 :].strip(_BLANKS)
        if rest:
            self.start = self.end + 1
            raise InputError(f"expected nothing after the closing bracket of the array, got {shown(rest)}")

    def _refuse(self, expected: str) -> None:
        self.start = self.end
        rest = self.text[self.end :]
        got = shown(rest[:80]) if rest else "the end of the file"
        raise InputError(f"expected {expected}, got {got}")
