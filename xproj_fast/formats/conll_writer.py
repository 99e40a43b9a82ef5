"""Labelled words to CoNLL columns: word TAB tag, IOB2."""

from __future__ import annotations

from typing import Any

from xproj_fast import _core
from xproj_fast.arrays import Words, sentence_of
from xproj_fast.arrow_checks import string_buffers
from xproj_fast.errors import InputError


def conll_bytes(words: Words, tag_ids: Any, tag_names: list[str]) -> bytes:
    """Return word TAB tag lines, a blank line after every sentence.

    Raises:
        InputError: for a word that is empty or holds a tab or line break, which no column file can hold.
    """
    if words.strings is None:
        raise InputError("CoNLL output needs the target words; the pairs were made without strings")
    byte_offsets, text = string_buffers(words.strings)
    try:
        written: bytes = _core.write_conll(words.offsets, byte_offsets, text, tag_ids, tag_names)
    except _core.TextError as error:
        word, message = error.args
        s = sentence_of(words.offsets, word)
        raise InputError(
            f"target_words: sentence {s}, word {word - int(words.offsets[s])}: {message}", sentence=s
        ) from None
    return written
