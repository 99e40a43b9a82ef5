"""Bytes of files that are read: compressed or not, in blocks of checked text."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
BLOCK_BYTES = 1 << 22
MOST_BLOCK_BYTES = 2**31 - 1  # of one sentence: csrc/xproj/limits.hpp
SAMPLE_BYTES = 1 << 16  # of a file that is looked at before it is read


def compression_of(path: Path) -> str | None:
    """Return ``"gzip"``, ``"zstd"`` or None, by the last suffix."""
    return COMPRESSIONS.get(path.suffix.lower())


def format_suffix(path: Path) -> str:
    """Return the suffix that names the format, without dot and lower case: ``"conll"`` of ``x.conll.gz``."""
    name = path.with_suffix("") if compression_of(path) else path
    return name.suffix.lower().lstrip(".")


def open_input(path: Path) -> Any:
    """Open a file for reading its bytes as they are.

    Raises:
        InputError: where there is no such file.
    """
    if not path.exists():
        raise InputError(f"{path}: expected a file, got nothing there")
    if path.is_dir():
        raise InputError(f"{path}: expected a file, got a folder")
    return open(path, "rb")


def decompressed(raw: Any, path: Path) -> Any:
    """Return ``raw`` itself, or a stream of what it holds where the suffix says it is compressed."""
    kind = compression_of(path)
    if kind is None:
        return raw
    import pyarrow as pa

    return pa.CompressedInputStream(raw, kind)


class TextBlocks:
    """Reads UTF-8 text block by block for parsers that say how much of a block they consumed.

    Every complete line handed out is valid UTF-8 without NUL bytes; a leading byte order mark is skipped.
    """

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self.path = path
        self.lines = 0  # lines consumed so far
        self.at_end = False
        self._block_bytes = block_bytes
        self._raw = open_input(path)
        self._size = max(path.stat().st_size, 1)
        self._file = decompressed(self._raw, path)
        self._buffer = b""
        self._position = 0
        self._checked = 0  # buffer bytes known to be good text
        self._first = True

    @property
    def exhausted(self) -> bool:
        """Whether everything was consumed."""
        return self.at_end and self._position == len(self._buffer)

    @property
    def share_read(self) -> float:
        """How much of the file was read, 0 to 1 (of its compressed bytes)."""
        if self.at_end:
            return 1.0
        return min(float(self._raw.tell()) / self._size, 1.0) if self._raw.seekable() else 0.0  # 0: a pipe

    def close(self) -> None:
        """Close the file; what is buffered stays."""
        self._file.close()
        self._raw.close()

    def view(self) -> memoryview:
        """Return what is buffered and not consumed yet."""
        return memoryview(self._buffer)[self._position :]

    def consume(self, size: int, lines: int) -> None:
        """Say that ``size`` bytes, ``lines`` lines, are done with."""
        self._position += size
        self.lines += lines

    def ahead(self, size: int = SAMPLE_BYTES) -> tuple[bytes, bool]:
        """Return whole lines of what comes next, some ``size`` bytes of them, and whether that is all there is."""
        while not self.at_end and (len(self.view()) < size or self._checked <= self._position):
            self.more()
        view = self.view()
        if self.at_end and len(view) <= size:
            return bytes(view), True
        data = bytes(view[:size])
        return data[: data.rfind(b"\n") + 1] or bytes(self._buffer[self._position : self._checked]), False

    def more(self) -> None:
        """Read on: at least as much again as is buffered, so that a long sentence costs linear time."""
        pending = self._buffer[self._position :]
        room = MOST_BLOCK_BYTES - len(pending)
        if room <= 0:
            raise InputError(
                f"{self.path}:{self.lines + 1}: expected a sentence of at most {MOST_BLOCK_BYTES:,} bytes, got more"
            )
        try:
            fresh = self._file.read(min(max(self._block_bytes, len(pending), len(codecs.BOM_UTF8)), room))
        except (OSError, EOFError) as error:
            raise InputError(f"{self.path}: could not be read: {error}") from error
        self._checked = max(self._checked - self._position, 0)
        self._buffer = pending + fresh
        self._position = 0
        self.at_end = not fresh
        if self.at_end:
            self.close()
        if self._first:
            self._first = False
            if self._buffer.startswith(codecs.BOM_UTF8):
                self._position = self._checked = len(codecs.BOM_UTF8)
        self._check()

    def _check(self) -> None:
        whole = len(self._buffer) if self.at_end else self._buffer.rfind(b"\n") + 1
        if whole <= self._checked:
            return
        text = memoryview(self._buffer)[self._checked : whole]
        try:
            codecs.decode(text, "utf-8")
        except UnicodeDecodeError as error:
            at = self._checked + error.start
            utf16 = self._buffer[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            hint = " (the file looks like UTF-16)" if utf16 and self.lines == 0 else ""
            raise InputError(
                f"{self.path}:{self._line_of(at)}: expected UTF-8 text, got byte "
                f"0x{self._buffer[at]:02x} ({error.reason}){hint}"
            ) from None
        nul = self._buffer.find(b"\0", self._checked, whole)
        if nul >= 0:
            raise InputError(f"{self.path}:{self._line_of(nul)}: expected text, got a NUL byte")
        lone = _lone_return(self._buffer, self._checked, whole)
        if lone >= 0:
            raise InputError(
                f"{self.path}:{self._line_of(lone)}: expected lines that end with \\n or \\r\\n, got a \\r inside"
            )
        self._checked = whole

    def _line_of(self, position: int) -> int:
        return self.lines + self._buffer.count(b"\n", self._position, position) + 1


def _lone_return(data: bytes, start: int, end: int) -> int:
    """Return where a carriage return stands that neither a line feed nor the end follows; -1 where there is none."""
    at = data.find(b"\r", start, end)
    while at >= 0 and data[at + 1 : at + 2] in (b"\n", b""):
        at = data.find(b"\r", at + 1, end)
    return at


def refuse_overwriting(output: Path, *inputs: Path | None) -> None:
    """Refuse an output that is one of the inputs: it would be gone before it is read to the end."""
    for given in inputs:
        if given is not None and given.exists() and output.exists() and output.samefile(given):
            raise InputError(f"{output}: expected an output that is none of the inputs")
