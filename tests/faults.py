"""Calls of the system that fail when asked to: writes, renames, threads, allocations; see ``faults.c``.

A test takes the fixture ``faulty``, the environment of a process in which they can; that process imports ``arm`` and
``seen`` from here.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from command import PACKAGE

ON_FILES = ("open", "write", "truncate", "fsync", "close", "rename", "unlink", "mkdir")
FOLDER = Path(__file__).parent


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a process whose calls of the system can be made to fail."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"):
        pytest.skip("faults are injected with a compiled library on Linux with glibc: no C compiler, or another system")
    library = str(tmp_path_factory.mktemp("faults") / "faults.so")
    strict = ("-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror")
    subprocess.run([compiler, *strict, "-o", library, FOLDER / "faults.c", "-ldl"], check=True)
    paths = f"{PACKAGE.parent}{os.pathsep}{FOLDER}"
    return {**os.environ, "PYTHONPATH": paths, "LD_PRELOAD": library, "XPROJ_FAULTS": library}


def arm(what: str, at: int, *, times: int = 1, error: int = errno.ENOSPC, size: int = 0, name: str = "") -> None:
    """Let ``times`` calls of one kind fail from the ``at``-th on, in a process that runs with ``faulty``.

    Args:
        what: one of ``ON_FILES``, ``"malloc"`` (every way to allocate) or ``"pthread_create"``.
        at: which, from 1; 0 = none, they are only counted.
        times: how many.
        error: the ``errno`` they fail with.
        size: of allocations: only those of at least so many bytes.
        name: of what is done to files: only those in whose path this stands; opening to read never fails.
    """
    _library().faults_arm(what.encode(), at, times, error, size, os.fsencode(name))


def seen() -> int:
    """Return the number of such calls since ``arm``, those that failed included."""
    return int(_library().faults_seen())


@cache
def _library() -> Any:
    library = ctypes.CDLL(os.environ["XPROJ_FAULTS"])
    library.faults_arm.argtypes = [
        ctypes.c_char_p,
        ctypes.c_long,
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_size_t,
        ctypes.c_char_p,
    ]
    library.faults_arm.restype = None
    library.faults_seen.restype = ctypes.c_long
    return library
