"""``--labels`` and ``--drop-labels`` of the commands that read labelled files."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import DEMO, EN_DE, fails, run

import xproj_fast as xp


def classes(path: Path) -> set[str]:
    read = xp.read_labelled(path)
    return {entity.label for sentence in read for entity in sentence.entities}


def test_project(tmp_path: Path) -> None:
    run("project", *EN_DE, "--labels", "PER,ORG", "-o", tmp_path / "x.conll")
    assert classes(tmp_path / "x.conll") == {"PER", "ORG"}


def test_convert(tmp_path: Path) -> None:
    run("convert", "--source", DEMO / "en.conll", "--labels", "LOC", "-o", tmp_path / "x.jsonl")
    assert classes(tmp_path / "x.jsonl") == {"LOC"}
    run("convert", "--source", DEMO / "en.conll", "--drop-labels", "LOC", "-o", tmp_path / "y.conll")
    assert classes(tmp_path / "y.conll") == {"PER", "ORG", "MISC"}


@pytest.mark.parametrize("option", ["--labels", "--drop-labels"])
def test_a_class_that_is_nowhere(tmp_path: Path, option: str) -> None:
    said = fails("project", *EN_DE, option, "PERS", "-o", tmp_path / "x.conll")
    assert f"{option}: expected some of its classes, PER, LOC, ORG, MISC, got 'PERS' (did you mean PER?)" in said
    assert not (tmp_path / "x.conll").exists()
