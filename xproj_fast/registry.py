"""Things by name, each registered where it is defined: to add one is to write one file.

>>> SHAPES: Registry[type] = Registry("shape")
>>> @SHAPES.register("circle")
... class Circle:
...     corners = 0
>>> SHAPES.names(), SHAPES["circle"].corners
(('circle',), 0)
>>> SHAPES["circel"]
Traceback (most recent call last):
    ...
xproj_fast.errors.InputError: shape: expected one of circle, got 'circel' (did you mean circle?)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, signature
from threading import RLock
from typing import Any, Generic, TypeVar

from xproj_fast.errors import InputError, unknown_name

T = TypeVar("T")


class Registry(Generic[T]):
    """Entries by name, in the order of the names.

    Args:
        what: an entry is, in messages: ``"matcher"``.
        folder: a package of this one, ``"xproj_fast.matching"``, whose modules are imported when one looks, so that no
            list of them is kept anywhere: for a name the module of that name, else all of them; "" = none.
    """

    def __init__(self, what: str, folder: str = "") -> None:
        self.what = what
        self._folder = folder
        self._entries: dict[str, T] = {}
        self._lock, self._looking = RLock(), False

    def add(self, name: str, entry: T) -> None:
        """Add an entry.

        Raises:
            InputError: for a name that is taken.
        """
        if name in self._entries:
            raise InputError(f"{self.what}: expected a name that is not taken, got {name!r}", field=self.what)
        self._entries[name] = entry

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that adds what it decorates.

        Raises:
            InputError: for a name that is taken.
        """

        def add(entry: T) -> T:
            self.add(name, entry)
            return entry

        return add

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted: which module was imported first must not show."""
        self._look()
        return tuple(sorted(self._entries))

    def __getitem__(self, name: str) -> T:
        """Return the entry of a name.

        Raises:
            InputError: for a name that is not there; it says which are, and which was probably meant.
        """
        if name not in self:
            raise unknown_name(self.what, name, self.names())
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):  # a list is no name
            return False
        if name not in self._entries and self._folder:
            self._look_for(name)
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def _look_for(self, name: str) -> None:
        """Import the module of a name, which holds its entry as a rule; where it does not, look everywhere."""
        with self._lock:
            if name.isidentifier() and not self._looking and find_spec(f"{self._folder}.{name}") is not None:
                import_module(f"{self._folder}.{name}")
            if name not in self._entries:
                self._look()

    def _look(self) -> None:
        """Import the folder's modules, once; each registers what it defines."""
        if not self._folder:
            return
        with self._lock:  # another thread waits until all are there
            if self._folder and not self._looking:  # else a module that looks while it is imported
                from pkgutil import iter_modules

                self._looking = True
                try:
                    for module in iter_modules(import_module(self._folder).__path__, f"{self._folder}."):
                        import_module(module.name)
                    self._folder = ""
                finally:
                    self._looking = False


@cache
def keywords(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return what a function takes by keyword alone: by that it says which options and which evidence it looks at."""
    return tuple(name for name, each in signature(function).parameters.items() if each.kind is Parameter.KEYWORD_ONLY)


def call(function: Callable[..., T], known: Mapping[str, Any], *arguments: Any) -> T:
    """Call a function with those of the known keywords that it takes."""
    return function(*arguments, **{name: known[name] for name in keywords(function) if name in known})
