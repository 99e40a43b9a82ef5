"""Models whose hashes were compared before, on this machine, by this user: not again by each worker of an engine."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from xproj_fast.models.hashes import sha256
from xproj_fast.models.manifest import MANIFEST, Manifest, read_manifest

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: each process compares them
    fcntl = None


def verified_manifest(folder: str | Path, kind: str) -> Manifest:
    """Read the manifest of a model folder, all of whose files have the right hashes.

    They are compared once a machine and user, as long as no file has another path, size, inode or time of change; of
    workers that start together, one compares and the others wait. Where stamps cannot be kept, each compares.

    Raises:
        InputError: see ``read_manifest``.
    """
    manifest = read_manifest(folder, kind, verify=False)
    stamps = _stamps()
    if stamps is None:
        return read_manifest(folder, kind)
    with open(stamps / _key(Path(folder).resolve(), manifest), "ab") as stamp:
        with suppress(OSError):  # a file system without locks: several may compare at once, which is only slow
            fcntl.flock(stamp.fileno(), fcntl.LOCK_EX)
        if not os.fstat(stamp.fileno()).st_size:
            read_manifest(folder, kind)
            stamp.write(b"verified\n")
    return manifest


def _stamps() -> Path | None:
    """Return a folder that nobody else can write to, as a stamp says that a model is whole; None = there is none."""
    if fcntl is None:
        return None
    folder = Path(tempfile.gettempdir(), f"xproj-fast-verified-{os.getuid()}")
    try:
        folder.mkdir(0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return folder if ours and os.access(folder, os.W_OK) else None


def _key(folder: Path, manifest: Manifest) -> str:
    told = [str(folder), manifest.to_json()]
    for name in (MANIFEST, *sorted(manifest.files)):
        found = (folder / name).stat()
        told.append(f"{name} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}")
    return sha256(["\n".join(told).encode()])
