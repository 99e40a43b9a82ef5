"""What the kernels do: arrays in, arrays out, the same output to the bit on every backend.

Kernels trust their input: ``SentencePairs`` and ``project`` have checked it. Arrays are contiguous and of exactly
the dtypes of ``xproj_fast.arrays``. ``stop`` is uint8[target words] (1 = no candidate may hold this word) or empty.
``threads`` never changes a result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import (
    UNLIMITED,
    Entities,
    LabelId,
    LearnedRows,
    Links,
    Mask,
    Matches,
    Offsets,
    PairScores,
    Pieces,
    Score,
    Spans,
    TagId,
    WordIndex,
    WordProbabilities,
    WordShapes,
)
from xproj_fast.errors import check_options
from xproj_fast.kernels.link_sampling import LinkCounts, LinkText, SampledLinks, SamplerSettings
from xproj_fast.options import option
from xproj_fast.ragged import offsets_of
from xproj_fast.tags import TagScheme

MOST_IN_SENTENCE = 2**30 - 1  # words, entities, candidates or links, and labels: csrc/xproj/limits.hpp


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
    TOO_MANY = 10


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


class Finding(NamedTuple):
    """The first fault of a check, its sentence, and the flat index of the value at fault."""

    fault: Fault
    sentence: int
    item: int


@dataclass(frozen=True, slots=True)
class HeuristicOptions:
    """The word-to-word heuristic (Garcia-Ferrero et al. 2022, extended).

    Attributes:
        merge_distance: runs at most this many words apart become one; 0 = never.
        length_ratio: keep runs with |run| / |entity| strictly above it; 0 = keep all.
        top_k: keep the k longest runs of an entity (ties: the earlier); 0 = all.
        shortest_first: entities in order of length (ties: sentence order); False = sentence order.
        overwrite: later runs take words from earlier ones; False = a clashing run is dropped.
        merge_only_i_labels: a run that starts on a word aligned to the entity's first word stays apart, as it seems to
            be the entity once more (the thesis's code); False = runs are joined by their distance alone.

    >>> HeuristicOptions(merge_distance=0).length_ratio  # runs are never joined
    0.8
    """

    merge_distance: int = option(
        1, "join runs of aligned words at most this far apart", unit="words", off="0 = never", only="heuristic"
    )
    length_ratio: float = option(
        0.8, "keep runs longer than this many times the entity", off="0 = keep all", only="heuristic"
    )
    top_k: int = option(0, "keep the longest runs of each entity, this many", off="0 = all", only="heuristic")
    shortest_first: bool = option(
        True, "project the shortest entities first rather than in sentence order", only="heuristic", more=True
    )
    overwrite: bool = option(False, "let later entities take words from earlier ones", only="heuristic", more=True)
    merge_only_i_labels: bool = option(
        False,
        "do not join a run that starts on a word aligned to the entity's first word",
        only="heuristic",
        more=True,
    )

    def __post_init__(self) -> None:
        check_options(
            self,
            ("merge_distance", _is_count(self.merge_distance), "a count of 0 or more"),
            ("length_ratio", 0 <= self.length_ratio < math.inf, "a finite number of 0 or more"),
            ("top_k", _is_count(self.top_k), "a count of 0 or more"),
        )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= UNLIMITED


class ExtractionOptions(NamedTuple):
    """How word links are read from subword similarities.

    Attributes:
        method: number of ``enum class Extraction`` in csrc/xproj/extract_links.hpp (``models/extractions/core.py``).
        threshold: awesome: both softmaxes must exceed it. The others: the similarity must be at least it; 0 = off.
        iterations: itermax: rounds, the first is plain argmax; 1 = argmax.
        alpha: itermax: what the similarity of a subword that has a link already counts for in later rounds.
    """

    method: int = 0
    threshold: float = 1e-3
    iterations: int = 2
    alpha: float = 0.9


class NerRules(NamedTuple):
    """How word probabilities become scores of pairs.

    Attributes:
        first_column: int32[classes], the label of an entity's first word.
        inside_column: int32[classes], the label of its later words.
        weight: float64[words of the longest sentence + 1], by the number of words of a candidate: what the sum of
            its probabilities is multiplied by.
        predicted_weight: the same where the likeliest labels of the candidate's words form one entity of the class
            (of equally likely labels the first counts); empty = ``weight`` everywhere.
        threshold: smaller scores are 0.
        spans_only: the largest score of any class, whatever the entity's.
    """

    first_column: LabelId
    inside_column: LabelId
    weight: NDArray[np.float64]
    predicted_weight: NDArray[np.float64]
    threshold: float
    spans_only: bool


class ExtractedLinks(NamedTuple):
    """Word links by (source, target), unique, and float32[links] the confidence of each, 0 to 1."""

    links: Links
    confidence: NDArray[np.float32]


class Silver(NamedTuple):
    """Spans of which the links leave no doubt where they went, beside links that were then made worse.

    Attributes:
        sentence: int64[k], the sentences they are from, in the order these were drawn.
        entities: the spans of each such sentence, ordered by start, disjoint.
        target_start: int32[spans], where their translations begin.
        target_end: int32[spans], one past their last words.
        links: the worse links of each such sentence, by (source, target), unique.
    """

    sentence: NDArray[np.int64]
    entities: Spans
    target_start: WordIndex
    target_end: WordIndex
    links: Links


class DecodedTags(NamedTuple):
    """Entities read from tags.

    Attributes:
        entities: of all sentences that obey the scheme; the others have none.
        broken: int64[sentences at fault], the flat index of the first tag against the scheme in each.
    """

    entities: Entities
    broken: NDArray[np.int64]


class Kernels(Protocol):
    """One backend."""

    def check_offsets(self, offsets: Offsets, values: int) -> Finding:
        """Check that offsets start at 0, never decrease and end at ``values``."""

    def check_spans(self, spans: Spans, word_offsets: Offsets, rule: SpanRule) -> Finding:
        """Check bounds, emptiness and order of spans."""

    def check_labels(self, offsets: Offsets, labels: LabelId, count: int) -> Finding:
        """Check 0 <= label < count."""

    def check_links(self, links: Links, source_offsets: Offsets, target_offsets: Offsets) -> Finding:
        """Check that links stay inside both sentences."""

    def each_span_fault(self, spans: Spans, word_offsets: Offsets, rule: SpanRule) -> list[Finding]:
        """Return what ``check_spans`` finds first in each sentence that it finds anything in."""

    def each_label_fault(self, offsets: Offsets, labels: LabelId, count: int) -> list[Finding]:
        """Return what ``check_labels`` finds first in each sentence that it finds anything in."""

    def each_link_fault(self, links: Links, source_offsets: Offsets, target_offsets: Offsets) -> list[Finding]:
        """Return what ``check_links`` finds first in each sentence that it finds anything in."""

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

    def ner_scores(
        self,
        probabilities: WordProbabilities,
        entity_offsets: Offsets,
        entity_class: LabelId,
        candidates: Spans,
        rules: NerRules,
        threads: int,
    ) -> PairScores:
        """Score all pairs: weight[|t|] * (P[first word of t][first] + sum over its later words of P[word][inside]).

        ``entity_class`` is a position among the classes of the rules, or -1: score 0. The sum of the later words is
        a difference of two running sums in double, and the product is rounded once, to float32.
        """

    def learned_scores(
        self,
        source: WordShapes,
        target: WordShapes,
        entities: Spans,
        links: Links,
        candidates: Spans,
        weights: NDArray[np.float64],
        threads: int,
    ) -> PairScores:
        """Score all pairs: sigmoid(weights . features + bias), 0 where a pair is not kept.

        ``weights`` are those of ``xproj_fast.scores.learned_features.LEARNED_FEATURES``, then the bias. Which pairs
        are kept, and what their features are, is written down in tests/reference/learned.py.

        Raises:
            ValueError: for another number of weights.
        """

    def learned_rows(
        self,
        source: WordShapes,
        target: WordShapes,
        entities: Spans,
        links: Links,
        candidates: Spans,
        threads: int,
    ) -> LearnedRows:
        """Return the features of the pairs that ``learned_scores`` keeps."""

    def learned_silver(
        self, source: WordShapes, target_offsets: Offsets, entities: Spans, links: Links, most: int, seed: int
    ) -> Silver:
        """Draw sentences until ``most`` have spans that are phrase-consistent under the links.

        A span is where none of the words that it is linked to, nor any between them, is linked to a word outside. The
        entities and two random n-grams a sentence are tried.
        """

    def fit_logistic(
        self, features: NDArray[np.float32], right: Mask, l2: float, steps: int, threads: int
    ) -> NDArray[np.float64]:
        """Fit P(right) by logistic regression; returns the weight of each feature as it is, then the bias.

        A feature of one value has the weight 0.

        Raises:
            IndexError: where ``features`` are not one row for each of ``right``.
        """

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
        time_limit: float,
        threads: int,
    ) -> tuple[Matches, NDArray[np.float64]]:
        """Match optimally over given candidates and scores.

        The search of a sentence ends unproved with ``Status.FEASIBLE`` past ``max_labels`` labels, with
        ``Status.LIMIT`` past ``time_limit`` seconds. The second array holds the seconds spent on sentences that ended
        unproved.
        """

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
        time_limit: float,
        threads: int,
    ) -> tuple[Matches, NDArray[np.float64]]:
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

    def extract_links(
        self,
        source: Pieces,
        target: Pieces,
        similarity_offsets: Offsets,
        similarity: Score,
        options: ExtractionOptions,
        threads: int,
    ) -> ExtractedLinks:
        """Read word links from similarities of subwords.

        Sentence ``s`` with S source and T target subwords owns the row-major (S, T) block that starts at
        ``similarity[similarity_offsets[s]]``: dot products for awesome, (cosine + 1) / 2 for the others.
        """

    def sample_links(
        self,
        source: LinkText,
        target: LinkText,
        settings: SamplerSettings,
        first: int,
        keep_counts: bool,
        threads: int,
        progress: Callable[[float], object] | None,
    ) -> SampledLinks:
        """Learn the word links of sentence pairs, and return those of the first ones: the rest is there to learn from.

        ``keep_counts``: return also what all of them have taught, which takes longer.

        The same bytes for one seed on any number of threads. Pairs with an empty side, or more than
        ``MOST_LINKED_WORDS`` words on one, have no links and are not learnt from. ``progress`` is called on the
        caller's thread with the part of the work that is done, 0 to 1; what it raises ends the work.
        """

    def known_links(
        self,
        source: LinkText,
        target: LinkText,
        settings: SamplerSettings,
        counts: LinkCounts,
        threads: int,
        progress: Callable[[float], object] | None,
    ) -> SampledLinks:
        """Find the word links of sentence pairs by what an earlier text has taught.

        Types that the earlier text had keep their ids and forms, new ones come after them. Each pair is aligned by
        itself: its links are the same in any company. As for all else see ``sample_links``.
        """

    def decode_tags(
        self,
        word_offsets: Offsets,
        tags: TagId,
        prefixes: NDArray[np.uint8],
        labels: LabelId,
        scheme: TagScheme,
    ) -> DecodedTags:
        """Read entities from tag ids; ``prefixes`` and ``labels`` say what each id means."""

    def encode_iob2(self, word_offsets: Offsets, spans: Spans, labels: LabelId, classes: int) -> TagId:
        """Return one tag id per word: 0 = O, 1 + 2 * label = B, 2 + 2 * label = I.

        Raises:
            IndexError: for a span outside its sentence, a label outside [0, classes), and offsets that do not fit:
                this kernel writes by index and looks itself.
        """

    def mark_stop_words(self, byte_offsets: NDArray[Any], text: Any, stop_words: Sequence[str]) -> Mask:
        """Return 1 for each word (bytes ``byte_offsets[w]`` to ``byte_offsets[w + 1]`` of ``text``) in the list."""

    def words_from_lists(self, sentences: Any) -> tuple[Offsets, NDArray[np.int64], NDArray[np.uint8]]:
        """Return sentence offsets, byte offsets and UTF-8 bytes of lists of words."""

    def links_from_lists(self, sentences: Any) -> Links:
        """Return lists of (source, target) pairs as arrays."""

    def entities_from_lists(self, sentences: Any, labels: list[str]) -> tuple[Entities, list[str]]:
        """Return lists of (start, end, label) or dicts as arrays, with the label names."""

    def tags_to_lists(self, word_offsets: Offsets, tags: TagId, names: list[str]) -> list[list[str]]:
        """Return tag ids as lists of tag names.

        Raises:
            IndexError: for an id without a name, and offsets that do not fit the ids.
        """


NO_STOP_WORDS: Mask = np.zeros(0, np.uint8)


def score_offsets(entities: Spans, candidates: Spans) -> Offsets:
    """Return where the (entities x candidates) block of each sentence starts."""
    return block_offsets(entities.offsets, candidates.offsets)


def block_offsets(rows: Offsets, columns: Offsets) -> Offsets:
    """Return where the (rows x columns) block of each sentence starts."""
    return offsets_of(np.diff(rows) * np.diff(columns))
