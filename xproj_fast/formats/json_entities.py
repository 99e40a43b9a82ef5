"""The entities of a record: character spans, or a tag per word, under one of the keys that other programs use."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.formats.json_offsets import UNITS, TextOffsets, fitting
from xproj_fast.formats.json_records import found, shown
from xproj_fast.formats.json_words import counted
from xproj_fast.tag_columns import TAGS_KEYS, entities_of_tags, tag_name, unnamed
from xproj_fast.text.scripts import Span, is_blank

ENTITIES_KEYS = ("entities", "spans", "label", "labels", "ents")  # doccano, Prodigy, spaCy's Doc.to_json (ents)
BOUNDS_KEYS = (("start", "end"), ("start_offset", "end_offset"))
LABEL_KEYS = ("label", "labels", "entity_group")  # Label Studio has a list of one; transformers' pipelines the last
ENTITY_SHAPES = "[start, end, label] or an object with " + " or ".join(
    "/".join((*bounds, LABEL_KEYS[0])) for bounds in BOUNDS_KEYS
)
CONFIDENCE = "confidence"
_KEYS = (*ENTITIES_KEYS, *TAGS_KEYS)
_OTHER_KEYS = {*BOUNDS_KEYS[1], *LABEL_KEYS[1:]}

Entity = tuple[int, int, str, float | None]  # first word, end word, label, confidence


@dataclass(slots=True)
class RecordWords:
    """The words of a record.

    Attributes:
        text: the text that offsets count in, None where the record has words alone.
        spans: the words in it, in characters; of words alone, any spans as many.
        given: whether the record says its words itself.
    """

    text: str | None
    spans: Sequence[Span]
    given: bool


@dataclass(frozen=True, slots=True)
class EntityReader:
    """Reads the entities of records.

    Attributes:
        key: where they are; ``"auto"`` = wherever they are.
        unit: what offsets count.
        snap: widen entities that end inside a word.
        scheme: of tags, see ``ConllOptions``.
        tag_names: what numbers for tags mean.
    """

    key: str = "auto"
    unit: str = "characters"
    snap: bool = False
    scheme: str = "iob2"
    tag_names: tuple[str, ...] | None = None

    def read(self, record: dict[str, Any], words: RecordWords) -> tuple[list[Entity], int]:
        """Return the entities in their order in the sentence, and how many were widened to whole words.

        Raises:
            InputError: for none, and for two lists of entities that do not say the same.
        """
        keys = self._keys(record, words)
        try:
            entities, widened = self._read_list(record, keys[0], words)
            for other in keys[1:]:
                again = self._read_list(record, other, words)[0]
                if not _agree(entities, again):
                    raise InputError(
                        f"expected the same entities under {keys[0]!r} and {other!r}, got {shown(record[keys[0]])} "
                        f"and {shown(record[other])}",
                        field="entities",
                    )
                if entities and entities[0][3] is None:
                    entities = again  # which may know how sure they are
        except InputError as error:
            if len(keys) == 1:
                raise
            listed = " or ".join(f"--entities-key {key}" for key in keys)
            raise InputError(f"{error} ({listed} reads one of them alone)", field=error.field) from None
        return entities, widened

    def _keys(self, record: dict[str, Any], words: RecordWords) -> list[str]:
        if self.key != "auto":
            if isinstance(record.get(self.key), list):
                return [self.key]
            raise InputError(
                f"expected a list of entities under {self.key!r}, got {found(record, self.key)}", field="entities"
            )
        lists = [key for key in _KEYS if type(record.get(key)) is list]
        if len(lists) == 1:
            return lists
        keys = [key for key in lists if _holds_entities(key, record[key], words)] or lists[-1:]
        if keys:
            return keys
        wrong = next((key for key in ENTITIES_KEYS if key in record), "")
        where = f"under {wrong!r}" if wrong else f"under one of {', '.join(_KEYS)}"
        raise InputError(f"expected a list of entities {where}, got {found(record, wrong)}", field="entities")

    def _read_list(self, record: dict[str, Any], key: str, words: RecordWords) -> tuple[list[Entity], int]:
        items = record[key]
        if words.given and (key in TAGS_KEYS or _is_of_tags(items)):
            return self._of_tags(items, key, len(words.spans)), 0
        if key in TAGS_KEYS:
            raise InputError(f"expected words along with the tags under {key!r}, got none", field="entities")
        if words.text is None:
            if not items:
                return [], 0
            raise InputError(f"expected a text that the offsets under {key!r} count in, got none", field="text")
        reading = _Spans(words.text, words.spans, self, TextOffsets(words.text, self.unit))
        entities = sorted(
            [reading.entity(item, f"{key}[{i}]", words.given) for i, item in enumerate(items)], key=lambda e: e[:2]
        )
        return entities, reading.widened

    def _of_tags(self, tags: list[Any], key: str, count: int) -> list[Entity]:
        if len(tags) != count:
            raise InputError(
                f"expected as many tags under {key!r} as words, {count}, got {len(tags)}", field="entities"
            )
        names: list[str] = []
        for i, tag in enumerate(tags):
            if type(tag) is int:
                if self.tag_names is None:
                    raise unnamed(key, tag)
                names.append(tag_name(tag, self.tag_names))
            elif isinstance(tag, str):
                names.append(tag)
            else:
                raise InputError(f"expected {key}[{i}] to be a tag or its number, got {shown(tag)}", field="entities")
        distinct = {name: i for i, name in enumerate(dict.fromkeys(names))}
        labels: list[str] = []
        offsets = np.array([0, count], np.int64)
        ids = np.array([distinct[name] for name in names], np.int32)
        try:
            e = entities_of_tags(offsets, ids, list(distinct), labels, self.scheme)
        except InputError as error:
            raise InputError(str(error), field=error.field) from None  # the caller knows which sentence
        return [
            (a, b, labels[i], None) for a, b, i in zip(e.start.tolist(), e.end.tolist(), e.label.tolist(), strict=True)
        ]


def _agree(some: list[Entity], others: list[Entity]) -> bool:
    """Return whether two lists say the same; one of them may not know how sure an entity is."""
    return [e[:3] for e in some] == [e[:3] for e in others] and all(
        a[3] == b[3] or None in (a[3], b[3]) for a, b in zip(some, others, strict=True)
    )


def _is_of_tags(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, str) or type(item) is int for item in items)


def _holds_entities(key: str, items: list[Any], words: RecordWords) -> bool:
    """Return whether a list says what the entities are: plain strings may be topics, or WikiANN's "PER: Ada"."""
    if key == TAGS_KEYS[0]:
        return True
    if not _is_of_tags(items):
        return key in ENTITIES_KEYS
    like_tags = all(isinstance(item, str) and (item == "O" or item[1:2] == "-") for item in items)
    return words.given and len(items) == len(words.spans) and like_tags


@dataclass(slots=True)
class _Spans:
    """Reads the spans of one text as spans of whole words."""

    text: str
    spans: Sequence[Span]
    how: EntityReader
    offsets: TextOffsets
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    widened: int = 0

    def __post_init__(self) -> None:
        self.starts, self.ends = [a for a, _ in self.spans], [b for _, b in self.spans]

    def entity(self, item: Any, name: str, words_given: bool) -> Entity:
        start, end, label = _fields(item, name)
        starts, ends = self.starts, self.ends
        given = start, end
        start, end = self._characters(start, end, name)
        if type(item) is dict and item.get("text") is not None:
            self._check_own_text(item["text"], start, end, given, name)
        first, last = bisect_right(ends, start), bisect_left(starts, end) - 1
        if first > last or starts[first] != start or end != ends[last]:
            self._check_words(start, end, first, last, f"{name} [{given[0]}, {given[1]})", given)
        if words_given and type(item) is dict and ("token_start" in item or "token_end" in item):
            _check_token_numbers(item, first, last, name)
        says = type(item) is dict and CONFIDENCE in item
        return first, last + 1, label, _confidence(item[CONFIDENCE], name) if says else None

    def _check_words(self, start: int, end: int, first: int, last: int, name: str, given: Span) -> None:
        """Refuse, or widen and count, an entity that does not start and end with a word; blanks are no matter."""
        text, starts, ends = self.text, self.starts, self.ends
        is_of_words = first <= last and is_blank(text[start : starts[first]]) and is_blank(text[ends[last] : end])
        if not is_of_words or starts[first] < start or end < ends[last]:
            got = f"{name} {shown(text[start:end])}"
            if is_of_words and self.how.snap:
                self.widened += 1
                return
            hint = fitting(text, *given, self.how.unit, self._are_words)
            if not is_of_words:
                raise InputError(
                    f"expected an entity of whole words, got {got}, where no words are{hint}", field="entities"
                )
            cut = {w: None for w in (first, last) if starts[w] < start < ends[w] or starts[w] < end < ends[w]}
            listed = " and ".join(f"{shown(text[starts[w] : ends[w]])} [{starts[w]}, {ends[w]})" for w in cut)
            raise InputError(
                f"expected entities that start and end with a word, got {got}, which cuts {listed} "
                f"(--snap widens it to whole words{hint})",
                field="entities",
            )

    def _characters(self, start: int, end: int, name: str) -> Span:
        span, length = self.offsets.span(start, end), self.offsets.length
        if span is not None:
            return span
        expected = f"to have 0 <= start < end <= {length} {UNITS[self.how.unit]}"
        if 0 <= start < end <= length:
            expected = "to start and end between two characters, not inside one"
        hint = fitting(self.text, start, end, self.how.unit, lambda a, b: not is_blank(self.text[a:b]))
        raise InputError(f"expected {name} {expected}, got [{start}, {end}){hint}", field="entities")

    def _are_words(self, start: int, end: int) -> bool:
        """Return whether a span starts and ends with a word."""
        a, b = bisect_left(self.starts, start), bisect_left(self.ends, end)
        return a <= b < len(self.ends) and self.starts[a] == start and self.ends[b] == end

    def _check_own_text(self, own: Any, start: int, end: int, given: Span, name: str) -> None:
        said = self.text[start:end]
        if said == own or (isinstance(own, str) and said.strip() == own.strip()):
            return
        hint = fitting(self.text, *given, self.how.unit, partial(self._says, own))
        if not hint and self._says(own, start, end + 1):
            hint = "; an end is one past the last character"
        raise InputError(
            f"{name} is {shown(said)} by its offsets [{given[0]}, {given[1]}), the record says {shown(own)} "
            f"(offsets count {counted(self.how.unit)}{hint})",
            field="entities",
        )

    def _says(self, own: Any, start: int, end: int) -> bool:
        return isinstance(own, str) and self.text[start:end].strip() == own.strip()


def _fields(item: Any, name: str) -> tuple[int, int, str]:
    if type(item) is list and len(item) == 3:
        start, end, label = item
    elif type(item) is dict and _OTHER_KEYS.isdisjoint(item):
        start, end, label = item.get("start"), item.get("end"), item.get("label")
    elif type(item) is dict:
        start, end = _one_of(item, BOUNDS_KEYS, name) or (None, None)
        label = _one_of(item, [(key,) for key in LABEL_KEYS], name)
        label = label[0] if label else None
    else:
        start = end = label = None
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise InputError(f"expected {name} to be {ENTITY_SHAPES}, got {shown(item)}", field="entities")
    return start, end, label


def _confidence(value: Any, name: str) -> float:
    """Return how sure an entity is, by its own account."""
    if type(value) not in (int, float) or not 0 <= value <= 1:  # NaN is neither
        raise InputError(f"expected {name} to have a confidence from 0 to 1, got {shown(value)}", field="confidences")
    return float(value)


def _one_of(item: dict[str, Any], groups: Sequence[tuple[str, ...]], name: str) -> list[Any] | None:
    """Return the values of the first group of keys that is there; any others must say the same."""
    there = [keys for keys in groups if all(key in item for key in keys)]
    values = [[_alone(item[key]) if key == "labels" else item[key] for key in keys] for keys in there]
    if any(other != values[0] for other in values[1:]):
        listed = " and ".join("/".join(keys) for keys in there)
        raise InputError(f"expected {name} to say the same under {listed}, got {shown(item)}", field="entities")
    return values[0] if values else None


def _alone(value: Any) -> Any:
    return value[0] if type(value) is list and len(value) == 1 else value


def _check_token_numbers(item: dict[str, Any], first: int, last: int, name: str) -> None:
    """Check Prodigy's token_start and token_end, the numbers of the first and the last token."""
    for key, word in (("token_start", first), ("token_end", last)):
        if type(item.get(key)) is int and item[key] != word:
            raise InputError(
                f"expected {name} to be tokens {first} to {last}, as its offsets say, got {key} {item[key]} "
                "(both count from 0, and token_end is the last token)",
                field="entities",
            )
