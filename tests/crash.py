"""Processes that die, or stand still, before a change of a file: not at random moments, but at those asked for."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from command import HERE

# The beginning of a script of one thread, where a fork is safe.
RUNS = f"""
import os, sys
sys.path.append({str(Path(__file__).parent)!r})
from kills import runs
"""

HOLDS = """
import os, signal, sys
from xproj_fast.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts with the signal ignored
name, left = sys.argv[1], int(sys.argv[2])

def hold(event, args):
    global left
    to = {"open": 0, "os.rename": 1}.get(event)
    if to is None or os.path.basename(os.fsdecode(str(args[to]))) != name:
        return
    if event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR):
        return
    left -= 1
    if not left:
        os.write(1, b"held\\n")
        os.read(0, 1)  # for ever: its end never comes

sys.addaudithook(hold)
sys.exit(main(sys.argv[3:]))
"""


@contextmanager
def held(*args: Any, at: str, times: int = 1, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command; it stands still before it writes, or renames into place, the file ``at`` for the n-th time.

    However fast or busy the machine is, it comes no further: it waits for a signal. In the end it is waited for.
    """
    command = [sys.executable, "-c", HOLDS, at, str(times), *map(str, args)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, **pipes, **(HERE | options)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if process.stdout.readline() != b"held\n":
                raise AssertionError(f"it ended before it wrote {at} {times} times: {process.stderr.read().decode()}")
            yield process
        finally:
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.send_signal(signal.SIGKILL)
