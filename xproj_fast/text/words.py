"""Words and texts by language: cutting a text into words that remember their place in it, and joining words."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from xproj_fast.arrays import Words
from xproj_fast.errors import MissingDependencyError, unknown_name
from xproj_fast.formats.words import words_at
from xproj_fast.packages import installed_version, need
from xproj_fast.text.scripts import UNSPACED, Span, is_blank, split_words

# Scripts written without spaces between words. Tibetan and Dzongkha part syllables with marks, Korean words with
# spaces, so they are not among them.
UNSPACED_SCRIPTS = ("Hans", "Hant", "Jpan", "Thai", "Laoo", "Khmr", "Mymr")
CHINESE = ("zho", "yue", "cmn", "zh")
CHINESE_WAYS = ("jieba", "characters")

LONGEST_KNOWN = 24  # characters of a part that is remembered
MOST_KNOWN = 1 << 15  # parts: some 5 MB

_known: dict[str, tuple[Span, ...]] = {}  # a part between white space -> its words; threads may share it
_cuts: dict[tuple[Span, ...], tuple[Span, ...]] = {}  # the few ways parts are cut in, each kept once
_SPACED_LETTER = re.compile(rf"[^\W_{UNSPACED}]")


def writes_spaces(language: str | None) -> bool:
    """Return whether a language parts its words with spaces; one that is not known does."""
    if language is None:
        return True
    name, _, script = language.partition("_")
    return script not in UNSPACED_SCRIPTS and name not in (*CHINESE, "ja", "th", "lo", "km", "my")


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
    if language is None or language.partition("_")[0] not in CHINESE or chinese == "characters":
        return _split_by_parts
    return _jieba_spans(_jieba())


def described_chinese(way: str, languages: Iterable[str]) -> str:
    """Return what the words of texts in some languages depend on beside this package: another jieba cuts otherwise."""
    if way != "jieba" or all(language.partition("_")[0] not in CHINESE for language in languages):
        return way
    return f"jieba {installed_version('jieba')}"


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


def texts_of(words: Words, language: str | None = None) -> list[str]:
    """Return the sentences as text to translate: the raw ones where there are any, else the words joined."""
    if words.texts is not None:
        texts: list[str] = words.texts.to_pylist()
        return texts
    return [join(sentence, language) for sentence in words.to_lists()]


def join(words: Sequence[str], language: str | None = None) -> str:
    """Join the words of a sentence: with spaces, in a script without them only between two words of other scripts."""
    if writes_spaces(language):
        return " ".join(words)
    parts: list[str] = []
    for word in words:
        if parts and _ends_spaced(parts[-1], -1) and _ends_spaced(word, 0):
            parts.append(" ")
        parts.append(word)
    return "".join(parts)


def _ends_spaced(word: str, at: int) -> bool:
    return bool(word) and _SPACED_LETTER.match(word[at]) is not None


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


@cache
def _jieba() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports what setuptools has deprecated
            jieba: Any = need("jieba", "pipelines")
    except MissingDependencyError as error:
        raise MissingDependencyError(f"cutting Chinese into words: {error}; or cut it into characters") from None
    jieba.setLogLevel(logging.WARNING)  # where its cache is, on standard error
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def _jieba_spans(tokenizer: Any) -> Callable[[str], list[Span]]:
    def spans(text: str) -> list[Span]:
        return [(start, end) for word, start, end in tokenizer.tokenize(text) if not is_blank(word)]

    return spans
