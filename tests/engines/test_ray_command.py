"""``--ray``: the commands with nothing but files, in real processes, give what they give without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from engine_data import environment
from toy_language import PAIRS, TOY, text

pytest.importorskip("ray", reason="ray is not installed (extra: engines)")
pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed (extra: models)")

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytestmark = pytest.mark.engines
pytest_plugins = ("translator_fixtures", "stack_fixtures")
FEW = PAIRS[:30]


def command(*args: Any, fine: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "xproj_fast", *map(str, args)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=200,
        check=False,
    )
    assert (done.returncode == 0) is fine, done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def models(stack: Stack) -> tuple[Any, ...]:
    return ("--translator", stack.translator, "--aligner", stack.aligner, "--device", "cpu", "--quiet")


def test_label(stack: Stack, models: tuple[Any, ...], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, part in (("a", FEW[:13]), ("b", FEW[13:])):
        (folder / f"{name}.txt").write_text("".join(text(pair.toy) + "\n" for pair in part))
    (tmp_path / "all.txt").write_text("".join(text(pair.toy) + "\n" for pair in FEW))
    how = ("--language", TOY, "--tagger", stack.tagger, *models)
    command("label", *how, tmp_path / "all.txt", "-o", tmp_path / "all.parquet")
    more = ("--ray", "--rows-per-block", 5, "--json", "--with-source")
    done = command("label", *how, folder, "-o", tmp_path / "out/", *more)
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["errors"], summary["complete"]) == (len(FEW), 0, False)
    rows = pq.read_table(tmp_path / "out").sort_by("row")
    assert rows["tags"].to_pylist() == pq.read_table(tmp_path / "all.parquet")["tags"].to_pylist()
    assert rows["row"].to_pylist()[:2] == ["a.txt:000000000", "a.txt:000000001"]
    assert rows["source_words"].to_pylist() == [list(pair.english) for pair in FEW]
    again = command("label", *how, folder, "-o", tmp_path / "out/", *more, "--resume")
    assert json.loads(again.stdout)["complete"]
    (folder / "b.txt").write_text("another\n")
    changed = command("label", *how, folder, "-o", tmp_path / "out/", *more, "--resume", fine=False)
    assert "made from, got another made_from.input" in changed.stderr


def test_augment(models: tuple[Any, ...], tmp_path: Path) -> None:
    lines = []
    for pair in FEW[:12]:
        tags = ["O"] * len(pair.english)
        for start, end, name in pair.entities:
            tags[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
        lines.append("".join(f"{word}\t{tag}\n" for word, tag in zip(pair.english, tags, strict=True)))
    (tmp_path / "train.conll").write_text("\n".join(lines))
    command("augment", tmp_path / "train.conll", "-o", tmp_path / "out", "--languages", TOY, *models, "--ray")
    rows = pq.read_table(tmp_path / "out").sort_by("row")
    assert rows.schema.names[:3] == ["row", "language", "target_words"]
    assert rows["target_words"].to_pylist() == [list(pair.toy) for pair in FEW[:12]]
    spans = [sorted((s["start"], s["end"], s["label"]) for s in row) for row in rows["spans"].to_pylist()]
    assert spans == [sorted(pair.toy_entities()) for pair in FEW[:12]]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("-o", "out.conll", "--ray"), "--output: expected a folder (name/) with --ray, got out.conll"),
        (("-o", "out", "--ray", "--chunk", 5), "--chunk: not allowed with --ray"),
        (("-o", "out", "--ray", "--output-format", "jsonl"), "--output-format: not allowed with --ray"),
        (("-o", "out", "--ray", "--actors", 0), "--actors: expected at least 1, got 0"),
        (("-o", "out.conll", "--actors", 2), "--actors: requires --ray"),
    ],
)
def test_options_that_make_no_sense(more: tuple[Any, ...], message: str, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    given = ("--language", TOY, "--tagger", "a", "--translator", "b", "--aligner", "c")
    done = command("label", tmp_path / "in.txt", *given, *more, fine=False)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
