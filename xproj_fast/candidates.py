"""Target candidates: the spans that an entity may be projected onto.

Methods of arXiv 2501.18750 (n-gram candidates, NER candidates) and of the thesis (aligned n-grams).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from xproj_fast import checks
from xproj_fast.arrays import (
    UNLIMITED,
    LabelId,
    Mask,
    Spans,
    WordProbabilities,
    Words,
    as_array,
    thread_count,
)
from xproj_fast.arrow_checks import string_buffers
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NO_STOP_WORDS, Kernels, SpanRule
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import flat, offsets_of, per_item, ranges
from xproj_fast.registry import Registry, keywords
from xproj_fast.tags import TagPrefix, TagScheme, parse

DEFAULT_STOP_WORDS = ("!", "?")  # the paper's
DEFAULT_MAX_WORDS = 10  # the thesis'; the paper sets no limit, and 30 for ja, th, zh


class CandidateKind(NamedTuple):
    """One way to list candidates.

    Attributes:
        list: called with the pairs, and by keyword with what it takes: fields of ``Method`` and of ``Evidence``.
        needs: of ``"links"``, ``"tagger"``.
        holds_best: with the alignment score, some best candidate of any entity is among them, so that a matcher's
            fused kernel may stand in for listing them.
    """

    list: Callable[..., Spans]
    needs: frozenset[str]
    holds_best: bool

    @property
    def takes(self) -> tuple[str, ...]:
        """What it takes by keyword."""
        return keywords(self.list)


Lister = TypeVar("Lister", bound=Callable[..., Spans])
CANDIDATES: Registry[CandidateKind] = Registry("candidates")


def register(name: str, *, needs: Iterable[str] = (), holds_best: bool = False) -> Callable[[Lister], Lister]:
    """Return a decorator that gives a kind of candidates its name; see ``CandidateKind``."""

    def add(function: Lister) -> Lister:
        CANDIDATES.add(name, CandidateKind(function, frozenset(needs), holds_best))
        return function

    return add


@register("ngrams", holds_best=True)
def ngrams(
    pairs: SentencePairs,
    *,
    min_words: int = 1,
    max_words: int | None = DEFAULT_MAX_WORDS,
    stop_words: Sequence[str] = DEFAULT_STOP_WORDS,
    backend: str = "cpp",
    threads: int | None = None,
) -> Spans:
    """List every target n-gram that holds no stop word.

    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang", "!"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> spans = ngrams(pairs)
    >>> list(zip(spans.start.tolist(), spans.end.tolist()))
    [(0, 1), (0, 2), (1, 2)]

    Args:
        pairs: the sentence pairs.
        min_words: fewest words of a candidate.
        max_words: most words of a candidate; None = no limit.
        stop_words: words that no candidate may hold; () = none. Pairs made without target strings have none.
        backend: ``"cpp"`` or ``"numba"``.
        threads: None = all CPUs.

    Returns:
        Spans ordered by start, then by end. 30 words with max_words=10 give 255.

    Raises:
        InputError: for limits below 1 or min_words > max_words.
    """
    lo, hi = check_word_limits(min_words, max_words)
    kernels = get(backend)
    stop = stop_mask(kernels, pairs.target, stop_words)
    return kernels.ngrams(pairs.target.offsets, stop, lo, hi, thread_count(threads))


@register("aligned", needs=["links"], holds_best=True)
def aligned_ngrams(
    pairs: SentencePairs,
    *,
    min_words: int = 1,
    max_words: int | None = DEFAULT_MAX_WORDS,
    stop_words: Sequence[str] = DEFAULT_STOP_WORDS,
    backend: str = "cpp",
    threads: int | None = None,
) -> Spans:
    """List the n-grams between the leftmost and rightmost target word aligned to an entity.

    The union over the entities of a sentence, ordered by start, then by end. With the alignment score and "<="
    limits this loses no optimum (thesis, theorem). Arguments and errors as for ``ngrams``; pairs need alignments.
    """
    lo, hi = check_word_limits(min_words, max_words)
    kernels = get(backend)
    stop = stop_mask(kernels, pairs.target, stop_words)
    links = require_alignments(pairs)
    return kernels.aligned_ngrams(pairs.target.offsets, stop, pairs.entities, links, lo, hi, thread_count(threads))


def ner_candidates(
    pairs: SentencePairs,
    probabilities: WordProbabilities,
    *,
    sub_spans: bool = False,
    classes: Sequence[str] | None = None,
    min_words: int = 1,
    max_words: int | None = DEFAULT_MAX_WORDS,
    stop_words: Sequence[str] = DEFAULT_STOP_WORDS,
    threads: int | None = None,
) -> Spans:
    """List the spans that a tagger predicts on the target sentences, whatever their class.

    Each word has its likeliest label, and labels are read leniently, as conlleval does: an entity begins at B- and
    wherever the class changes.

    Args:
        pairs: the sentence pairs.
        probabilities: of the target words, as a tagger says.
        sub_spans: also every span inside a predicted one; these, too, keep the limits that follow.
        classes: the tagger's classes that count; None = all. Spans of the others (MISC, ...) are no candidates.
        min_words: fewest words of a candidate.
        max_words: most words of a candidate; None = no limit.
        stop_words: words that no candidate may hold; () = none. Pairs made without target strings have none.
        threads: None = all CPUs.

    Returns:
        Spans ordered by start, then by end.

    Raises:
        InputError: for probabilities of other words, a class that the tagger lacks, bad limits.
    """
    lo, hi = check_word_limits(min_words, max_words)
    kernels = get()
    checks.check_probabilities(probabilities, pairs.target)
    offsets = pairs.target.offsets
    prefixes, class_of = _tag_table(probabilities.tags, checks.check_classes(probabilities, classes))
    tags = probabilities.values.argmax(axis=1).astype(np.int32)
    found = kernels.decode_tags(offsets, tags, prefixes, class_of, TagScheme.ANY).entities
    # Each predicted span as a sentence of its own, so that its n-grams are its sub-spans.
    first_word = flat(found.start, found.offsets, offsets)
    lengths = (found.end - found.start).astype(np.int64)
    span_offsets = offsets_of(lengths)
    stop = stop_mask(kernels, pairs.target, stop_words)
    if len(stop):
        stop = stop[ranges(first_word, lengths)]
    inside = kernels.ngrams(span_offsets, stop, lo, hi, thread_count(threads))
    shift = per_item(found.start, inside.offsets)
    wanted = per_item(found.label >= 0, inside.offsets)
    if not sub_spans:
        wanted &= inside.end - inside.start == per_item(lengths, inside.offsets)
    kept = offsets_of(wanted)
    return Spans(kept[inside.offsets][found.offsets], (inside.start + shift)[wanted], (inside.end + shift)[wanted])


def _predicted(sub_spans: bool) -> Callable[..., Spans]:
    def list_them(
        pairs: SentencePairs,
        *,
        probabilities: WordProbabilities,
        ner: Any,  # NerOptions, a floor above
        min_words: int,
        max_words: int | None,
        stop_words: Sequence[str],
        threads: int | None,
    ) -> Spans:
        return ner_candidates(
            pairs,
            probabilities,
            sub_spans=sub_spans,
            classes=ner.classes,
            min_words=min_words,
            max_words=max_words,
            stop_words=stop_words,
            threads=threads,
        )

    return list_them


register("ner", needs=["tagger"])(_predicted(sub_spans=False))
register("ner_sub_spans", needs=["tagger"])(_predicted(sub_spans=True))


def _tag_table(tags: Sequence[str], classes: Sequence[str]) -> tuple[Mask, LabelId]:
    """Return the prefix of each tag, and its class: below 0 for one that does not count. Odd tags are O's."""
    prefixes = np.zeros(len(tags), np.uint8)
    class_of = np.zeros(len(tags), np.int32)
    names: dict[str, int] = {name: i for i, name in enumerate(classes)}
    for i, tag in enumerate(tags):
        prefix, name = parse(tag) or (TagPrefix.O, "")
        if name:
            prefixes[i] = prefix
            unwanted = -1 - len(names)  # classes apart from each other still part entities
            class_of[i] = names.setdefault(name, unwanted)
    return prefixes, class_of


def given(pairs: SentencePairs, offsets: Any, start: Any, end: Any, *, copy: bool = True) -> Spans:
    """Check candidates of your own (spans of an NER model, noun phrases, ...).

    Args:
        pairs: the sentence pairs they belong to.
        offsets: int64[N + 1].
        start: int32[candidates], strictly ordered by (start, end) inside a sentence.
        end: int32[candidates].
        copy: keep a copy; False = share the arrays that have the right dtype, which nobody may write to any more.

    Raises:
        InputError: for spans outside their sentence, empty, out of order or twice.
    """
    spans = Spans(
        as_array(offsets, np.int64, "candidates", copy=copy),
        as_array(start, np.int32, "candidates", copy=copy),
        as_array(end, np.int32, "candidates", copy=copy),
    )
    check_candidates(get(), pairs, spans)
    return spans


def check_candidates(kernels: Kernels, pairs: SentencePairs, spans: Spans) -> None:
    """Check candidates against the target sentences."""
    checks.check_dtypes("candidates", spans, Spans)
    if len(spans.offsets) != len(pairs) + 1:
        got = max(len(spans.offsets) - 1, 0)
        raise InputError(f"candidates: expected {len(pairs)} sentences, got {got}", field="candidates")
    checks.check_spans(kernels, spans, pairs.target.offsets, SpanRule.DISTINCT, "candidates", "target ")


def check_word_limits(min_words: int, max_words: int | None) -> tuple[int, int]:
    """Return (min, max) words of a candidate as the kernels want them."""
    most = UNLIMITED if max_words is None else max_words
    whole = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in (min_words, most))
    if not whole or min_words < 1 or min(most, UNLIMITED) < min_words:
        raise InputError(f"min_words, max_words: expected 1 <= min_words <= max_words, got {min_words} and {max_words}")
    return int(min_words), min(int(most), UNLIMITED)


def check_stop_words(stop_words: Sequence[str]) -> None:
    """Check that stop words are words."""
    if isinstance(stop_words, str):
        raise InputError(f"stop_words: expected a list of words, got the string {stop_words!r}", field="stop_words")
    wrong = [word for word in stop_words if not isinstance(word, str) or not checks.is_unicode(word)]
    if wrong:
        raise InputError(f"stop_words: expected strings of valid Unicode, got {wrong[0]!r}", field="stop_words")


def stop_mask(kernels: Kernels, words: Words, stop_words: Sequence[str]) -> Mask:
    """Return uint8[words], 1 for stop words; empty where there can be none."""
    check_stop_words(stop_words)
    if not stop_words or words.strings is None or len(words.strings) == 0:
        return NO_STOP_WORDS
    byte_offsets, text = string_buffers(words.strings)
    return kernels.mark_stop_words(byte_offsets, text, stop_words)


def require_alignments(pairs: SentencePairs) -> Any:
    """Return the alignments of the pairs, or raise."""
    if pairs.alignments is None:
        raise InputError(
            "alignments: this method needs word alignments and the pairs have none; pass them to the constructor, "
            "or learn them from the text with xproj_fast.align(pairs)",
            field="alignments",
        )
    return pairs.alignments
