"""design.md: a file imports lower floors or its own folder only; the core knows no Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "xproj_fast"

FLOORS = {
    "threads": 0,
    "colours": 0,
    "wording": 0,
    "errors": 0,
    "options": 0,
    "packages": 0,
    "registry": 0,
    "tags": 0,
    "arrays": 0,
    "ragged": 0,
    "stored_json": 0,
    "kernels": 1,
    "marks": 2,
    "markup": 2,
    "terminal": 2,
    "drawn": 2,
    "sentence": 2,
    "same_words": 2,
    "lists": 2,
    "pairs": 2,
    "labelled": 2,
    "checks": 2,
    "arrow_arrays": 2,
    "arrow_labelled": 2,
    "arrow_names": 2,
    "arrow_layouts": 2,
    "arrow_pairs": 2,
    "arrow_spans": 2,
    "hub_features": 2,
    "row_faults": 2,
    "tag_columns": 2,
    "arrow_checks": 2,
    "arrow_columns": 2,
    "text": 1,  # knows words alone
    "confidence": 3,
    "calibration": 3,
    "candidates": 3,
    "scores": 4,
    "matching": 5,
    "method": 6,
    "projected": 6,
    "projection": 6,
    "projector": 6,
    "formats": 7,
    "reliability": 7,
    "sides": 7,
    "evaluation": 7,
    "difference": 7,
    "demo": 8,
    "batches": 8,
    "batch_columns": 8,
    "batch_schema": 8,
    "distributed": 10,
    "models": 8,
    "export": 9,
    "runs": 9,
    "report": 10,
    "cli": 11,
    "__main__": 12,
}
# A result writes its own page: this method alone, on first use, imports what stands above it.
DOORS = {("xproj_fast.drawn", "xproj_fast.report.page.page.report")}
# The face of the package loads names on first use from any floor; importing it brings in nothing.
FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit(module: str) -> str:
    """Return the file or folder of the package that a module belongs to: ``xproj_fast.formats.conll`` -> formats."""
    name = module.split(".")[1] if "." in module else ""
    return "kernels" if name == "_core" else name  # the compiled half of the kernels


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a file without what only type checkers see; imports inside functions count."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and is_type_checking(child.test):
            for other in child.orelse:
                yield other
                yield from statements(other)
            continue
        yield child
        yield from statements(child)


def imports(source: str, module: str, is_package: bool) -> set[str]:
    """Return the dotted names from this package that a file imports, at the top or on first use."""
    found = set()
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".") if is_package else module.split(".")[:-1]
            above = base[: len(base) - node.level + 1] if node.level else []
            home = ".".join([*above, *([node.module] if node.module else [])])
            found |= {f"{home}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            found |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return {name for name in found if name.split(".")[0] == "xproj_fast"}


def faults(source: str, module: str, is_package: bool = False) -> list[str]:
    home = unit(module)
    wrong = []
    for name in sorted(imports(source, module, is_package)):
        there = unit(name)
        if there not in FLOORS:
            if name != "xproj_fast.__version__":
                wrong.append(f"{name} (import from the module where it is defined)")
        elif (module, name) in DOORS:
            continue
        elif there != home and FLOORS[there] >= FLOORS[home]:
            both_files = FLOORS[there] == FLOORS[home] and not (is_folder(home) or is_folder(there))
            if not both_files:
                wrong.append(f"{name} is on floor {FLOORS[there]}, {module} on {FLOORS[home]}")
    return wrong


def is_folder(name: str) -> bool:
    return (PACKAGE / name).is_dir()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    module = module_of(path)
    assert unit(module) in FLOORS, f"{path}: give it a floor in design.md and here"
    assert faults(path.read_text("utf-8"), module, path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("from xproj_fast.arrays import Words", 0),
        ("import numpy\nfrom xproj_fast.pairs import SentencePairs", 0),
        ("from xproj_fast.projection import project", 1),
        ("import xproj_fast.projection", 1),
        ("def f():\n    from xproj_fast.projection import project", 1),
        ("from xproj_fast import projection", 1),
        ("from xproj_fast import __version__", 0),
        ("from xproj_fast import project", 1),
        ("import xproj_fast as xp", 1),
        ("if TYPE_CHECKING:\n    from xproj_fast.projection import project", 0),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from xproj_fast.projection import project", 1),
        ("x: 'xproj_fast.projection.Projection'", 0),
        ("import_module('xproj_fast.projection')", 1),
        ("from xproj_fast import _core", 0),
        ("from .projection import project", 1),
        ("from . import pairs, projection", 1),
    ],
)
def test_the_test_can_fail(source: str, count: int) -> None:
    assert len(faults(source, "xproj_fast.candidates")) == count


def test_one_floor_is_no_folder() -> None:
    assert faults("from xproj_fast.checks import check_words", "xproj_fast.pairs") == []
    assert faults("from xproj_fast.formats.conll import ConllReader", "xproj_fast.formats.files") == []
    assert len(faults("from xproj_fast.evaluation import evaluate", "xproj_fast.formats.files")) == 1
    assert faults("from xproj_fast import _core", "xproj_fast.kernels.numba.backend") == []
    assert len(faults("from xproj_fast import _core", "xproj_fast.arrays")) == 1
    assert faults("from xproj_fast.report.html import page", "xproj_fast.cli.project") == []
    assert len(faults("from xproj_fast.cli.project import run", "xproj_fast.report.html")) == 1


def test_every_file_is_looked_at() -> None:
    names = {str(path.relative_to(PACKAGE)) for path in FILES}
    assert {"pairs.py", "projection.py", "kernels/protocol.py", "matching/greedy.py", "formats/conll.py"} <= names


INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)


def test_the_core_knows_no_python() -> None:
    files = sorted(p for p in (ROOT / "csrc" / "xproj").rglob("*") if p.suffix in (".hpp", ".cpp", ".h", ".cc"))
    assert files
    for path in files:
        for header in INCLUDE.findall(path.read_text("utf-8")):
            assert not re.search(r"python|pybind11|numpy|bindings", header, re.IGNORECASE), f"{path}: {header}"
