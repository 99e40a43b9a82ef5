"""Sentences as the page takes them: one string each, in which words are told apart."""

from __future__ import annotations

import re

import numpy as np

from xproj_fast.arrays import Words
from xproj_fast.marks import UNKNOWN
from xproj_fast.text.running import joined

# Between two words stands a space, or this where the text has none. Private characters, which visible_word() takes out
# of words, so that nothing in a word can be taken for them.
GLUE = "\ue000"
BLANK = "\ue001"  # a space within a word
EMPTY = "\ue002"  # a word without characters

# What would end a line, turn the direction of the text around it or hide: shown as its escape. Joiners stay, which
# Persian and the scripts of India spell with, and so do the selectors of emoji.
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\ue000-\ue002\U000e0000-\U000e0fff]"
)


def visible_text(text: str) -> str:
    r"""Return text as it may stand in a page: what acts on its neighbours, or hides, is an escape, ``\u202e``."""
    if text.isascii() and text.isprintable():
        return text
    return _ACTIVE.sub(lambda c: c[0].encode("unicode_escape").decode(), text)


def visible_word(word: str) -> str:
    """Return a word as it may stand in a sentence of the page, see ``visible_text``."""
    return visible_text(word).replace(" ", BLANK) or EMPTY


def page_texts(words: Words) -> list[str]:
    """Return each sentence as its words with a space or ``GLUE`` between them."""
    if words.strings is None:
        return [" ".join([UNKNOWN] * count) for count in np.diff(words.offsets).tolist()]
    lists = words.to_lists()
    if words.texts is None or words.text_start is None or words.text_end is None:
        return [_joined(sentence) for sentence in lists]
    apart = np.ones(len(words.text_start), np.bool_)
    apart[1:] = words.text_start[1:] > words.text_end[:-1]
    found, first = [], 0
    for sentence in lists:
        found.append(_with(sentence, apart[first : first + len(sentence)].tolist()))
        first += len(sentence)
    return found


def _joined(words: list[str]) -> str:
    if "".join(words).isascii():
        return " ".join(map(visible_word, words))
    _, starts, ends = joined(words)
    return _with(words, [start > end for start, end in zip(starts, [0, *ends[:-1]], strict=True)])


def _with(words: list[str], gaps: list[bool]) -> str:
    """Return the words of a sentence as one string; ``gaps``: whether a space stands before each."""
    parts = [part for word, gap in zip(words, gaps, strict=True) for part in (" " if gap else GLUE, visible_word(word))]
    return "".join(parts[1:])
