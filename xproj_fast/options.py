"""Options that describe themselves: help, unit and choices are stated once, at the field of a frozen dataclass.

Commands, manifests and the reference of options are derived from there (``told``).

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class Brewing:
...     minutes: float = option(3.0, "how long the tea draws", unit="minutes")
...     kind: str = option("black", "of tea", choices=("black", "green"))
>>> [(each.name, each.default, each.choices) for each in told(Brewing)]
[('minutes', 3.0, ()), ('kind', 'black', ('black', 'green'))]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, field, fields
from typing import Any, NamedTuple

_KEY = "xproj_fast.option"


class Option(NamedTuple):
    """What is to be said of one option.

    Attributes:
        name: of the field.
        help: what it does; one line, no full stop.
        default: MISSING where a value must be given.
        choices: the only values; () = any.
        unit: what a number counts: "words", "seconds", "" where it has none.
        off: the value that switches it off, in words: "0 = no limit".
        only: what it has an effect beside: "heuristic", "exact, ilp"; "" = always.
        more: whether it is one of the rarer ones, which ``--help`` leaves to ``--help-all``.
    """

    name: str
    help: str
    default: Any
    choices: tuple[Any, ...]
    unit: str
    off: str
    only: str
    more: bool


def option(
    default: Any = MISSING,
    help: str | Callable[[], str] = "",
    *,
    factory: Callable[[], Any] | None = None,
    choices: Sequence[Any] | Callable[[], Sequence[Any]] = (),
    unit: str = "",
    off: str = "",
    only: str | Callable[[], str] = "",
    more: bool = False,
) -> Any:
    """Return the field of a dataclass, with what is to be said of it; see ``Option``.

    Args:
        default: its default; leave out for an option that must be given, or with ``factory``.
        help: see ``Option``. This, ``choices`` and ``only`` may also be what returns them: a registry is filled later.
        factory: makes the default, where it is not immutable.
        choices: the only values.
        unit: see ``Option``, as for ``off``, ``only`` and ``more``.
        off: see above.
        only: see above.
        more: see above.
    """
    metadata = {_KEY: {"help": help, "choices": choices, "unit": unit, "off": off, "only": only, "more": more}}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def told(options: Any) -> list[Option]:
    """Return what a dataclass says of its fields, in their order; fields without ``option`` are left out."""
    found = []
    for each in fields(options):
        if _KEY not in each.metadata:
            continue
        said = {name: value() if callable(value) else value for name, value in each.metadata[_KEY].items()}
        said["choices"] = tuple(said["choices"])
        default = each.default if each.default_factory is MISSING else each.default_factory()
        found.append(Option(each.name, default=default, **said))
    return found
