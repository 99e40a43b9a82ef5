"""What the command loads before it has anything to do, and what becomes of a signal then."""

from __future__ import annotations

import signal
import sys

import pytest
from command import COMMAND, run

from xproj_fast.cli.commands import COMMANDS

HEAVY = {"numpy", "pyarrow", "rich", "numba", "logging", "dataclasses", "typing_extensions"}
LOADS = """
import sys
sys.argv[1:] = {words!r}
from xproj_fast.cli import main
try:
    main()
except SystemExit:
    pass
print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(*words: str) -> set[str]:
    """Return the modules that a command line loads."""
    done = run(command=(COMMAND[0], "-c", LOADS.format(words=list(words))))
    assert done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_of_the_commands_only_their_names_are_needed(word: str) -> None:
    modules = loaded(word)
    assert modules.isdisjoint(HEAVY)
    assert [name for name in COMMANDS if f"xproj_fast.cli.{name}" in modules] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_itself_alone(name: str) -> None:
    modules = loaded(name, "--help")
    assert [other for other in COMMANDS if f"xproj_fast.cli.{other}" in modules] == [name]
    assert modules.isdisjoint({"pyarrow", "rich", "numba"})
    light = ("demo", "doctor", "export")  # the help of all others names what registries hold
    assert ("numpy" in modules) == (name not in light)


def test_doctor_does_not_load_what_only_exports_need() -> None:
    assert loaded("doctor", "--json").isdisjoint({"torch", "transformers"})


def test_the_probe_sees_what_is_loaded() -> None:
    assert {"numpy", "logging", "xproj_fast.cli.doctor"} <= loaded("doctor", "--json")


def test_an_interrupt_while_the_command_line_is_read() -> None:
    """Ctrl-C before a command runs: while the first of our modules is imported."""
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Kill:
    def find_spec(self, name, *_):
        if name == "xproj_fast.cli.commands":
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Kill())
from xproj_fast.cli import main
sys.exit(main(["--version"]))
"""
    done = run(command=(sys.executable, "-c", code), code=128 + signal.SIGINT)
    assert done.stderr == "xproj-fast: interrupted; no output was left half-written\n"
