"""What a batch of an engine's costs: ``Projector`` beside its parts, with bad rows, from frames of others.

    .venv/bin/python bench/batches.py

The first 8,192 pairs of conll-translate-train de as a record batch with plain types (no dictionaries), CPU time of one
thread, paired. "retried" is what had to be done with bad rows while the first was an error for all: drop it, try again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa

import xproj_fast as xp

from corpora import require_data, translate_train
from timing import median_of, paired, ratio

ROWS = 8192
ROUNDS = 61


def plain(pairs: xp.SentencePairs) -> pa.RecordBatch:
    """Return pairs as somebody else's code would have them."""
    span = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
    kinds = {"source_words": pa.list_(pa.string()), "target_words": pa.list_(pa.string()), "entities": pa.list_(span)}
    table = pairs.to_arrow().slice(0, ROWS)
    columns = {name: table[name].cast(kinds.get(name, table[name].type)) for name in table.schema.names}
    ids = pa.array([f"doc-{s}" for s in range(ROWS)])
    return pa.table({"id": ids, **columns}).combine_chunks().to_batches()[0]


def with_bad_rows(batch: pa.RecordBatch, count: int) -> pa.RecordBatch:
    """Return a batch of which some rows have a link or an entity outside, or no words, in turn."""
    draw = random.Random(0)
    columns = {name: batch[name].to_pylist() for name in ("target_words", "entities", "alignments")}
    for i, row in enumerate(sorted(draw.sample(range(ROWS), count))):
        columns["alignments"][row].append({"source": 9999 if i % 3 == 0 else 0, "target": 0})
        if i % 3 == 1:
            columns["entities"][row].append({"start": 0, "end": 9999, "label": "PER"})
        elif i % 3 == 2:
            columns["target_words"][row] = None
    made = {name: pa.array(values, batch.schema.field(name).type) for name, values in columns.items()}
    return pa.record_batch({name: made.get(name, batch[name]) for name in batch.schema.names})


def retried(batch: pa.RecordBatch) -> int:
    """Project a batch as one must whose first bad row is an error for all."""
    while True:
        try:
            return len(xp.project(xp.SentencePairs.from_arrow(batch), threads=1))
        except xp.InputError as error:
            bad = error.sentence
            batch = batch.take(pa.array([row for row in range(batch.num_rows) if row != bad]))


def report(contenders: dict[str, Callable[[], Any]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    seconds = paired(contenders, rounds, time.process_time)
    for name, value in median_of(seconds).items():
        print(f"{name:32} {value / ROWS * 1e9:8.0f} ns a sentence")
    return seconds


def main() -> None:
    batch = plain(translate_train("de").pairs())
    few, one, every = (with_bad_rows(batch, count) for count in (ROWS // 100, 1, ROWS))
    frame = pl.DataFrame(pa.Table.from_batches([batch]))
    projector, gathers = xp.Projector(), xp.Projector(errors="column")
    contenders: dict[str, Callable[[], Any]] = {
        "from_arrow, project, to_arrow": lambda: xp.project(xp.SentencePairs.from_arrow(batch), threads=1).to_arrow(),
        "Projector": lambda: projector(batch),
        "Projector, errors='column'": lambda: gathers(batch),
        "with one bad row": lambda: gathers(one),
        "with 1% bad rows": lambda: gathers(few),
        "with bad rows alone": lambda: gathers(every),
        "a frame of polars": lambda: gathers(frame),
    }
    try:
        import duckdb
    except ImportError:
        print("duckdb is not here: not measured")
    else:
        relation = duckdb.connect().from_arrow(pa.Table.from_batches([batch]))
        given = pa.table(relation)  # the engine's own work is not ours to measure
        contenders["what duckdb gives"] = lambda: gathers(given)
    seconds = report(contenders)
    print()
    for slow, fast in (
        ("Projector", "from_arrow, project, to_arrow"),
        ("with one bad row", "Projector, errors='column'"),
        ("with 1% bad rows", "Projector, errors='column'"),
        ("a frame of polars", "Projector, errors='column'"),
        ("what duckdb gives", "Projector, errors='column'"),
    ):
        if slow in seconds:
            print(f"{slow} / {fast}: {ratio(seconds, slow, fast):.2f}")
    print()
    tries = report(
        {"clean": lambda: retried(batch), "one bad row, retried": lambda: retried(one)}
        | {"1% bad rows, retried": lambda: retried(few)},
        3,
    )
    for slow in ("one bad row, retried", "1% bad rows, retried"):
        print(f"{slow} / clean: {ratio(tries, slow, 'clean'):.1f}")


if __name__ == "__main__":
    require_data()
    main()
