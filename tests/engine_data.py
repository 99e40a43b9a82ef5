"""What tests of engines share: sentence pairs made from numbers, and the environment of their processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

TESTS = Path(__file__).resolve().parent
ENTITY = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string())])
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("source_words", pa.list_(pa.string())),
        ("target_words", pa.list_(pa.string())),
        ("entities", pa.list_(ENTITY)),
        ("alignments", pa.string()),
    ]
)


def pairs_table(count: int, bad: Sequence[int] = ()) -> pa.Table:
    """Return pairs, those of some rows without source words."""
    rows = [
        {
            "id": i,
            "source_words": None if i in bad else ["Ada", f"saw{i}", "Rome"],
            "target_words": [f"sah{i}", "Ada", *(["gestern"] * (i % 3)), "Rom"],
            "entities": [{"start": 0, "end": 1, "label": "PER"}, {"start": 2, "end": 3, "label": "LOC"}],
            "alignments": f"0-1 1-0 2-{2 + i % 3}",
        }
        for i in range(count)
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def environment() -> dict[str, str]:
    """Return the environment of a process that finds the package and the modules that tests share."""
    paths = [str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]
    quiet = {"RAY_DATA_DISABLE_PROGRESS_BARS": "1", "RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    return os.environ | quiet | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
