"""Python lists to columnar arrays and back, with the results and the errors of csrc/bindings/lists.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Links, Offsets, TagId
from xproj_fast.errors import InternalError
from xproj_fast.kernels.numba.checks import require_offsets

LEAST, MOST = -(2**31), 2**31 - 1

_MISSING = object()


class ListError(ValueError):
    """What is wrong in a list.

    ``args`` = (sentence, item, what was expected, the object found); sentence and item are -1 where the fault is
    the whole argument or the whole sentence.
    """


def words_from_lists(sentences: Any) -> tuple[Offsets, NDArray[np.int64], NDArray[np.uint8]]:
    """Return sentence offsets, byte offsets and UTF-8 bytes: the buffers of an Arrow list<large_string>."""
    expected = "a list of words"
    offsets = [0]
    read: list[Sequence[Any]] = []
    parts: list[bytes] = []  # a NUL after each word: no word may hold one, and NumPy finds them fast
    for s, sentence in enumerate(_sequence(sentences, -1, -1, expected)):
        words = _sequence(sentence, s, -1, expected)
        try:
            parts.append("\0".join((*words, "")).encode())
        except (TypeError, UnicodeEncodeError):
            raise _not_unicode(s, words) from None
        read.append(words)
        offsets.append(offsets[-1] + len(words))
    text = np.frombuffer(b"".join(parts), np.uint8)
    nul = text == 0
    ends = np.flatnonzero(nul)
    if len(ends) != offsets[-1]:
        raise _holds_nul(read)
    byte_offsets = np.zeros(offsets[-1] + 1, np.int64)
    byte_offsets[1:] = ends - np.arange(len(ends))
    return np.array(offsets, np.int64), byte_offsets, text[~nul]


def links_from_lists(sentences: Any) -> Links:
    """Return lists of (source, target) pairs as arrays."""
    expected = "a list of (source, target) word index pairs"
    pair_expected = "a (source, target) pair of word indices"
    offsets = [0]
    source: list[int] = []
    target: list[int] = []
    for s, sentence in enumerate(_sequence(sentences, -1, -1, expected)):
        for i, link in enumerate(_sequence(sentence, s, -1, expected)):
            pair = link if type(link) is tuple else _sequence(link, s, i, pair_expected)
            if len(pair) != 2:
                raise ListError(s, i, pair_expected, link)
            a, b = pair
            source.append(a if type(a) is int and LEAST <= a <= MOST else _index(a, s, i, pair_expected, link))
            target.append(b if type(b) is int and LEAST <= b <= MOST else _index(b, s, i, pair_expected, link))
        offsets.append(len(source))
    return Links(np.array(offsets, np.int64), np.array(source, np.int32), np.array(target, np.int32))


def entities_from_lists(sentences: Any, known_labels: list[str]) -> tuple[Entities, list[str]]:
    """Return lists of (start, end, label) or dicts as arrays, with the label names."""
    expected = "a list of (start, end, label) entities"
    entity_expected = "an entity (start, end, label) or {'start': ..., 'end': ..., 'label': ...}"
    labels = _LabelIds(known_labels)
    offsets = [0]
    start: list[int] = []
    end: list[int] = []
    label: list[int] = []
    for s, sentence in enumerate(_sequence(sentences, -1, -1, expected)):
        for e, entity in enumerate(_sequence(sentence, s, -1, expected)):
            if isinstance(entity, dict):
                # dict.get: what a subclass makes of a missing key does not count as given.
                fields: Sequence[Any] = [dict.get(entity, key, _MISSING) for key in ("start", "end", "label")]
                if any(field is _MISSING for field in fields):
                    raise ListError(s, e, entity_expected, entity)
            else:
                fields = _sequence(entity, s, e, entity_expected)
                if len(fields) != 3:
                    raise ListError(s, e, entity_expected, entity)
            start.append(_index(fields[0], s, e, entity_expected, entity))
            end.append(_index(fields[1], s, e, entity_expected, entity))
            label.append(labels.id(fields[2], s, e, entity))
        offsets.append(len(start))
    entities = Entities(
        np.array(offsets, np.int64),
        np.array(start, np.int32),
        np.array(end, np.int32),
        np.array(label, np.int32),
    )
    return entities, labels.names


def tags_to_lists(word_offsets: Offsets, tags: TagId, names: list[str]) -> list[list[str]]:
    """Return tag ids as lists of tag names that share one string object a tag."""
    require_offsets(word_offsets, len(tags))
    wrong = (tags < 0) | (tags >= len(names))
    if wrong.any():
        word = int(wrong.argmax())
        raise IndexError(f"word {word}: expected a tag id in [0, {len(names)}), got {tags[word]}")
    flat = np.array(names, object)[tags].tolist()
    bounds = word_offsets.tolist()
    return [flat[a:b] for a, b in pairwise(bounds)]


class _LabelIds:
    """Ids of labels in order of first appearance, or of a given list."""

    def __init__(self, known: list[str]) -> None:
        self.names = list(known)
        self._closed = bool(known)
        self._ids: dict[bytes, int] = {}
        for name in known:
            self._ids.setdefault(str.encode(name), len(self._ids))

    def id(self, label: Any, sentence: int, item: int, shown: Any) -> int:
        try:
            key = str.encode(label)
        except (TypeError, UnicodeEncodeError):
            key = b""
        if not key:
            expected = "an entity (start, end, label) with a non-empty string label"
            raise ListError(sentence, item, expected, shown)
        found = self._ids.get(key)
        if found is not None:
            return found
        if self._closed:
            raise ListError(sentence, item, "an entity whose label is one of `labels`", shown)
        self.names.append(label)
        return self._ids.setdefault(key, len(self._ids))


def _sequence(value: Any, sentence: int, item: int, expected: str) -> Sequence[Any]:
    """Return a list or tuple as it is, anything else iterable as a new list.

    Strings are refused: a sentence given as one string would silently become one word a character.
    """
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, str | bytes):
        raise ListError(sentence, item, expected, value)
    try:
        return list(value)
    except Exception:
        raise ListError(sentence, item, expected, value) from None


def _index(value: Any, sentence: int, item: int, expected: str, shown: Any) -> int:
    # bool is an int to Python, and a float would be cut: neither is a word index.
    if not isinstance(value, bool):
        try:
            number = index(value)
        except Exception:
            raise ListError(sentence, item, expected, shown) from None
        if LEAST <= number <= MOST:
            return number
    raise ListError(sentence, item, expected, shown)


def _not_unicode(sentence: int, words: Sequence[Any]) -> ListError:
    """Return the error about the first word of a sentence that is none."""
    for item, word in enumerate(words):
        try:
            str.encode(word)
        except (TypeError, UnicodeEncodeError):
            return ListError(sentence, item, "a word: a string of valid Unicode", word)
    raise InternalError(f"sentence {sentence}: no word at fault")


def _holds_nul(sentences: list[Sequence[str]]) -> ListError:
    """Return the error about the first word with a NUL; unlike the others it is looked for when all is read."""
    for s, words in enumerate(sentences):
        for item, word in enumerate(words):
            if "\0" in word:
                return ListError(s, item, "a word without NUL characters", word)
    raise InternalError("no word with a NUL character")
