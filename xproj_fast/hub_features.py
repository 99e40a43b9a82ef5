"""What the hub's metadata says of a table's columns: the names that whole numbers stand for."""

from __future__ import annotations

import json
from typing import Any

OF_LISTS = frozenset({"feature", "length", "id", "dtype", "_type"})  # what ``datasets`` says of a list


def names_of_numbers(schema: Any, *path: str) -> tuple[str, ...] | None:
    """Return the names of a ClassLabel, as ``datasets`` writes it into the schema's metadata.

    Lists on the way are passed through, whichever of their forms it wrote: ``[{...}]``, ``{"feature": {...}}``.

    Args:
        schema: of the table.
        *path: the column, then the field inside its structs, if there is one.

    Returns:
        Them, or None where nothing names the numbers.
    """
    try:
        feature = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        for name in path:
            feature = _item(feature)[name]
        return tuple(str(name) for name in _item(feature)["names"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None


def _item(feature: Any) -> Any:
    """Return what a list feature holds, anything else as it is."""
    while isinstance(feature, list) or ("feature" in feature and OF_LISTS.issuperset(feature)):
        feature = feature[0] if isinstance(feature, list) else feature["feature"]
    return feature
