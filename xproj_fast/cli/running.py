"""How a command runs: warnings as plain lines, signals in order, errors as one line, exit codes."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import warnings
from collections.abc import Callable

from xproj_fast.cli import console, signals
from xproj_fast.cli.messages import in_options, told
from xproj_fast.cli.usage import UsageError
from xproj_fast.errors import STDOUT, InputError, MissingDependencyError, blamed
from xproj_fast.wording import shown

logger = logging.getLogger(__name__)


def run(args: argparse.Namespace) -> int:
    """Run the command that was parsed; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a label still gets the figures
    try:
        return _run(args)
    except ImportError as error:
        if error.name not in ("_core", "xproj_fast._core"):  # every command imports it, doctor too
            raise
        fault = f"the compiled core could not be loaded ({error}); reinstall xproj-fast"
        console.say(f"xproj-fast: error: {fault}", quiet=False)
        return 1
    except signals.Ended as ended:
        return signals.said(ended)


class _OneLine(logging.Formatter):
    """Warnings of the library as one plain line each."""

    def __init__(self, worded: Callable[[str], str]) -> None:
        super().__init__()
        self._worded = worded

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return shown(f"xproj-fast: {self._worded(record.getMessage())}")


def _run(args: argparse.Namespace) -> int:
    # What the library has to say of the input (lines skipped, entities widened) shows as plain lines.
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine(lambda text: in_options(text, args.known)))
    logging.basicConfig(handlers=[handler], level=logging.ERROR if getattr(args, "quiet", False) else logging.WARNING)
    try:
        with signals.orderly(), warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: logger.warning("%s", shown(str(message)))
            code: int = args.run(args)
        if sys.stdout is not None:  # as under `>&-`
            with blamed(STDOUT):
                sys.stdout.flush()
        return code
    except (InputError, MissingDependencyError, OSError) as error:
        if args.debug:
            raise
        left = isinstance(error, BrokenPipeError)
        if left or getattr(error, "filename", None) == STDOUT:  # what is left for it would fail again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if left:  # the reader of our output: no reason to complain
            return 1
        console.say(f"xproj-fast: error: {told(error, args.known)}", quiet=False)
        return 2 if isinstance(error, UsageError) else 1
