"""What it costs to trust nobody: checks of Arrow files and tables, and copies of arrays.

    .venv/bin/python bench/checks.py

On conll-translate-train de, 14,041 sentence pairs with words, entities and links. Files are in the file cache, so that
reading is decoding: from a disk the shares are smaller.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

import xproj_fast as xp
from xproj_fast.arrow_checks import check_strings, validate
from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.formats import arrow

from corpora import require_data, translate_train
from run import flat_arrays
from timing import median_of, paired

ROUNDS = 61


def files(table: pa.Table, folder: Path) -> None:
    pq.write_table(table, folder / "pairs.parquet")
    with pa.ipc.new_file(str(folder / "pairs.arrow"), table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(
        str(folder / "packed.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")
    ) as writer:
        writer.write_table(table)

    for name in ("pairs.parquet", "pairs.arrow", "packed.arrow"):
        ours = [read(folder / name, validate) for _ in range(ROUNDS)]
        arrows = [read(folder / name, lambda column: column.validate(full=True)) for _ in range(ROUNDS)]
        checks, rest = (median(each[k] for each in ours) * 1e3 for k in (0, 1))
        print(
            f"{name}: read_pairs {checks + rest:.1f} ms, of which validation {checks:.2f}, "
            f"{median(a / b for a, b in ours):.1%} of the rest (Arrow's own: {median(a / b for a, b in arrows):.1%})"
        )


def read(path: Path, check: Callable[[object], None]) -> tuple[float, float]:
    """Return the seconds that a file's validation takes where it is done, and those of the rest of reading it."""
    spent = 0.0

    def timed(column: object) -> None:
        nonlocal spent
        before = time.perf_counter()
        check(column)
        spent += time.perf_counter() - before

    with patch.object(arrow, "validate", timed):
        before = time.perf_counter()
        xp.read_pairs(path)
        return spent, time.perf_counter() - before - spent


def tables(table: pa.Table) -> None:
    pairs = xp.SentencePairs.from_arrow(table)

    def strings() -> None:
        for words in (pairs.source, pairs.target):
            check_strings(words.strings, "words")

    contenders = {
        "from_arrow": lambda: xp.SentencePairs.from_arrow(table),
        "validate": lambda: xp.SentencePairs.from_arrow(table, validate=True),
        "strings": strings,
    }
    seconds = paired(contenders, 101)
    each = {name: value / len(pairs) * 1e9 for name, value in median_of(seconds).items()}
    print(
        f"from_arrow: {each['from_arrow']:.0f} ns per sentence, of which offsets of words {each['strings']:.0f}; "
        f"with validate=True {each['validate']:.0f}"
    )


def copies(pairs: xp.SentencePairs) -> None:
    flat = flat_arrays(pairs)
    contenders = {
        "copied": lambda: xp.SentencePairs.from_arrays(**flat),
        "shared": lambda: xp.SentencePairs.from_arrays(**flat, copy=False),
    }
    each = {name: value / len(pairs) * 1e9 for name, value in median_of(paired(contenders, 101)).items()}
    size = sum(array.nbytes for array in flat.values() if hasattr(array, "nbytes")) / len(pairs)
    print(
        f"from_arrays: {each['copied']:.1f} ns per sentence ({size:.0f} bytes), with copy=False {each['shared']:.1f}: "
        f"the copy takes {each['copied'] - each['shared']:.1f}"
    )


if __name__ == "__main__":
    require_data()
    corpus = translate_train("de").pairs()
    with tempfile.TemporaryDirectory() as folder:
        files(pairs_to_arrow(corpus), Path(folder))
    tables(pairs_to_arrow(corpus))
    copies(corpus)
