"""Files of sentences of one language: which format a file has, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES
from xproj_fast.formats.arrow_sentences import ArrowReader
from xproj_fast.formats.conll import ConllOptions, ConllReader
from xproj_fast.formats.jsonl import JsonlOptions, JsonlReader
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.streams import format_suffix
from xproj_fast.formats.words import TextLinesReader, WordLinesReader
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import split_spaces, split_words

DEFAULT_CHUNK = 65_536  # sentences: some 20 MB of text and arrays
EVERYTHING = 1 << 62
SUFFIXES = {
    "conll": ("conll", "conll2002", "conll2003", "conllu", "iob", "iob2", "bio", "ner", "tsv"),
    "text": ("txt",),
    "words": ("words", "tok"),
    "jsonl": ("jsonl", "ndjson"),
    "arrow": ARROW_SUFFIXES,
}
FORMATS = tuple(SUFFIXES)
LABELLED = ("conll", "jsonl", "arrow")  # those that hold labels
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


def format_of(path: Path, given: str | None = None) -> str:
    """Return the format of a file: as given, else by its suffix (before .gz or .zst).

    Raises:
        InputError: for a suffix that no format has, or an unknown name.
    """
    if given is not None:
        if given not in FORMATS:
            raise InputError(f"format: expected one of {', '.join(FORMATS)}, got {given!r}")
        return given
    suffix = format_suffix(path)
    for name, suffixes in SUFFIXES.items():
        if suffix in suffixes:
            return name
    if path == STDIN:
        raise InputError(f"{path}: expected the format beside it, as standard input has no suffix that names it")
    known = "; ".join(f"{name}: " + " ".join(f".{s}" for s in suffixes) for name, suffixes in SUFFIXES.items())
    raise InputError(f"{path}: expected a suffix that names the format ({known}), or the format beside it")


def open_sentences(
    path: str | Path,
    fmt: str | None = None,
    *,
    conll: ConllOptions | None = None,
    jsonl: JsonlOptions | None = None,
    split: Callable[[str], list[Span]] = split_words,
    tokenized: bool = False,
    by_spaces: bool = False,
    entities: bool = True,
) -> SentenceReader:
    """Open a file of sentences of one language.

    Args:
        path: the file.
        fmt: one of ``FORMATS``; None = by the suffix, and a file that looks like another format is an error.
        conll: how columns are read.
        jsonl: how records are read.
        split: cuts raw text into words.
        tokenized: the words of ``"text"``, and of records without tokens, are apart by spaces.
        by_spaces: alignments count the words: where the suffix alone says that it is raw text, see ``TextLinesReader``.
        entities: read the entities, too; they must be there.
    """
    file = Path(path)
    kind = format_of(file, fmt)
    sure = fmt is not None
    if tokenized:
        split = split_spaces
        jsonl = replace(jsonl or JsonlOptions(), split=split)
    if kind == "conll":
        return ConllReader(file, conll, entities=entities)
    if kind == "jsonl":
        return JsonlReader(file, jsonl, entities=entities, scheme=(conll or ConllOptions()).scheme)
    if kind == "arrow":
        return ArrowReader(file, jsonl, entities=entities, scheme=(conll or ConllOptions()).scheme)
    if entities:
        raise InputError(f"{file}: expected a format of conll, jsonl or arrow: labelled sentences, got {kind}")
    if kind == "words" or tokenized:
        return WordLinesReader(file, sure=sure)
    return TextLinesReader(file, split, sure=sure, by_spaces=by_spaces and not sure)


def read_sentences(
    path: str | Path,
    fmt: str | None = None,
    *,
    conll: ConllOptions | None = None,
    jsonl: JsonlOptions | None = None,
    tokenized: bool = False,
    entities: bool = True,
) -> Sentences:
    """Read a whole file of sentences of one language.

    Args:
        path: CoNLL, one sentence a line, JSONL (.gz and .zst are decompressed), Parquet or Arrow.
        fmt: one of ``FORMATS``; None = by the suffix.
        conll: how columns are read.
        jsonl: how records are read.
        tokenized: the words of a text file are apart by spaces; False = it is raw text, which is cut into words.
        entities: read the entities, too.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    reader = open_sentences(path, fmt, conll=conll, jsonl=jsonl, tokenized=tokenized, entities=entities)
    return reader.read(EVERYTHING)
