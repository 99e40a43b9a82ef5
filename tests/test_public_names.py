"""Each public name has a docstring with an example; ``pytest --doctest-modules xproj_fast`` runs these."""

from __future__ import annotations

import ast
import doctest
import inspect
from pathlib import Path

import pytest

import xproj_fast as xp

NAMES = sorted({*xp.__all__} - {"__version__"})


@pytest.mark.parametrize("name", NAMES)
def test_public_names_have_a_docstring_with_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(xp, name)) or ""
    assert text.strip(), f"{name}: expected a docstring, got none"
    assert doctest.DocTestParser().get_examples(text), f"{name}: expected an example (>>>) in its docstring, got none"


def test_type_checkers_see_each_name_where_it_is_loaded_from() -> None:
    tree = ast.parse(Path(xp.__file__).read_text("utf-8"))
    seen = {
        alias.asname: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == xp._MODULE_OF  # `as` themselves: only so are they exported, under mypy --strict
