"""From similarities of sub-tokens to word links (Dou & Neubig 2021; Jalili Sabet et al. 2020)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Offsets, Score, WordIndex
from xproj_fast.kernels.numba.assignment import AssignmentScratch, make_assignment_scratch
from xproj_fast.kernels.numba.best_links import BestScratch, link_by_assignment, link_by_rounds, make_best_scratch
from xproj_fast.kernels.numba.columns import PieceColumns
from xproj_fast.kernels.numba.jit import kernel, routine
from xproj_fast.kernels.numba.parallel import Chunk, make_chunks, most_items, run_all
from xproj_fast.kernels.numba.softmax_links import NO_LINK, SoftmaxScratch, link_by_softmax, make_softmax_scratch
from xproj_fast.kernels.protocol import ExtractedLinks, Extraction, ExtractionOptions

AWESOME = int(Extraction.AWESOME)
ITERMAX = int(Extraction.ITERMAX)
MATCH = int(Extraction.MATCH)

MIN_SENTENCES = 64  # a thread: a sentence costs some 10 microseconds, far more than in the other kernels


class Scratch(NamedTuple):
    """Scratch of one thread: the confidence of linked sub-tokens, NO_LINK elsewhere; its largest per source word."""

    links: Score
    row: Score
    softmax: SoftmaxScratch
    best: BestScratch
    assignment: AssignmentScratch


class WordLinkColumns(NamedTuple):
    """What the kernel writes. Chunks leave gaps in all but the offsets."""

    offsets: Offsets
    source: WordIndex
    target: WordIndex
    confidence: Score


def make_scratch(chunk: Chunk, source: PieceColumns, target: PieceColumns, cells: NDArray[np.int64]) -> Scratch:
    """Return room for any sentence of a chunk."""
    rows, columns = most_items(chunk, source.offsets), most_items(chunk, target.offsets)
    most_cells = most_items(chunk, cells)
    return Scratch(
        np.empty(most_cells, np.float32),
        np.empty(columns, np.float32),
        make_softmax_scratch(rows, columns),
        make_best_scratch(rows, columns),
        make_assignment_scratch(rows, columns, most_cells),
    )


@routine
def append_words(
    s: int, source: PieceColumns, target: PieceColumns, scratch: Scratch, slot: int, out: WordLinkColumns
) -> int:
    """Link the word pairs of which any sub-tokens are linked, from ``slot`` on; return the next slot."""
    first_row, first_column = source.offsets[s], target.offsets[s]
    rows = source.offsets[s + 1] - first_row
    columns = target.offsets[s + 1] - first_column
    i = 0
    while i < rows:
        source_word = source.word[first_row + i]
        for j in range(columns):
            scratch.row[j] = NO_LINK
        while i < rows and source.word[first_row + i] == source_word:
            for j in range(columns):
                scratch.row[j] = max(scratch.row[j], scratch.links[i * columns + j])
            i += 1
        j = 0
        while j < columns:
            target_word = target.word[first_column + j]
            most = NO_LINK
            while j < columns and target.word[first_column + j] == target_word:
                most = max(most, scratch.row[j])
                j += 1
            if most != NO_LINK:
                out.source[slot] = source_word
                out.target[slot] = target_word
                out.confidence[slot] = most
                slot += 1
    return slot


@kernel
def extract_chunk(
    begin: int,
    end: int,
    chunk_first: int,
    source: PieceColumns,
    target: PieceColumns,
    block_offsets: Offsets,
    similarity: Score,
    method: int,
    threshold: float,
    iterations: int,
    alpha: float,
    scratch: Scratch,
    out: WordLinkColumns,
) -> int:
    """Extract the links of the sentences [begin, end) from slot ``chunk_first`` on; return their number."""
    slot = chunk_first
    for s in range(begin, end):
        rows = source.offsets[s + 1] - source.offsets[s]
        columns = target.offsets[s + 1] - target.offsets[s]
        first = block_offsets[s]
        links = scratch.links
        for cell in range(rows * columns):
            links[cell] = NO_LINK
        if rows > 0 and columns > 0:
            if method == AWESOME:
                link_by_softmax(similarity, first, rows, columns, threshold, scratch.softmax, links)
            elif method == MATCH:
                link_by_assignment(similarity, first, rows, columns, threshold, scratch.assignment, links)
            else:
                rounds = iterations if method == ITERMAX else 1
                link_by_rounds(similarity, first, rows, columns, threshold, rounds, alpha, scratch.best, links)
            slot = append_words(s, source, target, scratch, slot, out)
        out.offsets[s + 1] = slot - chunk_first
    return slot - chunk_first


def extract_word_links(
    source: PieceColumns,
    target: PieceColumns,
    block_offsets: Offsets,
    similarity: Score,
    options: ExtractionOptions,
    threads: int,
) -> ExtractedLinks:
    """Extract the links of all sentences: at most one a cell, trimmed to what was found."""
    sentences = len(source.offsets) - 1
    cells = np.zeros(sentences + 1, np.int64)
    np.cumsum(np.diff(source.offsets) * np.diff(target.offsets), out=cells[1:])
    most = cells[-1]
    out = WordLinkColumns(
        np.zeros(sentences + 1, np.int64),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.float32),
    )
    rest = (int(options.method), float(options.threshold), int(options.iterations), float(options.alpha))

    def extract(chunk: Chunk) -> int:
        scratch = make_scratch(chunk, source, target, cells)
        first = int(cells[chunk.begin])
        return extract_chunk(
            chunk.begin, chunk.end, first, source, target, block_offsets, similarity, *rest, scratch, out
        )

    chunks = make_chunks(sentences, threads, MIN_SENTENCES)
    total = 0
    for chunk, count in zip(chunks, run_all(extract, chunks), strict=True):
        first = int(cells[chunk.begin])
        for values in out[1:]:
            values[total : total + count] = values[first : first + count]
        out.offsets[chunk.begin + 1 : chunk.end + 1] += total
        total += count
    # Copies: a few links would keep the memory of all cells.
    links = Links(out.offsets, out.source[:total].copy(), out.target[:total].copy())
    return ExtractedLinks(links, out.confidence[:total].copy())
