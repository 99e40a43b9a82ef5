"""A program in Python that ends when we do, however we do, and with it whatever it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from xproj_fast.formats.leftovers import surely

# Its standard input is a pipe that nobody writes to. It comes to its end when we close it or are gone, even by
# SIGKILL; then the program ends its process group, of which it is the first: itself and all that it started.
LIFELINE = """
import os, runpy, signal, sys, threading
pipe = os.dup(0)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

def watch():
    os.read(pipe, 1)
    os.killpg(0, signal.SIGKILL)

threading.Thread(target=watch, daemon=True).start()
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_child(program: Path, args: list[str], **how: Any) -> tuple[int, str]:
    """Run a Python program to its end.

    A signal that ends us, and any other error here, ends it and what it started before it goes on its way.

    Args:
        program: the file.
        args: of its command line.
        **how: see ``subprocess.Popen``: folder, environment.

    Returns:
        Its exit status, and what it said on standard error.
    """
    with subprocess.Popen(
        [sys.executable, "-c", LIFELINE, program, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        **how,
    ) as process:
        assert process.stderr is not None
        try:
            said = process.stderr.read()  # to its end: all that hold it are gone then
            return process.wait(), said
        finally:
            if process.returncode is None:
                surely(lambda: _end(process))


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert process.stderr is not None
    process.stderr.read()
    process.wait()
