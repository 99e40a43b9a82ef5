"""The table of commands: of what stands here alone, only the chosen command's module is imported."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from xproj_fast import __version__
from xproj_fast.cli.parser import Parser

# Command -> what it does, in one line. Its module in this folder has its name, and `add_command`.
COMMANDS = {
    "label": "label text of a language without training data",
    "augment": "turn labelled sentences into training data in other languages",
    "project": "project the labels of one file onto another",
    "export": "make model folders from Hugging Face checkpoints",
    "translate": "translate text with a neural model",
    "tag": "find the entities of sentences with a neural tagger",
    "align": "align the words of parallel text",
    "inspect": "see what was projected, in a page: the worst first",
    "evaluate": "compare labels with gold labels",
    "compare": "compare the speed and accuracy of all matchers on your data",
    "convert": "convert between CoNLL, JSONL, Parquet and Arrow",
    "demo": "see it work on 40 sentences in seven languages",
    "doctor": "show what is installed, what is missing, and how to get it",
}

DESCRIPTION = "Project named-entity labels from one language onto another."

EPILOG = """\
try it:
  xproj-fast demo
  xproj-fast project --source en.conll --target de.words \\
      --alignments en-de.pharaoh -o de.conll
  xproj-fast evaluate de.gold.conll de.conll
then label a language that has no training data:
  xproj-fast export nllb facebook/nllb-200-distilled-600M models/nllb
  xproj-fast label --language bam_Latn --translator models/nllb \\
      --tagger models/ner --aligner models/align news.txt -o news.conll

exit codes: 0 done; 1 the input or the machine stopped it (the message says why);
2 wrong usage; 130 interrupted; 129, 143 ended by SIGHUP, SIGTERM
"""


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        only: the one command whose options are wanted; None = those of all, "" = of none.
    """
    parser = Parser(prog="xproj-fast", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"xproj-fast {__version__}", help="show the version")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, action=_Commands)
    for name in COMMANDS:
        if only in (None, name):
            import_module(f"xproj_fast.cli.{name}").add_command(commands)
        else:
            commands.add_parser(name)
    return parser


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse a command line, of sys.argv by default."""
    words = list(sys.argv[1:] if argv is None else argv)
    # The options in front of a command take no values, so the first word that is no option names it.
    return build_parser(next((word for word in words if not word.startswith("-")), "")).parse_args(words)


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]
    """The commands of the table, each with the help that stands there."""

    def add_parser(self, name: str, **given: Any) -> Any:
        """Add a command."""
        return super().add_parser(name, **given | {"help": COMMANDS[name]})
