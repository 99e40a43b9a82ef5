"""A file that one process at a time writes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from xproj_fast.errors import InputError


@contextmanager
def locked(path: Path, busy: str) -> Iterator[BinaryIO]:
    """Open a file for appending and hold it; the lock ends with the process, however it ends.

    Raises:
        InputError: with the text ``busy``, while another process holds it.
    """
    while True:
        with open(path, "ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(busy) from None
            if _still_there(file, path):
                yield file
                return
        # Its last holder renamed or removed it between our opening and our lock: that was another file.


def _still_there(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False
