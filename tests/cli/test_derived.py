"""Options that come from a record: their names, types and help, and the record that comes back."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from xproj_fast.cli import derived
from xproj_fast.cli.parser import Parser
from xproj_fast.cli.usage import UsageError
from xproj_fast.errors import InputError
from xproj_fast.options import option


@dataclass(frozen=True)
class Oven:
    degrees: int = option(180, "how hot", unit="degrees", only="baked")
    grill_on: bool = option(False, "heat from above", only="baked, grilled", more=True)

    def __post_init__(self) -> None:
        if self.degrees < 0:
            raise InputError(f"degrees: expected 0 or more, got {self.degrees}")


@dataclass(frozen=True)
class Recipe:
    way: str = option("baked", "of making it", choices=lambda: ("baked", "grilled", "raw"))
    most_minutes: float | None = option(1.0, "how long, 100%", unit="minutes", off="0 = no limit", only="baked")
    spices: Sequence[str] = option(("salt",), "of the cook; see most_minutes", off="'' = none")
    allergens: tuple[str, ...] | None = option(None, "left out", off="default: none")
    amounts: Mapping[str, float] = option(factory=dict, help="by ingredient")
    mix: str | Mapping[str, float] = option("half", "of flours")
    shared: int = 3  # says nothing of itself, so it is no option
    oven: Oven = Oven()


def parser() -> Parser:
    made = Parser(prog="cook")
    derived.add(made, Recipe, lambda only: f"of {only}" if only else "always")
    return made


def made(*words: str) -> Recipe:
    return derived.made(Recipe, parser().parse_args(list(words)))


def test_nothing_given_is_the_default() -> None:
    assert made() == Recipe()
    assert "way" not in parser().parse_args([])  # what was not given can be told from what equals the default


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--way", "raw"], Recipe(way="raw")),
        (["--most-minutes", "2.5"], Recipe(most_minutes=2.5)),
        (["--most-minutes", "0"], Recipe(most_minutes=None)),
        (["--most-minutes", "0.0"], Recipe(most_minutes=None)),
        (["--spices", ""], Recipe(spices=())),
        (["--spices", 'salt,","'], Recipe(spices=("salt", ","))),
        (["--allergens", "nuts,eggs"], Recipe(allergens=("nuts", "eggs"))),
        (["--amounts", "flour=2, egg=.5"], Recipe(amounts={"flour": 2.0, "egg": 0.5})),
        (["--mix", "rye"], Recipe(mix="rye")),
        (["--mix", "rye=1,oat=2"], Recipe(mix={"rye": 1.0, "oat": 2.0})),
        (["--oven-degrees", "200", "--oven-grill-on"], Recipe(oven=Oven(200, True))),
    ],
)
def test_values(words: list[str], expected: Recipe) -> None:
    assert made(*words) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--way", "fried"], "--way: expected one of baked, grilled, raw, got 'fried'"),
        (["--oven-degrees", "x"], "--oven-degrees: expected a whole number, got 'x'"),
        (["--most-minutes", "x"], "--most-minutes: expected a number, got 'x'"),
        (["--amounts", "flour"], "--amounts: expected NAME=NUMBER with commas between them"),
        (["--amounts", "flour=1,flour=2"], "--amounts: expected each name once, got 'flour=1,flour=2'"),
        (["--allergens", ""], "--allergens: expected names with commas between them"),
        (["--shared", "4"], "--shared: no such option"),
    ],
)
def test_what_is_no_value(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        made(*words)
    assert caught.value.code == 2
    assert f"cook: error: {message}" in capsys.readouterr().err


def test_what_a_record_refuses_names_the_option() -> None:
    with pytest.raises(UsageError, match=r"^oven_degrees: expected 0 or more, got -1"):
        made("--oven-degrees", "-1")


def test_help_says_default_unit_and_what_switches_off() -> None:
    text = " ".join(parser().format_help(everything=True).split())
    for expected in (
        "--way baked|grilled|raw of making it (default: baked)",
        "how long, 100% (default: 1 minute; 0 = no limit)",
        "of the cook; see --most-minutes (default: salt; '' = none)",
        "left out (default: none)",
        "how hot (default: 180 degrees)",
        "of baked: --most-minutes X",
        "of baked, grilled: --oven-grill-on heat from above",
    ):
        assert expected in text
    short = parser().format_help()
    assert "--oven-grill-on" not in short
    assert "of baked, grilled" not in short
    assert "--help-all" in short


def test_options_without_effect_are_refused() -> None:
    def check(*words: str, chosen: Sequence[str]) -> None:
        derived.require_effect(parser().parse_args(list(words)), Recipe, chosen, ", ".join)

    check("--most-minutes", "2", "--oven-grill-on", chosen=["baked"])
    check("--oven-grill-on", "--spices", "x", chosen=["grilled"])
    with pytest.raises(UsageError, match=r"^--most-minutes: requires baked$"):  # which is its default, too
        check("--most-minutes", "1", chosen=["raw"])
    with pytest.raises(UsageError, match=r"^--oven-grill-on: requires baked, grilled$"):
        check("--oven-grill-on", chosen=["raw"])


def test_some_may_be_left_out() -> None:
    without = Parser(prog="cook")
    derived.add(without, Recipe, lambda only: "options", without=["way", "oven_degrees"])
    found = {action.dest for action in without._actions}
    assert found >= {"most_minutes", "oven_grill_on"}
    assert found.isdisjoint({"way", "oven_degrees"})
    assert derived.made(Recipe, argparse.Namespace(most_minutes=3.0)) == Recipe(most_minutes=3.0)
