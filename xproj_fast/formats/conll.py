"""CoNLL-style columns: a word and its tag per line, a blank line after each sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import _core
from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.formats import look
from xproj_fast.formats.conll_confidences import ConfidenceError, entity_confidences
from xproj_fast.formats.conll_writer import conll_bytes, conll_bytes_with_confidences
from xproj_fast.formats.reader import TextReader
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.formats.words import words_of_block
from xproj_fast.tag_columns import TagError, entities_of_tags
from xproj_fast.tags import SCHEMES
from xproj_fast.wording import count

MOST_COLUMNS = 1_000_000
SAMPLE = 50  # sentences that are looked at before a file is read

_BLANKS = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class ConllOptions:
    """How columns are read.

    >>> import xproj_fast as xp
    >>> xp.read_labelled("de.gold.conll", conll=xp.ConllOptions(scheme="any", docstart="skip"))
    LabelledSentences(40 sentences, 106 entities of PER, MISC, ORG, LOC)

    Attributes:
        scheme: ``"iob2"``, ``"iob1"``, ``"bilou"`` (and BIOES): a sequence that breaks it is an error; ``"any"``
            reads whatever there is as conlleval does, ``"drop"`` of IOB2 only what starts with B- (seqeval's strict
            mode).
        word_column: 0-based; negative counts from the last column. None = the first, which must hold words: where it
            holds their numbers, the same everywhere, or tags, that is an error which says which column is meant.
        tag_column: 0-based; negative counts from the last column.
        separator: ``"tab"`` (exactly one between columns), ``"space"`` (any run of spaces and tabs), or ``"auto"``:
            by the first line that is neither blank nor -DOCSTART- nor starts with ``#``.
        docstart: ``"keep"`` -DOCSTART- lines as the one-word sentences they are, or ``"skip"`` and count them. Either
            way they end the sentence before.
        empty_sentences: read each blank line beyond the first as a sentence without words.
        keep_prefix: leave PAN-X's language (``en:``) in front of every word; False = take it off, and say so.
        confidences_from: 0-based; negative counts from the last column: how sure each entity is, 0 to 1, the same on
            all its words, and ``-`` on all others. None = do not read it.
        misc_key: the name under which CoNLL-U's last column has tags; None = ``name``, ``NER`` or ``NE``, whichever it
            has.

    >>> import xproj_fast as xp
    >>> len(xp.read_sentences("en.conll", conll=ConllOptions(scheme="iob2", docstart="skip")))
    40
    """

    scheme: str = "iob2"
    word_column: int | None = None
    tag_column: int = -1
    separator: str = "auto"
    docstart: str = "keep"
    empty_sentences: bool = False
    keep_prefix: bool = False
    confidences_from: int | None = None
    misc_key: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("scheme", self.scheme, tuple(SCHEMES)),
            ("separator", self.separator, ("auto", "tab", "space")),
            ("docstart", self.docstart, ("keep", "skip")),
        ):
            if value not in known:
                raise InputError(f"{name}: expected one of {', '.join(known)}, got {value!r}")
        for name in ("word_column", "tag_column", "confidences_from"):
            column = getattr(self, name)
            if column is not None and abs(column) > MOST_COLUMNS:
                raise InputError(f"{name}: expected a column of at most {MOST_COLUMNS:,}, got {column}")


class ConllReader(TextReader[Sentences]):
    """Reads words and entities sentence by sentence.

    Attributes:
        docstarts: -DOCSTART- lines dropped so far.
        comments: comments dropped so far: lines that start with ``#`` and have not the columns of a row.
        ranges: multiword ranges and empty nodes of CoNLL-U (1-2, 8.1) dropped so far.
        prefix: PAN-X's language that is removed from every word, or None.
    """

    def __init__(self, path: Path, options: ConllOptions | None = None, *, entities: bool = True) -> None:
        super().__init__(path)
        self._options = options or ConllOptions()
        self._entities = entities
        self._separator = "\t"
        self._columns = 0
        self._labels: list[str] = []
        self.docstarts = 0
        self.comments = 0
        self.ranges = 0
        self.prefix: str | None = None

    def left_out(self) -> list[str]:
        """See ``TextReader``."""
        skipped = (
            (self.docstarts, "-DOCSTART- line", None),
            (self.comments, "comment line", None),
            (self.ranges, "range or empty node of CoNLL-U", "ranges and empty nodes of CoNLL-U"),
        )
        found = [f"{count(number, one, several)} skipped" for number, one, several in skipped if number]
        if self.prefix:
            found.append(f"{self.prefix} was removed from the beginning of every word (--keep-prefix keeps it)")
        return found

    def _look(self) -> None:
        data, is_all = self._blocks.ahead()
        row = _first_row(data)
        while row is None and not is_all:  # a comment or -DOCSTART- says nothing about columns
            data, is_all = self._blocks.ahead(2 * len(data) + 1)
            row = _first_row(data)
        self._separator = self._chosen_separator(data.lstrip() if row is None else row)
        self._columns = 0 if row is None else len(_fields(row, self._separator))
        try:
            found = self._core_read(memoryview(data), is_all, SAMPLE, tags=False)
        except _core.TextError:
            return  # reported when it is read, with its line
        words = words_of_block(*found[0][:3])
        self._check_rows(data.splitlines(), words, found[3].tolist())
        if not self._options.keep_prefix:
            self.prefix = look.prefixed(words.to_lists())

    def _check_rows(self, lines: list[bytes], words: Words, word_lines: list[int]) -> None:
        """Check that the words of the first sentences, which stand on ``word_lines``, are words."""
        bounds = words.offsets.tolist()
        sentences = [
            [[field.decode() for field in _fields(lines[i], self._separator)] for i in word_lines[a:b]]
            for a, b in pairwise(bounds)
            if a < b and not lines[word_lines[a]].startswith(b"-DOCSTART-")
        ]
        wrong = None
        if not self._entities and look.is_header(sentences, self._options.tag_column):
            wrong = "expected a row, got what looks like the names of the columns, as every other row has a tag"
        elif self._options.word_column is None and (found := look.column_without_words(sentences, 0)):
            wrong = f"expected words in the first column, got none: {found} (--word-column 0 reads them all the same)"
        if wrong:
            raise InputError(f"{self.path}:{word_lines[0] + 1}: {wrong}")

    def _parse(self, count: int) -> Sentences:
        before = self._blocks.lines
        try:
            block, tags, names, word_lines, docstarts, comments, ranges, columns = self._core_read(
                self._blocks.view(), self._blocks.at_end, count, tags=self._entities
            )
        except _core.TextError as error:
            line, message = error.args
            raise InputError(f"{self.path}:{before + line + 1}: {message}") from None
        words = self._without_prefix(words_of_block(*block[:3]), word_lines, before)
        entities = sure = None
        if self._entities:
            entities = self._decode(words, tags, names, word_lines, before)
            sure = self._confidences(words, entities, word_lines, count)
        self._blocks.consume(block[3], block[4])
        self.docstarts += docstarts
        self.comments += comments
        self.ranges += ranges
        self._columns = columns
        first = _first_lines(words, word_lines) + before + 1
        return Sentences(words, entities, tuple(self._labels), None, first, sure)

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)

    def _confidences(
        self, words: Words, entities: Entities, word_lines: NDArray[np.int32], count: int
    ) -> NDArray[np.float32] | None:
        """Read the column of confidences as if it were that of the words, before the block is consumed."""
        if self._options.confidences_from is None:
            return None
        block, _, _, lines, *_ = self._core_read(
            self._blocks.view(), self._blocks.at_end, count, tags=False, word_column=self._options.confidences_from
        )
        if not np.array_equal(lines, word_lines):
            raise InputError(f"{self.path}: expected confidences on the lines that have words, got other lines")
        try:
            return entity_confidences(words_of_block(*block[:3]).strings, entities, words)
        except ConfidenceError as error:
            line = self._blocks.lines + int(word_lines[error.word]) + 1
            raise InputError(f"{self.path}:{line}: {error}", field=error.field) from None

    def _core_read(
        self, view: memoryview, at_end: bool, count: int, *, tags: bool, word_column: int | None = None
    ) -> Any:
        options = self._options
        return _core.read_conll(
            view,
            at_end,
            count,
            self._separator,
            options.word_column or 0 if word_column is None else word_column,
            options.tag_column,
            tags,
            options.docstart == "skip",
            options.empty_sentences,
            self._columns,
        )

    def _chosen_separator(self, row: bytes) -> str:
        by_option = {"tab": "\t", "space": " "}.get(self._options.separator)
        return by_option or ("\t" if b"\t" in row.split(b"\n")[0] else " ")

    def _without_prefix(self, words: Words, word_lines: NDArray[np.int32], before: int) -> Words:
        if self.prefix is None or not len(word_lines):
            return words
        import pyarrow.compute as pc

        strings: Any = words.strings
        fits = pc.match_substring_regex(strings, look.PREFIX_PATTERN + ".")
        if not pc.all(fits).as_py():
            wrong = fits.index(False).as_py()
            raise InputError(
                f"{self.path}:{before + int(word_lines[wrong]) + 1}: expected {self.prefix} or another language in "
                f"front of every word, as at the beginning of the file, got {strings[wrong].as_py()!r} "
                "(--keep-prefix leaves words as they are)"
            )
        bare = pc.replace_substring_regex(strings, look.PREFIX_PATTERN, "", max_replacements=1)
        return Words(words.offsets, bare)

    def _decode(
        self, words: Words, tags: Any, names: list[str], word_lines: NDArray[np.int32], before: int
    ) -> Entities:
        try:
            return entities_of_tags(words.offsets, tags, names, self._labels, self._options.scheme, words.strings)
        except TagError as error:
            line = before + int(word_lines[error.word]) + 1
            raise InputError(f"{self.path}:{line}: {error}", field=error.field) from None


def _first_row(data: bytes) -> bytes | None:
    """Return the first line that tells what columns there are."""
    rows = (line.rstrip() for line in data.split(b"\n"))
    return next((row for row in rows if row and not row.startswith((b"#", b"-DOCSTART-"))), None)


def _fields(row: bytes, separator: str) -> list[bytes]:
    """Return the columns of a row; an empty one at its end is none."""
    row = row.rstrip(b"\r")
    return row.removesuffix(b"\t").split(b"\t") if separator == "\t" else _BLANKS.split(row.strip(b" \t"))


def _first_lines(words: Words, word_lines: NDArray[np.int32]) -> NDArray[np.int64]:
    if len(word_lines) == 0:
        return np.zeros(len(words), np.int64)
    first = np.minimum(words.offsets[:-1], len(word_lines) - 1)
    return word_lines[first].astype(np.int64)


FORMATS.add(
    "conll",
    Format(
        suffixes=("conll", "conll2002", "conll2003", "iob", "iob2", "bio", "ner", "tsv"),
        about="a word and its tag per line, a blank line after each sentence",
        sentences=lambda path, how: ConllReader(path, how.conll, entities=how.entities),
        labelled=True,
        encode=conll_bytes,
        encode_confidences=conll_bytes_with_confidences,
    ),
)
