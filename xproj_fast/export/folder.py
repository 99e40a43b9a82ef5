"""A model folder that is whole or not there."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xproj_fast.errors import InputError
from xproj_fast.formats.locks import locked
from xproj_fast.models.manifest import MANIFEST


@contextmanager
def new_folder(target: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a hidden folder beside ``target`` to write into; it takes the target's place when the body ends well.

    On any error it is removed. Killed at any moment, an export leaves at most the hidden folder, which no loader
    takes for a model and the next export to the same place removes.

    Args:
        target: where the model shall be.
        force: replace a model that is there. Without, anything but an empty folder is refused; a folder that holds
            no model of ours is never replaced.

    Raises:
        InputError: for a target that is taken, and while another process exports to it.
    """
    target = Path(os.path.abspath(target))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        if not (target / MANIFEST).is_file():
            raise InputError(f"{target}: expected a new or empty folder, got one with other things in it")
        if not force:
            raise InputError(f"{target}: expected a new or empty folder, got an exported model (--force replaces it)")
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = target.parent / f".{target.name}.lock"
    with locked(lock, f"{target}: another process is exporting to this folder"):
        for stale in target.parent.glob(f".{target.name}.*.partial"):  # of a killed export: the lock was free
            shutil.rmtree(stale, ignore_errors=True)
        partial = target.parent / f".{target.name}.{secrets.token_hex(4)}.partial"
        partial.mkdir()
        try:
            yield partial
            _replace(target, partial)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
            with suppress(OSError):
                lock.unlink()


def _replace(target: Path, partial: Path) -> None:
    """Put the finished folder in place: by one rename where the place is free or empty."""
    if target.exists() and any(target.iterdir()):
        old = target.parent / f".{target.name}.{secrets.token_hex(4)}.partial"
        os.rename(target, old)
        os.rename(partial, target)
        shutil.rmtree(old, ignore_errors=True)
        return
    os.replace(partial, target)
