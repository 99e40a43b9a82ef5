"""A line of JSON Lines as an object that says everything once, and how its values are shown in errors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from xproj_fast.errors import InputError
from xproj_fast.wording import brief

_BEFORE_COLONS = (" :", "\t:", "\r:")  # JSON allows white space there; hardly any writer puts it


def parse_record(line: str) -> dict[str, Any]:
    """Return the object of a line.

    Raises:
        InputError: for anything else, and for an object with the same key twice, of which Python would drop one.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        _refuse(f"invalid JSON: {error.msg} at column {error.colno}{_hint(line, error.pos)}")
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets nested as deep
        _refuse(f"JSON that cannot be read: {error}")
    if not isinstance(record, dict):
        if isinstance(record, list) and all(isinstance(item, dict) for item in record):
            _refuse("a JSON array: is this JSON, not JSONL? (jq -c '.[]' makes one object a line of it)")
        _refuse(shown(record))
    # A key given twice is one colon more in the line than pairs in the record. Colons inside strings make a line
    # suspect, no more: only suspects are parsed a second time.
    pairs = _pairs(record)
    if line.count(":") != pairs and (line.count('":') != pairs or any(map(line.__contains__, _BEFORE_COLONS))):
        json.loads(line, object_pairs_hook=every_key_once)
    return record


def _refuse(got: str) -> NoReturn:
    raise InputError(f"expected one JSON object a line, got {got}")


def _hint(line: str, at: int) -> str:
    """Return what a line may be that ends too early: the first one of a file of JSON, or the last one cut short."""
    if at < len(line):
        return ""
    if line.startswith("["):
        return ": is this JSON, not JSONL? (jq -c '.[]' makes one object a line of a JSON array)"
    return ": cut short, or JSON over several lines, not JSONL? (jq -c . makes one line of an object)"


def _pairs(record: dict[str, Any]) -> int:
    """Count the keys of a record, of its objects and of its lists of objects; what lies deeper is not counted."""
    count = len(record)
    for value in record.values():
        if type(value) is list:
            count += sum([len(item) for item in value if type(item) is dict])
        elif type(value) is dict:
            count += len(value)
    return count


def every_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of its pairs.

    Raises:
        InputError: for a key given twice.
    """
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"expected every key of an object once, got {shown(key)} twice")
        found[key] = value
    return found


def lines_bytes(records: Iterable[dict[str, Any]]) -> bytes:
    """Return JSON objects, one a line."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records).encode()


def check_characters(text: str, key: str) -> None:
    """Refuse what escapes can bring in and is no text: NUL, and half of a character beyond U+FFFF."""
    if "\0" in text:
        raise InputError(f"expected text under {key!r}, got a NUL at character {text.index(chr(0))}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise InputError(
            f"expected text under {key!r}, got the lone surrogate U+{code:04X} at character {error.start}"
        ) from None


def found(record: dict[str, Any], key: str) -> str:
    """Return what a record has instead of what was expected under a key."""
    return shown(record[key]) if key in record else f"an object with the keys {shown(list(record))}"


def shown(value: Any) -> str:
    """Return a value as Python writes it, cut where it is long."""
    return brief(repr(value))
