"""A model folder that is whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xproj_fast.errors import InputError, blamed
from xproj_fast.formats.durable import sync_folder, sync_tree
from xproj_fast.formats.leftovers import remove, surely
from xproj_fast.formats.locks import locked
from xproj_fast.formats.outputs import linked
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
    target = Path(os.path.realpath(linked(Path(target))))  # of a link: what it leads to
    _check_free(target, force)
    target.parent.mkdir(parents=True, exist_ok=True)
    # One name each, of no other target's: "model" must not take those of "model.int8" for its own.
    lock, partial, old = (target.parent / f".{target.name}.{what}" for what in ("lock", "partial", "old"))
    with locked(lock, target, "exporting to this folder"):
        try:
            _clear(target, partial, old)  # after a killed export
            _check_free(target, force)  # another export may have ended before the lock was ours
            partial.mkdir()
            with blamed(target):
                yield partial
            sync_tree(partial)
            _check_free(target, force)  # an export takes minutes
            if target.exists() and any(target.iterdir()):
                os.rename(target, old)
            os.replace(partial, target)
            sync_folder(target.parent)
        finally:
            surely(lambda: _clear(target, partial, old))
            surely(lambda: remove(lock))


def _clear(target: Path, partial: Path, old: Path) -> None:
    """Remove what an export left; a model that it moved away and replaced by nothing goes back."""
    if old.exists() and not target.exists():
        os.rename(old, target)
    for rest in (partial, old):
        shutil.rmtree(rest, ignore_errors=True)


def _check_free(target: Path, force: bool) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        if not (target / MANIFEST).is_file():
            got = "one with other things in it" if target.is_dir() else "a file"
            raise InputError(f"{target}: expected a new or empty folder, got {got}")
        if not force:
            raise InputError(f"{target}: expected a new or empty folder, got an exported model (--force replaces it)")
