"""What a process that was killed leaves is removed by the next, where it is proved to be nobody's any more."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from xproj_fast.formats.locks import hold, hold_new


def surely(undo: Callable[[], object]) -> None:
    """Call ``undo``, and once more where a signal cut it short."""
    try:
        undo()
    except (KeyboardInterrupt, SystemExit):
        undo()
        raise


def remove_abandoned(paths: Iterable[Path]) -> None:
    """Remove files and folders that were held by whoever worked on them, and are held no more."""
    with suppress(OSError):  # a place that may not be listed
        for path in paths:
            descriptor = hold(path)
            if descriptor is None:
                continue
            try:
                remove(path)
            finally:
                os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file or a folder, as far as that can be done."""
    if path.is_dir():
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """Yield a temporary folder, held while the body runs and removed after it; removes abandoned ones first.

    Args:
        prefix: of its name: ours alone, as folders named like it are removed.
    """
    import tempfile

    base = Path(tempfile.gettempdir())
    ours = re.compile(re.escape(prefix) + "[0-9a-f]{16}")
    remove_abandoned(path for path in base.iterdir() if ours.fullmatch(path.name) and _is_mine(path))
    while True:
        descriptor: int | None = None
        folder = base / f"{prefix}{secrets.token_hex(8)}"
        try:
            folder.mkdir(0o700)
            descriptor = _open_folder(folder)
            if descriptor is None or hold_new(descriptor, folder):
                yield folder
                return
        finally:
            surely(partial(remove, folder))
            if descriptor is not None:
                with suppress(OSError):
                    os.close(descriptor)


def _open_folder(folder: Path) -> int | None:
    return os.open(folder, os.O_RDONLY) if hasattr(os, "O_DIRECTORY") else None  # Windows opens no folders


def _is_mine(path: Path) -> bool:
    """Whether it is a folder, and not another user's, with whom we share the place for such folders."""
    try:
        about = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and (not hasattr(os, "geteuid") or about.st_uid == os.geteuid())
