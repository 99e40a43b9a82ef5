"""Options of a command from a record: what its fields say (``xproj_fast.options``) becomes arguments.

A field ``max_words`` is ``--max-words``; fields of a record inside the record have its name in front: ``ner.alpha`` is
``--ner-alpha``. An option that was not given is not in what was parsed: the record has its default.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from xproj_fast.cli.lists import names as names_of
from xproj_fast.cli.lists import numbered, weighted
from xproj_fast.cli.lists import words as some_words
from xproj_fast.cli.parser import rare
from xproj_fast.cli.usage import UsageError, usage_errors
from xproj_fast.options import Option, told

Record = TypeVar("Record")

# Records inside a record whose name is not put in front of their options: the matcher says whose they are.
UNPREFIXED = ("heuristic",)
# A flag switches on, so that a field which is True has the flag of its opposite.
OPPOSITES = {
    "shortest_first": ("--sentence-order", "project entities in sentence order rather than the shortest first")
}


@dataclass(frozen=True, slots=True)
class Derived:
    """One option of a command.

    Attributes:
        path: names of fields: the record inside the record, where it is in one, and the field.
        flag: ``--ner-alpha``.
        said: what the record says of the field.
        type: its annotation.
    """

    path: tuple[str, ...]
    flag: str
    said: Option
    type: Any

    @property
    def dest(self) -> str:
        """The name of what was parsed."""
        return "_".join(name for name in self.path if name not in UNPREFIXED)


def derive(record: Any) -> tuple[Derived, ...]:
    """Return the options of a record, those of the records in it behind its own."""
    own, nested = [], []
    hints, said = get_type_hints(record), {each.name: each for each in told(record)}
    for field in fields(record):
        if field.name in said:
            flag = OPPOSITES[field.name][0] if field.name in OPPOSITES else f"--{field.name.replace('_', '-')}"
            own.append(Derived((field.name,), flag, said[field.name], hints[field.name]))
        elif is_dataclass(field.default):
            prefix = "" if field.name in UNPREFIXED else f"{field.name}-"
            for inner in derive(type(field.default)):
                flag = f"--{prefix}{inner.flag[2:]}"
                nested.append(Derived((field.name, *inner.path), flag, inner.said, inner.type))
    return (*own, *nested)


def add(
    parser: argparse.ArgumentParser,
    record: type,
    title: Callable[[str], str],
    *,
    without: Collection[str] = (),
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Add the options of a record to a command, and return the groups by their headings.

    Args:
        parser: of the command.
        record: see ``derive``.
        title: returns the heading for options, by what they have an effect with (``Option.only``).
        without: names of those (``Derived.dest``) that mean nothing in this command.
        defaults: of those that have another one in this command than in the record, by name; the command applies them.
    """
    groups: dict[str, Any] = {}
    for each in derive(record):
        if each.dest in without:
            continue
        if each.dest in defaults:
            each = replace(each, said=each.said._replace(default=defaults[each.dest]))
        heading = title(each.said.only)
        if heading not in groups:
            groups[heading] = parser.add_argument_group(heading)
        action = groups[heading].add_argument(
            each.flag, dest=each.dest, default=argparse.SUPPRESS, help=_help(each, record), **_taken(each)
        )
        action.off = _off(each)
        if each.said.more:
            rare(action)
    return groups


def given(args: argparse.Namespace, record: type, without: Collection[str] = ()) -> list[Derived]:
    """Return those options of a record that were given."""
    return [each for each in derive(record) if each.dest in args and each.dest not in without]


def made(record: type[Record], args: argparse.Namespace, *, without: Collection[str] = ()) -> Record:
    """Return the record that the options of a command say.

    Args:
        record: see ``derive``.
        args: what was parsed.
        without: as for ``add``: what has such a name there is another thing.

    Raises:
        UsageError: for values that it does not take.
    """
    values: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    for each in given(args, record, without):
        value = getattr(args, each.dest)
        if len(each.path) == 1:
            values[each.path[0]] = value
        else:
            inner.setdefault(each.path[0], {})[each.path[1]] = value
    for name, changes in inner.items():
        default = next(field.default for field in fields(record) if field.name == name)  # type: ignore[arg-type]
        with usage_errors(**{each.path[-1]: each.dest for each in derive(record) if each.path[0] == name}):
            values[name] = replace(default, **changes)  # type: ignore[type-var]
    with usage_errors():
        return record(**values)


def require_effect(
    args: argparse.Namespace, record: type, chosen: Collection[str], said: Callable[[Sequence[str]], str]
) -> None:
    """Refuse options that have no effect with what was chosen.

    Args:
        args: what was parsed.
        record: see ``derive``.
        chosen: names of what the command does, of which an option may need one (``Option.only``).
        said: returns what is said of names of which one is needed: ``"--matcher heuristic, got --matcher greedy"``.

    Raises:
        UsageError: for those that have none.
    """
    idle: dict[str, list[str]] = {}
    for each in given(args, record):
        if each.said.only and set(each.said.only.split(", ")).isdisjoint(chosen):
            idle.setdefault(each.said.only, []).append(each.flag)
    for only, flags in idle.items():
        raise UsageError(f"{', '.join(flags)}: requires {said(only.split(', '))}")


def _help(each: Derived, record: type) -> str:
    """Return what ``--help`` says: the help, what holds without the option, and what switches it off."""
    said, notes = each.said, []
    text = OPPOSITES[said.name][1] if said.name in OPPOSITES else said.help
    if said.default not in (None, (), "") and not isinstance(said.default, (bool, Mapping)):
        notes.append(f"default: {_default(said)}")
    if said.off:
        notes.append(said.off)
    text += f" ({'; '.join(notes)})" if notes else ""
    for other in derive(record):  # another field of the same record is another option
        if other.path[:-1] == each.path[:-1] and "_" in other.path[-1]:
            text = re.sub(rf"(?<![\w-]){other.path[-1]}(?!\w)", other.flag, text)
    return text.replace("%", "%%")


def _default(said: Option) -> str:
    if isinstance(said.default, tuple):
        return ",".join(said.default)
    if isinstance(said.default, (int, float)):
        return f"{said.default:g} {said.unit.removesuffix('s') if said.default == 1 else said.unit}".rstrip()
    return str(said.default)


def _taken(each: Derived) -> dict[str, Any]:
    """Return what argparse needs to know of a value."""
    union = get_origin(each.type) in (Union, UnionType)
    kinds = get_args(each.type) if union else (each.type,)
    origins = [get_origin(kind) or kind for kind in kinds]
    if each.said.choices:
        return {"choices": each.said.choices}
    if bool in origins:
        return {"action": "store_false" if each.said.default else "store_true"}
    if any(isinstance(origin, type) and issubclass(origin, Mapping) for origin in origins):
        return {"type": weighted, "metavar": "S"} if str in origins else {"type": numbered, "metavar": "NAME=X,..."}
    if any(origin in (tuple, Sequence) for origin in origins):
        empty = each.said.off.startswith("''")
        return {"type": some_words if empty else names_of, "metavar": "A,B"}
    off = _off(each) if type(None) in origins else ""
    if int in origins:
        return {"type": _Number(int, "a whole number", off), "metavar": "N"}
    if float in origins:
        return {"type": _Number(float, "a number", off), "metavar": "X"}
    return {"metavar": each.path[-1][0].upper()}


def _off(each: Derived) -> str:
    """Return how the command spells what switches an option off: ``0`` of ``0 = no limit``."""
    value, equals, _ = each.said.off.partition(" = ")
    return value if equals else ""


@dataclass(frozen=True, slots=True)
class _Number:
    """What parses a number; ``off`` is how the command spells None, "" where it never is."""

    kind: Callable[[str], Any]
    what: str
    off: str

    def __call__(self, text: str) -> Any:
        if self.off and text == self.off:
            return None
        try:
            value = self.kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected {self.what}, got {text!r}") from None
        return None if self.off == "0" and value == 0 else value
