"""Examples in docstrings, ``pytest --doctest-modules xproj_fast``: they run in a folder with the files of the demo."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parent / "xproj_fast" / "data" / "demo"
MODELS = "models/"  # a folder that examples load models from
OPTIONAL = {"align_with_eflomal(": "eflomal"}  # what stands in an example, and the package that it needs


def why_not(text: str) -> str | None:
    """Return why examples cannot run here; the pages of docs/ run such with models, those of a toy language."""
    if MODELS in text:
        return "an example that needs a model"
    for name, package in OPTIONAL.items():
        if name in text and find_spec(package) is None:
            return f"{package} is not installed"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip examples that cannot run here."""
    for item in items:
        if isinstance(item, pytest.DoctestItem) and item.dtest is not None:
            reason = why_not(item.dtest.docstring or "")
            if reason is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def folder_of_examples(request: pytest.FixtureRequest) -> None:
    """Run an example where the demo's files lie."""
    if isinstance(request.node, pytest.DoctestItem):
        folder = request.getfixturevalue("tmp_path") / "demo"
        shutil.copytree(DEMO, folder)
        request.getfixturevalue("monkeypatch").chdir(folder)
