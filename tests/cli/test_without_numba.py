"""Numba is an extra: every command runs without it, and the one that asks for it says how to get it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, DEMO, EN_DE, run

CODE = "import sys; sys.modules['numba'] = None; from xproj_fast.cli import main; sys.exit(main())"
WITHOUT = (COMMAND[0], "-c", CODE)
LINES: dict[str, tuple[Any, ...]] = {
    "project": ("project", *EN_DE, "--matcher", "exact", "-o", "OUT/x.conll"),
    "compare": ("compare", *EN_DE, "--limits", "<=1", "--rounds", 1, "--matchers", "greedy,exact", "-o", "OUT/x"),
    "convert": ("convert", "--source", DEMO / "en.conll", "-o", "OUT/x.jsonl"),
    "demo": ("demo", "--languages", "de", "-o", "OUT/x"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_command(name: str, tmp_path: Path) -> None:
    words = [str(word).replace("OUT", str(tmp_path)) for word in LINES[name]]
    run(*words, command=WITHOUT)
    assert list(tmp_path.iterdir())


def test_compare_is_of_what_is_installed() -> None:
    line = ("compare", *EN_DE, "--limits", "<=1", "--rounds", 1, "--matchers", "greedy", "--json")
    assert {row["backend"] for row in json.loads(run(*line, command=WITHOUT).stdout)["rows"]} == {"cpp"}


def test_doctor_says_how_to_get_it() -> None:
    findings = json.loads(run("doctor", "--json", command=WITHOUT).stdout)
    assert findings["usable"]
    assert findings["backends"]["cpp"] == "ok"
    assert findings["backends"]["numba"].endswith("pip install 'xproj-fast[numba]'")
