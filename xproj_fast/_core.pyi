"""Types of the compiled core; ``xproj_fast.kernels`` is its documented face."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

_I64: TypeAlias = NDArray[np.int64]
_I32: TypeAlias = NDArray[np.int32]
_U8: TypeAlias = NDArray[np.uint8]
_F32: TypeAlias = NDArray[np.float32]
_Finding: TypeAlias = tuple[int, int, int]
_Matches: TypeAlias = tuple[_I64, _I32, _I32, _I32, _F32, NDArray[np.float64], _U8, _U8]
_F64: TypeAlias = NDArray[np.float64]
_ProvedMatches: TypeAlias = tuple[_I64, _I32, _I32, _I32, _F32, NDArray[np.float64], _U8, _U8, _U8]
_Words: TypeAlias = tuple[_I64, _I32, bytes, int, int]  # offsets, byte offsets, bytes, consumed bytes, lines

class TextError(ValueError): ...  # args: (0-based line, message)

MOST_IN_SENTENCE: int
MOST_BLOCK_BYTES: int

class ListError(ValueError): ...  # args: (sentence, item, expected, got)

def check_offsets(offsets: _I64, values: int) -> _Finding: ...
def check_spans(offsets: _I64, start: _I32, end: _I32, word_offsets: _I64, rule: int) -> _Finding: ...
def check_labels(offsets: _I64, labels: _I32, count: int) -> _Finding: ...
def check_links(offsets: _I64, source: _I32, target: _I32, source_offsets: _I64, target_offsets: _I64) -> _Finding: ...
def ngrams(
    target_offsets: _I64, stop: _U8, min_words: int, max_words: int, threads: int
) -> tuple[_I64, _I32, _I32]: ...
def aligned_ngrams(
    target_offsets: _I64,
    stop: _U8,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    link_offsets: _I64,
    link_source: _I32,
    link_target: _I32,
    min_words: int,
    max_words: int,
    threads: int,
) -> tuple[_I64, _I32, _I32]: ...
def alignment_scores(
    target_offsets: _I64,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    link_offsets: _I64,
    link_source: _I32,
    link_target: _I32,
    candidate_offsets: _I64,
    candidate_start: _I32,
    candidate_end: _I32,
    score_offsets: _I64,
    threads: int,
) -> _F32: ...
def ner_scores(
    target_offsets: _I64,
    probabilities: _F32,
    labels: int,
    entity_offsets: _I64,
    entity_class: _I32,
    candidate_offsets: _I64,
    candidate_start: _I32,
    candidate_end: _I32,
    first_column: _I32,
    inside_column: _I32,
    weight: NDArray[np.float64],
    predicted_weight: NDArray[np.float64],
    threshold: float,
    spans_only: bool,
    score_offsets: _I64,
    threads: int,
) -> _F32: ...
def greedy(
    target_offsets: _I64,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    candidate_offsets: _I64,
    candidate_start: _I32,
    candidate_end: _I32,
    score_offsets: _I64,
    scores: _F32,
    lo: int,
    hi: int,
    threads: int,
) -> _Matches: ...
def greedy_alignment(
    target_offsets: _I64,
    stop: _U8,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    link_offsets: _I64,
    link_source: _I32,
    link_target: _I32,
    max_words: int,
    lo: int,
    hi: int,
    threads: int,
) -> _Matches: ...
def exact(
    target_offsets: _I64,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    candidate_offsets: _I64,
    candidate_start: _I32,
    candidate_end: _I32,
    score_offsets: _I64,
    scores: _F32,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    time_limit: float,
    threads: int,
) -> tuple[_ProvedMatches, _F64]: ...
def exact_alignment(
    target_offsets: _I64,
    stop: _U8,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    link_offsets: _I64,
    link_source: _I32,
    link_target: _I32,
    max_words: int,
    lo: int,
    hi: int,
    forbid_adjacent: bool,
    max_labels: int,
    time_limit: float,
    threads: int,
) -> tuple[_ProvedMatches, _F64]: ...
def heuristic(
    target_offsets: _I64,
    entity_offsets: _I64,
    entity_start: _I32,
    entity_end: _I32,
    link_offsets: _I64,
    link_source: _I32,
    link_target: _I32,
    merge_distance: int,
    length_ratio: float,
    top_k: int,
    shortest_first: bool,
    overwrite: bool,
    threads: int,
) -> _Matches: ...
def symmetrize(
    forward_offsets: _I64,
    forward_source: _I32,
    forward_target: _I32,
    reverse_offsets: _I64,
    reverse_source: _I32,
    reverse_target: _I32,
    method: int,
    threads: int,
) -> tuple[_I64, _I32, _I32]: ...
def extract_links(
    source_offsets: _I64,
    source_word: _I32,
    target_offsets: _I64,
    target_word: _I32,
    similarity_offsets: _I64,
    similarity: _F32,
    method: int,
    threshold: float,
    iterations: int,
    alpha: float,
    threads: int,
) -> tuple[_I64, _I32, _I32, _F32]: ...
def decode_tags(
    word_offsets: _I64, tags: _I32, prefixes: _U8, labels: _I32, scheme: int
) -> tuple[_I64, _I32, _I32, _I32, int]: ...
def encode_iob2(word_offsets: _I64, span_offsets: _I64, start: _I32, end: _I32, labels: _I32, classes: int) -> _I32: ...
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
) -> tuple[_Words, _I32, list[str], _I32, int, int, int, int]: ...
def read_pharaoh(
    text: Any,
    at_end_of_file: bool,
    max_sentences: int,
    probabilities: bool,
    min_probability: float,
    possible: int,
) -> tuple[_I64, _I32, _I32, int, int]: ...
def mark_stop_words(byte_offsets: NDArray[Any], bytes: Any, stop_words: Sequence[str]) -> _U8: ...
def write_conll(
    sentence_offsets: _I64, byte_offsets: NDArray[Any], bytes: Any, tags: _I32, tag_names: Sequence[str]
) -> bytes: ...
def write_pharaoh(offsets: _I64, source: _I32, target: _I32) -> bytes: ...
def links_from_lists(sentences: Any) -> tuple[_I64, _I32, _I32]: ...
def entities_from_lists(sentences: Any, known_labels: list[str]) -> tuple[_I64, _I32, _I32, _I32, list[str]]: ...
def words_from_lists(sentences: Any) -> tuple[_I64, _I64, _U8]: ...
def tags_to_lists(word_offsets: _I64, tags: _I32, tag_names: list[str]) -> list[list[str]]: ...
