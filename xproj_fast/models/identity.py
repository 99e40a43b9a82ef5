"""What tells a model, or a run, from another: all that its output depends on, as JSON values that can be compared.

A model travels to another process as what loads it there: its folder, its options and its identity, which must be the
same when it arrives.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.wording import brief

NOTHING = object()  # in place of a value that one of the two does not have


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model was loaded from: an absolute folder, and the options of ``load``."""

    folder: Path
    options: Mapping[str, Any]

    @classmethod
    def of(cls, folder: str | Path, **options: Any) -> Origin:
        """Return the origin of a model in a folder, also a relative one."""
        return cls(Path(folder).absolute(), options)


def reduced(model: Any, origin: Origin | None) -> tuple[Any, ...]:
    """Return what ``pickle`` and ``copy`` take for a model.

    Raises:
        TypeError: for a model that was put together by hand, which nothing can load again.
    """
    if origin is None:
        name = type(model).__name__
        raise TypeError(f"{name}: expected one that {name}.load made, which knows its folder, got one made by hand")
    return _loaded_again, (type(model), str(origin.folder), dict(origin.options), model.identity)


def _loaded_again(kind: Any, folder: str, options: dict[str, Any], identity: dict[str, Any]) -> Any:
    model = kind.load(folder, **options)
    wrong = difference(identity, model.identity, "where it was pickled", "here")
    if wrong is not None:
        raise InputError(f"{folder}: expected the model that was pickled, got another {wrong}")
    return model


def installed_version(package: str) -> str | None:
    """Return the version of a package that may not be installed."""
    with suppress(PackageNotFoundError):
        return version(package)
    return None


def versions(*modules: str) -> dict[str, str]:
    """Return the versions of packages that an output depends on."""
    return {name: str(getattr(import_module(name), "__version__", "unknown")) for name in modules}


def difference(before: Any, now: Any, then: str = "in the run", here: str = "now") -> str | None:
    """Return the first place in which two identities differ, both values, and how many more there are; None = nowhere.

    Args:
        before: JSON values.
        now: JSON values.
        then: what ``before`` is of.
        here: what ``now`` is of.
    """
    old, new = dict(_flat(before)), dict(_flat(now))
    wrong = [name for name in old | new if old.get(name, NOTHING) != new.get(name, NOTHING)]
    if not wrong:
        return None
    first = wrong[0]
    more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
    return f"{brief(first)}: {_said(old, first)} {then}, {_said(new, first)} {here}{more}"


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that holds no others by its place, such as ``models.tagger.settings.labels[2]``."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)) and value:
        for i, inner in enumerate(value):
            yield from _flat(inner, f"{name}[{i}]")
    else:
        yield name, value


def _said(values: Mapping[str, Any], name: str) -> str:
    return brief(json.dumps(values[name], ensure_ascii=False)) if name in values else "none"
