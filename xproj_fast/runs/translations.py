"""Translations inside a pipeline: which sentences are translated, and what becomes of those that could not be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from xproj_fast.arrays import Words
from xproj_fast.formats.sentences import Sentences
from xproj_fast.models.translation import TranslateOptions, Translation
from xproj_fast.runs.stream import Stop
from xproj_fast.text.joining import texts_of
from xproj_fast.text.scripts import is_blank
from xproj_fast.text.words import split
from xproj_fast.wording import brief

MOST_WORDS = 4000  # of a sentence: an aligner compares all its words with all of the translation
PROBLEM = "problem:"  # in front of a reason in the counts of a run


class Problem(NamedTuple):
    """A sentence that got no labels.

    Attributes:
        sentence: its place in the chunk.
        reason: ``too_long`` (more words than ``max_sentence_words``: not translated), ``refused`` by the translator, or
            its translation is ``empty``, ``repeated`` (it repeats itself) or ``cut`` at the length limit;
            ``unmarkable``: it has markers of its own, or more entities than there are markers.
        detail: what the translator made of it.
        language: of the translation.
    """

    sentence: int
    reason: str
    detail: str
    language: str


@dataclass(frozen=True, slots=True, eq=False)
class Translated:
    """The translations of a chunk.

    Attributes:
        words: of each translation; none where it is not usable.
        usable: bool[N], False for sentences with a problem.
        problems: by sentence.
    """

    words: Words
    usable: Any
    problems: list[Problem]


def translate_lines(
    translator: Any,
    lines: Sequence[str],
    source_language: str,
    target_language: str,
    options: TranslateOptions | None,
    *,
    stop: Stop,
) -> list[Translation]:
    """Translate the lines of a chunk; ``stop`` is looked at between translations.

    A chunk is one call, so that which sentences share a batch does not depend on where a run was resumed.
    """
    how = replace(options or TranslateOptions(), chunk=max(len(lines), 1))
    found: list[Translation] = []
    for translation in translator.translate(lines, source_language, target_language, how):
        stop.check()
        found.append(translation)
    return found


def translate_words(
    translator: Any,
    sentences: Words,
    source_language: str,
    target_language: str,
    options: TranslateOptions | None,
    *,
    max_words: int,
    chinese: str,
    stop: Stop,
) -> Translated:
    """Translate sentences and cut the translations into words.

    Args:
        translator: see ``TranslatorLike``.
        sentences: N sentences; what is translated are their raw texts, or else their words joined.
        source_language: NLLB's code.
        target_language: likewise.
        options: None = the defaults.
        max_words: a longer sentence is not translated.
        chinese: how Chinese translations are cut, see ``words.splitter``.
        stop: is looked at between translations.
    """
    too_long = np.diff(sentences.offsets) > max_words
    texts = texts_of(sentences, source_language)
    lines = ["" if long else text for text, long in zip(texts, too_long.tolist(), strict=True)]
    found = translate_lines(translator, lines, source_language, target_language, options, stop=stop)
    problems = []
    for i, (line, translation) in enumerate(zip(lines, found, strict=True)):
        if too_long[i]:
            length = int(sentences.offsets[i + 1] - sentences.offsets[i])
            problems.append(Problem(i, "too_long", f"{length:,} words", target_language))
        elif reason := reason_of(line, translation):
            problems.append(Problem(i, reason, translation.refused or translation.text, target_language))
    usable = np.ones(len(sentences), np.bool_)
    usable[[problem.sentence for problem in problems]] = False
    good = [translation.text if ok else "" for translation, ok in zip(found, usable.tolist(), strict=True)]
    return Translated(split(good, target_language, chinese=chinese), usable, problems)


def reason_of(line: str, translation: Translation) -> str | None:
    """Return why a translation cannot be used, or None; that of a blank line is blank, and fine."""
    if translation.refused is not None:
        return "refused"
    if is_blank(translation.text):
        return None if is_blank(line) else "empty"
    if translation.repeated:
        return "repeated"
    return "cut" if translation.cut else None


def count_problems(problems: Sequence[Problem]) -> dict[str, int]:
    """Count problems by reason, as a run's manifest has them."""
    return dict(Counter(PROBLEM + problem.reason for problem in problems))


def untranslated(problems: Iterable[Problem]) -> dict[int, str]:
    """Return by sentence why it has no labels, as the ``error`` of a row of a batch says it."""
    return {each.sentence: f"not translated: {each.reason}: {brief(each.detail)}" for each in problems}


def problem_lines(problems: Sequence[Problem], sentences: Sentences, first: int) -> bytes:
    """Return one JSON object a problem: sentence (0-based in the file), id, line, language, reason, translation."""
    lines = []
    for problem in problems:
        record: dict[str, Any] = {"sentence": first + problem.sentence}
        if sentences.ids is not None:
            record["id"] = sentences.ids[problem.sentence].as_py()
        record["line"] = int(sentences.lines[problem.sentence])
        record["language"] = problem.language
        record["reason"] = problem.reason
        record["detail" if problem.reason in ("refused", "too_long", "unmarkable") else "translation"] = problem.detail
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines).encode()
