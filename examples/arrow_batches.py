"""Arrow in, Arrow out: sentence pairs in Parquet, projected batch by batch in constant memory.

python examples/arrow_batches.py [FOLDER]
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import xproj_fast as xp

PAIR = {
    "id": "rain-1",
    "source_words": ["Ada", "left", "Oslo"],
    "target_words": ["Oslo", "verliess", "Ada"],
    "entities": [{"start": 0, "end": 1, "label": "PER"}, {"start": 2, "end": 3, "label": "LOC"}],
    "alignments": [{"source": 0, "target": 2}, {"source": 1, "target": 1}, {"source": 2, "target": 0}],
}


def main(folder: str) -> None:
    source, target = Path(folder, "pairs.parquet"), Path(folder, "projected.parquet")
    pq.write_table(pa.Table.from_pylist([PAIR] * 1000), source)

    writer, spans = None, 0
    for batch in pq.ParquetFile(source).iter_batches(batch_size=256):
        result = xp.project(xp.SentencePairs.from_arrow(batch, validate=True))
        writer = writer or pq.ParquetWriter(target, result.to_arrow().schema)
        writer.write_table(result.to_arrow())
        spans += result.counts()["spans"]
    writer.close()
    print(f"{target}: {pq.read_metadata(target).num_rows} rows, {spans} spans, first tags {result.tags()[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:] or ["."])
