"""CoNLL-style columns: a word and its tag a line, a blank line after each sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import _core
from xproj_fast.arrays import Entities, Words
from xproj_fast.candidates import string_buffers
from xproj_fast.errors import InputError
from xproj_fast.formats.reader import TextReader
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.formats.words import words_of_block
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import TagPrefix, TagScheme

SCHEMES = {
    "iob1": TagScheme.IOB1,
    "iob2": TagScheme.IOB2,
    "bilou": TagScheme.BILOU,
    "any": TagScheme.ANY,
    "drop": TagScheme.IOB2_OR_DROP,
}
PREFIXES = {
    "O": TagPrefix.O,
    "B": TagPrefix.B,
    "I": TagPrefix.I,
    "E": TagPrefix.E,
    "L": TagPrefix.E,
    "S": TagPrefix.S,
    "U": TagPrefix.S,
}
MOST_COLUMNS = 1_000_000


@dataclass(frozen=True, slots=True)
class ConllOptions:
    """How columns are read.

    Attributes:
        scheme: ``"iob2"``, ``"iob1"``, ``"bilou"`` (and BIOES): a sequence that breaks it is an error; ``"any"``
            reads whatever there is as conlleval does, ``"drop"`` of IOB2 only what starts with B- (seqeval's strict
            mode).
        word_column: 0-based; negative counts from the last column.
        tag_column: 0-based; negative counts from the last column.
        separator: ``"tab"`` (exactly one between columns), ``"space"`` (any run of spaces and tabs), or ``"auto"``:
            by the first line that is neither blank nor a comment.
        docstart: ``"keep"`` -DOCSTART- lines as the one-word sentences they are, or ``"skip"`` and count them.
        empty_sentences: read each blank line beyond the first as a sentence without words.
    """

    scheme: str = "iob2"
    word_column: int = 0
    tag_column: int = -1
    separator: str = "auto"
    docstart: str = "keep"
    empty_sentences: bool = False

    def __post_init__(self) -> None:
        for name, value, known in (
            ("scheme", self.scheme, tuple(SCHEMES)),
            ("separator", self.separator, ("auto", "tab", "space")),
            ("docstart", self.docstart, ("keep", "skip")),
        ):
            if value not in known:
                raise InputError(f"{name}: expected one of {', '.join(known)}, got {value!r}")
        for name, column in (("word_column", self.word_column), ("tag_column", self.tag_column)):
            if abs(column) > MOST_COLUMNS:
                raise InputError(f"{name}: expected a column of at most {MOST_COLUMNS:,}, got {column}")


class ConllReader(TextReader[Sentences]):
    """Reads words and entities sentence by sentence.

    Attributes:
        docstarts: -DOCSTART- lines dropped so far.
        comments: lines dropped so far that start with ``#`` and are no word line.
    """

    def __init__(self, path: Path, options: ConllOptions | None = None, *, entities: bool = True) -> None:
        super().__init__(path)
        self._options = options or ConllOptions()
        self._entities = entities
        self._separator: str | None = None
        self._labels: list[str] = []
        self.docstarts = 0
        self.comments = 0

    def _parse(self, count: int) -> Sentences:
        options = self._options
        view = self._blocks.view()
        before = self._blocks.lines
        try:
            block, tags, names, word_lines, docstarts, comments = _core.read_conll(
                view,
                self._blocks.at_end,
                count,
                self._separator_of(view),
                options.word_column,
                options.tag_column,
                self._entities,
                options.docstart == "skip",
                options.empty_sentences,
            )
        except _core.TextError as error:
            line, message = error.args
            raise InputError(f"{self.path}:{before + line + 1}: {message}") from None
        words = words_of_block(*block[:3])
        entities = self._decode(words, tags, names, word_lines, before) if self._entities else None
        self._blocks.consume(block[3], block[4])
        self.docstarts += docstarts
        self.comments += comments
        return Sentences(words, entities, tuple(self._labels), None, _first_lines(words, word_lines) + before + 1)

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)

    def _separator_of(self, view: memoryview) -> str:
        if self._separator is not None:
            return self._separator
        first = b""
        for number, line in enumerate(BytesIO(view)):
            row = line.rstrip()
            if not row or not (line.endswith(b"\n") or self._blocks.at_end):
                continue
            if b"\r" in row:
                raise InputError(
                    f"{self.path}:{self._blocks.lines + number + 1}: expected lines that end with \\n or \\r\\n, "
                    "got a \\r inside"
                )
            first = first or row
            if not row.startswith(b"#"):  # what does may be a comment, which says nothing about columns
                self._separator = self._chosen_separator(row)
                break
        return self._separator or self._chosen_separator(first)

    def _chosen_separator(self, row: bytes) -> str:
        return {"tab": "\t", "space": " "}.get(self._options.separator) or ("\t" if b"\t" in row else " ")

    def _decode(
        self, words: Words, tags: Any, names: list[str], word_lines: NDArray[np.int32], before: int
    ) -> Entities:
        for i, name in enumerate(names):
            expected = self._fault_of(name)
            if expected and i in tags:
                line = before + int(word_lines[np.argmax(tags == i)]) + 1
                raise InputError(f"{self.path}:{line}: expected {expected}, got {name!r}", field="entities")
        prefixes, labels = tag_table(names, self._labels)
        scheme = SCHEMES[self._options.scheme]
        entities, broken = get("cpp").decode_tags(words.offsets, tags, prefixes, labels, scheme)
        if broken >= 0:
            at_start = broken in words.offsets
            word = "" if words.strings is None else words.strings[broken].as_py()
            previous = "the start of the sentence" if at_start else names[tags[broken - 1]]
            raise InputError(
                f"{self.path}:{before + int(word_lines[broken]) + 1}: expected a tag that "
                f"{self._options.scheme.upper()} allows after {previous}, got {names[tags[broken]]} on "
                f"{word!r}{self._other_schemes(words, tags, prefixes, labels)}",
                field="entities",
            )
        return entities

    def _fault_of(self, tag: str) -> str | None:
        """Return what was expected instead of a tag, or None where it is fine."""
        if any(c.isspace() for c in tag):
            return "a tag without white space"
        if tag.startswith("O-"):
            return "O without a class, or a class behind B-, I-, E-, L-, S- or U-"
        if self._options.scheme == "drop" and tag[0] not in "OBI":
            return "O or a class behind B- or I- (as the scheme is IOB2)"
        return None

    def _other_schemes(self, words: Words, tags: Any, prefixes: Any, labels: Any) -> str:
        fitting = [
            name
            for name, scheme in list(SCHEMES.items())[:4]
            if get("cpp").decode_tags(words.offsets, tags, prefixes, labels, scheme).broken_word < 0
        ]
        return f" (the tags read so far are valid as {' and '.join(fitting)})"


def tag_table(names: list[str], labels: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return what each tag name means: its ``TagPrefix`` and label id; unknown labels are appended to ``labels``."""
    known = {name: i for i, name in enumerate(labels)}
    prefixes = np.zeros(max(len(names), 1), np.uint8)
    ids = np.full(max(len(names), 1), -1, np.int32)
    for i, name in enumerate(names):
        prefix, _, label = name.partition("-")
        if prefix not in PREFIXES or (name != "O" and not label):
            raise InputError(f"tags: expected O or a prefix of B, I, E, L, S, U and a class, got {name!r}")
        prefixes[i] = PREFIXES[prefix]
        if label:
            if label not in known:
                known[label] = len(labels)
                labels.append(label)
            ids[i] = known[label]
    return prefixes, ids


def conll_bytes(words: Words, tag_ids: Any, tag_names: list[str]) -> bytes:
    """Return word TAB tag lines, a blank line after every sentence.

    Raises:
        InputError: for a word that is empty or holds a tab or line break, which no column file can hold.
    """
    if words.strings is None:
        raise InputError("CoNLL output needs the target words; the pairs were made without strings")
    byte_offsets, text = string_buffers(words.strings)
    try:
        written: bytes = _core.write_conll(words.offsets, byte_offsets, text, tag_ids, tag_names)
    except _core.TextError as error:
        word, message = error.args
        s = int(np.searchsorted(words.offsets, word, side="right")) - 1
        raise InputError(
            f"target_words: sentence {s}, word {word - int(words.offsets[s])}: {message}", sentence=s
        ) from None
    return written


def _first_lines(words: Words, word_lines: NDArray[np.int32]) -> NDArray[np.int64]:
    if len(word_lines) == 0:
        return np.zeros(len(words), np.int64)
    first = np.minimum(words.offsets[:-1], len(word_lines) - 1)
    return word_lines[first].astype(np.int64)
