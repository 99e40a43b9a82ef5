"""Column files for tests: read them, see what was read, cut them into blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from xproj_fast.formats import reader
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.streams import TextBlocks

EVERYTHING = 10**9
Spans = list[tuple[int, int, str]]

# Examples may share a folder: each writes the files it reads.
in_tmp_path = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_conll(path: Path, data: str | bytes, *, entities: bool = True, **options: Any) -> Sentences:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_sentences(path, "conll", conll=ConllOptions(**options), entities=entities)


def words_of(sentences: Sentences) -> list[list[str]]:
    return sentences.words.to_lists()


def spans_of(sentences: Sentences) -> list[Spans]:
    e = sentences.entities
    assert e is not None
    names = [sentences.labels[label] for label in e.label]
    flat = list(zip(e.start.tolist(), e.end.tolist(), names, strict=True))
    return [flat[a:b] for a, b in zip(e.offsets[:-1], e.offsets[1:], strict=True)]


@contextmanager
def blocks_of(size: int) -> Iterator[None]:
    """Make readers take so many bytes at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "TextBlocks", partial(TextBlocks, block_bytes=size))
        yield
