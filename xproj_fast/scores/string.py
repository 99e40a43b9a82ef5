"""The string score: how much an entity and a candidate look alike. Names are often copied or transliterated."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import PairScores, Spans, Words
from xproj_fast.candidates import check_candidates
from xproj_fast.errors import InputError, MissingDependencyError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import flat, offsets_of, ranges, row_numbers
from xproj_fast.scores.options import DEFAULT_STRING_OPTIONS, StringOptions
from xproj_fast.scores.registry import register

MOST_PAIRS = 1 << 22  # at a time: bounds the memory beyond the result


def string_scores(
    pairs: SentencePairs,
    candidates: Spans,
    options: StringOptions = DEFAULT_STRING_OPTIONS,
) -> PairScores:
    """Score every (entity, candidate) pair by the edit similarity of their texts.

    score(p, t) = 1 - Levenshtein distance / length of the longer text, float32, from 0 to 1. A text is the words,
    each folded (see ``fold``), joined by a space; two empty texts score 0. RapidFuzz does the distance; each
    distinct pair of texts goes there once in some millions of pairs.

    >>> from xproj_fast.candidates import ngrams
    >>> pairs = SentencePairs.from_lists([["Berlin"]], [["Berlins"]], [[(0, 1, "LOC")]])
    >>> string_scores(pairs, ngrams(pairs)).values
    array([0.85714287], dtype=float32)

    Args:
        pairs: sentence pairs with the words of both sides.
        candidates: target spans of the same sentences.
        options: see ``StringOptions``.

    Returns:
        One score per pair, float32, 0 where it is below the threshold.

    Raises:
        InputError: for pairs without words, or candidates of other sentences.
        MissingDependencyError: without the package rapidfuzz.
    """
    _need_rapidfuzz()
    check_candidates(get(), pairs, candidates)
    texts = [_Texts.of_words(words, side) for words, side in ((pairs.source, "source"), (pairs.target, "target"))]
    entities = texts[0].spans(pairs.source, pairs.entities)
    phrases = texts[1].spans(pairs.target, candidates)
    offsets = score_offsets(pairs.entities, candidates)
    values = np.zeros(int(offsets[-1]), np.float32)
    # Blocks of whole rows: a row is an entity with all the candidates of its sentence.
    counts = np.diff(candidates.offsets)
    sentence = row_numbers(pairs.entities.offsets)
    rows = offsets_of(counts[sentence])
    first = candidates.offsets[:-1][sentence]
    begin = 0
    while begin < len(sentence):
        end = max(int(np.searchsorted(rows, rows[begin] + MOST_PAIRS, side="right")) - 1, begin + 1)
        size = rows[begin + 1 : end + 1] - rows[begin:end]
        left = np.repeat(np.arange(begin, end), size)
        right = ranges(first[begin:end], size)
        values[rows[begin] : rows[end]] = _similarities(entities, left, phrases, right, options.threshold)
        begin = end
    return PairScores(offsets, values)


def _need_rapidfuzz() -> None:
    try:
        import rapidfuzz  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            "the string score needs the package rapidfuzz: pip install 'xproj-fast[pipelines]'"
        ) from error


@register("string", needs=["texts"], ready=_need_rapidfuzz)
def _string(pairs: SentencePairs, candidates: Spans, *, string: StringOptions) -> PairScores:
    return string_scores(pairs, candidates, string)


def fold(text: str) -> str:
    """Return a text without what differs between spellings of one name.

    Compatibility forms become plain ones (NFKD), combining marks go, upper and lower case are one: ``"Łódź"`` and
    ``"łodz"`` differ in the stroke alone. Marks are what has a combining class: accents, Arabic and Hebrew points;
    the vowel signs of Indic scripts and Thai stay.
    """
    if text.isascii():
        return text.lower()
    for step in (str.casefold, str):  # case folding may bring new marks
        decomposed = unicodedata.normalize("NFKD", text)
        text = step("".join(c for c in decomposed if not unicodedata.combining(c)))
    return text


@dataclass(frozen=True, slots=True, eq=False)
class _Phrases:
    """Spans of one long text: characters ``[start, end)``."""

    text: str
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def lengths(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        length: NDArray[np.int64] = (self.end - self.start)[items]
        return length

    def distinct(self, items: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
        """Return the distinct texts of some phrases, and the position of each phrase's among them."""
        used, inverse = _unique(items, len(self.start))
        ids: dict[str, int] = {}
        text = self.text
        spans = zip(self.start[used].tolist(), self.end[used].tolist(), strict=True)
        of_used = np.array([ids.setdefault(text[a:b], len(ids)) for a, b in spans], np.int64)
        position: NDArray[np.int64] = of_used[inverse]
        return list(ids), position


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """Folded words, joined by spaces, and where each begins and ends."""

    text: str
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    @classmethod
    def of_words(cls, words: Words, side: str) -> _Texts:
        if words.strings is None:
            raise InputError(
                f"{side}_words: the string score compares words, expected strings and got only their number",
                field=f"{side}_words",
            )
        coded: Any = words.strings.dictionary_encode()  # a corpus has far fewer distinct words than words
        folded = [fold(word) for word in coded.dictionary.to_pylist()]
        code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        lengths = np.array([len(word) for word in folded], np.int64)[code]
        start = offsets_of(lengths + 1)[:-1]
        return cls(" ".join([folded[i] for i in code.tolist()]), start, start + lengths)

    def spans(self, words: Words, spans: Spans) -> _Phrases:
        start, end = (flat(places, spans.offsets, words.offsets) for places in (spans.start, spans.end))
        return _Phrases(self.text, self.start[start], self.end[end - 1])


def _similarities(
    entities: _Phrases,
    left: NDArray[np.int64],
    phrases: _Phrases,
    right: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.float32]:
    """Return the similarity of each pair of an entity and a phrase, 0 below the threshold."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    values = np.zeros(len(left), np.float32)
    a, b = entities.lengths(left), phrases.lengths(right)
    # The distance is at least the difference of the lengths, so a similarity is at most shorter / longer. Compared
    # with a little room, so that what rounds up to the threshold is kept.
    shorter, longer = np.minimum(a, b), np.maximum(a, b)
    near = np.flatnonzero((shorter > 0) & (shorter >= longer * (threshold - 1e-6)))
    if len(near) == 0:
        return values
    entity_texts, entity = entities.distinct(left[near])
    phrase_texts, phrase = phrases.distinct(right[near])
    distinct, inverse = np.unique(entity * len(phrase_texts) + phrase, return_inverse=True)
    which_entity, which_phrase = np.divmod(distinct, len(phrase_texts))
    distance = cpdist(
        [entity_texts[i] for i in which_entity.tolist()],
        [phrase_texts[i] for i in which_phrase.tolist()],
        scorer=Levenshtein.distance,
        dtype=np.int32,
        workers=1,
    )[inverse]
    found = (1.0 - distance / longer[near]).astype(np.float32)
    values[near] = np.where(found < np.float32(threshold), np.float32(0), found)
    return values


def _unique(items: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct items in order, and the position of each item among them; items are below ``count``."""
    seen = np.zeros(count, bool)
    seen[items] = True
    used = np.flatnonzero(seen)
    position = np.empty(count, np.int64)
    position[used] = np.arange(len(used))
    return used, position[items]
