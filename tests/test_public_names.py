"""Each public name has a docstring with an example; ``pytest --doctest-modules xproj_fast`` runs these."""

from __future__ import annotations

import doctest
import inspect

import pytest

import xproj_fast as xp

NAMES = sorted({*xp.__all__} - {"__version__"})


@pytest.mark.parametrize("name", NAMES)
def test_public_names_have_a_docstring_with_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(xp, name)) or ""
    assert text.strip(), f"{name}: expected a docstring, got none"
    assert doctest.DocTestParser().get_examples(text), f"{name}: expected an example (>>>) in its docstring, got none"
