"""The command as a user runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xproj_fast

PACKAGE = Path(xproj_fast.__file__).parent
COMMAND = (sys.executable, "-m", "xproj_fast")
DEMO = PACKAGE / "data" / "demo"
EN_DE = ("--source", DEMO / "en.conll", "--target", DEMO / "de.words", "--alignments", DEMO / "en-de.pharaoh")
# The package that is tested, whatever lies in the working folder: the tests may run on an installed one.
HERE: dict[str, Any] = {"cwd": DEMO, "env": os.environ | {"PYTHONPATH": str(PACKAGE.parent)}}

Run = subprocess.CompletedProcess[str]


def run(*args: Any, code: int = 0, command: Sequence[Any] = COMMAND, **options: Any) -> Run:
    """Run the command and assert its exit code."""
    done = subprocess.run(
        [*map(str, command), *map(str, args)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        **(HERE | options),
    )
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def start(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
    """Start the command."""
    words = [*map(str, COMMAND), *map(str, args)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **(HERE | options))


def fails(*args: Any, code: int = 1, **options: Any) -> str:
    """Run the command and return its one line of error: nothing else is said anywhere."""
    done = run(*args, code=code, **options)
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("xproj-fast")
    return line.partition("error: ")[2]
