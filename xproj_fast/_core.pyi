"""Types of the compiled core; ``xproj_fast.kernels`` is its documented face."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Offsets, Spans, TagId, WordIndex
from xproj_fast.kernels.protocol import Kernels

_Words: TypeAlias = tuple[Offsets, NDArray[np.int32], bytes, int, int]  # byte offsets, bytes; consumed bytes, lines

class ListError(ValueError): ...  # args: (sentence, item, expected, got)
class TextError(ValueError): ...  # args: (0-based line, message)

MOST_IN_SENTENCE: int
MOST_BLOCK_BYTES: int

# The core is a backend: what these take and return is stated in kernels/protocol.py alone.
_kernels: Kernels
check_labels = _kernels.check_labels
check_links = _kernels.check_links
check_offsets = _kernels.check_offsets
check_spans = _kernels.check_spans
each_label_fault = _kernels.each_label_fault
each_link_fault = _kernels.each_link_fault
each_span_fault = _kernels.each_span_fault
ngrams = _kernels.ngrams
aligned_ngrams = _kernels.aligned_ngrams
alignment_scores = _kernels.alignment_scores
ner_scores = _kernels.ner_scores
learned_scores = _kernels.learned_scores
learned_rows = _kernels.learned_rows
learned_silver = _kernels.learned_silver
fit_logistic = _kernels.fit_logistic
greedy = _kernels.greedy
greedy_alignment = _kernels.greedy_alignment
exact = _kernels.exact
exact_alignment = _kernels.exact_alignment
heuristic = _kernels.heuristic
symmetrize = _kernels.symmetrize
extract_links = _kernels.extract_links
sample_links = _kernels.sample_links
known_links = _kernels.known_links
decode_tags = _kernels.decode_tags
encode_iob2 = _kernels.encode_iob2
tags_to_lists = _kernels.tags_to_lists
mark_stop_words = _kernels.mark_stop_words
words_from_lists = _kernels.words_from_lists
links_from_lists = _kernels.links_from_lists
entities_from_lists = _kernels.entities_from_lists

def read_word_lines(text: Any, at_end_of_file: bool, max_sentences: int) -> _Words: ...
def read_conll(
    text: Any,
    at_end_of_file: bool,
    max_sentences: int,
    separator: str,
    word_column: int,
    tag_column: int,
    tags: bool,
    skip_docstart: bool,
    empty_sentences: bool,
    columns: int,
) -> tuple[_Words, TagId, list[str], NDArray[np.int32], int, int, int, int]: ...
def read_pharaoh(
    text: Any,
    at_end_of_file: bool,
    max_sentences: int,
    probabilities: bool,
    min_probability: float,
    possible: int,
) -> tuple[Offsets, WordIndex, WordIndex, int, int]: ...
def write_conll(
    sentence_offsets: Offsets, byte_offsets: NDArray[Any], bytes: Any, tags: TagId, tag_names: Sequence[str]
) -> bytes: ...
def write_pharaoh(links: Links) -> bytes: ...

# Layouts of Arrow columns, in buffers that ``allocate`` returns for so many bytes. IndexError for what points outside
# its buffer, OverflowError for more than 2 GiB of names.
def flatten_string_views(
    views: NDArray[np.uint8], buffers: Sequence[Any], valid: NDArray[np.uint8], allocate: Callable[[int], Any]
) -> tuple[bool, Any, Any]: ...  # whether byte offsets are int64 and not int32, byte offsets, bytes
def read_link_strings(byte_offsets: NDArray[np.int64], text: Any) -> tuple[Links, list[tuple[int, str]]]: ...
def spell_tags(
    word_offsets: Offsets,
    spans: Spans,
    labels: NDArray[np.int32],
    names: Sequence[str],
    allocate: Callable[[int], Any],
) -> tuple[Any, Any]: ...  # the same of the IOB2 tags of all words
def spell_names(
    ids: NDArray[np.int32], names: Sequence[str], allocate: Callable[[int], Any]
) -> tuple[Any, Any]: ...  # byte offsets (int32), bytes
