"""The clone's root works once it is built, and says so where it is not; a core that does not load is another matter."""

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

import xproj_fast

ROOT = Path(__file__).resolve().parents[1]
NOT_BUILT = "xproj_fast is not built: pip install -e . (or make)"
SITE = Path(np.__file__).parents[1]  # where the dependencies are
CORE = f"_core{importlib.machinery.EXTENSION_SUFFIXES[0]}"


@pytest.mark.skipif(
    PACKAGE.resolve().parent != ROOT, reason="the package is installed, and not editable: the root has no core"
)
@pytest.mark.parametrize("path", [None, str(ROOT)], ids=["no-path", "path"])
@pytest.mark.parametrize(
    ("args", "printed"),
    [
        (("-c", "import xproj_fast as xp; print(len(xp.SentencePairs.from_lists([], [], [], [])))"), "0\n"),
        (("-m", "xproj_fast", "--version"), f"xproj-fast {xproj_fast.__version__}\n"),
    ],
    ids=["import", "command"],
)
def test_the_root_works(args: tuple[str, ...], printed: str, path: str | None) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env=env | ({} if path is None else {"PYTHONPATH": path}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == (printed, "")


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
    call = "import xproj_fast as xp\nxp.SentencePairs.from_lists([], [], [], [])"
    done = python(broken, "-c", call)
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert "MissingDependencyError: backend 'cpp': the compiled core could not be loaded" in error
    assert CORE in error
    assert "not built" not in done.stderr


def test_a_broken_core_on_the_command_line(broken: Path) -> None:
    done = python(broken, "-m", "xproj_fast", "demo", "-o", str(broken / "out"))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("xproj-fast: error: the compiled core could not be loaded (")
    assert CORE in line
