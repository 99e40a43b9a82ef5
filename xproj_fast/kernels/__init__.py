"""The kernels behind one protocol and two backends, chosen by name; there is no silent fallback."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from xproj_fast.errors import MissingDependencyError, unknown_name
from xproj_fast.kernels.protocol import Kernels

BACKENDS = ("cpp", "numba")


def installed() -> tuple[str, ...]:
    """Return the backends whose packages are there; none of them is imported."""
    return tuple(name for name in BACKENDS if name == "cpp" or find_spec(name) is not None)


@cache
def get(name: str = "cpp") -> Kernels:
    """Return the backend ``"cpp"`` (compiled, fastest) or ``"numba"``.

    The latter has candidates, alignment scores and greedy matching of its own, with the same results to the bit; all
    else it takes from the compiled core.

    Raises:
        InputError: for another name.
        MissingDependencyError: where the backend cannot be loaded.
    """
    if name not in BACKENDS:
        raise unknown_name("backend", name, BACKENDS)
    try:
        from xproj_fast import _core
    except ImportError as error:
        raise MissingDependencyError(
            f"backend {name!r}: the compiled core could not be loaded ({error}); reinstall xproj-fast"
        ) from error
    if name == "cpp":
        return _core
    try:
        from xproj_fast.kernels import numba
    except ImportError as error:
        if error.name not in ("numba", "llvmlite"):
            raise  # a fault of ours, which no installation mends
        raise MissingDependencyError(
            f"backend 'numba' requires the package numba ({error}): pip install 'xproj-fast[numba]'"
        ) from error
    return numba
