"""The corpus that fuzzing begins with goes through its targets, so that these are right where nobody fuzzes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.mutation import mutated
from fuzz.targets import TARGETS, Target

from xproj_fast.errors import InputError

FUZZ = Path(__file__).parent / "fuzz"
FILES = sorted(path for path in (FUZZ / "corpus").rglob("*") if path.is_file())


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in FILES} == set(TARGETS)
    assert sum(path.stat().st_size for path in FILES) < 60_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_corpus(path: Path, tmp_path: Path) -> None:
    target, data = TARGETS[path.parent.name], path.read_bytes()
    target.run(data, tmp_path)
    for seed in range(30):
        target.run(mutated(data, 1 << 16, seed), tmp_path)


@pytest.mark.parametrize("name", ["parquet", "ipc", "run_journal", "run_manifest", "model_manifest"])
def test_some_of_the_corpus_is_read(name: str, tmp_path: Path) -> None:
    read = [path for path in FILES if path.parent.name == name and TARGETS[name].run(path.read_bytes(), tmp_path)]
    assert read


def test_what_counts_as_a_failure(tmp_path: Path) -> None:
    def refuse(path: Path, options: random.Random) -> None:
        raise InputError(f"{path}: expected something else" if path.read_bytes() else "expected something else")

    target = Target("x", refuse)
    assert not target.run(b"a", tmp_path)
    with pytest.raises(AssertionError, match="expected an error that names the file"):
        target.run(b"", tmp_path)
    with pytest.raises(RecursionError):
        Target("x", lambda *_: (_ for _ in ()).throw(RecursionError())).run(b"", tmp_path)


def test_changes_of_binary_files() -> None:
    data = bytes(range(256))
    made = [mutated(data, 300, seed) for seed in range(200)]
    assert made == [mutated(data, 300, seed) for seed in range(200)]
    assert len(set(made)) > 190
    assert all(0 < len(each) <= 300 for each in made)
    assert mutated(b"", 10, random.randrange(100))


def test_where_there_is_no_atheris(tmp_path: Path) -> None:
    (tmp_path / "atheris.py").write_text("raise ImportError('no wheel')")
    code = f"import sys, runpy; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['run.py', 'conll']; "
    code += f"runpy.run_path({str(FUZZ / 'run.py')!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.startswith("fuzz: skipped, as atheris cannot be imported (no wheel)")
