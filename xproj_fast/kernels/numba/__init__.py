"""The Numba backend: candidates, alignment scores and greedy matching, equal to the compiled ones to the bit.

Its kernels are compiled on first use and run in threads without the GIL. All others are those of the compiled core.
"""

from xproj_fast._core import (
    check_labels,
    check_links,
    check_offsets,
    check_spans,
    decode_tags,
    encode_iob2,
    entities_from_lists,
    exact,
    exact_alignment,
    extract_links,
    fit_logistic,
    heuristic,
    learned_rows,
    learned_scores,
    learned_silver,
    links_from_lists,
    mark_stop_words,
    ner_scores,
    symmetrize,
    tags_to_lists,
    words_from_lists,
)
from xproj_fast.kernels.numba.backend import aligned_ngrams, alignment_scores, greedy, greedy_alignment, ngrams

__all__ = [
    "aligned_ngrams",
    "alignment_scores",
    "check_labels",
    "check_links",
    "check_offsets",
    "check_spans",
    "decode_tags",
    "encode_iob2",
    "entities_from_lists",
    "exact",
    "exact_alignment",
    "extract_links",
    "fit_logistic",
    "greedy",
    "greedy_alignment",
    "heuristic",
    "learned_rows",
    "learned_scores",
    "learned_silver",
    "links_from_lists",
    "mark_stop_words",
    "ner_scores",
    "ngrams",
    "symmetrize",
    "tags_to_lists",
    "words_from_lists",
]
