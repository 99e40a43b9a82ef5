"""Files of sentences of one language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.labels import LabelFilter
from xproj_fast.formats.registry import FORMATS, Reading, SentenceReader, format_of, that_read
from xproj_fast.formats.sentences import Sentences
from xproj_fast.labelled import LabelledSentences
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import split_spaces, split_words
from xproj_fast.wording import listed

DEFAULT_CHUNK = 65_536  # sentences: some 20 MB of text and arrays
EVERYTHING = 1 << 62


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
        fmt: a format that reads sentences; None = by the suffix, and a file that looks like another one is an error.
        conll: how columns are read.
        jsonl: how records are read.
        split: cuts raw text into words.
        tokenized: the words of ``"text"``, and of records without tokens, are separated by spaces.
        by_spaces: alignments count the words: where the suffix alone says that it is raw text, see ``TextLinesReader``.
        entities: read the entities, too; they must be there.

    Raises:
        InputError: for a format that does not hold this.
    """
    file = Path(path)
    kind = format_of(file, fmt)
    if tokenized:
        split = split_spaces
        jsonl = replace(jsonl or JsonlOptions(), split=split)
    what = "labelled" if entities else "sentences"
    opened = FORMATS[kind].sentences
    if opened is None or what not in FORMATS[kind].reads:
        needed = "labelled sentences" if entities else "sentences"
        raise InputError(f"{file}: expected a format of {listed(that_read(what))}: {needed}, got {kind}")
    return opened(file, Reading(entities, conll, jsonl, split, tokenized, by_spaces, fmt is not None))


def read_sentences(
    path: str | Path,
    fmt: str | None = None,
    *,
    conll: ConllOptions | None = None,
    jsonl: JsonlOptions | None = None,
    tokenized: bool = False,
    entities: bool = True,
) -> Sentences:
    """Read a whole file of sentences of one language, with the line that each begins on.

    >>> import xproj_fast as xp
    >>> read = xp.read_sentences("de.words", entities=False)
    >>> len(read), read.words.to_lists()[0][:4]
    (40, ['Maria', 'Lopez', 'wechselte', 'im'])

    Args:
        path: CoNLL, one sentence per line, JSONL (.gz and .zst are decompressed), Parquet or Arrow.
        fmt: the format; None = by the suffix.
        conll: how columns are read.
        jsonl: how records are read.
        tokenized: the words of a text file are separated by spaces; False = it is raw text, which is cut into words.
        entities: read the entities, too.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    reader = open_sentences(path, fmt, conll=conll, jsonl=jsonl, tokenized=tokenized, entities=entities)
    return reader.read(EVERYTHING)


def read_labelled(
    path: str | Path,
    fmt: str | None = None,
    *,
    conll: ConllOptions | None = None,
    jsonl: JsonlOptions | None = None,
    tokenized: bool = False,
    labels: Sequence[str] = (),
    drop_labels: Sequence[str] = (),
) -> LabelledSentences:
    """Read a whole file of labelled sentences.

    >>> import xproj_fast as xp
    >>> gold = xp.read_labelled("de.gold.conll", labels=["PER", "ORG"])
    >>> gold[0]
    [Maria Lopez]PER wechselte im letzten Frühjahr in das Berliner Büro von [Siemens]ORG .

    Args:
        path: CoNLL, JSONL (.gz and .zst are decompressed), Parquet or Arrow.
        fmt: the format; None = by the suffix.
        conll: how columns are read.
        jsonl: how records are read.
        tokenized: the words of records without tokens are separated by spaces.
        labels: the only classes wanted; () = all.
        drop_labels: classes that are not wanted. One of either list that the file does not have is an error.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    chosen = LabelFilter(labels, drop_labels, path)
    read = read_sentences(path, fmt, conll=conll, jsonl=jsonl, tokenized=tokenized).labelled()
    found = chosen.of(read)
    chosen.check()
    return found
