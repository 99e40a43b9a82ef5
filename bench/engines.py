"""What engines cost beside the projection: CPU time with children, paired, medians; memory of a large run through Ray.

    .venv/bin/python bench/engines.py                    # Hugging Face map, Spark, Ray: beside the same without labels
    .venv/bin/python bench/engines.py --rows 2000000     # through Ray from Parquet to Parquet; memory at three sizes

Rows: the pairs of conll-translate-train de, repeated, in Parquet. An engine's own processes are counted, too: each
contender runs in a process of its own, from which its interpreter's start (an identical process that does nothing) is
not taken off.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

from corpora import require_data, translate_train

ROUNDS = 3
ROWS = 70_000
BEGIN = """
import sys, time
import xproj_fast as xp
projector = xp.Projector(errors="column")
source, out = sys.argv[1:]
"""
RAY = """
import ray
from xproj_fast.distributed import ray as xr
ray.init(address="local", num_cpus=4, include_dashboard=False, object_store_memory=500 << 20, log_to_driver=False)
ray.data.DataContext.get_current().enable_progress_bars = False
ds = ray.data.read_parquet(source)
"""
SPARK = """
import os
os.environ["PYSPARK_PYTHON"] = sys.executable
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
rows = spark.read.parquet(source)
"""
HF = """
import datasets
datasets.disable_progress_bars()
ds = datasets.Dataset.from_parquet(source + "/*.parquet", cache_dir=out + ".cache")
"""
CONTENDERS = {
    "datasets: read alone": HF,
    "datasets: map over Arrow, identity": HF
    + 'ds.with_format("arrow").map(lambda t: t, batched=True, batch_size=8192)',
    "datasets: map over Arrow, Projector": HF + 'ds.with_format("arrow").map(projector, batched=True, batch_size=8192)',
    "datasets: map over lists, project()": HF
    + textwrap.dedent("""
        def tags(batch):
            spans = [[(e["start"], e["end"], e["label"]) for e in row] for row in batch["entities"]]
            links = [[(l["source"], l["target"]) for l in row] for row in batch["alignments"]]
            pairs = xp.SentencePairs.from_lists(batch["source_words"], batch["target_words"], spans, links)
            return {"tags": xp.project(pairs, threads=1).tags()}
        ds.map(tags, batched=True, batch_size=8192)
        """),
    "Ray: read and write": RAY + "ds.write_parquet(out)",
    "Ray: read, project, write": RAY + "xr.project(ds, projector).write_parquet(out)",
    "Spark: read, mapInArrow identity, write": SPARK
    + "rows.mapInArrow(lambda batches: batches, rows.schema).write.parquet(out)",
    "Spark: read, mapInArrow Projector, write": SPARK
    + textwrap.dedent("""
        schema = from_arrow_schema(projector.schema(to_arrow_schema(rows.schema)))
        rows.mapInArrow(lambda batches: map(projector, batches), schema).write.parquet(out)
        """),
}
LARGE = RAY.replace("num_cpus=4", "num_cpus=2") + textwrap.dedent("""
    summary = xr.write(xr.project(ds, projector), out)
    print(summary["rows"], summary["errors"], summary["files"])
    """)


def parquet(folder: Path, rows: int, files: int = 8) -> Path:
    """Write the pairs, repeated, as a folder of Parquet files with an id each."""
    table = translate_train("de").pairs().to_arrow()
    kinds = {
        "source_words": pa.list_(pa.string()),
        "target_words": pa.list_(pa.string()),
        "entities": pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])),
    }
    plain = pa.table(
        {name: table[name].cast(kinds.get(name, table[name].type)) for name in table.schema.names if name != "id"}
    )
    folder.mkdir()
    each = -(-rows // files)
    done = 0
    for file in range(files):
        size = min(each, rows - done)
        parts = []
        while size > sum(map(len, parts)):
            parts.append(plain.slice(0, size - sum(map(len, parts))))
        part = pa.concat_tables(parts)
        ids = pa.array(range(done, done + len(part)), pa.int64())
        pq.write_table(part.append_column("id", ids), folder / f"{file}.parquet", row_group_size=32_768)
        done += len(part)
    return folder


def cpu_of(code: str, source: Path, out: Path) -> tuple[float, float, str, float]:
    """Return CPU seconds of a process and of all it started, seconds, what it printed, and the most memory, MB."""
    environment = os.environ | {"RAY_AUTH_MODE": "disabled", "HF_HUB_OFFLINE": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + code, str(source), str(out)],
            stdout=told,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )
        peak, cpu = [0.0], {}
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, stop, peak, cpu))
        watcher.start()
        process.wait()
        stop.set()
        watcher.join()
        told.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"failed: {errors.read()[-2000:]}")
        printed = told.read()
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return max(own, sum(cpu.values())), seconds, printed, peak[0]


def _watch(session: int, stop: threading.Event, peak: list[float], cpu: dict[int, float]) -> None:
    """Add up what the processes of a session use: an engine's daemons are nobody's children any more."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    known = {session}
    while not stop.wait(0.1):
        memory = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parent, group, number = int(fields[1]), int(fields[3]), int(entry.name)
                if number not in known and parent not in known and group != session:
                    continue
                known.add(number)
                cpu[number] = (int(fields[11]) + int(fields[12])) / ticks
                memory += _own(entry) or int((entry / "statm").read_text().split()[1]) * page
            except (OSError, ValueError, IndexError):
                continue
        peak[0] = max(peak[0], memory / 1e6)


def _own(process: Path) -> int:
    """Return the memory of a process, what it shares with others (Ray's object store) divided among them."""
    for line in (process / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def beside(rounds: int, only: str, rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = parquet(Path(folder) / "in", rows)
        names = [name for name in CONTENDERS if not name.startswith("Spark") or shutil.which("java")]
        names = [name for name in names if name.startswith(only)]
        found: dict[str, list[float]] = {name: [] for name in names}
        for turn in range(rounds):
            for name in names:
                found[name].append(cpu_of(CONTENDERS[name], source, Path(folder) / f"out{turn}{names.index(name)}")[0])
        middle = {name: median(values) for name, values in found.items()}
        print(f"{rows:,} rows, CPU seconds with children (interpreter and engine included), median of {rounds}")
        for name in names:
            print(f"{name:45} {middle[name]:7.2f}  ({min(found[name]):.2f} to {max(found[name]):.2f})")
        if "datasets: read alone" in middle:
            read = middle["datasets: read alone"]
            arrow = middle["datasets: map over Arrow, Projector"] - read
            lists = middle["datasets: map over lists, project()"] - read
            print(f"map over lists / map over Arrow, without reading: {lists / arrow:.1f} (target: at least 10)")
        for engine, idle, busy in (
            ("Ray", "Ray: read and write", "Ray: read, project, write"),
            ("Spark", "Spark: read, mapInArrow identity, write", "Spark: read, mapInArrow Projector, write"),
        ):
            if busy in middle:
                print(f"{engine}: {middle[idle]:.2f} s of its own, {middle[busy] - middle[idle]:.2f} s for our columns")


def large(rows: int) -> None:
    for count in (rows // 4, rows // 2, rows):
        with tempfile.TemporaryDirectory() as folder:
            source = parquet(Path(folder) / "in", count, max(8, count // 100_000))
            cpu, seconds, printed, peak = cpu_of(LARGE, source, Path(folder) / "out")
            told = " ".join(printed.split()[-3:])
            print(
                f"{count:,} rows: {seconds:.0f} s, {cpu:.0f} CPU s, at most {peak:,.0f} MB; rows, errors, files: {told}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="run these many rows through Ray, and tell the memory")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="contenders that begin so: datasets, Ray, Spark")
    parser.add_argument("--count", type=int, default=ROWS, help="rows of the paired runs (70,000)")
    args = parser.parse_args()
    require_data()
    if args.rows:
        large(args.rows)
    else:
        beside(args.rounds, args.only, args.count)


if __name__ == "__main__":
    main()
