"""What it costs to trust nobody: checks of Arrow files and tables, and copies of arrays.

    .venv/bin/python bench/checks.py

On conll-translate-train de, 14,041 sentence pairs with words, entities and links. Files are in the file cache, so that
reading is decoding: from a disk the shares are smaller.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from run import flat_arrays

import xproj_fast as xp
from xproj_fast.arrow_checks import check_strings, validate
from xproj_fast.arrow_columns import pairs_to_arrow

from corpora import require_data, translate_train
from timing import median_of, paired, ratio


def files(table: pa.Table, folder: Path) -> None:
    pq.write_table(table, folder / "pairs.parquet")
    with pa.ipc.new_file(str(folder / "pairs.arrow"), table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(
        str(folder / "packed.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")
    ) as writer:
        writer.write_table(table)

    def check() -> None:
        for column in table.columns:
            validate(column)

    def arrow() -> None:
        table.validate(full=True)

    for name in ("pairs.parquet", "pairs.arrow", "packed.arrow"):
        path = folder / name
        seconds = paired({"read": lambda path=path: xp.read_pairs(path), "check": check, "Arrow": arrow}, 41)
        milliseconds = {what: value * 1e3 for what, value in median_of(seconds).items()}
        print(
            f"{name}: read_pairs {milliseconds['read']:.1f} ms, of which full validation {milliseconds['check']:.2f}, "
            f"{ratio(seconds, 'check', 'read'):.1%} (Arrow's own would take {milliseconds['Arrow']:.2f})"
        )


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
        f"from_arrow: {each['from_arrow']:.0f} ns a sentence, of which offsets of words {each['strings']:.0f}; "
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
        f"from_arrays: {each['copied']:.1f} ns a sentence ({size:.0f} bytes), with copy=False {each['shared']:.1f}: "
        f"the copy takes {each['copied'] - each['shared']:.1f}"
    )


if __name__ == "__main__":
    require_data()
    corpus = translate_train("de").pairs()
    with tempfile.TemporaryDirectory() as folder:
        files(pairs_to_arrow(corpus), Path(folder))
    tables(pairs_to_arrow(corpus))
    copies(corpus)
