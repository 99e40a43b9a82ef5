"""Files that one process at a time writes; the lock ends with its holder, however that ends."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from xproj_fast.errors import InputError, blamed

fcntl: Any
try:
    import fcntl
except ImportError:
    # Windows, whose locks keep the holder itself from reading and renaming its file: nothing is locked there. Two
    # processes with one output are not noticed, and nothing that a killed one left is ever proved to be nobody's.
    fcntl = None


@contextmanager
def locked(path: Path, output: str | Path, what: str = "writing this output") -> Iterator[BinaryIO]:
    """Open a file for appending and hold it.

    Args:
        path: the file.
        output: what it guards, as its user calls it: errors name that.
        what: is done by another process that holds it.

    Raises:
        InputError: while another process holds it.
    """
    while True:
        file = _open(path, output)
        try:
            with blamed(output):
                if fcntl is not None and not _lock(file.fileno()):
                    raise InputError(f"{output}: another process is {what}")
            if is_at(file.fileno(), path):
                yield file
                return
        finally:
            with blamed(output):
                file.close()
        # Its last holder renamed or removed it between our opening and our lock: that was another file.


def _open(path: Path, output: str | Path) -> BinaryIO:
    try:
        return open(path, "ab")
    except OSError as error:
        error.filename = str(output)
        raise


def hold(path: Path) -> int | None:
    """Open a file or folder that is there and take its lock; returns the descriptor, whose closing lets go.

    Returns:
        None where another process has it, where it is gone, or where nothing can be locked. So a descriptor proves
        that nobody else is at work on it, of those that hold what they work on.
    """
    if fcntl is None:
        return None
    try:
        folder = stat.S_ISDIR(path.lstat().st_mode)
        descriptor = os.open(path, os.O_NOFOLLOW | (os.O_RDONLY | os.O_DIRECTORY if folder else os.O_RDWR))
    except OSError:
        return None
    try:
        if _lock(descriptor) and is_at(descriptor, path):
            return descriptor
    except OSError:  # a file system without locks
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def hold_new(descriptor: int, path: Path) -> bool:
    """Take the lock of what was just made; False where another process has removed it, taking it for a leftover."""
    if fcntl is None:
        return True
    try:
        return _lock(descriptor) and is_at(descriptor, path)
    except OSError:  # a file system without locks: nobody can prove that it is a leftover, either
        return is_at(descriptor, path)


def is_at(descriptor: int, path: Path) -> bool:
    """Return whether an open file is the one that has this name now."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
