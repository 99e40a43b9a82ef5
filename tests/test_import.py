"""What importing the package loads, and what works where a part of it is missing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import xproj_fast

HEAVY = ("pyarrow", "numba", "highspy", "torch", "transformers", "rich", "matplotlib")
HOME = Path(xproj_fast.__file__).resolve().parents[1]  # the installed package or the working tree

PROJECT = """
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project

def run(backend):
    pairs = SentencePairs.from_lists(
        [["John", "Smith", "slept"], []], [["schlief", "John", "Smith"], []],
        [[(0, 2, "PER")], []], [[(0, 1), (1, 2), (2, 0)], []],
    )
    return project(pairs, backend=backend).tags()
"""


def python(code: str) -> str:
    """Run code in a Python of its own, on the package that is tested here; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tempfile.gettempdir(),
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded(code: str) -> set[str]:
    """Return the top-level packages that code loads."""
    printed = python(f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))")
    return set(printed.split())


def test_import_loads_nothing_heavy() -> None:
    names = loaded("import xproj_fast")
    assert "xproj_fast" in names
    assert names.isdisjoint(HEAVY)


def test_names_load_on_first_use() -> None:
    names = loaded("import xproj_fast as xp\nxp.project, xp.SentencePairs, xp.Limit, xp.HeuristicOptions")
    assert "numpy" in names
    assert names.isdisjoint(HEAVY)


def test_the_probe_sees_what_is_loaded() -> None:
    assert "pyarrow" in loaded("import xproj_fast, pyarrow")


def test_every_public_name_is_there() -> None:
    code = "import xproj_fast as xp\nprint(*[name for name in xp.__all__ if not hasattr(xp, name)])"
    assert python(code) == ""


def test_unknown_name() -> None:
    code = "import xproj_fast as xp\ntry: xp.nonsense\nexcept AttributeError as error: print(error)"
    assert python(code) == "module 'xproj_fast' has no attribute 'nonsense'"


def test_arrays_need_no_arrow() -> None:
    """Columns without strings are checked and projected without pyarrow."""
    code = """
import sys
sys.modules["pyarrow"] = None
import xproj_fast as xp
pairs = xp.SentencePairs.from_arrays(
    source_offsets=[0, 1], target_offsets=[0, 2], entity_offsets=[0, 1], entity_start=[0], entity_end=[1],
    entity_label=[0], labels=["PER"], alignment_offsets=[0, 1], alignment_source=[0], alignment_target=[1],
)
print(xp.project(pairs).tags())
"""
    assert python(code) == "[['O', 'B-PER']]"


def test_cpp_works_without_numba() -> None:
    code = f"""
import sys
sys.modules["numba"] = None
{PROJECT}
print(run("cpp"))
from xproj_fast.errors import MissingDependencyError
try:
    run("numba")
except MissingDependencyError as error:
    print(error)
"""
    labels, message = python(code).splitlines()
    assert labels == "[['O', 'B-PER', 'I-PER'], []]"
    assert "backend 'numba'" in message
    assert "pip install 'xproj-fast[numba]'" in message


def test_cpp_does_not_load_numba() -> None:
    assert "numba" not in loaded(f"{PROJECT}\nrun('cpp')")


def test_pairs_need_the_core() -> None:
    code = f"""
import sys
import xproj_fast
sys.modules["xproj_fast._core"] = None
{PROJECT}
from xproj_fast.errors import MissingDependencyError
try:
    run("cpp")
except MissingDependencyError as error:
    print(error)
"""
    message = python(code)
    assert message.startswith("backend 'cpp': the compiled core could not be loaded (")
    assert "xproj_fast._core" in message
    assert message.endswith("reinstall xproj-fast")


def test_missing_dependencies_are_import_errors() -> None:
    from xproj_fast.errors import InputError, MissingDependencyError

    assert issubclass(MissingDependencyError, ImportError)
    assert issubclass(InputError, ValueError)


def test_one_process_needs_no_locks(tmp_path: Path) -> None:
    """As on Windows, which has no ``fcntl``: everything writes, and only two writers at once go unnoticed."""
    code = f"""
import sys
sys.modules["fcntl"] = None
from pathlib import Path
from xproj_fast.export.folder import new_folder
from xproj_fast.formats.leftovers import scratch_folder
from xproj_fast.formats.outputs import write_whole
from xproj_fast.runs.layout import file_layout
from xproj_fast.runs.parts import open_parts

folder = Path({str(tmp_path)!r})
(folder / ".whole.1.ab.part").write_bytes(b"who knows whose")
write_whole(folder / "whole", b"a")
layout, suffix = file_layout(str(folder / "x.conll"))
with open_parts(layout, {{}}) as (parts, _):
    parts.append({{suffix: b"a"}}, 1)
with new_folder(folder / "model") as model:
    (model / "weights").write_bytes(b"a")
with scratch_folder("xproj-test-") as scratch:
    (scratch / "x").write_bytes(b"a")
print(scratch.exists(), *sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))
"""
    written = ".whole.1.ab.part model/weights whole x.conll x.conll.manifest.json"
    assert python(code) == f"False {written}"
