"""Labelled sentences to CoNLL columns: word TAB tag, IOB2."""

from __future__ import annotations

from xproj_fast import _core
from xproj_fast.arrays import sentence_of
from xproj_fast.arrow_checks import string_buffers
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences


def conll_bytes(sentences: LabelledSentences) -> bytes:
    """Return word TAB tag lines, a blank line after every sentence.

    Raises:
        InputError: for a word that is empty or holds a tab or line break, which no column file can hold, and for
            entities that share words, which tags cannot tell.
    """
    words = sentences.words
    if words.strings is None:
        raise InputError("words: CoNLL output needs the words themselves, got only their number", field="words")
    byte_offsets, text = string_buffers(words.strings)
    try:
        written: bytes = _core.write_conll(words.offsets, byte_offsets, text, sentences.tag_ids(), sentences.tag_names)
    except _core.TextError as error:
        word, message = error.args
        s = sentence_of(words.offsets, word)
        raise InputError(f"words: sentence {s}, word {word - int(words.offsets[s])}: {message}", sentence=s) from None
    return written
