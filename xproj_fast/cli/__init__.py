"""The command ``xproj-fast``."""

from __future__ import annotations

import argparse
import io
import logging
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress

from xproj_fast import __version__
from xproj_fast.cli import console, signals
from xproj_fast.cli.messages import in_options, told
from xproj_fast.cli.options import UsageError
from xproj_fast.cli.parser import Parser
from xproj_fast.errors import STDOUT, InputError, MissingDependencyError, blamed
from xproj_fast.wording import shown

logger = logging.getLogger(__name__)

DESCRIPTION = "Project named-entity labels from one language onto another: fast, exact about what it did."

EPILOG = """\
try it:
  xproj-fast demo                                   see it work on 40 sentences in four languages
  xproj-fast project --source en.conll --target de.words --alignments en-de.pharaoh -o de.conll
  xproj-fast project --source en.conll --target de.words -o de.conll      (aligns the words itself, with eflomal)
  xproj-fast export nllb facebook/nllb-200-distilled-600M models/nllb   (once; also export tagger, export aligner)
  xproj-fast label --language bam_Latn --translator models/nllb --tagger models/ner --aligner models/align \\
      news.txt -o news.conll                        label a language that has no training data
  xproj-fast evaluate de.gold.conll de.conll
  xproj-fast doctor                                 what is installed, what is missing, how to get it

exit codes: 0 done; 1 the input or the machine stopped it (the message says what); 2 wrong usage; 130 interrupted;
129, 143 ended by SIGHUP, SIGTERM
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    from xproj_fast.cli import (
        align,
        augment,
        compare,
        convert,
        demo,
        doctor,
        evaluate,
        export,
        label,
        project,
        tag,
        translate,
    )

    parser = Parser(
        prog="xproj-fast",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"xproj-fast {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in (label, augment, project, export, translate, tag, align, evaluate, compare, convert, demo, doctor):
        module.add_command(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a label still gets the figures
    try:
        return _run(build_parser().parse_args(argv))
    except ImportError as error:
        if error.name not in ("_core", "xproj_fast._core"):  # every command imports it, doctor too
            raise
        fault = f"the compiled core could not be loaded ({error}); reinstall xproj-fast"
        console.say(f"xproj-fast: error: {fault}", quiet=False)
        return 1
    except KeyboardInterrupt:  # before the command ran, or raised in it by hand
        return _say_ended(signals.Ended(signal.SIGINT))
    except signals.Ended as ended:
        return _say_ended(ended)


def _say_ended(ended: signals.Ended) -> int:
    with suppress(OSError):  # the terminal may be what is gone
        console.say(f"xproj-fast: {ended}; {signals.SAID}", quiet=False)
    return int(ended.code or 0)


def _run(args: argparse.Namespace) -> int:
    # What the library has to say of the input (lines skipped, entities widened) shows as plain lines.
    handler = logging.StreamHandler()
    handler.setFormatter(console.OneLine(lambda text: in_options(text, args.known)))
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
