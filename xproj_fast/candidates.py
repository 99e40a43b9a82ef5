"""Target candidates: the spans that an entity may be projected onto.

Methods of arXiv 2501.18750 (n-gram candidates, NER candidates) and of the thesis (aligned n-grams).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xproj_fast import checks
from xproj_fast.arrays import UNLIMITED, Mask, Spans, Words, as_array, thread_count
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import NO_STOP_WORDS, Kernels, SpanRule
from xproj_fast.pairs import SentencePairs

DEFAULT_STOP_WORDS = ("!", "?")  # the paper's
DEFAULT_MAX_WORDS = 10  # the thesis'; the paper sets no limit, and 30 for ja, th, zh


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


def given(pairs: SentencePairs, offsets: Any, start: Any, end: Any, *, backend: str = "cpp") -> Spans:
    """Check candidates of your own (spans of an NER model, noun phrases, ...).

    Args:
        pairs: the sentence pairs they belong to.
        offsets: int64[N + 1].
        start: int32[candidates], strictly ordered by (start, end) inside a sentence.
        end: int32[candidates].
        backend: ``"cpp"`` or ``"numba"``.

    Raises:
        InputError: for spans outside their sentence, empty, out of order or twice.
    """
    spans = Spans(
        as_array(offsets, np.int64, "candidates"),
        as_array(start, np.int32, "candidates"),
        as_array(end, np.int32, "candidates"),
    )
    check_candidates(get(backend), pairs, spans)
    return spans


def check_candidates(kernels: Kernels, pairs: SentencePairs, spans: Spans) -> None:
    """Check candidates against the target sentences."""
    if len(spans) != len(pairs):
        raise InputError(f"candidates: expected {len(pairs)} sentences, got {len(spans)}", field="candidates")
    checks.check_spans(kernels, spans, pairs.target.offsets, SpanRule.DISTINCT, "candidates", "target")


def check_word_limits(min_words: int, max_words: int | None) -> tuple[int, int]:
    """Return (min, max) words of a candidate as the kernels want them."""
    most = UNLIMITED if max_words is None else max_words
    whole = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in (min_words, most))
    if not whole or min_words < 1 or most < min_words:
        raise InputError(f"min_words, max_words: expected 1 <= min_words <= max_words, got {min_words} and {max_words}")
    return int(min_words), min(int(most), UNLIMITED)


def stop_mask(kernels: Kernels, words: Words, stop_words: Sequence[str]) -> Mask:
    """Return uint8[words], 1 for stop words; empty where there can be none."""
    if isinstance(stop_words, str):
        raise InputError(f"stop_words: expected a list of words, got the string {stop_words!r}")
    wrong = [word for word in stop_words if not isinstance(word, str) or not checks.is_unicode(word)]
    if wrong:
        raise InputError(f"stop_words: expected strings of valid Unicode, got {wrong[0]!r}")
    if not stop_words or words.strings is None or len(words.strings) == 0:
        return NO_STOP_WORDS
    byte_offsets, text = string_buffers(words.strings)
    return kernels.mark_stop_words(byte_offsets, text, stop_words)


def string_buffers(strings: Any) -> tuple[Any, Any]:
    """Return the byte offsets (int32 or int64[words + 1]) and the bytes of an Arrow string array, zero-copy."""
    import pyarrow as pa

    dtype = np.int64 if pa.types.is_large_string(strings.type) else np.int32
    _, offsets, text = strings.buffers()
    byte_offsets = np.frombuffer(offsets, dtype)[strings.offset : strings.offset + len(strings) + 1]
    return byte_offsets, b"" if text is None else text


def require_alignments(pairs: SentencePairs) -> Any:
    """Return the alignments of the pairs, or raise."""
    if pairs.alignments is None:
        raise InputError(
            "alignments: this method needs word alignments and the pairs have none; pass them to the constructor, "
            "or learn them from the text with xproj_fast.align(pairs)",
            field="alignments",
        )
    return pairs.alignments
