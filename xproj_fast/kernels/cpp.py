"""The compiled backend: a thin, typed face of ``xproj_fast._core``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import _core
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
from xproj_fast.kernels.protocol import (
    DecodedTags,
    ExtractedLinks,
    ExtractionOptions,
    Fault,
    Finding,
    HeuristicOptions,
    NerRules,
    SpanRule,
    Symmetrization,
    TagScheme,
    block_offsets,
    score_offsets,
)

ListError = _core.ListError


def _finding(found: tuple[int, int, int]) -> Finding:
    return Finding(Fault(found[0]), found[1], found[2])


class CppKernels:
    """C++20 kernels, ``std::thread`` over chunks of sentences, without the GIL."""

    name = "cpp"

    def check_offsets(self, offsets: Offsets, values: int) -> Finding:
        return _finding(_core.check_offsets(offsets, values))

    def check_spans(self, spans: Spans, word_offsets: Offsets, rule: SpanRule) -> Finding:
        return _finding(_core.check_spans(spans.offsets, spans.start, spans.end, word_offsets, int(rule)))

    def check_labels(self, offsets: Offsets, labels: LabelId, count: int) -> Finding:
        return _finding(_core.check_labels(offsets, labels, count))

    def check_links(self, links: Links, source_offsets: Offsets, target_offsets: Offsets) -> Finding:
        return _finding(_core.check_links(links.offsets, links.source, links.target, source_offsets, target_offsets))

    def ngrams(self, target_offsets: Offsets, stop: Mask, min_words: int, max_words: int, threads: int) -> Spans:
        return Spans(*_core.ngrams(target_offsets, stop, min_words, max_words, threads))

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
        return Spans(
            *_core.aligned_ngrams(
                target_offsets,
                stop,
                entities.offsets,
                entities.start,
                entities.end,
                links.offsets,
                links.source,
                links.target,
                min_words,
                max_words,
                threads,
            )
        )

    def alignment_scores(
        self, target_offsets: Offsets, entities: Spans, links: Links, candidates: Spans, threads: int
    ) -> PairScores:
        offsets = score_offsets(entities, candidates)
        values = _core.alignment_scores(
            target_offsets,
            entities.offsets,
            entities.start,
            entities.end,
            links.offsets,
            links.source,
            links.target,
            candidates.offsets,
            candidates.start,
            candidates.end,
            offsets,
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
        offsets = block_offsets(entity_offsets, candidates.offsets)
        values = _core.ner_scores(
            probabilities.offsets,
            probabilities.values,
            len(probabilities.tags),
            entity_offsets,
            entity_class,
            candidates.offsets,
            candidates.start,
            candidates.end,
            *rules,
            offsets,
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
        return Matches(
            *_core.greedy(
                target_offsets,
                entities.offsets,
                entities.start,
                entities.end,
                candidates.offsets,
                candidates.start,
                candidates.end,
                scores.offsets,
                scores.values,
                lo,
                hi,
                threads,
            )
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
        return Matches(
            *_core.greedy_alignment(
                target_offsets,
                stop,
                entities.offsets,
                entities.start,
                entities.end,
                links.offsets,
                links.source,
                links.target,
                max_words,
                lo,
                hi,
                threads,
            )
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
        time_limit: float,
        threads: int,
    ) -> tuple[Matches, NDArray[np.float64]]:
        found, spent = _core.exact(
            target_offsets,
            entities.offsets,
            entities.start,
            entities.end,
            candidates.offsets,
            candidates.start,
            candidates.end,
            scores.offsets,
            scores.values,
            lo,
            hi,
            forbid_adjacent,
            max_labels,
            time_limit,
            threads,
        )
        return Matches(*found), spent

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
        found, spent = _core.exact_alignment(
            target_offsets,
            stop,
            entities.offsets,
            entities.start,
            entities.end,
            links.offsets,
            links.source,
            links.target,
            max_words,
            lo,
            hi,
            forbid_adjacent,
            max_labels,
            time_limit,
            threads,
        )
        return Matches(*found), spent

    def heuristic(
        self,
        target_offsets: Offsets,
        entities: Spans,
        links: Links,
        options: HeuristicOptions,
        threads: int,
    ) -> Matches:
        return Matches(
            *_core.heuristic(
                target_offsets,
                entities.offsets,
                entities.start,
                entities.end,
                links.offsets,
                links.source,
                links.target,
                options.merge_distance,
                options.length_ratio,
                options.top_k,
                options.shortest_first,
                options.overwrite,
                threads,
            )
        )

    def symmetrize(self, forward: Links, reverse: Links, method: Symmetrization, threads: int) -> Links:
        return Links(
            *_core.symmetrize(
                forward.offsets,
                forward.source,
                forward.target,
                reverse.offsets,
                reverse.source,
                reverse.target,
                int(method),
                threads,
            )
        )

    def extract_links(
        self,
        source: Pieces,
        target: Pieces,
        similarity_offsets: Offsets,
        similarity: Score,
        options: ExtractionOptions,
        threads: int,
    ) -> ExtractedLinks:
        found = _core.extract_links(
            source.offsets,
            source.word,
            target.offsets,
            target.word,
            similarity_offsets,
            similarity,
            int(options.method),
            *options[1:],
            threads,
        )
        return ExtractedLinks(Links(*found[:3]), found[3])

    def decode_tags(
        self,
        word_offsets: Offsets,
        tags: TagId,
        prefixes: NDArray[np.uint8],
        labels: LabelId,
        scheme: TagScheme,
    ) -> DecodedTags:
        found = _core.decode_tags(word_offsets, tags, prefixes, labels, int(scheme))
        return DecodedTags(Entities(*found[:4]), found[4])

    def encode_iob2(self, word_offsets: Offsets, spans: Spans, labels: LabelId, classes: int) -> TagId:
        return _core.encode_iob2(word_offsets, spans.offsets, spans.start, spans.end, labels, classes)

    def mark_stop_words(self, byte_offsets: NDArray[Any], text: Any, stop_words: Sequence[str]) -> Mask:
        return _core.mark_stop_words(byte_offsets, text, list(stop_words))

    def words_from_lists(self, sentences: Any) -> tuple[Offsets, NDArray[np.int64], NDArray[np.uint8]]:
        return _core.words_from_lists(sentences)

    def links_from_lists(self, sentences: Any) -> Links:
        return Links(*_core.links_from_lists(sentences))

    def entities_from_lists(self, sentences: Any, labels: list[str]) -> tuple[Entities, list[str]]:
        found = _core.entities_from_lists(sentences, labels)
        return Entities(*found[:4]), found[4]

    def tags_to_lists(self, word_offsets: Offsets, tags: TagId, names: list[str]) -> list[list[str]]:
        return _core.tags_to_lists(word_offsets, tags, names)
