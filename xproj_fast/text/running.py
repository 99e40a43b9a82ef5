"""Words as running text: the raw sentence where it is known, else the words joined as their script is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from xproj_fast.text.scripts import is_unspaced

if TYPE_CHECKING:
    from xproj_fast.arrays import Words

# Punctuation of Chinese and Japanese, which brings its own space.
_WIDE = re.compile("[\u3001-\u3003\u3008-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")


class RunningText(NamedTuple):
    """A sentence as text, and where its words stand in it.

    Attributes:
        text: the sentence.
        starts: the first character (code point) of each word.
        ends: one past the last.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def raw_text(words: Words, row: int) -> RunningText | None:
    """Return the raw sentence; None where it is not known, or its words do not stand in it one after the other."""
    if words.texts is None or words.text_start is None or words.text_end is None:
        return None
    text = words.texts[row].as_py()
    a, b = words.offsets[row : row + 2].tolist()
    starts, ends = words.text_start[a:b].tolist(), words.text_end[a:b].tolist()
    if text is None or any(x > y for x, y in pairwise([0, *chain(*zip(starts, ends, strict=True)), len(text)])):
        return None
    return RunningText(text, starts, ends)


def joined(words: Sequence[str]) -> RunningText:
    """Join words of a language that is not told: with spaces, but for scripts that write none.

    >>> joined(["我", "喜欢", "deep", "learning", "。"]).text
    '我喜欢 deep learning。'
    >>> joined(["Hello", ",", "world"])
    RunningText(text='Hello , world', starts=[0, 6, 8], ends=[5, 7, 13])
    """
    gaps = [bool(i) and gap for i, gap in enumerate(_gaps(words))]
    text, starts, ends = [], [], []
    at = 0
    for word, gap in zip(words, gaps, strict=True):
        text.append(f" {word}" if gap else word)
        at += len(text[-1])
        starts.append(at - len(word))
        ends.append(at)
    return RunningText("".join(text), starts, ends)


def _gaps(words: Sequence[str]) -> list[bool]:
    """Return before which words a space stands; of no account before the first."""
    left = _unspaced(words, last=True)
    right = _unspaced(words[::-1], last=False)[::-1]
    gaps = [False] * len(words)
    for i in range(1, len(words)):
        # Punctuation is of the script that it follows and precedes; at the ends of a sentence, of its neighbour's.
        unspaced = {left[i - 1], right[i]} - {None} == {True}
        gaps[i] = not (unspaced or _WIDE.match(words[i - 1][-1:]) or _WIDE.match(words[i][:1]))
    return gaps


def _unspaced(words: Iterable[str], *, last: bool) -> list[bool | None]:
    """Return whether the letter or digit up to each word is of a script without spaces; None = there was none yet."""
    found: list[bool | None] = []
    state: bool | None = None
    for word in words:
        near = next((c for c in (reversed(word) if last else word) if c.isalnum()), None)
        state = state if near is None else is_unspaced(near)
        found.append(state)
    return found
