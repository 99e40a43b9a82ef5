"""What tells a model, or a run, from another: all that its output depends on, as JSON values that can be compared.

A model travels to another process as what loads it there: its folder, its options and its identity, which must be the
same when it arrives.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
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


def difference(before: Any, now: Any, then: str = "in the run", here: str = "now") -> str | None:
    """Return the first place in which two identities differ, both values, and how many more there are; None = nowhere.

    Args:
        before: JSON values.
        now: JSON values.
        then: what ``before`` is of.
        here: what ``now`` is of.
    """
    wrong = list(_differences("", before, now))
    if not wrong:
        return None
    name, old, new = wrong[0]
    more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
    return f"{brief(name)}: {_said(old)} {then}, {_said(new)} {here}{more}"


def _differences(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the places that differ, such as ``models.tagger.settings.labels[2]``, with both values."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {**old, **new}:
            yield from _differences(f"{name}.{key}" if name else key, old.get(key, NOTHING), new.get(key, NOTHING))
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and old and new:
        for i, (one, other) in enumerate(zip_longest(old, new, fillvalue=NOTHING)):
            yield from _differences(f"{name}[{i}]", one, other)
    elif old is NOTHING or new is NOTHING or _plain(old) != _plain(new):
        yield name, old, new


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)  # a tuple is as good as a list, but 1 is not true


def _said(value: Any) -> str:
    return "none" if value is NOTHING else brief(_plain(value))
