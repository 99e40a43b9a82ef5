"""What is too large to be counted is refused, by name and number: docs/limits.md."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from xproj_fast import _core, candidates
from xproj_fast.errors import InputError
from xproj_fast.formats import streams
from xproj_fast.formats.conll import ConllReader
from xproj_fast.formats.words import TextLinesReader, WordLinesReader
from xproj_fast.kernels.protocol import MOST_IN_SENTENCE
from xproj_fast.pairs import SentencePairs

DOCS = Path(__file__).resolve().parents[2] / "docs" / "limits.md"


def arrays(**changes: object) -> dict[str, object]:
    nothing = np.zeros(0, np.int32)
    return {
        "source_offsets": np.array([0, 1]),
        "target_offsets": np.array([0, 1]),
        "entity_offsets": np.array([0, 0]),
        "entity_start": nothing,
        "entity_end": nothing,
        "entity_label": nothing,
        "labels": ["P"],
        **changes,
    }


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("words", [MOST_IN_SENTENCE + 1, 2**32 + 2, 2**62])
def test_words_of_a_sentence(side: str, words: int) -> None:
    expected = f"{side}_words: sentence 0: expected at most 1,073,741,823 words, got {words:,}"
    with pytest.raises(InputError, match=f"^{expected}$"):
        SentencePairs.from_arrays(**arrays(**{f"{side}_offsets": np.array([0, words])}))


def test_the_most_words_are_good() -> None:
    pairs = SentencePairs.from_arrays(**arrays(target_offsets=np.array([0, MOST_IN_SENTENCE])))
    end = np.array([MOST_IN_SENTENCE], np.int32)
    found = candidates.given(pairs, np.array([0, 1]), end - 1, end)
    assert found.end.tolist() == [MOST_IN_SENTENCE]


FILES = {
    "words.txt": (b"a b\n", b"0123456789 0123456789 0123456789\n", WordLinesReader),
    "text.txt": (b"a b\n", b"0123456789 0123456789 0123456789\n", TextLinesReader),
    "x.conll": (b"a\tO\n\n", b"01234567\tO\n01234567\tO\n01234567\tO\n\n", ConllReader),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("before", [0, 1, 40])
def test_bytes_of_a_sentence(name: str, before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long, reader = FILES[name]
    file = tmp_path / name
    file.write_bytes(before * short + long)
    monkeypatch.setattr(streams, "MOST_BLOCK_BYTES", 40)
    monkeypatch.setattr(streams.TextBlocks.__init__, "__defaults__", (8,))  # bytes of a block
    monkeypatch.setattr(streams.TextBlocks.ahead, "__defaults__", (4,))  # bytes of the sample
    assert len(reader(file).read(100)) == before + 1  # it fits, however many there are before it
    monkeypatch.setattr(streams, "MOST_BLOCK_BYTES", 20)
    line = before * short.count(b"\n") + 1
    expected = re.escape(f"{file}:{line}: expected a sentence of at most 20 bytes, got more")
    with pytest.raises(InputError, match=f"^{expected}$"):
        reader(file).read(100)


def test_the_limits_are_those_of_the_kernels() -> None:
    assert (MOST_IN_SENTENCE, streams.MOST_BLOCK_BYTES) == (_core.MOST_IN_SENTENCE, _core.MOST_BLOCK_BYTES)
    text = DOCS.read_text(encoding="utf-8")
    assert f"{MOST_IN_SENTENCE:,}" in text
    assert f"{streams.MOST_BLOCK_BYTES:,}" in text
