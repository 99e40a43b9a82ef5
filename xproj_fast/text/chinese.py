"""Chinese is cut into words by jieba, or into characters."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from xproj_fast.errors import MissingDependencyError
from xproj_fast.packages import installed_version, need
from xproj_fast.text.scripts import Span, is_blank, is_chinese

CHINESE_WAYS = ("jieba", "characters")


def described_chinese(way: str, languages: Iterable[str]) -> str:
    """Return what the words of texts in some languages depend on, besides this package: jieba's versions differ."""
    if way != "jieba" or not any(map(is_chinese, languages)):
        return way
    return f"jieba {installed_version('jieba')}"


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


def jieba_splitter() -> Callable[[str], list[Span]]:
    """Return what cuts Chinese text into words, as arXiv 2501.18750 does: half-open code point spans.

    Raises:
        MissingDependencyError: where jieba is not installed.
    """
    tokenizer = _jieba()
    return lambda text: [(start, end) for word, start, end in tokenizer.tokenize(text) if not is_blank(word)]
