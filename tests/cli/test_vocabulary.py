"""One vocabulary over all commands, help that fits a screen or two, and every option of a method everywhere."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from xproj_fast.cli import derived
from xproj_fast.cli.commands import COMMANDS, build_parser
from xproj_fast.cli.lists import is_list
from xproj_fast.cli.parser import Parser, is_rare
from xproj_fast.method import Method

LINES, COLUMNS = 85, 82  # of --help, on a terminal of 80 columns; an example may be a little longer


def commands(parser: argparse.ArgumentParser, name: tuple[str, ...] = ()) -> Iterator[tuple[str, Parser]]:
    assert isinstance(parser, Parser)
    yield " ".join(name), parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from commands(below, (*name, word))


PARSERS = dict(commands(build_parser()))
# Options that are not quite the same thing in these commands, and why.
DIFFERENT = {
    "--output": "a file, a folder, or either",
    "--output-format": "translations are no labelled sentences",
    "--input-format": "what is read may be text, or must have labels",
    "--source": "what is projected has labels, what is aligned need not",
    "--target": "likewise",
    "--source-format": "likewise",
    "--target-format": "likewise",
    "--aligner": "align and project learn from the text as well",
    "--link-threshold": "likewise",
    "--seed": "of the noise, or of the statistical aligner",
    "--chunk": "a pipeline loses a chunk per stage when it is killed",
    "--compute-type": "an export chooses what is stored, the others what runs",
    "--languages": "of the demo, or of translations",
    "--rounds": "of timings, or of itermax, which compare does not run",
    "--version": "of the package",
}
PROJECTING = ("project", "inspect", "compare", "label", "augment", "evaluate")
# Fields of a method that a command chooses by another option.
CHOSEN_BY = {
    ("compare", "matcher"): "--matchers",
    ("compare", "limit"): "--limits",
    ("evaluate", "scores"): "--pipelines",
}


def options(parser: Parser) -> dict[str, argparse.Action]:
    return {action.option_strings[-1]: action for action in parser._actions if action.option_strings}


@pytest.mark.parametrize("name", [name for name, parser in PARSERS.items() if name != "" and options(parser)])
def test_a_list_is_given_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two lists argparse takes the last, in silence."""
    for flag, action in options(PARSERS[name]).items():
        if is_list(action.type):
            with pytest.raises(SystemExit):
                PARSERS[name].parse_args([flag, "A=B", f"{flag}=C=D"])
            assert f"{flag}: expected one list with commas, got 2" in capsys.readouterr().err


def test_other_options_may_be_given_again() -> None:
    args = build_parser().parse_args(["project", "--source", "x", "-o", "y", "--limit", "<=2", "--limit", "<=3"])
    assert args.limit == "<=3"


def test_every_command_is_looked_at() -> None:
    assert {name.partition(" ")[0] for name in PARSERS} == {"", *COMMANDS}


def test_one_name_is_one_thing() -> None:
    seen: dict[str, tuple[str, object]] = {}
    for command, parser in PARSERS.items():
        for name, action in options(parser).items():
            if name in DIFFERENT:
                continue
            help = re.sub(r"\(default: .*?\)", "", action.help or "").strip()
            said = (help, action.type, action.metavar, action.choices and list(action.choices), action.dest)
            before, expected = seen.setdefault(name, (command, said))
            assert said == expected, f"{name} of {command} and of {before} differ"


def test_exceptions_are_needed() -> None:
    known = {name for parser in PARSERS.values() for name in options(parser)}
    assert known.issuperset(DIFFERENT)


@pytest.mark.parametrize("command", PARSERS)
def test_every_option_has_help(command: str) -> None:
    for action in PARSERS[command]._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue  # each of which has help
        assert action.help, f"{action.option_strings or action.dest} has no help"
        assert not action.help.endswith("."), action.help
        assert not re.search(r"\bsub-token|beside it|gone on with|\ba sentence of\b|a line\b.*a line\b", action.help)


@pytest.mark.parametrize("command", PARSERS)
def test_help_fits_a_screen_or_two(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    parser = PARSERS[command]
    short, whole = parser.format_help(), parser.format_help(everything=True)
    assert len(short.splitlines()) <= LINES
    for line in (*short.splitlines(), *whole.splitlines()):
        assert len(line) <= COLUMNS or "://" in line or "models/" in line, line
    shown = set(re.findall(r"(?<![\w-])--[\w-]+", whole))
    assert shown.issuperset(options(parser).keys() - {"--help-all"})
    assert ("--help-all" in short) == any(is_rare(action) for action in parser._actions)


@pytest.mark.parametrize("command", PROJECTING)
def test_every_option_of_a_method_is_everywhere(command: str) -> None:
    there = options(PARSERS[command])
    for each in derived.derive(Method):
        assert each.flag in there or CHOSEN_BY[command, each.path[-1]] in there


def test_every_field_of_a_method_is_an_option() -> None:
    flags = {each.path for each in derived.derive(Method)}
    silent = {("ner", "spans_only"), ("ner", "threshold"), ("string", "threshold"), ("mt", "threshold")}
    silent |= {("mt", name) for name in ("weight", "source_language", "target_language")} | {("learned", "threshold")}
    for field in fields(Method):
        inner = fields(field.default) if is_dataclass(field.default) else ()
        for path in [(field.name, each.name) for each in inner] or [(field.name,)]:
            assert path in flags or path in silent, f"{path}: give it option(...), or say here why not"


@pytest.mark.parametrize("command", PROJECTING)
def test_models_of_a_method(command: str) -> None:
    assert {"--target-tagger", "--translator"} <= options(PARSERS[command]).keys()
