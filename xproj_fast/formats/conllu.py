"""CoNLL-U: ten columns, ids and raw text in comments, entities in the last column, as in NorNE (``name=B-PER``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions, ConllReader
from xproj_fast.formats.json_words import token_spans
from xproj_fast.formats.reader import TextReader
from xproj_fast.formats.registry import FORMATS, Format, Reading, SentenceReader
from xproj_fast.formats.sentences import Sentences, concat_sentences
from xproj_fast.lists import id_column
from xproj_fast.tag_columns import TagError, entities_of_tags
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import words_at
from xproj_fast.wording import brief, count, listed

COLUMNS = 10
KEYS = ("name", "NER", "NE", "ner", "ne")  # of MISC that are looked for: NorNE's, and what others write


class ConlluReader(TextReader[Sentences]):
    """Reads words, ids and entities sentence by sentence.

    Words are those with a whole number: of a range (1-2) its parts, empty nodes (8.1) not at all. Raw texts are those
    of ``# text``, where the words stand in them; of others the words joined by spaces, but for ``SpaceAfter=No``.

    Attributes:
        ranges: multiword ranges and empty nodes dropped so far.
        replaced: raw texts so far in which the words do not stand, as with parts of a range.
    """

    def __init__(self, path: Path, options: ConllOptions | None = None, *, entities: bool = True) -> None:
        super().__init__(path)
        self._options = options or ConllOptions()
        self._entities = entities
        self._key = self._options.misc_key
        self._labels: list[str] = []
        self._names: dict[str, int] = {"O": 0}
        self._has_ids: bool | None = None  # nobody has said
        self._seen = False  # whether some word had the key
        self._any = False  # whether there was a word
        self.ranges = 0
        self.replaced = 0

    def left_out(self) -> list[str]:
        """See ``TextReader``."""
        if self._entities and self._any and not self._seen:
            keys = " or ".join(KEYS) if self._key is None else repr(self._key)
            raise InputError(
                f"{self.path}: expected entities in the last column, under {keys}, got none (--misc-key names another)",
                field="entities",
            )
        what = "range or empty node of CoNLL-U", "ranges and empty nodes of CoNLL-U"
        told = [f"{count(self.ranges, *what)} skipped"] if self.ranges else []
        if self.replaced:
            told.append(f"{count(self.replaced, 'raw text')} without its words in it: the words, joined, stand for it")
        return told

    def _parse(self, count: int) -> Sentences:
        first_line = self._blocks.lines + 1
        texts: list[str] = []
        spans: list[list[Span]] = []
        tags: list[int] = []
        ids: list[str] = []
        word_lines: list[int] = []
        lines: list[int] = []
        done_bytes = done_lines = 0
        for rows, size in self._sentences(count):
            start = first_line + done_lines
            done_bytes, done_lines = done_bytes + size, done_lines + len(rows)
            words, found, comments, at, glued = self._rows(rows, start)
            if not words:
                continue  # comments alone, or more blank lines than one
            self._any = True
            text, places = self._in_text(comments.get("text"), words, glued)
            texts.append(text)
            spans.append(places)
            tags += found
            ids.append(self._id(comments, at[0]))
            word_lines += at
            lines.append(at[0])
        self._blocks.consume(done_bytes, done_lines)
        columns = words_at(texts, spans)
        entities = self._decode(columns, tags, word_lines) if self._entities else None
        known = id_column(ids) if self._has_ids else None
        return Sentences(columns, entities, tuple(self._labels), known, np.array(lines, np.int64))

    def _id(self, comments: dict[str, str], line: int) -> str:
        """Return the id of a sentence; the first one tells whether there are any."""
        if self._has_ids is None:
            self._has_ids = "sent_id" in comments
        if self._has_ids != ("sent_id" in comments):
            expected = "a comment" if self._has_ids else "no comment"
            raise InputError(
                f"{self.path}:{line}: expected {expected} '# sent_id = ...' before it, as with the sentences before"
            )
        return comments.get("sent_id", "")

    def _sentences(self, count: int) -> list[tuple[list[str], int]]:
        """Return the lines of at most ``count`` whole sentences of what is buffered, and how many bytes they are."""
        data = bytes(self._blocks.view())
        found: list[tuple[list[str], int]] = []
        at = 0
        rows: list[str] = []
        begin = 0
        while len(found) < count and at < len(data):
            end = data.find(b"\n", at)
            if end < 0:
                if not self._blocks.at_end:
                    break
                end = len(data) - 1
            line = data[at : end + 1].decode()
            rows.append(line.rstrip("\r\n"))
            at = end + 1
            if not line.strip():
                found.append((rows, at - begin))
                rows, begin = [], at
        if rows and self._blocks.at_end and at >= len(data) and len(found) < count:
            found.append((rows, at - begin))
        return found

    def _rows(self, rows: list[str], start: int) -> tuple[list[str], list[int], dict[str, str], list[int], set[int]]:
        """Return words, tag numbers, comments by name, the line of each word, and which have no space behind them."""
        words: list[str] = []
        tags: list[int] = []
        comments: dict[str, str] = {}
        at: list[int] = []
        glued: set[int] = set()
        for i, row in enumerate(rows):
            where = f"{self.path}:{start + i}"
            if not row.strip():
                continue
            if row.startswith("#"):
                name, equals, value = row[1:].partition("=")
                if equals:
                    comments.setdefault(name.strip(), value.strip())
                continue
            fields = row.split("\t")
            if len(fields) != COLUMNS:
                raise InputError(
                    f"{where}: expected the {COLUMNS} columns of CoNLL-U with tabs between them, got {len(fields)}: "
                    f"{brief(repr(row))} (--word-column and --tag-column read files of other columns)"
                )
            no_space = "SpaceAfter=No" in fields[-1].split("|")
            if "-" in fields[0] or "." in fields[0]:
                self.ranges += 1
                last = fields[0].partition("-")[2]
                if no_space and last.isascii() and last.isdigit():
                    glued.add(int(last) - 1)
                continue
            if fields[0] != str(len(words) + 1):
                raise InputError(
                    f"{where}: expected word {len(words) + 1} in the first column, got {brief(repr(fields[0]))}"
                )
            if not fields[1].strip():
                raise InputError(f"{where}: expected a word in the second column, got {fields[1]!r}")
            if no_space:
                glued.add(len(words))
            words.append(fields[1])
            at.append(start + i)
            tags.append(self._tag(fields[-1], where) if self._entities else 0)
        return words, tags, comments, at, glued

    def _tag(self, misc: str, where: str) -> int:
        found = dict(each.partition("=")[::2] for each in misc.split("|")) if misc != "_" else {}
        if self._options.misc_key is None:
            there = [key for key in KEYS if key in found]
            if len(there) > 1 or (there and self._key not in (None, there[0])):
                several = dict.fromkeys([*([self._key] if self._key else []), *there])
                raise InputError(
                    f"{where}: expected entities under one name in the last column, got {listed(several)} "
                    "(--misc-key says which)",
                    field="entities",
                )
            self._key = there[0] if there else self._key
        self._seen = self._seen or (self._key is not None and self._key in found)
        tag = found.get(self._key, "O") if self._key else "O"
        return self._names.setdefault(tag, len(self._names))

    def _in_text(self, text: str | None, words: list[str], glued: set[int]) -> tuple[str, list[Span]]:
        """Return a sentence's raw text and where its words are in it; joined words where they are not in it."""
        if text is not None:
            try:
                return text, token_spans(text, words, "words")
            except InputError:  # the parts of a range, most often
                self.replaced += 1
        joined, spans = "", []
        for i, word in enumerate(words):
            joined += " " if i and i - 1 not in glued else ""
            spans.append((len(joined), len(joined) + len(word)))
            joined += word
        return joined, spans

    def _decode(self, words: Words, tags: list[int], word_lines: list[int]) -> Entities:
        ids = np.array(tags, np.int32)
        try:
            return entities_of_tags(
                words.offsets, ids, list(self._names), self._labels, self._options.scheme, words.strings
            )
        except TagError as error:
            raise InputError(f"{self.path}:{word_lines[error.word]}: {error}", field=error.field) from None

    def _join(self, parts: Sequence[Sentences]) -> Sentences:
        return concat_sentences(parts)


def _open(path: Path, how: Reading) -> SentenceReader:
    """Open a file as what it is: with columns that are named, it is any file of columns."""
    options = how.conll or ConllOptions()
    plain = ConllOptions()
    named = (options.word_column, options.tag_column) != (plain.word_column, plain.tag_column)
    return (ConllReader if named else ConlluReader)(path, how.conll, entities=how.entities)


FORMATS.add(
    "conllu",
    Format(
        suffixes=("conllu",),
        about="CoNLL-U, its entities in the last column (name=B-PER)",
        sentences=_open,
        labelled=True,
    ),
)
