"""JSON files that the package writes and reads back, as manifests: of bounded size, every fault named by its place.

Whoever can write such a file can write anything into it. So nothing of it is used before it was asked for by its key
and its type.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from xproj_fast.errors import InputError
from xproj_fast.wording import brief

MOST_BYTES = 1 << 26
MOST_DEPTH = 32
MOST_DIGITS = 18  # of an integer: it fits int64
KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a JSON file, and where it stands: each method returns it as what is expected, or raises InputError."""

    value: Any
    file: Path | str
    key: str = ""

    def text(self) -> str:
        """Return a string."""
        return str(self._of(str, "text"))

    def whole(self, least: int = 0, most: int = 10**MOST_DIGITS) -> int:
        """Return an integer."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not least <= self.value <= most:
            span = f"from {least:,} on" if most == 10**MOST_DIGITS else f"from {least:,} to {most:,}"
            self.fail(f"a whole number {span}")
        return self.value

    def number(self) -> float:
        """Return a number."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.fail("a number")
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        return bool(self._of(bool, "true or false"))

    def one_of(self, names: Iterable[str]) -> str:
        """Return one of some strings."""
        known = tuple(names)
        if self.value not in known:
            self.fail(f"one of {', '.join(known)}")
        return str(self.value)

    def some(self) -> Any:
        """Return anything but null as it is, likewise."""
        if self.value is None:
            self.fail("a value")
        return self.value

    def items(self) -> list[Value]:
        """Return the values of a list."""
        found = self._of(list, "a list")
        return [Value(value, self.file, f"{self.key}[{i}]") for i, value in enumerate(found)]

    def table(self) -> dict[str, Value]:
        """Return an object of any keys."""
        return {key: self._at(key, value) for key, value in self._of(dict, "an object").items()}

    def mapping(self) -> Mapping[str, Any]:
        """Return an object of any keys as it is: whoever takes it looks at what is in it."""
        return dict(self._of(dict, "an object"))

    def record(self, *keys: str) -> dict[str, Value]:
        """Return an object of these keys and no others."""
        found = self.table()
        for key in keys:
            if key not in found:
                self._at(key, None).fail("a value", "none")
        for key in found:
            if key not in keys:
                found[key].fail("no such key", "one")
        return found

    def texts(self) -> list[str]:
        """Return a list of strings."""
        return [value.text() for value in self.items()]

    def fail(self, expected: str, got: str | None = None) -> NoReturn:
        """Raise the error for another value than was expected."""
        place = f"{brief(self.key)}: " if self.key else ""
        raise InputError(f"{self.file}: {place}expected {expected}, got {got or self._got()}")

    def _of(self, kind: type, expected: str) -> Any:
        if not isinstance(self.value, kind):
            self.fail(expected)
        return self.value

    def _at(self, key: str, value: Any) -> Value:
        return Value(value, self.file, f"{self.key}.{key}" if self.key else key)

    def _got(self) -> str:
        return KINDS[type(self.value)] if isinstance(self.value, (dict, list)) else brief(json.dumps(self.value))


def read_json(path: Path) -> Value:
    """Read a file of one JSON value.

    Raises:
        InputError: for what is no JSON, too large or too deep, has a key twice, NaN, infinity or an integer that no
            int64 holds.
        OSError: where it cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    return parse_json(data, path)


def read_json_lines(path: Path) -> Iterator[tuple[Value, int]]:
    """Yield the values of a file of one JSON value per line, each with where its line ends, in bytes from the start.

    What is behind the last line break is no line: whoever wrote it was stopped.

    Raises:
        InputError: see ``read_json``; it names the line, too.
        OSError: where it cannot be read.
    """
    end = 0
    with open(path, "rb") as file:
        for number in count(1):
            line = file.readline(MOST_BYTES + 1)
            if not line.endswith(b"\n") and len(line) <= MOST_BYTES:
                return
            end += len(line)
            yield parse_json(line, f"{path}:{number}"), end


def parse_json(data: bytes, file: Path | str) -> Value:
    """Parse one JSON value; ``file`` says where it stands. Errors as of ``read_json``."""
    if len(data) > MOST_BYTES:
        raise InputError(f"{file}: expected at most {MOST_BYTES:,} bytes, got more")
    try:
        value = json.loads(
            data, object_pairs_hook=_distinct, parse_int=_integer, parse_float=_finite, parse_constant=_finite
        )
        deep = _depth(value) > MOST_DEPTH
    except RecursionError:
        deep = True
    except ValueError as error:  # also of bytes that are no UTF-8
        raise InputError(f"{file}: expected JSON, got something else: {error}") from None
    if deep:
        raise InputError(f"{file}: expected at most {MOST_DEPTH} levels of brackets, got more")
    return Value(value, file)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {brief(key)} stands there twice")
        found[key] = value
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise ValueError(f"the integer {brief(digits)} has more than {MOST_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{brief(digits)} is no finite number")
    return value


def _depth(value: Any) -> int:
    """Return how deep lists and objects are nested, level by level: no recursion that another file could exhaust."""
    level, depth = [value], 0
    while depth <= MOST_DEPTH and (level := [inner for outer in level for inner in _inside(outer)]):
        depth += 1
    return depth


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
