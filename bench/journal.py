"""What a part of a run costs: writing it, syncing it and saying so, with 20, 2,000 and 8,000 parts before it.

    python bench/journal.py [FOLDER]

Each figure is the median over the parts around that number, of as many bytes as a part of 512 sentences has. A disk
that syncs takes most of it: on a file system in memory (/dev/shm) only the work of this package is left.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from xproj_fast.runs.layout import one_file
from xproj_fast.runs.parts import open_parts

AT = (20, 2_000, 8_000)
AROUND = 20  # parts that are measured at each
DATA = b"Maria\tB-PER\nLopez\tI-PER\nmet\tO\n\n" * 2_000  # 64 kB
COUNTS = dict.fromkeys(("sentences", "words", "entities", "projected", "label:PER", "label:LOC", "label:ORG"), 512)


def main(folder: str | None) -> None:
    """Print milliseconds a part."""
    seconds: list[float] = []
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        open_parts(one_file(str(Path(place, "out.conll")), "conll"), {"input": "x"}) as (parts, _),
    ):
        for _ in range(max(AT) + AROUND):
            started = time.perf_counter()
            parts.append({"conll": DATA}, 512, COUNTS)
            seconds.append(time.perf_counter() - started)
        journal = Path(place, "out.conll.parts", "journal.jsonl").stat().st_size
    for at in AT:
        print(f"{at:6,} parts: {1e3 * statistics.median(seconds[at - AROUND // 2 : at + AROUND]):7.2f} ms a part")
    print(f"journal: {journal / len(seconds):.0f} bytes a part")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
