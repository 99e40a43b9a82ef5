"""What a process that was killed leaves is removed by the next, where it is proved to be nobody's any more."""

from __future__ import annotations

import os
import secrets
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
        prefix: of its name: ours alone, as folders with it are removed.
    """
    import tempfile

    base = Path(tempfile.gettempdir())
    remove_abandoned(path for path in base.glob(f"{prefix}*") if _is_mine(path))
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
                os.close(descriptor)


def _open_folder(folder: Path) -> int | None:
    return os.open(folder, os.O_RDONLY) if hasattr(os, "O_DIRECTORY") else None  # Windows opens no folders


def _is_mine(path: Path) -> bool:
    try:
        return not hasattr(os, "geteuid") or path.lstat().st_uid == os.geteuid()
    except OSError:
        return False
