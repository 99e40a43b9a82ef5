"""Words of messages: what was probably meant, numbers with their nouns, and values that a terminal can show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MOST_LISTED = 40  # names in a message; a tagger may have thousands
MOST_OF_A_WORD = 400  # characters without a space: longer than any path that a message is likely to name
MOST_OF_A_LINE = 1000
MOST_OF_A_VALUE = 80  # characters of one value from a file
# Printable to Python, but nothing to see: fillers of Hangul and Khmer, and selectors of variants, which can hide text.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE0F), *range(0xE0100, 0xE01F0)))
)


def count(number: int, one: str, several: str | None = None) -> str:
    """Return a number with its noun: ``1 sentence``, ``12,345 sentences``, ``2 entities``.

    Args:
        number: how many.
        one: the noun, and what follows it, of one.
        several: of any other number; None = the regular plural of ``one``.
    """
    if number != 1 and several is None:
        several = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{number:,} {one if number == 1 else several}"


def listed(names: Iterable[str]) -> str:
    """Return names with commas between them; of very many the first."""
    found = list(dict.fromkeys(names))
    more = f", ... ({len(found):,} in all)" if len(found) > MOST_LISTED else ""
    return ", ".join(found[:MOST_LISTED]) + more


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines: the first column flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    return [line.rstrip() for line in lines]


def did_you_mean(got: object, known: Iterable[str]) -> str:
    """Return `` (did you mean MISC?)``, with a space in front, where a known name is close to what was got; else ""."""
    if not isinstance(got, str):
        return ""
    import difflib  # nobody waits for it who makes no mistake

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    wrong = got[:100].casefold()
    close = difflib.get_close_matches(wrong, folded, 3, 0.6)
    if not close:
        return ""
    # Of those that are as close, the one that begins alike: LOG is LOC rather than ORG.
    best = max(close, key=lambda name: (difflib.SequenceMatcher(a=name, b=wrong).ratio(), name[0] == wrong[0]))
    return f" (did you mean {folded[best]}?)"


def visible(text: str) -> str:
    r"""Return text in one line that a terminal shows as it is.

    What Python would escape in a string (control characters, ANSI's escape, line breaks, marks that turn the direction
    of text or have no width, lone surrogates) stands as its escape: ``\x1b``, ``\u202e``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if is_seen(c) else c.encode("unicode_escape").decode() for c in text)


def is_seen(c: str) -> bool:
    """Whether a terminal shows a character as it is."""
    return c.isprintable() and c not in _UNSEEN


def brief(text: str) -> str:
    """Return a value from a file as it may stand in a message: one line, of few characters."""
    return without_middle(visible(without_middle(text, MOST_OF_A_VALUE)), MOST_OF_A_VALUE)


def shortened(text: str) -> str:
    """Return a line of bounded length: words, then the line, of absurd length lose their middle."""
    if len(text) <= MOST_OF_A_WORD:  # nearly every message; there may be one of each row of a table
        return text
    words = re.sub(rf"\S{{{MOST_OF_A_WORD + 1},}}", lambda word: without_middle(word[0], MOST_OF_A_WORD), text)
    return without_middle(words, MOST_OF_A_LINE)


def shown(text: str) -> str:
    """Return a line for a terminal: see ``shortened`` and ``visible``."""
    return shortened(visible(shortened(text)))  # an escape is longer than what it stands for


def without_middle(text: str, most: int) -> str:
    """Return a text of bounded length: what is longer loses its middle."""
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-(most // 2) :]}"
