"""A ``tokenizer.json`` that may have come from anywhere: what it does to a text is bounded before it does it.

The library ``tokenizers`` does what the file says: it may ask for a text to be replaced by ten times as much, nine
times over, or for a pattern that the library gives up on with a panic, which is no ``Exception``. No signal stops it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xproj_fast.arrays import thread_count
from xproj_fast.errors import InputError
from xproj_fast.packages import need

MOST_GROWTH = 10_000  # bytes that a byte of text may become; of real tokenizers ALBERT's come to some 1,500
MOST_GROWTH_DECODED = 100  # that a byte of a subword may become in a translation; usually none grows
MOST_ADDED = 100_000  # bytes that come to a text, however short it is
MOST_BYTES = 1 << 26  # that the texts of one call may become
BYTES = 4  # of a character, at most
# Bytes that a byte may become, by the kind of normalizer: U+FDFA is 3 bytes, and 33 in NFKC and NFKD.
GROWTH = {"NFC": 3, "NFD": 3, "NFKC": 11, "NFKD": 11, "Lowercase": 2, "BertNormalizer": 8, "ByteLevel": 2}


class Growth(NamedTuple):
    """How large a text of n bytes can become: ``factor * n + added``."""

    factor: float
    added: int

    def of(self, size: Any) -> Any:
        """Return what a text of so many bytes can become, or an array of it."""
        return self.factor * size + self.added


class Tokenizer:
    """A tokenizer of a file, for calls of the library; one may serve several threads.

    Attributes:
        library: the tokenizer of ``tokenizers``. Truncation and padding that its file asks for are switched off.
        file: where it came from.
    """

    def __init__(self, file: str | Path) -> None:
        if "OMP_NUM_THREADS" in os.environ:  # the library's own pool, made at its first use, does not look at it
            os.environ.setdefault("RAYON_NUM_THREADS", str(thread_count(None)))
        tokenizers = need("tokenizers")
        self.file = Path(file)
        if not self.file.is_file():
            raise InputError(f"{file}: expected a tokenizer file, got nothing there")
        with self.running("a tokenizer that can be read"):
            self.library: Any = tokenizers.Tokenizer.from_file(str(file))
            self.library.no_truncation()
            self.library.no_padding()
            self._encodes = _growth(self._state("normalizer"))
            decodes = _growth(self._state("decoder"))
        for what, growth, most in (
            ("normalizer", self._encodes, MOST_GROWTH),
            ("decoder", decodes, MOST_GROWTH_DECODED),
        ):
            if growth.factor > most or growth.added > MOST_ADDED:
                raise InputError(
                    f"{file}: {what}: expected a text to become at most {most:,} times as large, and {MOST_ADDED:,} "
                    f"bytes more, got {growth.factor:,.0f} times and {growth.added:,} bytes"
                )

    def portions(self, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Cut texts into runs that one call may take, as positions from and to.

        Raises:
            InputError: for a text that is too large by itself.
        """
        sizes = self._encodes.of(BYTES * np.fromiter(map(len, texts), np.int64, len(texts)))  # no fewer than there are
        for i in np.flatnonzero(sizes > MOST_BYTES).tolist():
            if self._encodes.of(size := len(texts[i].encode())) > MOST_BYTES:
                most = int((MOST_BYTES - self._encodes.added) // self._encodes.factor)
                raise InputError(
                    f"{self.file}: expected words and lines of at most {most:,} bytes, as this tokenizer may make them "
                    f"{self._encodes.factor:,.0f} times as large, got one of {size:,} bytes"
                )
        ends = np.cumsum(sizes)
        first = 0
        while first < len(texts):
            before = ends[first - 1] if first else 0
            last = max(first + 1, int(np.searchsorted(ends, before + MOST_BYTES, side="right")))
            yield first, last
            first = last

    @contextmanager
    def running(self, expected: str = "a tokenizer that takes any text") -> Iterator[None]:
        """Turn whatever the library throws, a panic included, into an InputError that names the file."""
        try:
            yield
        except (InputError, MemoryError):
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise  # an interrupt
            raise InputError(f"{self.file}: expected {expected}, got: {error}") from None

    def _state(self, part: str) -> Any:
        found = getattr(self.library, part)
        return None if found is None else json.loads(found.__getstate__())


def _growth(step: Any) -> Growth:
    """Return how far a normalizer or decoder, as the library writes it down, can make a text grow."""
    if step is None:
        return Growth(1, 0)
    kind = step["type"]
    if kind == "Sequence":
        factor, added = 1.0, 0
        for inner in step.get("normalizers", step.get("decoders")):
            found = _growth(inner)
            factor, added = factor * found.factor, int(added * found.factor) + found.added
        return Growth(factor, added)
    if kind == "Prepend":
        return Growth(1, len(step["prepend"].encode()))
    if kind == "Replace":
        sought = step["pattern"].get("String", "").encode()
        content = len(step["content"].encode())
        if sought:
            return Growth(max(1.0, content / len(sought)), 0)
        return Growth(1 + content, content)  # a pattern may match nothing, between all letters and behind the last
    if kind == "Precompiled":
        data = base64.b64decode(step["precompiled_charsmap"])
        trie = int.from_bytes(data[:4], "little")
        return Growth(max(1, *map(len, data[4 + trie :].split(b"\0"))), 0)  # what characters become, zeros between
    return Growth(GROWTH.get(kind, 1), 0)
