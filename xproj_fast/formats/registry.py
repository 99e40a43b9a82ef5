"""The formats of files. Each registers itself in the file that defines it: its suffixes, what it reads and writes.

``docs/contributing/format.md`` shows how to add one; nothing else keeps a list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from xproj_fast.arrays import Links
from xproj_fast.errors import InputError
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.streams import format_suffix
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.registry import Registry
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import split_words

if TYPE_CHECKING:
    from xproj_fast.formats.conll import ConllOptions
    from xproj_fast.formats.jsonl import JsonlOptions
    from xproj_fast.formats.pharaoh import PharaohOptions
    from xproj_fast.formats.review_sentences import ReviewSentence

STDIN = Path("/dev/stdin")


class SentenceReader(Protocol):
    """Reads consecutive sentences of a file."""

    path: Path

    def close(self) -> None:
        """Close the file before its end."""

    @property
    def share_read(self) -> float:
        """How much of the file was read, 0 to 1."""

    def read(self, count: int) -> Sentences:
        """Return the next ``count`` sentences, fewer at the end."""

    def left_out(self) -> list[str]:
        """Return what was left out or changed so far, a phrase each."""


class LinkReader(Protocol):
    """Reads consecutive alignments of a file; members as in ``SentenceReader``."""

    path: Path

    def close(self) -> None:
        """Close the file before its end."""

    def read(self, count: int) -> Links:
        """Return the next ``count`` sentences, fewer at the end."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file of sentences is read; each format takes of it what concerns it.

    Attributes:
        entities: read the entities, too; they must be there.
        conll: how columns are read; None = the defaults.
        jsonl: how records are read; None = the defaults.
        split: cuts raw text into words.
        tokenized: the words of raw text, and of records without tokens, are separated by spaces.
        by_spaces: alignments count the words: where the suffix alone says that it is raw text, see ``TextLinesReader``.
        sure: the format was named; False = it follows from the suffix, and what looks like another one is an error.
    """

    entities: bool = True
    conll: ConllOptions | None = None
    jsonl: JsonlOptions | None = None
    split: Callable[[str], list[Span]] = split_words
    tokenized: bool = False
    by_spaces: bool = False
    sure: bool = False

    @property
    def scheme(self) -> str:
        """The scheme of tags, see ``ConllOptions``."""
        return "iob2" if self.conll is None else self.conll.scheme


@dataclass(frozen=True, slots=True)
class Format:
    """What a format can do; what it cannot is None.

    Attributes:
        suffixes: of its files, without the dot; .gz and .zst may follow.
        about: what it is, for help: "a word and its tag per line".
        sentences: opens a file of sentences of one language.
        labelled: whether such a file may hold entities, which ``sentences`` then reads.
        pairs: reads sentence pairs from one file: path, whether entities may share words, sentences per chunk (None =
            all); yields chunks with the share of the file read, 0 to 1.
        links: opens a file of alignments.
        encode: labelled sentences as bytes; those of consecutive chunks are the bytes of all.
        encode_confidences: the same with how sure each entity is, where that is not told without asking for it.
        tables: opens a file to write Arrow tables to: of labelled sentences, projections or sentence pairs.
        labelled_tables: opens a file to write Arrow tables of labelled sentences and projections to, in another shape.
        confidences: whether labelled sentences in it say how sure each entity is, and are read with it, unasked.
        columns: whether such a file has room for more than labels: the source, further columns of the input.
        encode_links: alignments as bytes.
        review: sentences for people to correct, see ``write_review``, as the bytes of a file.
    """

    suffixes: tuple[str, ...]
    about: str
    sentences: Callable[[Path, Reading], SentenceReader] | None = None
    labelled: bool = False
    pairs: Callable[[Path, bool, int | None], Iterator[tuple[SentencePairs, float]]] | None = None
    links: Callable[[Path, PharaohOptions | None], LinkReader] | None = None
    encode: Callable[[LabelledSentences], bytes] | None = None
    encode_confidences: Callable[[LabelledSentences], bytes] | None = None
    tables: Callable[[Path], AbstractContextManager[Callable[[Any], None]]] | None = None
    labelled_tables: Callable[[Path], AbstractContextManager[Callable[[Any], None]]] | None = None
    confidences: bool = False
    columns: bool = False
    encode_links: Callable[[Links], bytes] | None = None
    review: Callable[[Sequence[ReviewSentence]], bytes] | None = None

    @property
    def reads(self) -> frozenset[str]:
        """What it reads, of ``READABLE``."""
        able = (self.sentences, self.sentences if self.labelled else None, self.pairs, self.links)
        return frozenset(what for what, how in zip(READABLE, able, strict=True) if how is not None)

    @property
    def writes(self) -> frozenset[str]:
        """What it writes, of ``WRITABLE``."""
        able = (self.encode or self.tables or self.labelled_tables, self.tables, self.encode_links, self.review)
        return frozenset(what for what, how in zip(WRITABLE, able, strict=True) if how is not None)


READABLE = ("sentences", "labelled", "pairs", "alignments")
WRITABLE = ("labelled", "pairs", "alignments", "reviews")
FORMATS: Registry[Format] = Registry("format", "xproj_fast.formats")


def that_read(what: str) -> tuple[str, ...]:
    """Return the names of the formats that read one of ``READABLE``."""
    return tuple(name for name in FORMATS if what in FORMATS[name].reads)


def that_write(what: str) -> tuple[str, ...]:
    """Return the names of the formats that write one of ``WRITABLE``."""
    return tuple(name for name in FORMATS if what in FORMATS[name].writes)


def check_columns(fmt: str, field: str) -> None:
    """Check that a format has room for more than labels.

    Args:
        fmt: of an output.
        field: what asks for room, in errors.

    Raises:
        InputError: for one that has none.
    """
    if not (fmt in FORMATS and FORMATS[fmt].columns):
        able = " or ".join(name for name in FORMATS if FORMATS[name].columns)
        raise InputError(f"{field}: expected output as {able}, got {fmt}", field=field)


def by_suffix(path: Path) -> str | None:
    """Return the format that has the suffix of a file (before .gz or .zst), None where none has it."""
    suffix = format_suffix(path)
    return next((name for name in FORMATS if suffix in FORMATS[name].suffixes), None)


def format_of(path: Path, given: str | None = None) -> str:
    """Return the format of a file: as given, else by its suffix.

    Raises:
        InputError: for a suffix that no format has, or an unknown name.
    """
    if given is not None:
        FORMATS[given]
        return given
    found = by_suffix(path)
    if found is not None:
        return found
    if path == STDIN:
        raise InputError(f"{path}: expected its format as well, as standard input has no suffix that names it")
    known = "; ".join(
        f"{name}: " + " ".join(f".{suffix}" for suffix in FORMATS[name].suffixes)
        for name in FORMATS
        if FORMATS[name].suffixes
    )
    raise InputError(f"{path}: expected a suffix that names the format ({known}), or its format as well")
