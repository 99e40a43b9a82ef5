"""Joining words into text, as a language writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Words
from xproj_fast.errors import InputError
from xproj_fast.ragged import offsets_of, per_item
from xproj_fast.text.scripts import is_unspaced, spaces_sentences, writes_spaces
from xproj_fast.text.words import split_words


def join(words: Sequence[str], language: str | None = None) -> str:
    """Join the words of a sentence: with spaces, or in a script without them only where two would be read as one.

    Args:
        words: of one sentence.
        language: see ``scripts.writes_spaces``.

    >>> join(["我", "喜欢", "deep", "learning", "。"], "zho_Hans")
    '我喜欢deep learning。'
    >>> join(["Hello", ",", "world"], "eng_Latn")
    'Hello , world'
    """
    if writes_spaces(language):
        return " ".join(words)
    return "".join(f" {word}" if gap else word for word, gap in zip(words, _gaps(words), strict=True))


def join_sentences(sentences: Sequence[str], language: str | None = None) -> str:
    """Join sentences that follow each other in a text; see ``join``."""
    return " ".join(sentences) if spaces_sentences(language) else join(sentences, language)


def texts_of(words: Words, language: str | None = None) -> list[str]:
    """Return the sentences as text to translate: the raw ones where there are any, else the words joined."""
    if words.texts is not None:
        texts: list[str] = words.texts.to_pylist()
        return texts
    return [join(sentence, language) for sentence in words.to_lists()]


def with_texts(words: Words, language: str | None = None, field: str = "words") -> Words:
    """Return the words in their raw sentences; where these are not known, the words joined are taken for them.

    Args:
        words: N sentences.
        language: see ``join``.
        field: names the words in messages.

    Returns:
        The words with ``texts``, large_string array[N], ``text_start`` and ``text_end``.

    Raises:
        InputError: for words of which only the number is known.
    """
    if words.texts is not None and words.text_start is not None and words.text_end is not None:
        return words
    if words.strings is None:
        raise InputError(f"{field}: expected the words themselves, got only their number", field=field)
    import pyarrow as pa
    import pyarrow.compute as pc

    wide = pa.large_string()  # no 2 GiB limit
    strings = words.strings.cast(wide)
    gap = _gaps_of_all(words, language)
    gaps = pa.array(np.where(gap, " ", ""), wide)
    joined = pc.binary_join_element_wise(gaps, strings, pa.scalar("", wide))
    _, byte_offsets, text = joined.buffers()
    bounds = np.frombuffer(byte_offsets, np.int64, len(joined) + 1)[words.offsets]
    texts = pa.LargeStringArray.from_buffers(len(words), pa.py_buffer(bounds), text)
    length = pc.utf8_length(strings).to_numpy()
    ends = offsets_of(length + gap)
    end = ends[1:] - per_item(ends[words.offsets[:-1]], words.offsets)
    return Words(words.offsets, words.strings, texts, (end - length).astype(np.int32), end.astype(np.int32))


def _gaps_of_all(words: Words, language: str | None) -> NDArray[np.bool_]:
    """Return whether a space stands before each word."""
    if not writes_spaces(language):
        return np.array([gap for sentence in words.to_lists() for gap in _gaps(sentence)], np.bool_)
    gap = np.ones(int(words.offsets[-1]), np.bool_)
    gap[words.offsets[:-1][np.diff(words.offsets) > 0]] = False
    return gap


def _gaps(words: Sequence[str]) -> list[bool]:
    """Return before which words of a script without spaces one must stand, lest two be read as one."""
    gaps = []
    before = last = ""  # the last two words since the last space
    for word in words:
        gap = bool(last) and _runs_together(before, last, word)
        gaps.append(gap)
        before, last = ("" if gap else last), word
    return gaps


def _runs_together(before: str, last: str, word: str) -> bool:
    if is_unspaced(word[:1]) and unicodedata.category(word[0]) == "Lo":
        return False  # begins a word wherever it stands
    ends = {end for span in split_words(before + last + word) for end in span}
    return not {len(before), len(before + last)} <= ends | {0}
