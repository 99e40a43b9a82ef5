"""Bytes on disk, and separately the folder that says under which name they are: both must survive the loss of power."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from xproj_fast.errors import blamed

UNKNOWN = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # of file systems that do not sync folders


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on disk: what was renamed into it, made or removed there."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows opens no folders
        return
    with blamed(folder):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in UNKNOWN:
                raise
        finally:
            os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make sure that all files of a folder, and of those in it, are on disk with their names."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with blamed(Path(parent, name)), open(Path(parent, name), "rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))
