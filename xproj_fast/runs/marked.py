"""Translation of marked sentences: labelled words of the other language, without any alignment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Words
from xproj_fast.models.translation import TranslateOptions
from xproj_fast.ragged import offsets_of_lists, per_item
from xproj_fast.runs.markers import MarkerOptions, Unmarked, mark, unmark
from xproj_fast.runs.stream import Stop
from xproj_fast.runs.translations import MOST_WORDS, Problem, reason_of
from xproj_fast.text.joining import with_texts
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import splitter, words_at

MARKER = "marker:"  # in front of what became of markers, in the counts of a run


@dataclass(frozen=True, slots=True, eq=False)
class MarkedTranslations:
    """N translations with the entities their markers gave.

    Attributes:
        words: of the translations, markers taken out; none where a translation is not usable.
        entities: spans of these words; ``label`` as in the source.
        usable: bool[N].
        origin: int64[entities], the place of the source entity that each stands for, counted over all sentences.
        missed: int64[N], how many entities of each sentence no span stands for.
        problems: why not; ``unmarkable``: the sentence has such markers of its own, or too many entities.
        counts: ``marker:lost``, ``marker:nested``, ... and ``marker:unmatched``: brackets that are like no entity;
            ``marker:widened``: markers inside a word.
    """

    words: Words
    entities: Entities
    usable: NDArray[np.bool_]
    origin: NDArray[np.int64]
    missed: NDArray[np.int64]
    problems: list[Problem]
    counts: Counter[str]


def translate_marked(
    translator: Any,
    words: Words,
    entities: Entities,
    source_language: str,
    target_language: str,
    options: MarkerOptions,
    translate: TranslateOptions | None = None,
    *,
    max_words: int = MOST_WORDS,
    chinese: str = "jieba",
    stop: Stop | None = None,
) -> MarkedTranslations:
    """Mark the entities of N sentences, translate, and read them off the translations.

    Args:
        translator: one that was trained to keep markers (EasyProject's or LabelPigeon's checkpoints), or any.
        words: N sentences; raw texts are used where they are there.
        entities: their entities, ordered by start, disjoint.
        source_language: NLLB's code.
        target_language: likewise.
        options: see ``MarkerOptions``.
        translate: None = the defaults.
        max_words: a longer sentence is not translated.
        chinese: see ``words.splitter``.
        stop: is looked at between translations.
    """
    stop = stop or Stop()
    texts, spans = _spans_in_texts(words, entities, source_language)
    marked = [mark(text, found, options) for text, found in zip(texts, spans, strict=True)]
    too_long = (np.diff(words.offsets) > max_words).tolist()
    # One call for sentences and, with brackets, for each different entity alone.
    brackets = options.form == "brackets"
    alone = sorted({text[a:b] for text, found in zip(texts, spans, strict=True) for a, b in found if brackets})
    lines = ["" if long else line or "" for line, long in zip(marked, too_long, strict=True)] + alone
    how = replace(translate or TranslateOptions(), chunk=max(len(lines), 1))
    done = []
    for translation in translator.translate(lines, source_language, target_language, how):
        stop.check()
        done.append(translation)
    lone = {text: found.text for text, found in zip(alone, done[len(texts) :], strict=True)}
    cut = splitter(target_language, chinese)
    counts: Counter[str] = Counter()
    problems: list[Problem] = []
    found_texts: list[str] = []
    found_words: list[list[Span]] = []
    found_entities: list[list[tuple[int, int, int]]] = []
    origin: list[int] = []
    missed = np.zeros(len(texts), np.int64)
    labels, bounds = entities.label.tolist(), entities.offsets.tolist()
    for s, (line, translation) in enumerate(zip(marked, done[: len(texts)], strict=True)):
        reason = "unmarkable" if line is None else reason_of(lines[s], translation)
        reason = "too_long" if too_long[s] else reason
        if reason:
            detail = translation.refused or translation.text or texts[s]
            detail = f"{int(words.offsets[s + 1] - words.offsets[s]):,} words" if too_long[s] else detail
            problems.append(Problem(s, reason, detail, target_language))
        text = "" if reason else translation.text
        asked = bounds[s + 1] - bounds[s]
        clean = unmark(text, asked, options) if asked else Unmarked(text, [])  # then brackets are its own
        own = [
            (lone.get(texts[s][a:b], ""), label) for (a, b), label in zip(spans[s], labels[bounds[s] :], strict=False)
        ]
        places = cut(clean.text)
        found_texts.append(clean.text)
        found_words.append(places)
        kept = [] if reason else _on_words(clean, places, own, options, counts)
        missed[s] = asked - len({entity for _, _, entity in kept})
        origin += [bounds[s] + entity for _, _, entity in kept]
        found_entities.append([(first, last, own[entity][1]) for first, last, entity in kept])
    usable = np.ones(len(texts), np.bool_)
    usable[[problem.sentence for problem in problems]] = False
    found = words_at(found_texts, found_words)
    origins = np.array(origin, np.int64)
    return MarkedTranslations(found, _columns(found_entities), usable, origins, missed, problems, counts)


def _on_words(
    clean: Unmarked,
    words: Sequence[Span],
    own: Sequence[tuple[str, int]],
    options: MarkerOptions,
    counts: Counter[str],
) -> list[tuple[int, int, int]]:
    """Return marked spans as (first word, end word, entity); ``own`` is each entity's translation alone and label."""
    counts.update({MARKER + name: count for name, count in clean.lost.items()})
    starts, ends = [a for a, _ in words], [b for _, b in words]
    found: list[tuple[int, int, int]] = []
    for start, end, tag in clean.spans:
        first, last = bisect_right(ends, start), bisect_left(starts, end)
        taken = {entity for _, _, entity in found}
        entity = tag if tag is not None else _most_similar(clean.text[start:end], own, taken, options)
        if entity is None:
            counts[MARKER + "unmatched"] += 1
            continue
        if first >= last or (found and first < found[-1][1]):
            counts[MARKER + ("blank" if first >= last else "nested")] += 1
            continue
        counts[MARKER + "widened"] += starts[first] < start or end < ends[last - 1]
        counts[MARKER + "kept"] += 1
        found.append((first, last, entity))
    return found


def _most_similar(text: str, own: Sequence[tuple[str, int]], taken: set[int], options: MarkerOptions) -> int | None:
    """Return the entity most like a text; of those as like as each other (Jordan in Jordan) the first still free."""
    ratios = [SequenceMatcher(None, text, alone, autojunk=False).ratio() for alone, _ in own]
    best = max(range(len(own)), key=lambda k: (ratios[k], k not in taken))
    return best if ratios[best] > options.least_similarity else None


def _spans_in_texts(words: Words, entities: Entities, language: str) -> tuple[list[str], list[list[Span]]]:
    """Return the sentences as texts, and where their entities stand in them."""
    words = with_texts(words, language)
    assert words.texts is not None
    assert words.text_start is not None
    assert words.text_end is not None
    first = per_item(words.offsets[:-1], entities.offsets)
    starts = words.text_start[first + entities.start].tolist()
    ends = words.text_end[first + entities.end - 1].tolist()
    rows = list(zip(starts, ends, strict=True))
    texts: list[str] = words.texts.to_pylist()
    return texts, [rows[x:y] for x, y in pairwise(entities.offsets.tolist())]


def _columns(found: Sequence[Sequence[tuple[int, int, int]]]) -> Entities:
    flat = np.array([row for rows in found for row in rows], np.int32).reshape(-1, 3).T.copy()
    return Entities(offsets_of_lists(found), *flat)
