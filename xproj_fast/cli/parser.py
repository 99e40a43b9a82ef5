"""The parser of the command line: whole names only, one line about what is wrong, and what was probably meant.

``--help`` shows what most users need; options that ``rare`` marked are left to ``--help-all``.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any, NoReturn

from xproj_fast.cli import console
from xproj_fast.cli.lists import Listed, is_list
from xproj_fast.wording import did_you_mean, listed

MOST_OF_CHOICES = 60  # characters

_OPTION = re.compile(r"--[\w-]+")


def rare(action: Any) -> None:
    """Leave an option to ``--help-all``."""
    action.rare = True


def added(parser: argparse.ArgumentParser, add: Callable[[], object]) -> list[argparse.Action]:
    """Return the options that a function adds to a parser."""
    before = len(parser._actions)
    add()
    return parser._actions[before:]


def is_rare(action: argparse.Action) -> bool:
    """Whether ``--help`` leaves an option to ``--help-all``."""
    return getattr(action, "rare", False)


class Parser(argparse.ArgumentParser):
    """argparse's, with better errors and two lengths of help. What a command parsed holds its options, ``known``."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"allow_abbrev": False, "add_help": False})
        self.add_argument("-h", "--help", action="help", help="show this help")
        self.add_argument("--help-all", action=_HelpAll, nargs=0, help="show this help with the rarer options")

    def format_usage(self) -> str:
        """Return what must be given; the other options are many."""
        return f"usage: {self._in_short()}\n"

    def format_help(self, *, everything: bool = False) -> str:
        """Return the help; ``everything``: with the rarer options."""
        help = _Help(self.prog, everything)
        more = [] if any(map(is_rare, self._actions)) else [self._option_string_actions["--help-all"]]
        help.add_usage(self._in_short(), self._actions, self._mutually_exclusive_groups)
        help.add_text(self.description)
        for group in self._action_groups:
            help.start_section(group.title)
            help.add_text(group.description)
            help.add_arguments([action for action in group._group_actions if action not in more])
            help.end_section()
        help.add_text(self.epilog)
        return help.format_help()

    def _in_short(self) -> str:
        """Return the command with what must be given; positional arguments last, where they always work."""
        parts = [self.prog, "[options]"]
        for action in self._actions:
            if action.option_strings and action.required:
                parts.append(f"{action.option_strings[0]} {action.metavar}")
        for action in self._get_positional_actions():
            name = str(action.metavar or action.dest.upper())
            parts.append(f"[{name}]" if action.nargs == "?" else name)
        return " ".join(parts) + (" ..." if self._subparsers is not None else "")

    def error(self, message: str) -> NoReturn:
        """Print one line, and end."""
        message = message.removeprefix("argument ")
        console.say(f"{self.prog}: error: {message} ({self.prog} --help explains)", quiet=False)
        self.exit(2)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; help for a command that was left out, a suggestion for an option that does not exist."""
        words = list(sys.argv[1:] if args is None else args)
        if self._subparsers is not None and not words:
            self.print_help(sys.stderr)
            self.exit(2)
        self._refuse_unknown_options(words)
        self._refuse_lists_given_twice(words)
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

    def _refuse_lists_given_twice(self, words: Sequence[str]) -> None:
        """Of two lists argparse takes the last, where both may be meant."""
        given = [word.partition("=")[0] for word in takewhile(lambda word: word != "--", words)]
        for name, action in self._option_string_actions.items():
            if is_list(action.type) and given.count(name) > 1:
                self.error(f"{name}: expected one list with commas, got {given.count(name)}")

    def _about(self, left: Sequence[str], words: Sequence[str]) -> str:
        """Say what is wrong with words that no argument takes: most often a list with spaces in place of commas."""
        for i, word in enumerate(words):
            action = self._option_string_actions.get(word)
            if action is not None and isinstance(action.type, Listed):
                behind = [*takewhile(lambda other: not other.startswith("-"), words[i + 2 :])]
                if behind and (behind[0] in left or len(behind) > len(self._get_positional_actions())):
                    return f"{word}: expected one list with commas, {words[i + 1]},{behind[0]}, got spaces"
        return f"expected nothing more, got {' '.join(left)}"


class _HelpAll(argparse.Action):
    def __call__(self, parser: Any, *_: Any) -> None:
        parser._print_message(parser.format_help(everything=True), sys.stdout)
        parser.exit()


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help with or without the rarer options; a group of which nothing is left is left out."""

    def __init__(self, prog: str, shows_rare: bool) -> None:
        super().__init__(prog, max_help_position=27)
        self._shows_rare = shows_rare

    def add_argument(self, action: argparse.Action) -> None:
        """Add one."""
        if self._shows_rare or not is_rare(action):
            super().add_argument(action)
            self._action_max_length = self._max_help_position  # one column for the help of all, commands too

    def _split_lines(self, text: str, width: int) -> list[str]:
        """Break no option and no name of a package at its hyphens."""
        return textwrap.wrap(text, width, break_on_hyphens=False)

    def _metavar_formatter(self, action: argparse.Action, default_metavar: str) -> Any:
        if action.choices is not None and action.metavar is None and not isinstance(action.choices, dict):
            default_metavar = "NAME" if _are_many(action) else _joined(action)
            return lambda count: (default_metavar,) * count
        return super()._metavar_formatter(action, default_metavar)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        """Name the choices behind the help, where they are too many to stand beside the option."""
        return f"{action.help}: {_joined(action, ', ')}" if _are_many(action) else action.help


def _joined(action: argparse.Action, by: str = "|") -> str:
    return by.join(map(str, action.choices or ()))


def _are_many(action: argparse.Action) -> bool:
    named = action.choices is not None and action.metavar is None and not isinstance(action.choices, dict)
    return named and len(_joined(action)) > MOST_OF_CHOICES
