"""What options say of themselves."""

from __future__ import annotations

from dataclasses import MISSING, dataclass

import pytest

from xproj_fast.options import option, told


@dataclass(frozen=True)
class Example:
    needed: str = option(help="must be given")
    words: int | None = option(10, "most words", unit="words", off="0 = no limit")
    lists: tuple[str, ...] = option(factory=tuple, help="names", only="exact", more=True)
    kind: str = option("a", lambda: "of it", choices=lambda: ["a", "b"], only=lambda: "ilp")
    silent: int = 3


def test_fields_say_what_was_written_beside_them() -> None:
    needed, words, lists, kind = told(Example)
    assert needed.default is MISSING
    assert (words.name, words.default, words.unit, words.off) == ("words", 10, "words", "0 = no limit")
    assert (lists.default, lists.only, lists.more) == ((), "exact", True)
    assert (kind.help, kind.choices, kind.only) == ("of it", ("a", "b"), "ilp")


def test_they_are_fields_like_any_other() -> None:
    assert Example("x") == Example(needed="x", words=10, lists=(), kind="a", silent=3)
    with pytest.raises(TypeError, match="needed"):
        Example()  # type: ignore[call-arg]
