"""SHA-256 sums of files and of what is made in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from xproj_fast.errors import blamed


def blocks(path: Path) -> Iterator[bytes]:
    """Read a file block by block."""
    with blamed(path), open(path, "rb") as file:
        yield from iter(lambda: file.read(1 << 22), b"")


def sha256(parts: Iterable[Any]) -> str:
    """Return the SHA-256 sum over all parts."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part)
    return state.hexdigest()
