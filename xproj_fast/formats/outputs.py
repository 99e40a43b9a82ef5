"""Files that are written: whole or not there, on disk when they appear, and named in every error."""

from __future__ import annotations

import io
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xproj_fast.errors import STDOUT, InputError, blamed
from xproj_fast.formats.durable import sync_folder
from xproj_fast.formats.leftovers import remove_abandoned
from xproj_fast.formats.locks import fcntl, hold_new
from xproj_fast.formats.streams import compression_of

UNDER_WAY = re.compile(r"\.(.+)\.\d+\.[0-9a-f]+\.part")  # as ``whole_file`` names what is not whole


class NamedFile(io.FileIO):
    """An open file whose errors name it as its user knows it."""

    def __init__(self, file: int | str, known_as: str | Path, *, closefd: bool = True) -> None:
        super().__init__(file, "wb", closefd)
        self._known_as = known_as

    def write(self, data: Any) -> int:
        """See ``io.FileIO``."""
        with blamed(self._known_as):
            return super().write(data)

    def close(self) -> None:
        """See ``io.FileIO``."""
        with blamed(self._known_as):
            super().close()


def write_stdout(data: bytes) -> None:
    """Write data, not text for a reader, to standard output.

    Raises:
        InputError: where it is closed.
        OSError: naming it.
    """
    if sys.stdout is None:
        raise InputError(f"{STDOUT}: expected it to be open")
    with blamed(STDOUT):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def unfinished(path: Path) -> str | None:
    """Return the name that a file would have got from ``whole_file``, had it not been killed; None for all others."""
    match = UNDER_WAY.fullmatch(path.name)
    return match and match[1]


def need_folder_of(path: Path) -> None:
    """Refuse a path whose folder is not there.

    Raises:
        InputError: naming it.
    """
    if not path.parent.is_dir():
        got = "a file" if path.parent.exists() else "nothing there"
        raise InputError(f"{path}: expected a folder {path.parent} to write into, got {got}")


def linked(path: Path) -> Path:
    """Return what a link leads to, there or not, and any other path as it is.

    Raises:
        InputError: for a link that leads to itself.
    """
    if not path.is_symlink():
        return path
    found = Path(os.path.realpath(path))
    if found.is_symlink():
        raise InputError(f"{path}: expected a place to write to, got a link that leads back to itself")
    return found


@contextmanager
def whole_file(path: Path, *, tidy: bool = True) -> Iterator[Any]:
    """Open ``path`` for writing bytes, compressed by its suffix; it appears only when all was written.

    Everything goes to a file next to it, which is renamed at the end and removed on any error: a full disk or an
    interrupt leaves what was there before. What a kill leaves of it, the next call for the same path removes. Only a
    pipe or a device, whose place nothing can take, is written directly.

    Args:
        path: the file.
        tidy: look through its folder for what a kill left of it; False = the caller, who holds the folder, has.

    Raises:
        InputError: where the folder does not exist.
        OSError: naming ``path``, where it cannot be written.
    """
    if path.is_dir():
        raise InputError(f"{path}: expected a file name to write, got a folder")
    if path.exists() and not path.is_file():
        with io.BufferedWriter(NamedFile(str(path), path)) as raw, _packed(raw, path) as out:
            yield out
        return
    path = linked(path)  # the link stays, as with any other program
    need_folder_of(path)
    if tidy:
        remove_abandoned(other for other in path.parent.iterdir() if unfinished(other) == path.name)
    descriptor: int | None = None
    beside = path
    try:
        while True:
            beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            if hold_new(descriptor, beside):
                break
            os.close(descriptor)
            descriptor = None
        with io.BufferedWriter(NamedFile(descriptor, path, closefd=False)) as raw, _packed(raw, path) as out:
            yield out
        with blamed(path):
            os.fsync(descriptor)
        if fcntl is None:  # Windows renames no open file, nor is it held there
            os.close(descriptor)
            descriptor = None
        os.replace(beside, path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            if beside != path:
                beside.unlink()
        if isinstance(error, OSError) and error.filename == str(beside):
            error.filename, error.filename2 = str(path), None  # the name the user knows
        raise
    finally:
        if descriptor is not None:
            with blamed(path):
                os.close(descriptor)


@contextmanager
def whole_output(path: str | Path) -> Iterator[Callable[[bytes], object]]:
    """Yield what writes to a file (see ``whole_file``) or, as ``"-"``, to standard output."""
    if str(path) == "-":
        yield write_stdout
        return
    with whole_file(Path(path)) as out:
        yield out.write


def write_whole(path: Path, data: bytes, *, tidy: bool = True) -> None:
    """Write a file at once: see ``whole_file``."""
    with whole_file(path, tidy=tidy) as out:
        out.write(data)


@contextmanager
def _packed(raw: Any, path: Path) -> Iterator[Any]:
    """Yield ``raw`` itself, or a stream that compresses into it where the suffix says so."""
    kind = compression_of(path)
    if kind is None:
        yield raw
        return
    import pyarrow as pa

    with pa.CompressedOutputStream(pa.PythonFile(raw, "w"), kind) as packed:
        yield packed
