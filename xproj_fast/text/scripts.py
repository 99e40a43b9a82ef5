"""Scripts: their characters that part words or show nothing, and which are written without spaces."""

from __future__ import annotations

import re
from unicodedata import bidirectional

from xproj_fast.text.languages import language_and_script

Span = tuple[int, int]  # half-open, in code points

# Invisible characters that count as spaces, and those that do so only outside a word (Persian, Indic, hyphenation).
INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
JOINERS = "\u00ad\u200c\u200d"
JOINTS = "-'.\u00b7\u05f3\u05f4\u2010\u2011\u2019"  # may stand between two letters of a word
# Thai, Lao, Myanmar, Khmer, Chinese and Japanese write no spaces: there every character is a word of its own.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)

# Scripts written without spaces between words. Tibetan and Dzongkha part syllables with marks, Korean words with
# spaces, so they are not among them.
_NO_SPACES = ("Hans", "Hant", "Jpan", "Thai", "Laoo", "Khmr", "Mymr")
CHINESE = ("zho", "yue", "cmn")
_NO_SPACE_LANGUAGES = (*CHINESE, "jpn", "tha", "lao", "khm", "mya")
# Of these, those that write none between sentences either.
_NO_SPACE_AT_ALL = ("Hans", "Hant", "Jpan")
_NO_SPACE_AT_ALL_LANGUAGES = (*CHINESE, "jpn")

_UNSPACED = re.compile(f"[{UNSPACED}]")
_BLANKS = re.compile(f"[\\s{INVISIBLE}{JOINERS}]*")


def writes_spaces(language: str | None) -> bool:
    """Return whether a language parts its words with spaces; one that is not known does.

    Args:
        language: a code of NLLB, M2M100 or ISO 639, such as ``"zho_Hans"``, ``"__zh__"``, ``"zh"``; None = unknown.
    """
    name, script = language_and_script(language)
    return script not in _NO_SPACES and name not in _NO_SPACE_LANGUAGES


def spaces_sentences(language: str | None) -> bool:
    """Return whether a language has a space between two sentences; see ``writes_spaces``."""
    name, script = language_and_script(language)
    return script not in _NO_SPACE_AT_ALL and name not in _NO_SPACE_AT_ALL_LANGUAGES


def is_unspaced(character: str) -> bool:
    """Return whether a character belongs to a script without spaces; "" does not."""
    return _UNSPACED.match(character) is not None


def is_chinese(language: str | None) -> bool:
    """Return whether a language is written in Chinese characters alone; see ``writes_spaces``."""
    return language_and_script(language)[0] in CHINESE


def runs_leftward(text: str) -> bool:
    """Return whether most letters of a text are written from right to left: the first may be of a foreign name."""
    kinds = [bidirectional(c) for c in text if c.isalpha()]
    return 2 * sum(kind in ("R", "AL") for kind in kinds) > len(kinds)


def after_blanks(text: str, at: int) -> int:
    """Return where the next visible character stands."""
    match = _BLANKS.match(text, at)
    return match.end() if match else at  # it always matches, if only nothing


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing."""
    return _BLANKS.fullmatch(text) is not None
