"""Files to ``SentencePairs``: whole, or chunk by chunk with one chunk in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xproj_fast.arrays import Entities, Links
from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import read_batches, read_table, row_error
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.drop import DroppedLabels
from xproj_fast.formats.files import DEFAULT_CHUNK, EVERYTHING, SentenceReader, format_of, open_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pharaoh import PharaohOptions, PharaohReader
from xproj_fast.formats.sentences import Sentences, error_at
from xproj_fast.formats.streams import format_suffix
from xproj_fast.pairs import SentencePairs


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read.

    Attributes:
        source_format: ``"conll"``, ``"jsonl"`` or ``"arrow"``; None = by the suffix.
        target_format: one of ``FORMATS``: ``"text"`` is raw, ``"words"`` are apart by spaces; None = by the suffix.
        tokenized: the words of a ``.txt`` target are apart by spaces; False = it is raw text, which is cut into words.
        source: how CoNLL source files are read.
        target: how CoNLL target files are read (their tags are not).
        pharaoh: how alignments are read.
        source_jsonl: how JSONL source files are read.
        target_jsonl: how JSONL target files are read.
        nested: allow entities of one sentence to share words.
        drop_labels: classes of source entities to leave out; one that the whole input does not have is an error.
    """

    source_format: str | None = None
    target_format: str | None = None
    source: ConllOptions = field(default_factory=ConllOptions)
    target: ConllOptions = field(default_factory=ConllOptions)
    pharaoh: PharaohOptions = field(default_factory=PharaohOptions)
    source_jsonl: JsonlOptions = field(default_factory=JsonlOptions)
    target_jsonl: JsonlOptions = field(default_factory=JsonlOptions)
    tokenized: bool = False
    nested: bool = False
    drop_labels: tuple[str, ...] = ()


def read_pairs(
    source: str | Path,
    target: str | Path | None = None,
    alignments: str | Path | None = None,
    options: ReadOptions | None = None,
) -> SentencePairs:
    """Read sentence pairs whole; ``iter_pairs`` reads what does not fit into memory.

    Args:
        source: labelled sentences (CoNLL, JSONL, Parquet, Arrow), or, alone, a Parquet or Arrow file with all columns.
        target: sentences of the other language, as many (CoNLL, raw or tokenized text, JSONL, Parquet, Arrow).
        alignments: Pharaoh file, source-target; None = none.
        options: how the files are read.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    chosen = options or ReadOptions()
    if _is_arrow(source, target, alignments, chosen):
        table = read_table(Path(source), format_suffix(Path(source)))
        dropped = DroppedLabels(chosen.drop_labels, source)
        pairs = dropped.drop_from(_pairs_of(table, Path(source), chosen, 0))
        dropped.check()
        return pairs
    (pairs,) = iter_pairs(source, target, alignments, chosen, chunk=EVERYTHING)
    return pairs


def iter_pairs(
    source: str | Path,
    target: str | Path | None = None,
    alignments: str | Path | None = None,
    options: ReadOptions | None = None,
    *,
    chunk: int = DEFAULT_CHUNK,
    progress: Callable[[float], None] | None = None,
) -> Iterator[SentencePairs]:
    """Read sentence pairs chunk by chunk, in order; at least one chunk, even of an empty file.

    Args:
        source: see ``read_pairs``.
        target: see ``read_pairs``.
        alignments: see ``read_pairs``.
        options: how the files are read.
        chunk: sentences a chunk.
        progress: called before each chunk is handed out with the share of the source file read, 0 to 1.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    if chunk < 1:
        raise InputError(f"chunk: expected at least 1 sentence, got {chunk}")
    chosen = options or ReadOptions()
    report = progress or (lambda share: None)
    dropped = DroppedLabels(chosen.drop_labels, source)
    for pairs in _iter_all(source, target, alignments, chosen, chunk, report):
        yield dropped.drop_from(pairs)
    dropped.check()


def _iter_all(
    source: str | Path,
    target: str | Path | None,
    alignments: str | Path | None,
    chosen: ReadOptions,
    chunk: int,
    report: Callable[[float], None],
) -> Iterator[SentencePairs]:
    if _is_arrow(source, target, alignments, chosen):
        done = 0
        for batch, share in read_batches(Path(source), format_suffix(Path(source)), min(chunk, 1 << 30)):
            report(share)
            yield _pairs_of(batch, Path(source), chosen, done)
            done += batch.num_rows
        return
    if target is None:
        raise InputError(f"{source}: expected a target file beside it (only Arrow and Parquet files hold both sides)")
    yield from _iter_files(Path(source), Path(target), alignments, chosen, chunk, report)


def _is_arrow(
    source: str | Path, target: str | Path | None, alignments: str | Path | None, options: ReadOptions
) -> bool:
    if format_of(Path(source), options.source_format) != "arrow":
        return False
    if target is not None:  # then the source holds labelled sentences alone
        return False
    if alignments is not None:
        raise InputError(f"{source}: an Arrow or Parquet file holds all columns; got alignments beside it")
    return True


def _pairs_of(table: Any, path: Path, options: ReadOptions, done: int) -> SentencePairs:
    try:
        return SentencePairs.from_arrow(table, nested=options.nested)
    except InputError as error:
        raise row_error(path, error, done) from None


def _iter_files(
    source_path: Path,
    target_path: Path,
    alignments: str | Path | None,
    options: ReadOptions,
    chunk: int,
    report: Callable[[float], None],
) -> Iterator[SentencePairs]:
    with ExitStack() as opened:
        source_reader = opened.enter_context(
            closing(
                open_sentences(source_path, options.source_format, conll=options.source, jsonl=options.source_jsonl)
            )
        )
        target_reader = opened.enter_context(
            closing(
                open_sentences(
                    target_path,
                    options.target_format,
                    conll=options.target,
                    jsonl=options.target_jsonl,
                    tokenized=options.tokenized,
                    by_spaces=alignments is not None,
                    entities=False,
                )
            )
        )
        link_reader = None
        if alignments is not None:
            link_reader = opened.enter_context(closing(PharaohReader(Path(alignments), options.pharaoh, foreign=True)))
        done = 0
        while True:
            source = source_reader.read(chunk)
            target = target_reader.read(chunk)
            links = None if link_reader is None else link_reader.read(chunk)
            if len({len(source), len(target), len(source) if links is None else len(links)}) > 1:
                raise _unequal(done, source_reader, source, target_reader, target, link_reader, links)
            report(source_reader.share_read)
            if len(source) or done == 0:
                yield _pair_up(source, target, links, done, source_path, target_path, link_reader, options)
            done += len(source)
            if len(source) < chunk:
                break


def _pair_up(
    source: Sentences,
    target: Sentences,
    links: Links | None,
    done: int,
    source_path: Path,
    target_path: Path,
    link_reader: PharaohReader | None,
    options: ReadOptions,
) -> SentencePairs:
    if not isinstance(source.entities, Entities):
        raise InputError(f"{source_path}: expected labelled sentences, got sentences without entities")
    try:
        return SentencePairs.from_columns(
            source.words,
            target.words,
            source.entities,
            source.labels,
            links,
            target.ids if target.ids is not None else source.ids,
            nested=options.nested,
            copy=False,
        )
    except InputError as error:
        s = error.sentence
        if s is None:
            raise
        where = f"{source_path}:{source.lines[s]}"
        if error.field == "target_words":
            where = f"{target_path}:{target.lines[s]}"
        elif error.field == "alignments" and link_reader is not None:
            where = f"{link_reader.path}:{done + s + 1}"
        raise error_at(where, error, done) from None


def _unequal(
    done: int,
    source_reader: SentenceReader,
    source: Sentences,
    target_reader: SentenceReader,
    target: Sentences,
    link_reader: PharaohReader | None,
    links: Links | None,
) -> InputError:
    """Count all files to their ends, and say how many sentences each has."""
    counts = [
        (source_reader.path, _count_rest(source_reader, done + len(source))),
        (target_reader.path, _count_rest(target_reader, done + len(target))),
    ]
    if link_reader is not None and links is not None:
        counts.append((link_reader.path, _count_rest(link_reader, done + len(links))))
    listed = ", ".join(f"{path} {count:,}" for path, count in counts)
    left_out = [f"{reader.path}: {what}" for reader in (source_reader, target_reader) for what in reader.left_out()]
    hint = "; ".join(left_out) or (
        "CoNLL files may hold -DOCSTART- sentences (--docstart skip) or sentences without words "
        "(--empty-sentences) that the other file does not have, or the other way round"
    )
    return InputError(f"expected files of as many sentences each, got {listed} ({hint})")


def _count_rest(reader: SentenceReader | PharaohReader, count: int) -> int:
    while more := len(reader.read(DEFAULT_CHUNK)):
        count += more
    return count
