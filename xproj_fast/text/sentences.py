"""Sentence ends in any script, to cut a text that is too long for a model; abbreviations are guessed."""

from __future__ import annotations

import re

Span = tuple[int, int]

# Ends that need no space behind them: full-width, Devanagari, Ethiopic, Khmer, Myanmar, Tibetan, Armenian, ...
FULL = "。！？｡।॥።፧፨។៕။།༎༏༑։؟۔܀܁܂᙮᠃᠉⳹⳾꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꯫︒﹒﹖﹗︕︖𑁇𑁈\u0df4\u203c\u203d\u2047\u2048\u2049"  # noqa: RUF001
PLAIN = ".!?…"  # ends only before white space or the end: 3.14, example.org, U.S.A
CLOSING = "\"'”’»›」』）)]］】》〉｣}\u201f"  # noqa: RUF001
OPENING = "\"'“‘«‹「『（([［【《〈｢{¿¡„‚\u201b"  # noqa: RUF001
# Short words before a period that end no sentence; more would be guessing language by language.
_ABBREVIATIONS = (
    "mr mrs ms dr prof st jr rev gen lt sgt capt gov hon vs ca cf dept bzw z.b d.h u.a hrsg ggf usw abb vgl evtl inkl "
    "str sr sra srta ud uds av avda m mm mme mlle p.ej sig dott e.g i.e a.m p.m u.s u.k u.n "
    "г гг им ул тыс млн млрд руб др т.д т.п т.е jan feb apr aug sept oct nov"  # noqa: RUF001
)
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
BEFORE_NUMBERS = frozenset(["no", "nr", "nos", "vol", "fig", "eq", "pp", "art", "abs", "bd", "núm", "pág", "ch", "sec"])
# Closes in German, right behind a mark; opens elsewhere, in Chinese with no space before it.
GERMAN = "“‘"  # noqa: RUF001
# French has a space before the mark that closes; where a word follows, » opens, as in German and Danish.
FRENCH = " \u00a0\u202f"
_END = re.compile(
    f"[{re.escape(PLAIN + FULL)}]+(?:(?<=[{PLAIN}])[{GERMAN}])?[{re.escape(CLOSING)}]*(?:[{FRENCH}]»(?!\\w))?"
)
_WORD_BEFORE = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*$")


def split_sentences(text: str) -> list[Span]:
    """Cut a text at its sentence ends and line breaks.

    A full-width or script's own end mark ends a sentence anywhere; ``.``, ``!``, ``?`` and ``…`` only before white
    space that no lower-case letter follows, and a period not after a single capital, a number below 100 or one of
    some seventy abbreviations. Closing quotes and brackets stay with the sentence they close.

    Args:
        text: any text.

    Returns:
        Half-open code point spans without white space around them, in order; together they hold all else of the text.
        Blank text has none.
    """
    spans: list[Span] = []
    start = 0
    for end in [*_ends(text), len(text)]:
        first, last = start, end
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        if first < last:
            spans.append((first, last))
        start = end
    return spans


def _ends(text: str) -> list[int]:
    breaks = [match.end() for match in re.finditer(r"[\n\r\u0085\u2028\u2029]", text)]
    marks = [match.end() for match in _END.finditer(text) if _is_end(text, match.start(), match.end())]
    return sorted({*breaks, *marks})


def _is_end(text: str, start: int, end: int) -> bool:
    marks = text[start:end].rstrip(CLOSING + GERMAN + FRENCH)
    behind = text[end : end + 16]
    if any(mark in FULL for mark in marks):
        # What was said, in quotes, may be the object of the sentence: 「はい。」と言った。
        return not (start + len(marks) < end and "\u3041" <= behind[:1] <= "\u309f")
    if behind and not behind[0].isspace():
        return False
    following = behind.lstrip().lstrip(OPENING)[:1]
    if following.islower():
        return False
    if marks != ".":
        return True
    before = text[max(0, start - 24) : start]
    word = _WORD_BEFORE.search(before)
    if word is not None:
        name = word.group().lower()
        single = len(name) == 1 and word.group().isupper()
        return not (single or name in ABBREVIATIONS or (name in BEFORE_NUMBERS and following.isdigit()))
    number = before.rsplit(None, 1)[-1:]  # "3. Oktober": an ordinal, or the number of a list item
    return not (number and number[0].isdigit() and len(number[0]) <= 2 and following.isalpha())
