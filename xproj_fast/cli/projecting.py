"""Options of how labels are projected, the same in every command that does: they are the fields of ``Method``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from xproj_fast.cli import derived, usage

if TYPE_CHECKING:
    from xproj_fast.method import Method


def add_method(parser: argparse.ArgumentParser, *, without: Collection[str] = ()) -> None:
    """Add how labels are projected.

    Args:
        parser: of a command.
        without: fields of ``Method`` that the command chooses in another way.
    """
    from xproj_fast.method import Method

    matchers = _matchers()

    def title(only: str) -> str:
        needs = only.split(", ") if only else []
        common = not needs or len(matchers.difference(needs)) <= 1  # all but the heuristic, which needs no scores
        return "method of projection" if common else f"method of projection, only with {either(needs)}"

    derived.add(parser, Method, title, without=without)


def method_options() -> tuple[str, ...]:
    """Return the names of all options of ``Method``, for ``usage.refuse``."""
    from xproj_fast.method import Method

    return tuple(each.dest for each in derived.derive(Method))


def method_of(args: argparse.Namespace) -> Method:
    """Return how labels are projected.

    Raises:
        UsageError: for options that cannot be, alone or together.
    """
    from xproj_fast.method import Method
    from xproj_fast.scores.total import check_scores_named

    method = derived.made(Method, args)
    heuristic = method.matcher == "heuristic"
    with usage.usage_errors():
        check_scores_named(method.scores)
    scores = [*method.weights]
    tagged = not heuristic and method.candidates.startswith("ner")

    def said(needs: Sequence[str]) -> str:
        if not _matchers().issuperset(needs):
            return f"--scores with {either(needs)}, got {', '.join(scores) or 'none'}"
        return f"--matcher {either(needs)}, got --matcher {method.matcher}"

    derived.require_effect(args, Method, {method.matcher, *scores, *["ner candidates"][:tagged]}, said)
    with usage.usage_errors():
        method.check()
    return method


def either(names: Sequence[str]) -> str:
    """Return ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _matchers() -> set[str]:
    from xproj_fast.method import Method
    from xproj_fast.options import told

    return next(set(each.choices) for each in told(Method) if each.name == "matcher")
