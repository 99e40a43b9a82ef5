"""Runs the code blocks of a page in their order, and compares what they print with what the page shows.

``pycon`` blocks are doctests that share one namespace per page. ``console`` blocks hold commands, each behind ``$ ``,
that run in a real shell; the lines below a command are what it prints, with "..." for anything; where there are none,
nothing is compared. Blocks in other languages are only read. ``make`` lines are looked up in the Makefile, not run.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from command import DEMO, PACKAGE

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_STATE = re.compile(r"\. |export |\w+=[^\s;]*(;|$)")  # what later commands of the page must find done


@dataclass(frozen=True)
class Block:
    """A fenced block and the line it begins on."""

    line: int
    language: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line for the shell and what the page says it prints."""

    line: int
    text: str
    printed: str

    @property
    def is_make(self) -> bool:
        return self.text.split()[:1] == ["make"]

    @property
    def is_hub(self) -> bool:
        """Whether it fetches a model from a hub."""
        return self.text.split()[:2] == ["xproj-fast", "export"]

    def words(self) -> list[str]:
        return shlex.split(self.text, comments=True)


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        indent = len(match[1])
        body = "".join(line[indent:] if line.strip() else "\n" for line in match[3].splitlines(keepends=True))
        found.append(Block(text.count("\n", 0, match.start()) + 1, match[2], body))
    return found


def commands(block: Block) -> Iterator[Command]:
    """Return the commands of a ``console`` block; a backslash at the end of a line goes on with the next one."""
    text = block.text.replace("\\\n", " ")
    assert text.startswith("$ "), f"line {block.line}: expected a command behind '$ ', got {text[:40]!r}"
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield Command(block.line, command, printed)


def all_commands(page: Path) -> list[Command]:
    """Return the commands of a page."""
    return [command for block in blocks(page) if block.language == "console" for command in commands(block)]


def make_root(folder: Path) -> Path:
    """Make a folder look like the clone's root after ``make``: demo, examples, and .venv/bin with the command."""
    data = folder / "xproj_fast" / "data"
    data.mkdir(parents=True)
    (data / "demo").symlink_to(DEMO)
    (folder / "examples").symlink_to(ROOT / "examples")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").write_text(f'export PATH="{programs}:$PATH" PYTHONPATH="{PACKAGE.parent}"\n')
    for name, arguments in (("xproj-fast", '-m xproj_fast "$@"'), ("python", '"$@"')):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error {arguments}\n')
        (programs / name).chmod(0o755)
    return folder


def run_page(page: Path, root: Path, skip: Callable[[str], bool] = lambda _: False) -> None:
    """Run the blocks of a page in the folder ``root``, except for what ``skip`` says of a block's or command's text."""
    names: dict[str, object] = {}
    prelude: list[str] = []
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.language == "pycon" and not skip(block.text):
            _run_python(block, where, names)
        elif block.language == "console":
            for command in commands(block):
                if _STATE.match(command.text):
                    prelude.append(command.text)
                if not command.is_make and not command.is_hub and not skip(command.text):
                    _run_command(command, where, prelude, root)


def _run_python(block: Block, where: str, names: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, names, where, where, block.line)
    assert test.examples, f"{where}: no line begins with >>>"
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert result.failed == 0, "".join(said)


def _run_command(command: Command, where: str, prelude: list[str], root: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    lines = prelude if prelude[-1:] == [command.text] else [*prelude, command.text]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as terminal:
        done = subprocess.run(
            [bash, "--noprofile", "--norc", "-ec", "\n".join(lines)],
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=terminal,
            cwd=root,
            env=env | {"PATH": "/usr/bin:/bin", "COLUMNS": "120", "PYTHONUTF8": "1"},
            timeout=300,
            check=False,
        )
        terminal.seek(0)
        printed = terminal.read()
    assert done.returncode == 0, f"{where}: {command.text}\n{printed}"
    if command.printed:
        checker = doctest.OutputChecker()
        if not checker.check_output(command.printed, printed, OPTIONS):
            example = doctest.Example(command.text, command.printed)
            raise AssertionError(
                f"{where}: {command.text}\n{checker.output_difference(example, printed, doctest.NORMALIZE_WHITESPACE)}"
            )


def make_targets() -> set[str]:
    """Return the targets of the Makefile."""
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
