"""Things by name, each registered where it is defined."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xproj_fast.errors import InputError
from xproj_fast.registry import Registry


def test_entries_are_found_by_name_in_the_order_of_their_names() -> None:
    numbers: Registry[int] = Registry("number")
    numbers.add("two", 2)
    numbers.add("one", 1)
    assert numbers.names() == ("one", "two")
    assert [numbers[name] for name in numbers] == [1, 2]
    assert len(numbers) == 2
    assert "one" in numbers
    assert "three" not in numbers
    assert 3 not in numbers


def test_a_decorator_returns_what_it_decorates() -> None:
    functions: Registry[Callable[[], int]] = Registry("function")

    @functions.register("three")
    def three() -> int:
        return 3

    assert three() == functions["three"]() == 3


def test_an_unknown_name_is_answered_with_those_that_there_are() -> None:
    numbers: Registry[int] = Registry("number")
    with pytest.raises(InputError, match=r"number: expected one of \(there are none\), got 'one'"):
        numbers["one"]
    numbers.add("one", 1)
    with pytest.raises(InputError, match=r"number: expected one of one, got 'on' \(did you mean one\?\)"):
        numbers["on"]


def test_a_name_is_taken_once() -> None:
    numbers: Registry[int] = Registry("number")
    numbers.add("one", 1)
    with pytest.raises(InputError, match="number: expected a name that is not taken, got 'one'"):
        numbers.add("one", 2)
    assert numbers["one"] == 1


@pytest.mark.parametrize("look", [len, lambda registry: registry["square"], lambda registry: "square" in registry])
def test_a_folder_is_imported_at_the_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[[Registry[int]], object]
) -> None:
    folder = tmp_path / "some_shapes"
    folder.mkdir()
    (folder / "__init__.py").write_text("from xproj_fast.registry import Registry\nall = Registry('s', __name__)\n")
    (folder / "square.py").write_text("from some_shapes import all\nall.add('square', 4)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        import some_shapes  # type: ignore[import-not-found]

        assert "some_shapes.square" not in sys.modules
        look(some_shapes.all)
        assert "some_shapes.square" in sys.modules
        assert some_shapes.all.names() == ("square",)
    finally:
        for name in [name for name in sys.modules if name.startswith("some_shapes")]:
            del sys.modules[name]


def test_a_folder_that_fails_to_import_fails_at_every_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "broken_shapes"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "square.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    shapes: Registry[int] = Registry("shape", "broken_shapes")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_package"):
            shapes.names()


def test_a_name_imports_the_module_of_its_name_alone_and_any_other_name_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "two_shapes"
    folder.mkdir()
    (folder / "__init__.py").write_text("from xproj_fast.registry import Registry\nall = Registry('s', __name__)\n")
    (folder / "square.py").write_text("from two_shapes import all\nall.add('square', 4)\n")
    (folder / "corners.py").write_text("from two_shapes import all\nall.add('triangle', 3)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        import two_shapes  # type: ignore[import-not-found]

        assert two_shapes.all["square"] == 4
        assert "two_shapes.corners" not in sys.modules
        assert two_shapes.all["triangle"] == 3  # stands in a module of another name
        with pytest.raises(InputError, match="s: expected one of square, triangle, got 'no such'"):
            two_shapes.all["no such"]
    finally:
        for name in [name for name in sys.modules if name.startswith("two_shapes")]:
            del sys.modules[name]
