"""The words of a record: its tokens as parts of its text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.json_offsets import UNITS, TextOffsets, fitting
from xproj_fast.formats.json_records import check_characters, shown
from xproj_fast.text.scripts import Span, after_blanks, is_blank

_PLACES = re.compile(r"([0-9]{1,10}-[0-9]{1,10}( [0-9]{1,10}-[0-9]{1,10})*)?")


def token_spans(text: str, tokens: Any, key: str, unit: str = "characters") -> list[Span]:
    """Return where the tokens stand in the text, in characters.

    Args:
        text: the text.
        tokens: strings, or objects with start, end and perhaps text; strings must cover all that is visible. Or one
            string with all their places, see ``packed_places``.
        key: their name in errors.
        unit: what start and end count, one of ``UNITS``.

    Raises:
        InputError: for tokens that are not in the text.
    """
    if isinstance(tokens, str):
        tokens, unit = _unpacked(tokens, key), "characters"  # they are ours, whoever counted the entities
    if not isinstance(tokens, list):
        raise InputError(f"expected a list of words under {key!r}, got {shown(tokens)}")
    offsets = TextOffsets(text, unit)
    plain, size = offsets.plain, len(text)
    spans: list[Span] = []
    at = 0
    for i, token in enumerate(tokens):
        if isinstance(token, str):
            # Nothing visible may be skipped to find a word: that would find "a" inside "bar".
            start = at if text.startswith(token, at) else after_blanks(text, at)
            end = start + len(token)
            if not token or not text.startswith(token, start):
                raise InputError(
                    f"expected {key}[{i}] to be next in the text, {shown(text[start:])}, got {shown(token)}"
                )
        elif isinstance(token, dict) and type(token.get("start")) is int and type(token.get("end")) is int:
            start, end = token["start"], token["end"]
            if not plain:
                start, end = _in_characters(text, offsets, start, end, f"{key}[{i}]", unit)
            own = token.get("text")
            if not at <= start < end <= size:
                hint = fitting(text, token["start"], token["end"], unit, partial(_fits, text, own, at))
                raise InputError(
                    f"expected {key}[{i}] to be a part of characters [{at}, {size}), got [{start}, {end}){hint}"
                )
            if own is not None and own != text[start:end]:
                hint = fitting(text, token["start"], token["end"], unit, partial(_fits, text, own, at))
                raise InputError(
                    f"expected {key}[{i}] to be characters [{start}, {end}) of the text, {shown(text[start:end])}, "
                    f"got {shown(own)} (offsets count {counted(unit)}{hint})"
                )
        else:
            raise InputError(f"expected {key}[{i}] to be a string or an object with text/start/end, got {shown(token)}")
        spans.append((start, end))
        at = end
    if not is_blank(text[at:]) and not (tokens and isinstance(tokens[-1], dict)):
        raise InputError(f"expected {key} to reach the end of the text, got none for {shown(text[at:])}")
    return spans


def _fits(text: str, own: Any, at: int, start: int, end: int) -> bool:
    return start >= at and own in (None, text[start:end])


def _in_characters(text: str, offsets: TextOffsets, start: int, end: int, name: str, unit: str) -> Span:
    span = offsets.span(start, end)
    if span is None:
        raise InputError(
            f"expected {name} to start and end at a character of the text, {offsets.length} {UNITS[unit]} long, "
            f"got [{start}, {end}){fitting(text, start, end, unit, lambda a, b: True)}"
        )
    return span


def counted(unit: str) -> str:
    """Return what offsets count, in words."""
    return "Unicode code points" if unit == "characters" else UNITS[unit]


def packed_places(places: Iterable[Span]) -> str:
    """Return where words stand as one short string, which every program carries along unread.

    >>> packed_places([(0, 3), (4, 9)])
    '0-3 4-9'
    """
    return " ".join(f"{start}-{end}" for start, end in places)


def _unpacked(text: str, key: str) -> list[dict[str, int]]:
    if not _PLACES.fullmatch(text):
        raise InputError(
            f"expected {key} to be a list, or the first character and the end of each word, as in '0-3 4-9', got "
            f"{shown(text)}"
        )
    return [
        {"start": int(start), "end": int(end)} for start, _, end in (place.partition("-") for place in text.split())
    ]


def plain_words(tokens: Any, key: str) -> list[str]:
    """Return the tokens of a record without text: they must be strings."""
    if not isinstance(tokens, list):
        raise InputError(f"expected a list of words under {key!r}, got {shown(tokens)}")
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            raise InputError(f"expected {key}[{i}] to be a string, as the record has no text, got {shown(token)}")
    check_characters("".join(tokens), key)
    return tokens
