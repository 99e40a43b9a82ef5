"""Input of a pipeline: sentences of one language, raw or already cut into words, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import SentenceReader, format_of, open_sentences
from xproj_fast.formats.hub import read_dataset
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.splitter import split_words
from xproj_fast.pipelines.select import take_entities, take_words
from xproj_fast.pipelines.words import splitter


@dataclass(frozen=True, slots=True)
class InputOptions:
    """How a file of sentences is read.

    Attributes:
        format: ``"text"`` (raw, one sentence a line), ``"words"`` (apart by spaces), ``"conll"``, ``"jsonl"`` or, of
            labelled sentences, ``"arrow"`` (the hub's columns tokens and ner_tags); None = by the suffix.
        tokenized: the words of a text file are apart by spaces and stay as they are; False = it is raw text. CoNLL
            files, and JSONL records with tokens, always keep their words.
        chinese: how Chinese is cut into words, see ``words.splitter``.
        conll: how columns are read.
        jsonl: how records are read.
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


class LoadedSentences:
    """Hands out the sentences of a file that was read whole: Parquet of a size that models are trained on."""

    def __init__(self, path: Path, sentences: Sentences) -> None:
        self.path = path
        self._all = sentences
        self._done = 0

    @property
    def share_read(self) -> float:
        """How much was handed out, 0 to 1."""
        return self._done / max(len(self._all), 1)

    def close(self) -> None:
        """Do nothing: the file is closed."""

    def left_out(self) -> list[str]:
        """Return nothing: nothing is."""
        return []

    def read(self, count: int) -> Sentences:
        """Return the next ``count`` sentences, fewer at the end."""
        rows = np.arange(self._done, min(self._done + count, len(self._all)))
        self._done += len(rows)
        given = self._all
        return Sentences(
            take_words(given.words, rows),
            None if given.entities is None else take_entities(given.entities, rows),
            given.labels,
            None if given.ids is None else given.ids.slice(int(rows[0]) if len(rows) else 0, len(rows)),
            given.lines[rows],
        )


def open_input(path: str | Path, language: str | None, options: InputOptions, *, entities: bool) -> SentenceReader:
    """Open a file of sentences.

    Args:
        path: text, CoNLL, JSONL or (labelled) Parquet; ``.gz`` and ``.zst`` are decompressed.
        language: decides how raw text is cut into words, see ``words.splitter``.
        options: how it is read.
        entities: read the entities, too; they must be there.

    Raises:
        InputError: for a file that is not there or has no such format.
        MissingDependencyError: for Chinese without jieba, where it is asked for.
    """
    file = Path(path)
    kind = format_of(file, options.format)
    if kind == "arrow" and entities:
        return LoadedSentences(file, read_dataset(file))
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


def parts_of(reader: SentenceReader, size: int, skip: int = 0) -> Iterator[Part]:
    """Read a file part by part; at least one part, even of an empty file, where nothing is skipped.

    Args:
        reader: is closed at the end, however that comes about.
        size: sentences a part.
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
