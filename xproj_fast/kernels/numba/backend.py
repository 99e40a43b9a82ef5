"""The class that stands for this backend: a thin, typed face of the kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    Pieces,
    Score,
    Spans,
    TagId,
    WordProbabilities,
)
from xproj_fast.kernels.numba import checks, lists
from xproj_fast.kernels.numba.candidates import list_ngrams
from xproj_fast.kernels.numba.columns import (
    column,
    label_column,
    link_columns,
    mask_column,
    offset_column,
    piece_columns,
    probability_columns,
    rule_columns,
    span_columns,
)
from xproj_fast.kernels.numba.exact import match_exactly
from xproj_fast.kernels.numba.exact_alignment import match_exactly_by_alignment
from xproj_fast.kernels.numba.extract_links import extract_word_links
from xproj_fast.kernels.numba.greedy import match_greedy
from xproj_fast.kernels.numba.greedy_alignment import match_greedy_alignment
from xproj_fast.kernels.numba.heuristic import match_heuristic
from xproj_fast.kernels.numba.ner_scores import score_by_probabilities
from xproj_fast.kernels.numba.scores import score_pairs
from xproj_fast.kernels.numba.stop_words import mark_stop_words
from xproj_fast.kernels.numba.symmetrize import symmetrize_links
from xproj_fast.kernels.numba.tags import entities_of_tags, iob2_of_spans
from xproj_fast.kernels.protocol import (
    DecodedTags,
    ExtractedLinks,
    ExtractionOptions,
    Finding,
    HeuristicOptions,
    NerRules,
    SpanRule,
    Symmetrization,
    TagScheme,
    block_offsets,
    score_offsets,
)


class NumbaKernels:
    """Kernels compiled by Numba on first use, one thread per chunk of sentences, without the GIL."""

    name = "numba"

    def check_offsets(self, offsets: Offsets, values: int) -> Finding:
        """Check that offsets start at 0, never decrease and end at ``values``."""
        return checks.check_offsets(offset_column(offsets), values)

    def check_spans(self, spans: Spans, word_offsets: Offsets, rule: SpanRule) -> Finding:
        """Check bounds, emptiness and order of spans."""
        return checks.found(*checks.first_bad_span(span_columns(spans), offset_column(word_offsets), int(rule)))

    def check_labels(self, offsets: Offsets, labels: LabelId, count: int) -> Finding:
        """Check 0 <= label < count."""
        return checks.check_labels(offset_column(offsets), label_column(labels), count)

    def check_links(self, links: Links, source_offsets: Offsets, target_offsets: Offsets) -> Finding:
        """Check that links stay inside both sentences."""
        return checks.found(
            *checks.first_bad_link(link_columns(links), offset_column(source_offsets), offset_column(target_offsets))
        )

    def ngrams(self, target_offsets: Offsets, stop: Mask, min_words: int, max_words: int, threads: int) -> Spans:
        """List every n-gram of min_words to max_words words without a stop word, by start, then end."""
        return list_ngrams(offset_column(target_offsets), mask_column(stop), None, None, min_words, max_words, threads)

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
        return list_ngrams(
            offset_column(target_offsets),
            mask_column(stop),
            span_columns(entities),
            link_columns(links),
            min_words,
            max_words,
            threads,
        )

    def alignment_scores(
        self, target_offsets: Offsets, entities: Spans, links: Links, candidates: Spans, threads: int
    ) -> PairScores:
        """Score all pairs: 2 * links(p, t) / (|p| + |t|)."""
        offsets = score_offsets(entities, candidates)
        values = score_pairs(
            offset_column(target_offsets),
            span_columns(entities),
            link_columns(links),
            span_columns(candidates),
            offset_column(offsets),
            threads,
        )
        return PairScores(offsets, values)

    def ner_scores(
        self,
        probabilities: WordProbabilities,
        entity_offsets: Offsets,
        entity_class: LabelId,
        candidates: Spans,
        rules: NerRules,
        threads: int,
    ) -> PairScores:
        """Score all pairs by the probabilities of the candidates' words."""
        offsets = block_offsets(entity_offsets, candidates.offsets)
        values = score_by_probabilities(
            probability_columns(probabilities),
            offset_column(entity_offsets),
            label_column(entity_class),
            span_columns(candidates),
            rule_columns(rules),
            offset_column(offsets),
            threads,
        )
        return PairScores(offsets, values)

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
        return match_greedy(
            offset_column(target_offsets),
            span_columns(entities),
            span_columns(candidates),
            offset_column(scores.offsets),
            column(scores.values, np.float32),
            lo,
            hi,
            threads,
        )

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
        return match_greedy_alignment(
            offset_column(target_offsets),
            mask_column(stop),
            span_columns(entities),
            link_columns(links),
            max_words,
            lo,
            hi,
            threads,
        )

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
        return match_exactly(
            offset_column(target_offsets),
            span_columns(entities),
            span_columns(candidates),
            offset_column(scores.offsets),
            column(scores.values, np.float32),
            lo,
            hi,
            forbid_adjacent,
            max_labels,
            threads,
        )

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
        return match_exactly_by_alignment(
            offset_column(target_offsets),
            mask_column(stop),
            span_columns(entities),
            link_columns(links),
            max_words,
            lo,
            hi,
            forbid_adjacent,
            max_labels,
            threads,
        )

    def heuristic(
        self,
        target_offsets: Offsets,
        entities: Spans,
        links: Links,
        options: HeuristicOptions,
        threads: int,
    ) -> Matches:
        """Label the runs of target words aligned to each entity."""
        return match_heuristic(
            offset_column(target_offsets), span_columns(entities), link_columns(links), options, threads
        )

    def symmetrize(self, forward: Links, reverse: Links, method: Symmetrization, threads: int) -> Links:
        """Combine two directed alignments (both source-target); ordered by (source, target), unique."""
        return symmetrize_links(link_columns(forward), link_columns(reverse), method, threads)

    def extract_links(
        self,
        source: Pieces,
        target: Pieces,
        similarity_offsets: Offsets,
        similarity: Score,
        options: ExtractionOptions,
        threads: int,
    ) -> ExtractedLinks:
        """Read word links from similarities of sub-tokens."""
        return extract_word_links(
            piece_columns(source),
            piece_columns(target),
            offset_column(similarity_offsets),
            column(similarity, np.float32),
            options,
            threads,
        )

    def decode_tags(
        self,
        word_offsets: Offsets,
        tags: TagId,
        prefixes: NDArray[np.uint8],
        labels: LabelId,
        scheme: TagScheme,
    ) -> DecodedTags:
        """Read entities from tag ids; ``prefixes`` and ``labels`` say what each id means."""
        return entities_of_tags(
            offset_column(word_offsets),
            label_column(tags),
            mask_column(prefixes),
            label_column(labels),
            scheme,
        )

    def encode_iob2(self, word_offsets: Offsets, spans: Spans, labels: LabelId, classes: int) -> TagId:
        """Return one tag id a word: 0 = O, 1 + 2 * label = B, 2 + 2 * label = I."""
        return iob2_of_spans(offset_column(word_offsets), span_columns(spans), label_column(labels), classes)

    def mark_stop_words(self, byte_offsets: NDArray[Any], text: Any, stop_words: Sequence[str]) -> Mask:
        """Return 1 for each word (bytes ``byte_offsets[w]`` to ``byte_offsets[w + 1]``) in the list."""
        return mark_stop_words(byte_offsets, text, stop_words)

    def words_from_lists(self, sentences: Any) -> tuple[Offsets, NDArray[np.int64], Any]:
        """Return sentence offsets, byte offsets and UTF-8 bytes of lists of words."""
        return lists.words_from_lists(sentences)

    def links_from_lists(self, sentences: Any) -> Links:
        """Return lists of (source, target) pairs as arrays."""
        return lists.links_from_lists(sentences)

    def entities_from_lists(self, sentences: Any, labels: list[str]) -> tuple[Entities, list[str]]:
        """Return lists of (start, end, label) or dicts as arrays, with the label names."""
        return lists.entities_from_lists(sentences, labels)

    def tags_to_lists(self, word_offsets: Offsets, tags: TagId, names: list[str]) -> list[list[str]]:
        """Return tag ids as lists of tag names."""
        return lists.tags_to_lists(word_offsets, tags, names)
