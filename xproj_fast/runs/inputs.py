"""Input of a pipeline: sentences of one language, raw or already cut into words, chunk by chunk."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import open_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.registry import SentenceReader, format_of
from xproj_fast.formats.sentences import Sentences, error_at
from xproj_fast.runs.memory import NAME, is_path, need_no_ids, open_memory
from xproj_fast.runs.models import identity_of_file
from xproj_fast.text.words import split_spaces, split_words, splitter


@dataclass(frozen=True, slots=True)
class InputOptions:
    """How a file of sentences is read.

    Attributes:
        format: of sentences: ``"text"`` is raw, ``"words"`` are separated by spaces; None = by the suffix.
        tokenized: the words of a text file are separated by spaces and stay as they are; False = it is raw text. CoNLL
            and Parquet files, and JSONL records with tokens, always keep their words.
        chinese: how Chinese is cut into words, see ``words.splitter``.
        conll: how columns are read.
        jsonl: how records are read.

    >>> import xproj_fast as xp
    >>> options = InputOptions(conll=xp.ConllOptions(word_column=1), chinese="characters")
    """

    format: str | None = None
    tokenized: bool = False
    chinese: str = "jieba"
    conll: ConllOptions = field(default_factory=ConllOptions)
    jsonl: JsonlOptions = field(default_factory=JsonlOptions)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Consecutive sentences of an input: the sentences, the number of the first one, and the share read so far."""

    sentences: Sentences
    first: int
    share: float


def open_input(
    source: Any, language: str | None, options: InputOptions, *, entities: bool, ids: Iterable[Any] | None = None
) -> SentenceReader:
    """Open a file of sentences, or sentences in memory.

    Args:
        source: the name of a file of text, CoNLL, JSONL, Parquet or Arrow (also ``.gz``, ``.zst``), or what
            ``open_memory`` takes.
        language: decides how raw text is cut into words, see ``words.splitter``.
        options: how it is read.
        entities: read the entities, too; they must be there.
        ids: see ``open_memory``.

    Raises:
        InputError: for a file that is not there or has no such format.
        MissingDependencyError: for Chinese without jieba, where it is asked for.
    """
    if not is_path(source):
        split = split_spaces if options.tokenized else splitter(language, options.chinese)
        return open_memory(source, replace(options.jsonl, split=split), entities=entities, split=split, ids=ids)
    need_no_ids(ids)
    file = Path(source)
    kind = format_of(file, options.format)
    cuts = kind == "jsonl" or (kind == "text" and not options.tokenized)
    split = splitter(language, options.chinese) if cuts else split_words
    return open_sentences(
        file,
        options.format,
        conll=options.conll,
        jsonl=replace(options.jsonl, split=split),
        split=split,
        tokenized=options.tokenized,
        entities=entities,
    )


def described_reading(reading: InputOptions, source: Any) -> dict[str, Any]:
    """Return how an input is read, as JSON values; its name says it, too, where the options name no format."""
    values = asdict(reading) | {"format": format_of(Path(source), reading.format) if is_path(source) else "memory"}
    del values["jsonl"]["split"]  # follows from the language
    return values


@contextmanager
def closed_on_error(reader: SentenceReader) -> Iterator[SentenceReader]:
    """Close a reader if the stream that is made of it is never entered; else the stream does."""
    try:
        yield reader
    except BaseException:
        reader.close()
        raise


def identity_of_source(source: Any, identity: str | None, *, resume: bool) -> str:
    """Return what tells a source from another: the hash of a file's bytes, or what memory is called.

    Raises:
        InputError: for a file that is called something, and sentences in memory that are to be gone on with and have no
            name: another process cannot tell whether it was given the same.
    """
    if is_path(source):
        if identity is not None:
            raise InputError(f"identity: expected none for a file, which is hashed, got {identity!r}", field="identity")
        return identity_of_file(Path(source))
    if resume and identity is None:
        raise InputError(
            "resume: expected identity=... as well, a name and version of what is in memory, which tells a stopped run "
            "that it is given the same again, got none",
            field="identity",
        )
    return f"given as {identity}" if identity is not None else f"given by process {os.getpid()}"


@contextmanager
def lines_of(source: Any, part: Part) -> Iterator[None]:
    """Name the line of the input in what a writer finds wrong with a part of it."""
    try:
        yield
    except InputError as error:
        if not is_path(source):
            raise error_at(str(NAME), error, part.first) from None
        line = "" if error.sentence is None else f":{part.sentences.lines[error.sentence]}"
        raise error_at(f"{source}{line}", error, part.first) from None


def parts_of(reader: SentenceReader, size: int, skip: int = 0) -> Generator[Part, None, None]:
    """Read a file part by part; at least one part, even of an empty file, where nothing is skipped.

    Args:
        reader: is closed at the end, however that comes about.
        size: sentences per part.
        skip: sentences that are read and dropped first.

    Raises:
        InputError: for no sentence a part, a file that ends before what is skipped, and what the reader finds wrong.
    """
    with closing(reader):
        if size < 1:
            raise InputError(f"chunk: expected at least 1 sentence, got {size}", field="chunk")
        done = 0
        while done < skip:
            found = len(reader.read(min(size, skip - done)))
            if not found:
                raise InputError(f"{reader.path}: expected at least {skip:,} sentences, got {done:,}")
            done += found
        while True:
            sentences = reader.read(size)
            if len(sentences) or not done:
                yield Part(sentences, done, reader.share_read)
            done += len(sentences)
            if len(sentences) < size:
                break


def parts_from(
    source: Any,
    language: str | None = None,
    *,
    chunk: int = 512,
    ids: Iterable[Any] | None = None,
    reading: InputOptions | None = None,
    entities: bool = False,
) -> Generator[Part, None, None]:
    """Cut a file, or sentences in memory, into the parts that ``label_stream`` takes, as they are asked for.

    >>> import xproj_fast as xp
    >>> parts = xp.parts_from(["Awa sang.", "She left."], chunk=1, ids=["a", "b"])
    >>> next(parts).sentences.words.to_lists()
    [['Awa', 'sang', '.']]

    Args:
        source: the name of a file; an iterable of texts, of lists of words or of dicts; Arrow data or batches of it;
            ``LabelledSentences``.
        language: NLLB's code: decides how raw text is cut into words.
        chunk: sentences per part.
        ids: one a sentence, of texts or lists of words.
        reading: how it is read; None = the defaults.
        entities: read the entities, too; they must be there.

    Raises:
        InputError: for anything else; from the iteration, for a sentence at fault, by its number and id.
        MissingDependencyError: for Chinese without jieba, where it is asked for.
    """
    return parts_of(open_input(source, language, reading or InputOptions(), entities=entities, ids=ids), chunk)


def pair_parts(
    paths: tuple[str | Path, str | Path], readings: tuple[InputOptions, InputOptions], size: int, skip: int = 0
) -> Generator[tuple[Part, Part], None, None]:
    """Read parallel text part by part; see ``parts_of``.

    Args:
        paths: of both sides.
        readings: how each is read.
        size: sentence pairs per part.
        skip: sentence pairs that are read and dropped first.

    Raises:
        InputError: for files of unequal numbers of sentences, and what ``parts_of`` and the readers find wrong.
    """
    sides = [
        parts_of(open_input(path, None, reading, entities=False), size, skip)
        for path, reading in zip(paths, readings, strict=True)
    ]
    with closing(sides[0]), closing(sides[1]):
        for source, target in zip_longest(*sides):
            lengths = [0 if part is None else len(part.sentences) for part in (source, target)]
            if lengths[0] != lengths[1]:
                shorter = paths[lengths.index(min(lengths))]
                raise InputError(
                    "expected files of as many sentences each, got one that ends after sentence "
                    f"{(source or target).first + min(lengths):,}: {shorter}"
                )
            yield source, target
