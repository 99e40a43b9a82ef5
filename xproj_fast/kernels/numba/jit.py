"""How every kernel of this backend is compiled.

Kernels allocate nothing: NumPy does, before they run. So they can do without reference counts, which would cost more
than the work itself: an atomic increment and decrement per array and call, shared by all threads.

Machine code is cached next to the source (or where NUMBA_CACHE_DIR says). Numba renews it when the file of a function
changes, but not when that of a function it calls does: after an edit, remove ``__pycache__``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.cpu import CPUTargetOptions

F = TypeVar("F", bound=Callable[..., Any])

# No fastmath: scores must be the same to the bit. error_model: no divisor is ever 0, which saves a check per division.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# "No runtime", a private option but an old one; a Numba without it gives the same results, slower.
if hasattr(CPUTargetOptions, "_nrt"):
    _OPTIONS["_nrt"] = False


def kernel(function: F) -> F:
    """Compile a function that Python calls, on its first call."""
    return _compile(function, _OPTIONS)


def helper(function: F) -> F:
    """Compile a function that only kernels call."""
    return _compile(function, _OPTIONS | {"no_cpython_wrapper": True, "forceinline": True})


def _compile(function: F, options: dict[str, Any]) -> F:
    try:
        return cast("F", numba.njit(cache=True, **options)(function))
    except RuntimeError:  # nowhere to write a cache, as in a read-only container
        return cast("F", numba.njit(**options)(function))
