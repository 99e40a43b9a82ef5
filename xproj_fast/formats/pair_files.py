"""Files to ``SentencePairs``: whole, or chunk by chunk with one chunk in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from xproj_fast.arrays import Entities, Links
from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import DEFAULT_CHUNK, EVERYTHING, open_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.labels import LabelFilter
from xproj_fast.formats.pharaoh import PharaohOptions
from xproj_fast.formats.registry import FORMATS, LinkReader, SentenceReader, by_suffix, format_of, that_read
from xproj_fast.formats.sentences import Sentences, error_at
from xproj_fast.pairs import SentencePairs
from xproj_fast.wording import listed


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read.

    >>> import xproj_fast as xp
    >>> options = xp.ReadOptions(labels=("PER", "LOC"), source=xp.ConllOptions(scheme="bilou"))
    >>> xp.read_pairs("en.conll", "de.words", options=xp.ReadOptions(drop_labels=("MISC",))).labels
    ('PER', 'LOC', 'ORG')

    Attributes:
        source_format: a format that holds labelled sentences, or both sides; None = by the suffix.
        target_format: one that holds sentences: ``"text"`` is raw, ``"words"`` are separated by spaces; None likewise.
        tokenized: the words of a ``.txt`` target are separated by spaces; False = raw text, which is cut into words.
        source: how CoNLL source files are read.
        target: how CoNLL target files are read (their tags are not).
        pharaoh: how alignments are read.
        source_jsonl: how JSONL source files are read.
        target_jsonl: how JSONL target files are read.
        nested: allow entities of one sentence to share words.
        labels: the only classes of source entities to read; () = all.
        drop_labels: classes to leave out. One of either list that the whole input does not have is an error.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh", ReadOptions(drop_labels=("MISC",)))
    >>> sorted(pairs.labels)
    ['LOC', 'ORG', 'PER']
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
    labels: tuple[str, ...] = ()
    drop_labels: tuple[str, ...] = ()


def read_pairs(
    source: str | Path,
    target: str | Path | None = None,
    alignments: str | Path | None = None,
    options: ReadOptions | None = None,
) -> SentencePairs:
    """Read sentence pairs whole; ``iter_pairs`` reads what does not fit into memory.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words", "en-de.pharaoh")
    >>> len(pairs), pairs.labels
    (40, ('PER', 'LOC', 'ORG', 'MISC'))

    Args:
        source: labelled sentences (CoNLL, JSONL, Parquet, Arrow), or, alone, a Parquet or Arrow file with all columns.
        target: sentences of the other language, as many (CoNLL, raw or tokenized text, JSONL, Parquet, Arrow).
        alignments: Pharaoh file, source-target; None = none.
        options: how the files are read.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    (pairs,) = _iter_chosen(source, target, alignments, options or ReadOptions(), None, lambda share: None)
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

    >>> import xproj_fast as xp
    >>> [len(chunk) for chunk in xp.iter_pairs("en.conll", "de.words", chunk=16)]
    [16, 16, 8]

    Args:
        source: see ``read_pairs``.
        target: see ``read_pairs``.
        alignments: see ``read_pairs``.
        options: how the files are read.
        chunk: sentences per chunk.
        progress: called before each chunk is handed out with the share of the source file read, 0 to 1.

    Raises:
        InputError: naming file and line, what was expected and what was got.
    """
    if chunk < 1:
        raise InputError(f"chunk: expected at least 1 sentence, got {chunk}")
    yield from _iter_chosen(
        source, target, alignments, options or ReadOptions(), chunk, progress or (lambda share: None)
    )


def _iter_chosen(
    source: str | Path,
    target: str | Path | None,
    alignments: str | Path | None,
    options: ReadOptions,
    chunk: int | None,
    report: Callable[[float], None],
) -> Iterator[SentencePairs]:
    """Yield chunks, or all as one (``chunk=None``), with the classes that are wanted."""
    wanted = LabelFilter(options.labels, options.drop_labels, source)
    for pairs in _iter_all(Path(source), target, alignments, options, chunk, report):
        yield wanted.of(pairs)
    wanted.check()


def _iter_all(
    source: Path,
    target: str | Path | None,
    alignments: str | Path | None,
    options: ReadOptions,
    chunk: int | None,
    report: Callable[[float], None],
) -> Iterator[SentencePairs]:
    if target is not None:
        yield from _iter_files(source, Path(target), alignments, options, chunk or EVERYTHING, report)
        return
    kind = format_of(source, options.source_format)
    read = FORMATS[kind].pairs
    if read is None:
        able = listed(that_read("pairs"))
        raise InputError(f"{source}: expected a target file as well (only the format {able} holds both sides)")
    if alignments is not None:
        raise InputError(f"{source}: a file of the format {kind} holds all columns; got alignments as well")
    for pairs, share in read(source, options.nested, chunk):
        report(share)
        yield pairs


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
            link_reader = opened.enter_context(closing(_open_links(Path(alignments), options.pharaoh)))
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


def _open_links(path: Path, options: PharaohOptions) -> LinkReader:
    """Open alignments: of the format that has the suffix, or Pharaoh, whose files are named in many ways."""
    kind = by_suffix(path)
    opened = (kind and FORMATS[kind].links) or FORMATS["pharaoh"].links
    assert opened is not None
    return opened(path, options)


def _pair_up(
    source: Sentences,
    target: Sentences,
    links: Links | None,
    done: int,
    source_path: Path,
    target_path: Path,
    link_reader: LinkReader | None,
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
            source.confidences,
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
    link_reader: LinkReader | None,
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


def _count_rest(reader: SentenceReader | LinkReader, count: int) -> int:
    while more := len(reader.read(DEFAULT_CHUNK)):
        count += more
    return count
