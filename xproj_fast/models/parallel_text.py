"""Parallel text that aligners learn from: pairs that can be aligned, and more of them from files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Words
from xproj_fast.checks import check_words
from xproj_fast.errors import InputError
from xproj_fast.formats.files import open_sentences
from xproj_fast.formats.registry import by_suffix, format_of
from xproj_fast.formats.sentences import concat_records
from xproj_fast.kernels import get
from xproj_fast.wording import shown

BLOCK_SENTENCES = 1 << 14  # the text of one block must stay below the 2 GiB of an Arrow string array


def check_alignable(source: Words, target: Words) -> None:
    """Check that words of sentence pairs can be aligned.

    Raises:
        InputError: for unequal numbers of sentences and words without strings.
    """
    for words, field in ((source, "source_words"), (target, "target_words")):
        check_words(get(), words, field)
        if words.strings is None:
            raise InputError(f"{field}: expected words to align, got only their number", field=field)
    if len(source) != len(target):
        raise InputError(
            "expected sentence pairs, as many sentences on either side, got "
            f"{len(source):,} source and {len(target):,} target sentences"
        )


def check_learnable(source: Words, target: Words) -> None:
    """Check the same of pairs to learn from, of which there is at least one."""
    check_alignable(source, target)
    if len(source) == 0:
        raise InputError("expected sentence pairs to learn from, got none")


def too_long(source: NDArray[np.int64], target: NDArray[np.int64], most: int, who: str, fate: str) -> int:
    """Count and warn of sentence pairs that are too long for an aligner.

    Args:
        source: words of each sentence.
        target: likewise.
        most: words that it takes on a side.
        who: its name.
        fate: what becomes of them.
    """
    long = np.flatnonzero((source > most) | (target > most))
    if len(long):
        first = int(long[0])
        what = (
            f"{len(long):,} of {len(source):,} sentence pairs are {fate}, as {who} takes at most {most:,} words per "
            f"side; the first is sentence {first} with {source[first]:,} source and {target[first]:,} target words"
        )
        warnings.warn(shown(what), stacklevel=4)
    return len(long)


def extra_blocks(path: Path, tokenized: bool) -> Iterator[Words]:
    """Yield the words of a file of extra text, block by block; see ``StatisticalAlignOptions.extra_text``."""
    reader = open_sentences(path, _given_format(path), tokenized=tokenized, entities=False)
    while len(words := reader.read(BLOCK_SENTENCES).words):
        yield words


def extra_format(path: Path) -> str:
    """Return the format that a file of extra text is read as."""
    return format_of(path, _given_format(path))


def check_extra(paths: tuple[Path, Path], sentences: list[int]) -> None:
    """Check that both files have as many sentences.

    Raises:
        InputError: naming them.
    """
    if sentences[0] != sentences[1]:
        raise InputError(f"extra_text: expected as many lines in {paths[0]} and {paths[1]}, got {sentences}")


def with_extra(source: Words, target: Words, paths: tuple[Path, Path] | None, tokenized: bool) -> tuple[Words, Words]:
    """Return both sides with extra text behind them, of which only the words are kept.

    Raises:
        InputError: for files of unequal numbers of sentences, and what the readers find wrong.
    """
    if paths is None:
        return source, target
    extra = [[Words(block.offsets, block.strings) for block in extra_blocks(Path(p), tokenized)] for p in paths]
    check_extra(paths, [sum(map(len, blocks)) for blocks in extra])
    own = (Words(side.offsets, side.strings) for side in (source, target))
    first, second = (concat_records([side, *blocks]) for side, blocks in zip(own, extra, strict=True))
    return first, second


def _given_format(path: Path) -> str | None:
    named = by_suffix(path) is not None
    return None if named else "words"
