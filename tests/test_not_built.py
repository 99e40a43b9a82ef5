"""A source tree without the compiled core says so; a core that is there and does not load is another matter."""

from __future__ import annotations

import importlib.machinery
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command import PACKAGE

NOT_BUILT = "xproj_fast is not built: pip install -e . (or make)"
SITE = Path(np.__file__).parents[1]  # where the dependencies are
CORE = f"_core{importlib.machinery.EXTENSION_SUFFIXES[0]}"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with the package as git has it: Python files, no core."""
    unwanted = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "xproj_fast", ignore=unwanted)
    return tmp_path


def python(tree: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder; -S: an editable install must not step in, so the dependencies come by the path."""
    return subprocess.run(
        [sys.executable, "-S", *args],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tree), str(SITE)])},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("args", [("-c", "import xproj_fast"), ("-m", "xproj_fast"), ("-c", "import xproj_fast.cli")])
def test_not_built(tree: Path, args: tuple[str, str]) -> None:
    done = python(tree, *args)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"ImportError: {NOT_BUILT}"
    assert done.stderr.count("Traceback") == 1  # no "During handling of the above exception"
    assert "_core" not in done.stderr.replace('find_spec("xproj_fast._core")', "")


@pytest.fixture
def broken(tree: Path) -> Path:
    """Return the folder with a core that is no library, as one of another libstdc++ cannot be loaded either."""
    (tree / "xproj_fast" / CORE).write_bytes(b"\x7fELF, but no more")
    return tree


def test_a_broken_core_is_not_called_unbuilt(broken: Path) -> None:
    pairs = "xp.SentencePairs.from_lists([['a']], [['b']], [[(0, 1, 'X')]], [[(0, 0)]], backend={!r})"
    done = python(broken, "-c", f"import xproj_fast as xp\n{pairs.format('cpp')}")
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert error.startswith(
        "xproj_fast.errors.MissingDependencyError: backend 'cpp': the compiled core could not be loaded"
    )
    assert CORE in error
    assert "not built" not in done.stderr
    other = python(
        broken, "-c", f"import xproj_fast as xp\nprint(xp.project({pairs.format('numba')}, backend='numba').labels())"
    )
    assert other.stdout == "[['B-X']]\n", other.stderr


def test_a_broken_core_on_the_command_line(broken: Path) -> None:
    done = python(broken, "-m", "xproj_fast", "demo", "-o", str(broken / "out"))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("xproj-fast: error: the compiled core could not be loaded (")
    assert CORE in line
