"""Labelled sentences to CoNLL columns: word TAB tag, IOB2, and on request how sure each entity is between them."""

from __future__ import annotations

import numpy as np

from xproj_fast import _core
from xproj_fast.arrays import sentence_of
from xproj_fast.arrow_checks import string_buffers
from xproj_fast.errors import InputError
from xproj_fast.formats.conll_confidences import NO_CONFIDENCE
from xproj_fast.labelled import LabelledSentences
from xproj_fast.ragged import flat, ranges


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


def conll_bytes_with_confidences(sentences: LabelledSentences) -> bytes:
    """Return word TAB confidence TAB tag lines, with ``-`` for the confidence of a word outside entities.

    Raises:
        InputError: for sentences without confidences; and see ``conll_bytes``.
    """
    if sentences.confidences is None:
        raise InputError(
            "confidences: expected some to write in a column of their own, got labels of which nobody says how sure "
            "they are",
            field="confidences",
        )
    entities = sentences.entities
    first = flat(entities.start, entities.offsets, sentences.words.offsets)
    length = entities.end - entities.start
    sure = np.zeros(int(sentences.words.offsets[-1]), np.int64)  # of each word: none, or its entity
    sure[ranges(first, length)] = np.repeat(np.arange(1, 1 + len(length)), length)
    texts = [NO_CONFIDENCE, *sentences.confidences.astype(str).tolist()]  # the shortest that give the float32 back
    column = iter([f"\t{texts[i]}\t".encode() for i in sure.tolist()])
    lines = conll_bytes(sentences).split(b"\n")
    return b"\n".join([line.replace(b"\t", next(column)) if line else line for line in lines])
