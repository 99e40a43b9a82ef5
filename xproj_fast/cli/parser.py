"""The parser of the command line: whole names only, one line about what is wrong, and what was probably meant."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NoReturn

from xproj_fast.cli import console
from xproj_fast.cli.lists import Listed
from xproj_fast.wording import did_you_mean, listed

_OPTION = re.compile(r"--[\w-]+")


class Parser(argparse.ArgumentParser):
    """argparse's, with better errors. What a command parsed holds its options by name, ``known``."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        """Print one line, and end."""
        console.say(f"{self.prog}: error: {message} ({self.prog} --help explains)", quiet=False)
        self.exit(2)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; help for a command that was left out, a suggestion for an option that does not exist."""
        words = list(sys.argv[1:] if args is None else args)
        if self._subparsers is not None and not words:
            self.print_help(sys.stderr)
            self.exit(2)
        self._refuse_unknown_options(words)
        found, left = super().parse_known_args(words, namespace)
        if self._subparsers is None:
            if left:
                self.error(self._about(left, words))
            found.known = {action.dest: action for action in self._actions}
        return found, left

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(name) for name in action.choices]
            hint = did_you_mean(value, names)
            raise argparse.ArgumentError(action, f"expected one of {listed(names)}, got {value!r}{hint}")

    def _refuse_unknown_options(self, words: Sequence[str]) -> None:
        """Before argparse complains of what is missing, which may be what a misspelt option was to give."""
        for word in words:
            if word == "--" or (self._subparsers is not None and not word.startswith("-")):
                return  # what follows is no option, or the command's own
            name = word.partition("=")[0]
            if _OPTION.fullmatch(name) and name not in self._option_string_actions:
                options = [option[2:] for option in self._option_string_actions if option.startswith("--")]
                hint = did_you_mean(name[2:], options).replace("did you mean ", "did you mean --")
                self.error(f"{name}: no such option{hint}")

    def _about(self, left: Sequence[str], words: Sequence[str]) -> str:
        """Say what is wrong with words that no argument takes: most often a list with spaces in place of commas."""
        for i, word in enumerate(words):
            action = self._option_string_actions.get(word)
            if action is not None and isinstance(action.type, Listed):
                behind = [*takewhile(lambda other: not other.startswith("-"), words[i + 2 :])]
                if behind and (behind[0] in left or len(behind) > len(self._get_positional_actions())):
                    return f"{word}: expected one list with commas, {words[i + 1]},{behind[0]}, got spaces"
        return f"expected nothing more, got {' '.join(left)}"
