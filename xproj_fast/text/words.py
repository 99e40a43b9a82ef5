"""Words: cutting a text into words that remember their place in it, by language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain

import numpy as np

from xproj_fast.arrays import Words
from xproj_fast.errors import unknown_name
from xproj_fast.ragged import offsets_of_lists
from xproj_fast.text.chinese import CHINESE_WAYS, jieba_splitter
from xproj_fast.text.scripts import INVISIBLE, JOINERS, JOINTS, UNSPACED, Span, is_chinese

ELISIONS = "[cdjlmnst]|(?:jus|lors|puis|quoi)?qu|[ad]?all|dell|nell|sull|coll|quell|quest|un"


LONGEST_KNOWN = 24  # characters of a part that is remembered
MOST_KNOWN = 1 << 15  # parts: some 5 MB

_known: dict[str, tuple[Span, ...]] = {}  # a part between white space -> its words; threads may share it
_cuts: dict[tuple[Span, ...], tuple[Span, ...]] = {}  # the few ways parts are cut in, each kept once

_TOKEN = re.compile(r"[^ \t]+")


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


def splitter(language: str | None, chinese: str = "jieba") -> Callable[[str], list[Span]]:
    """Return what cuts a text of a language into words: a function from the text to half-open code point spans.

    Args:
        language: NLLB's code, such as ``"zho_Hans"``; None = any language with spaces.
        chinese: ``"jieba"`` cuts Chinese into words as arXiv 2501.18750 does, ``"characters"`` into characters, as
            always for Japanese, Thai, Lao, Khmer and Burmese.

    Raises:
        InputError: for another way.
        MissingDependencyError: for jieba where it is not installed.
    """
    if chinese not in CHINESE_WAYS:
        raise unknown_name("chinese", chinese, CHINESE_WAYS)
    if chinese == "characters" or not is_chinese(language):
        return _split_by_parts
    return jieba_splitter()


def split(texts: Sequence[str], language: str | None = None, *, chinese: str = "jieba") -> Words:
    """Cut texts into words.

    Args:
        texts: N raw sentences.
        language: see ``splitter``.
        chinese: see ``splitter``.

    Returns:
        The words with their texts and their places in them, as ``JsonlReader`` makes them: int32[words] code points.
    """
    cut = splitter(language, chinese)
    return words_at(texts, [cut(text) for text in texts])


def words_at(texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Words:
    """Return words as columns: the spans of N texts, in order, half-open code points."""
    import pyarrow as pa

    wide = pa.large_string()  # no 2 GiB limit
    words = [text[a:b] for text, found in zip(texts, spans, strict=True) for a, b in found]
    flat = np.fromiter(chain.from_iterable(chain.from_iterable(spans)), np.int32, 2 * len(words)).reshape(-1, 2)
    return Words(offsets_of_lists(spans), pa.array(words, wide), pa.array(texts, wide), *flat.T.copy())


def _split_by_parts(text: str) -> list[Span]:
    """Return ``split_words(text)``, several times faster: no word crosses white space, and most parts come again."""
    spans: list[Span] = []
    at = 0
    for part in text.split():
        at = text.index(part, at)
        found = _known.get(part)
        if found is None:
            found = tuple(split_words(part))
            if len(part) <= LONGEST_KNOWN:
                found = _cuts.setdefault(found, found)
                if len(_known) >= MOST_KNOWN:
                    _known.clear()
                    _cuts.clear()
                _known[part] = found
        if len(found) == 1:
            ((start, end),) = found
            spans.append((at + start, at + end))
        else:
            spans += [(at + start, at + end) for start, end in found]
        at += len(part)
    return spans
