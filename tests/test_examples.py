"""The scripts in examples/ run as a user runs them, and print what matters."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from command import HERE
from documents import ROOT
from make_tiny_models import write_texts

import xproj_fast as xp

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))


def run(name: str, *arguments: object, folder: Path) -> str:
    """Run a script in a folder; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        **HERE | {"cwd": folder},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_short_and_tested(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 40
    assert f'run("{script.name}"' in Path(__file__).read_text(encoding="utf-8")
    assert f"`{script.name}`" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_project_files(tmp_path: Path) -> None:
    printed = run("project_files.py", "de.conll", folder=tmp_path)
    assert "Maria/B-PER Lopez/I-PER wechselte" in printed
    assert "107 of 107 entities in 40 sentences" in printed
    assert (tmp_path / "de.conll").read_text(encoding="utf-8").startswith("Maria\tB-PER\nLopez\tI-PER\n")


def test_compare_matchers(tmp_path: Path) -> None:
    printed = run("compare_matchers.py", folder=tmp_path)
    line = r"^(\S+): objective ([\d.]+) greedy, ([\d.]+) exact; .* (\d+) sentences$"
    found = re.findall(line, printed, re.MULTILINE)
    assert [limit for limit, *_ in found] == ["<=1", "<=2"]
    assert all(float(exact) >= float(greedy) for _, greedy, exact, _ in found)
    proved = re.findall(r"proved by (.*)", printed)
    assert [sum(map(int, re.findall(r"\d+", line))) for line in proved] == [40, 40]


def test_own_score(tmp_path: Path) -> None:
    printed = run("own_score.py", folder=tmp_path)
    alone, little, much = (float(f1) for f1 in re.findall(r"F1 ([\d.]+)", printed))
    assert alone == little == pytest.approx(0.981)
    assert much < alone  # it counts, and it is a poor score


def test_arrow_batches(tmp_path: Path) -> None:
    printed = run("arrow_batches.py", ".", folder=tmp_path)
    assert "1000 rows, 2000 spans, first tags ['B-LOC', 'O', 'B-PER']" in printed
    table = pq.read_table(tmp_path / "projected.parquet")
    assert table["id"].unique().to_pylist() == ["rain-1"]
    assert table["tags"][999].as_py() == ["B-LOC", "O", "B-PER"]


def test_evaluate_on_gold(tmp_path: Path) -> None:
    printed = run("evaluate_on_gold.py", folder=tmp_path)
    found = dict(re.findall(r"^(\w\w): F1 ([\d.]+)", printed, re.MULTILINE))
    rest = {"ar": "0.991", "zh": "0.953", "hi": "1.000"}
    assert found == {"de": "0.977", "es": "0.981", "ru": "0.958", "ja": "0.963", **rest}
    assert printed.count("  gold ") == printed.count("  projected ") == 6  # nothing is wrong in Hindi


def test_label_text(tmp_path: Path, stack: Stack) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for name, folder in (("nllb", stack.translator), ("ner", stack.tagger), ("align", stack.aligner)):
        (models / name).symlink_to(folder)
    write_texts(models)
    run("label_text.py", "models", "models/news.txt", "swh_Latn", "news.conll", folder=tmp_path)
    gold, labelled = (xp.read_labelled(file) for file in (models / "news.gold.conll", tmp_path / "news.conll"))
    assert xp.evaluate(gold, labelled).micro.f1 > 0.9
