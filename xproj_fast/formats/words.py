"""One sentence per line: raw text, or words separated by spaces or tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast import _core
from xproj_fast.arrays import Words
from xproj_fast.errors import InputError
from xproj_fast.formats import look
from xproj_fast.formats.reader import TextReader, logger
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.formats.streams import TextBlocks
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import split_words, words_at
from xproj_fast.wording import shown


class WordLinesReader(TextReader[Sentences]):
    """Reads words separated by spaces line by line; an empty line is an empty sentence.

    Only the ASCII space and tab part words: no-break and other Unicode spaces stay inside their word.
    """

    def __init__(self, path: Path, *, sure: bool = True) -> None:
        super().__init__(path)
        self._sure = sure

    def _look(self) -> None:
        glued = look.glued_punctuation(look_at_text(self._blocks, self._sure, raw=False))
        if glued:
            logger.warning(
                "%s: %s of the first %s words end in punctuation, as in raw text: here it stays part of words and of "
                "entities (raw text is cut into words: .txt without --tokenized, or --target-format text)",
                shown(str(self.path)),
                *map(shown, (f"{n:,}" for n in glued)),
            )

    def _parse(self, count: int) -> Sentences:
        first_line = self._blocks.lines + 1
        found = _core.read_word_lines(self._blocks.view(), self._blocks.at_end, count)
        self._blocks.consume(found[3], found[4])
        words = words_of_block(*found[:3])
        numbers = np.arange(first_line, first_line + len(words), dtype=np.int64)
        return Sentences(words, None, (), None, numbers)

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)


class TextLinesReader(TextReader[Sentences]):
    """Reads raw sentences line by line and cuts them into words; a blank line is a sentence without words.

    Args:
        path: the file.
        split: cuts a text into half-open code point spans.
        sure: the format was named; False = it follows from the suffix, and what looks like another one is an error.
        by_spaces: words are counted elsewhere (in alignments), so it is an error where spaces part other words.
    """

    def __init__(
        self,
        path: Path,
        split: Callable[[str], list[Span]] = split_words,
        *,
        sure: bool = True,
        by_spaces: bool = False,
    ) -> None:
        super().__init__(path)
        self._split = split
        self._sure = sure
        self._by_spaces = by_spaces

    def _look(self) -> None:
        look_at_text(self._blocks, self._sure)

    def _parse(self, count: int) -> Sentences:
        first = self._blocks.lines + 1
        texts = take_lines(self._blocks, count)
        spans = [self._split(text) for text in texts]
        if self._by_spaces:
            for i, (text, found) in enumerate(zip(texts, spans, strict=True)):
                self._check_spaces(text, found, first + i)
        words = words_at(texts, spans)
        return Sentences(words, None, (), None, np.arange(first, first + len(texts), dtype=np.int64))

    def _check_spaces(self, text: str, spans: Sequence[Span], line: int) -> None:
        words = [text[a:b] for a, b in spans]
        spaced = [word for word in text.replace("\t", " ").split(" ") if word]
        if words == spaced:
            return
        a, b = next(pair for pair in zip_longest(spaced, words, fillvalue="") if pair[0] != pair[1])
        raise InputError(
            f"{self.path}:{line}: expected words that do not depend on how text is cut, as alignments count them, "
            f"got {a!r} by spaces and {b!r} as raw text (--tokenized: spaces part the words; --target-format text: raw "
            "text that was aligned as xproj-fast align cuts it)"
        )

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)


def look_at_text(blocks: TextBlocks, sure: bool, *, raw: bool = True) -> list[str]:
    """Look at the first lines of what should be text, one sentence per line.

    Args:
        blocks: of which nothing is consumed.
        sure: warn of what looks like another format; False = that is an error.
        raw: it is no tokenized text.

    Returns:
        The lines that were looked at.

    Raises:
        InputError: where it is another format.
    """
    lines = blocks.ahead()[0].decode().replace("\r\n", "\n").split("\n")
    found = look.other_than_text(lines, raw=raw)
    if found is None:
        return lines
    what, fmt = found
    meant = f"--input-format {fmt} (or --source-format, --target-format) reads it" if fmt else "is it the right file?"
    message = f"{blocks.path}: expected text, one sentence per line, got what looks like {what}: {meant}"
    if not sure:
        raise InputError(message)
    logger.warning("%s", shown(message))
    return lines


def take_lines(blocks: TextBlocks, count: int) -> list[str]:
    """Consume at most ``count`` lines of what is buffered; LF or CR LF ends a line, no other character does."""
    data = bytes(blocks.view())
    whole = len(data) if blocks.at_end else data.rfind(b"\n") + 1
    lines = data[:whole].split(b"\n", count)
    if len(lines) > count or not lines[-1]:
        lines.pop()  # what is behind the last line break that counts
    blocks.consume(min(sum(map(len, lines)) + len(lines), whole), len(lines))
    return [line.decode().removesuffix("\r") for line in lines]


def words_of_block(offsets: Any, byte_offsets: Any, text: bytes) -> Words:
    """Wrap the buffers of a parsed block as Arrow strings."""
    import pyarrow as pa

    strings = pa.StringArray.from_buffers(len(byte_offsets) - 1, pa.py_buffer(byte_offsets), pa.py_buffer(text))
    return Words(offsets, strings)


FORMATS.add(
    "text",
    Format(
        suffixes=("txt",),
        about="raw text, one sentence per line",
        sentences=lambda path, how: (
            WordLinesReader(path, sure=how.sure)
            if how.tokenized
            else TextLinesReader(path, how.split, sure=how.sure, by_spaces=how.by_spaces and not how.sure)
        ),
    ),
)
FORMATS.add(
    "words",
    Format(
        suffixes=("words", "tok"),
        about="words separated by spaces, one sentence per line",
        sentences=lambda path, how: WordLinesReader(path, sure=how.sure),
    ),
)
