"""Cuts a raw text into words whose ends are the ends of entities."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Invisible characters that count as spaces, and those that do so only outside a word (Persian, Indic, hyphenation).
INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
JOINERS = "\u00ad\u200c\u200d"
JOINTS = "-'.\u00b7\u05f3\u05f4\u2010\u2011\u2019"  # may stand between two letters of a word
# Thai, Lao, Myanmar, Khmer, Chinese and Japanese write no spaces: there every character is a word of its own.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
ELISIONS = "[cdjlmnst]|(?:jus|lors|puis|quoi)?qu|[ad]?all|dell|nell|sull|coll|quell|quest|un"

Span = tuple[int, int]

_TOKEN = re.compile(r"[^ \t]+")
_BLANKS = re.compile(f"[\\s{INVISIBLE}{JOINERS}]*")


def split_words(text: str) -> list[Span]:
    """Cut a text into words so that the ends of entities are, in ordinary text, ends of words.

    A word is a run of letters, digits and their marks, joined by single apostrophes, hyphens and periods between two
    of them (O'Neill, U.S, Jean-Luc); every other visible character is one by itself. Because entities end there,
    the English 's (Obama's) and French, Italian and Catalan elisions (l'Italia) are words of their own, and so is
    every character of a script without spaces; give tokens for better ones.

    Args:
        text: any text.

    Returns:
        Half-open code point spans, in order, without white space and characters as good as that.
    """
    return [match.span() for match in _word_pattern().finditer(text)]


def split_spaces(text: str) -> list[Span]:
    """Cut a text that is tokenized already: spaces and tabs part its words, as in files of words."""
    return [match.span() for match in _TOKEN.finditer(text)]


@cache
def _word_pattern() -> re.Pattern[str]:
    # Python's \\w leaves out marks, without which words of Indic scripts, or in NFD, fall apart. All marks are below
    # U+20000 but for the variation selectors U+E0100 to U+E01EF.
    marks = [chr(c) for c in range(0x300, 0x20000) if unicodedata.category(chr(c))[0] == "M"]
    mark = "".join(marks) + "\U000e0100-\U000e01ef"
    letter = rf"[^\W_{UNSPACED}]"
    run = f"{letter}+(?:[{mark}{JOINERS}]+{letter}+)*[{mark}]*"
    clitic = f"['\u2019][sS](?!{letter}|[{mark}])"
    elision = f"(?i:{ELISIONS})['\u2019](?={letter})"
    word = f"{run}(?:(?!{clitic})[{JOINTS}]{run})*"
    other = rf"[^\s{INVISIBLE}{JOINERS}][{mark}]*"
    return re.compile(f"{elision}|{word}|{clitic}|{other}")


def after_blanks(text: str, at: int) -> int:
    """Return where the next visible character stands."""
    match = _BLANKS.match(text, at)
    return match.end() if match else at  # it always matches, if only nothing


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing."""
    return _BLANKS.fullmatch(text) is not None
