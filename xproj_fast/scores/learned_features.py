"""The names of what the learned score knows of a pair of an entity and a candidate, in the order of the kernels."""

from __future__ import annotations

FEATURE_VERSION = 1  # weights learned for one version are worth nothing to another

LINKS = ("alignment", "covered_source", "covered_target", "other_links", "links_missed")
STRING = ("similarity", "same_text")
LENGTH = ("length_distance", "length_ratio", "same_length", "target_length", "source_length")
CASE = (
    "capital_first_differs",
    "capital_last_differs",
    "capital_first",
    "capital_last",
    "capital_before",
    "capital_after",
    "lower_differs",
)
PUNCTUATION = ("punctuation_first", "punctuation_last", "punctuation_before", "punctuation_after")
RELATIVE = ("alignment_to_best", "best_alignment", "hull_start", "hull_end", "start_to_hull", "end_to_hull")
UNALIGNED = ("unaligned_first", "unaligned_last", "unaligned_share", "unaligned_before", "unaligned_after")

LEARNED_FEATURES = (*LINKS, *STRING, *LENGTH, *CASE, *PUNCTUATION, *RELATIVE, *UNALIGNED)
NEED_CASE = (*STRING, *CASE)  # say little, or the wrong thing, between scripts of which one has no case
