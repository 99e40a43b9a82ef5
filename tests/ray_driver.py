"""A driver in a process of its own, which may be killed at a moment: ``python ray_driver.py FOLDER MOMENT COUNT``.

MOMENT is one of ``MOMENTS``, or ``never``: the process that writes the COUNT-th block ends the driver there, by
SIGKILL, and with it all of Ray. The work: sentence pairs made from numbers, projected.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

MOMENTS = ("before the note", "before the file", "inside the file", "before the second note", "behind the second note")
ROWS, BLOCK = 240, 20


def set_up() -> None:
    """In each worker: end the driver when the count-th block comes to a moment, over all workers."""
    moment, count, driver, folder = os.environ["KILL"].split("|")
    from ray.data._internal.datasource.parquet_datasink import ParquetDatasink
    from ray.data.checkpoint.checkpoint_writer import BatchBasedCheckpointWriter as Notes

    def passed() -> bool:
        with open(Path(folder) / "passed", "ab") as file:
            file.write(b".")
            return file.tell() == int(count)

    def kill() -> None:
        os.kill(int(driver), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    def at(cls: Any, name: str, when: str, *, behind: bool = False) -> None:
        original = getattr(cls, name)

        def wrapped(*args: Any, **more: Any) -> Any:
            if when == moment and not behind and passed():
                kill()
            found = original(*args, **more)
            if when == moment and behind and passed():
                kill()
            return found

        setattr(cls, name, wrapped)

    at(Notes, "write_pending_checkpoint", MOMENTS[0])
    at(ParquetDatasink, "write", MOMENTS[1])
    at(ParquetDatasink, "_write_parquet_files", MOMENTS[2], behind=True)
    at(Notes, "commit_checkpoint", MOMENTS[3])
    at(Notes, "commit_checkpoint", MOMENTS[4], behind=True)


def pair(row: dict[str, Any]) -> dict[str, Any]:
    """Return the pair of a number: the entity's word, among others that differ by row."""
    i = row["id"]
    return {
        "id": i,
        "source_words": ["Ada", f"saw{i}", "Rome"],
        "target_words": [f"sah{i}", "Ada", "Rom"],
        "entities": [{"start": 0, "end": 1, "label": "PER"}, {"start": 2, "end": 3, "label": "LOC"}],
        "alignments": "0-1 1-0 2-2",
    }


def main(folder: str, moment: str, count: str, how: str) -> None:
    """Run the workload; print the summary."""
    import ray

    from xproj_fast.distributed.ray import project, write

    os.environ["KILL"] = f"{moment}|{count}|{os.getpid()}|{folder}"  # Ray's processes have the driver's environment
    ray.init(
        address="local",
        num_cpus=4,
        include_dashboard=False,
        object_store_memory=100 << 20,
        log_to_driver=False,
        runtime_env={"worker_process_setup_hook": "ray_driver.set_up"} if moment != "never" else None,
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    ds = ray.data.range(ROWS, override_num_blocks=ROWS // BLOCK).map(pair)
    summary = write(
        project(ds, batch_size=BLOCK, rows_per_block=BLOCK),
        Path(folder) / "out",
        resume=how == "resume",
        made_from={"input": "numbers 1"},
    )
    print(json.dumps(summary))


if __name__ == "__main__":
    main(*sys.argv[1:])
