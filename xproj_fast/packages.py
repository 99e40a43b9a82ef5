"""Optional packages: imported on first use; where one is missing, the error names the extra that brings it."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

from xproj_fast.errors import MissingDependencyError


def need(module: str, extra: str = "models") -> Any:
    """Import an optional package.

    Raises:
        MissingDependencyError: where it is not installed; says which extra brings it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise
        raise MissingDependencyError(
            f"this needs the package {module.partition('.')[0]}: pip install 'xproj-fast[{extra}]'"
        ) from None


def installed_version(package: str) -> str | None:
    """Return the version of a package that may not be installed."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms, which project() need not cost

    with suppress(PackageNotFoundError):
        return version(package)
    return None


def versions(*modules: str) -> dict[str, str]:
    """Return the versions of packages that an output depends on."""
    return {name: str(getattr(import_module(name), "__version__", "unknown")) for name in modules}
