"""One sentence a line, words apart by spaces or tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xproj_fast import _core
from xproj_fast.arrays import Words
from xproj_fast.formats.reader import TextReader
from xproj_fast.formats.sentences import Sentences, concat_sentences


class WordLinesReader(TextReader[Sentences]):
    """Reads sentences line by line; an empty line is an empty sentence.

    Only the ASCII space and tab part words: no-break and other Unicode spaces stay inside their word.
    """

    def _parse(self, count: int) -> Sentences:
        first_line = self._blocks.lines + 1
        found = _core.read_word_lines(self._blocks.view(), self._blocks.at_end, count)
        self._blocks.consume(found[3], found[4])
        words = words_of_block(*found[:3])
        numbers = np.arange(first_line, first_line + len(words), dtype=np.int64)
        return Sentences(words, None, (), None, numbers)

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)


def words_of_block(offsets: Any, byte_offsets: Any, text: bytes) -> Words:
    """Wrap the buffers of a parsed block as Arrow strings."""
    import pyarrow as pa

    strings = pa.StringArray.from_buffers(len(byte_offsets) - 1, pa.py_buffer(byte_offsets), pa.py_buffer(text))
    return Words(offsets, strings)
