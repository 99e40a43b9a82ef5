"""What a backend can do: arrays in, arrays out, same output to the bit on every backend.

Kernels trust their input: ``SentencePairs`` and ``project`` have checked it. Arrays are contiguous and of exactly
the dtypes of ``xproj_fast.arrays``. ``stop`` is uint8[target words] (1 = no candidate may hold this word) or empty.
``threads`` never changes a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import (
    Entities,
    LabelId,
    Links,
    Mask,
    Matches,
    Offsets,
    PairScores,
    Spans,
    TagId,
    WordIndex,
)


class Fault(IntEnum):
    """What a check found first."""

    NONE = 0
    FIRST_OFFSET = 1
    DECREASING = 2
    LAST_OFFSET = 3
    BOUNDS = 4
    EMPTY = 5
    ORDER = 6
    OVERLAP = 7
    LABEL = 8
    TARGET_BOUNDS = 9


class SpanRule(IntEnum):
    """What spans of one sentence must satisfy."""

    DISJOINT = 0  # ordered by start, no shared word
    OVERLAPPING = 1  # ordered by start
    DISTINCT = 2  # strictly ordered by (start, end): candidates


class Symmetrization(IntEnum):
    """How two directed alignments become one."""

    INTERSECTION = 0
    UNION = 1
    GROW_DIAG = 2
    GROW_DIAG_FINAL_AND = 3


class TagScheme(IntEnum):
    """How a sequence of tags is read."""

    ANY = 0  # conlleval's lenient reading: nothing is an error
    IOB1 = 1
    IOB2 = 2
    BILOU = 3
    IOB2_OR_DROP = 4  # seqeval's strict mode: what does not start with B- is no entity


class TagPrefix(IntEnum):
    """The part of a tag before its class (E is BILOU's L, S its U)."""

    O = 0  # noqa: E741
    B = 1
    I = 2  # noqa: E741
    E = 3
    S = 4


class Finding(NamedTuple):
    """The first fault of a check, its sentence, and the flat index of the value at fault."""

    fault: Fault
    sentence: int
    item: int


class HeuristicOptions(NamedTuple):
    """The word-to-word heuristic (Garcia-Ferrero et al. 2022, extended).

    Attributes:
        merge_distance: runs at most this many words apart become one; 0 = never.
        length_ratio: keep runs with |run| / |entity| strictly above it; 0 = keep all.
        top_k: keep the k longest runs of an entity (ties: the earlier); 0 = all.
        shortest_first: entities in order of length (ties: sentence order); False = sentence order.
        overwrite: later runs take words from earlier ones; False = a clashing run is dropped.
    """

    merge_distance: int = 1
    length_ratio: float = 0.8
    top_k: int = 0
    shortest_first: bool = True
    overwrite: bool = False


class DecodedTags(NamedTuple):
    """Entities read from tags; ``broken_word`` is the flat index of the first tag against the scheme, or -1."""

    entities: Entities
    broken_word: int


class Kernels(Protocol):
    """One backend."""

    name: str

    def check_offsets(self, offsets: Offsets, values: int) -> Finding:
        """Check that offsets start at 0, never decrease and end at ``values``."""

    def check_spans(self, spans: Spans, word_offsets: Offsets, rule: SpanRule) -> Finding:
        """Check bounds, emptiness and order of spans."""

    def check_labels(self, offsets: Offsets, labels: LabelId, count: int) -> Finding:
        """Check 0 <= label < count."""

    def check_links(self, links: Links, source_offsets: Offsets, target_offsets: Offsets) -> Finding:
        """Check that links stay inside both sentences."""

    def ngrams(self, target_offsets: Offsets, stop: Mask, min_words: int, max_words: int, threads: int) -> Spans:
        """List every n-gram of min_words to max_words words without a stop word, by start, then end."""

    def aligned_ngrams(
        self,
        target_offsets: Offsets,
        stop: Mask,
        entities: Spans,
        links: Links,
        min_words: int,
        max_words: int,
        threads: int,
    ) -> Spans:
        """List the n-grams inside the aligned range of some entity (union over entities)."""

    def alignment_scores(
        self, target_offsets: Offsets, entities: Spans, links: Links, candidates: Spans, threads: int
    ) -> PairScores:
        """Score all pairs: 2 * links(p, t) / (|p| + |t|)."""

    def greedy(
        self,
        target_offsets: Offsets,
        entities: Spans,
        candidates: Spans,
        scores: PairScores,
        lo: int,
        hi: int,
        threads: int,
    ) -> Matches:
        """Match greedily over given candidates and scores."""

    def greedy_alignment(
        self,
        target_offsets: Offsets,
        stop: Mask,
        entities: Spans,
        links: Links,
        max_words: int,
        lo: int,
        hi: int,
        threads: int,
    ) -> Matches:
        """Equal ngrams(min_words=1) + alignment_scores + greedy, without listing a candidate."""

    def exact(
        self,
        target_offsets: Offsets,
        entities: Spans,
        candidates: Spans,
        scores: PairScores,
        lo: int,
        hi: int,
        forbid_adjacent: bool,
        max_labels: int,
        threads: int,
    ) -> Matches:
        """Match optimally over given candidates and scores; ``Status.LIMIT`` past ``max_labels`` labels."""

    def exact_alignment(
        self,
        target_offsets: Offsets,
        stop: Mask,
        entities: Spans,
        links: Links,
        max_words: int,
        lo: int,
        hi: int,
        forbid_adjacent: bool,
        max_labels: int,
        threads: int,
    ) -> Matches:
        """Equal ngrams(min_words=1) + alignment_scores + exact, without listing a candidate."""

    def heuristic(
        self,
        target_offsets: Offsets,
        entities: Spans,
        links: Links,
        options: HeuristicOptions,
        threads: int,
    ) -> Matches:
        """Label the runs of target words aligned to each entity."""

    def symmetrize(self, forward: Links, reverse: Links, method: Symmetrization, threads: int) -> Links:
        """Combine two directed alignments (both source-target); ordered by (source, target), unique."""

    def decode_tags(
        self,
        word_offsets: Offsets,
        tags: TagId,
        prefixes: NDArray[np.uint8],
        labels: LabelId,
        scheme: TagScheme,
    ) -> DecodedTags:
        """Read entities from tag ids; ``prefixes`` and ``labels`` say what each id means."""

    def encode_iob2(self, word_offsets: Offsets, spans: Spans, labels: LabelId) -> TagId:
        """Return one tag id a word: 0 = O, 1 + 2 * label = B, 2 + 2 * label = I."""

    def mark_stop_words(self, byte_offsets: NDArray[Any], text: Any, stop_words: Sequence[str]) -> Mask:
        """Return 1 for each word (bytes ``byte_offsets[w]`` to ``byte_offsets[w + 1]`` of ``text``) in the list."""

    def words_from_lists(self, sentences: Any) -> tuple[Offsets, NDArray[np.int64], NDArray[np.uint8]]:
        """Return sentence offsets, byte offsets and UTF-8 bytes of lists of words."""

    def links_from_lists(self, sentences: Any) -> Links:
        """Return lists of (source, target) pairs as arrays."""

    def entities_from_lists(self, sentences: Any, labels: list[str]) -> tuple[Entities, list[str]]:
        """Return lists of (start, end, label) or dicts as arrays, with the label names."""

    def tags_to_lists(self, word_offsets: Offsets, tags: TagId, names: list[str]) -> list[list[str]]:
        """Return tag ids as lists of tag names."""


NO_STOP_WORDS: Mask = np.zeros(0, np.uint8)


def score_offsets(entities: Spans, candidates: Spans) -> Offsets:
    """Return where the (entities x candidates) block of each sentence starts."""
    sizes: WordIndex = np.diff(entities.offsets) * np.diff(candidates.offsets)
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets
