"""Writes files in every way there is, while each call of the system fails in turn. A script, run with ``faulty``.

    failures.py FOLDER WAY

Each time it is a fork of a process of one thread. What a call that fails leaves is printed as one line of JSON, and
what the next run makes of that.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from kills import tree

from xproj_fast.export.folder import new_folder
from xproj_fast.formats.arrow import arrow_writer
from xproj_fast.formats.outputs import whole_file
from xproj_fast.runs.layout import file_layout, folder_layout, one_file
from xproj_fast.runs.parts import open_parts

Write = Callable[[Path], None]
TEXT = b"".join(b"%d\tB-X\n\n" % i for i in range(4_000))  # more than any buffer holds
ERRORS = {"open": errno.EMFILE, "fsync": errno.EIO, "close": errno.EIO, "rename": errno.EIO, "unlink": errno.EACCES}
FOR_EVER = 1 << 30


def plain(suffix: str) -> Write:
    def write(folder: Path) -> None:
        with whole_file(folder / f"x.{suffix}") as out:
            for start in range(0, len(TEXT), 9_000):
                out.write(TEXT[start : start + 9_000])

    return write


def table(suffix: str) -> Write:
    def write(folder: Path) -> None:
        with arrow_writer(folder / f"x.{suffix}") as append:
            for start in range(3):
                append(pa.table({"id": range(start, 300), "tag": [str(i) for i in range(start, 300)]}))

    return write


def parts(layout: Any, suffix: str, data: Callable[[int], Any], number: int = 2) -> None:
    with open_parts(layout, {"input": 1}, resume=True) as (output, _):
        for i in range(output.done, 0 if output.complete else number):
            problems = {name: b"{}\n" for name in layout.targets if name == "problems.jsonl"}
            output.append({suffix: data(i)} | problems, 1)


def joined(suffix: str, data: Callable[[int], Any], number: int = 2) -> Write:
    return lambda folder: parts(*file_layout(str(folder / f"x.{suffix}")), data, number)


def languages(folder: Path) -> None:
    layout, suffixes = folder_layout(str(folder / "x"), ("yor_Latn",))
    parts(layout, suffixes["yor_Latn"], lambda i: b"%d\n" % i)


def model(folder: Path) -> None:
    with new_folder(folder / "x", force=True) as target:
        (target / "deep").mkdir()
        for name in ("deep/weights", "manifest.json"):
            (target / name).write_bytes(name.encode())


WAYS: dict[str, Write] = {
    **{suffix: plain(suffix) for suffix in ("conll", "conll.gz", "conll.zst")},
    **{suffix: table(suffix) for suffix in ("parquet", "arrow")},
    "one file": lambda folder: parts(one_file(str(folder / "x.txt"), "txt"), "txt", lambda i: b"%d\n" % i + TEXT, 3),
    "parts": joined("conll", lambda i: b"%d\n" % i),
    "parts in a folder": joined("conll/", lambda i: b"%d\n" % i),
    "parts of tables": joined("parquet", lambda i: pa.table({"id": [i]}), 1),
    "languages": languages,
    "model": model,
}


def attempt(write: Write, folder: Path, what: str = "", at: int = 0, times: int = 1) -> dict[str, Any]:
    """Write in a fork; returns its exit status, what went wrong, and how many such calls there were."""
    from faults import arm, seen

    told, pipe = os.pipe()
    child = os.fork()
    if child:
        os.close(pipe)
        with open(told) as answer:
            found = json.loads(answer.read() or "{}")
        return found | {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}
    error, trace = "", ""
    if what:
        arm(what, at, times=times, error=ERRORS.get(what, errno.ENOSPC), name=str(folder))
    try:
        write(folder)
    except Exception as caught:
        error, trace = f"{type(caught).__name__}: {getattr(caught, 'filename', None)}: {caught}", traceback.format_exc()
    calls = seen()
    arm("", 0)
    with open(pipe, "w") as answer:
        json.dump({"error": error, "trace": trace, "calls": calls}, answer)
    os._exit(0)


def main(folder: Path, way: str) -> None:
    """Let each call fail by itself, and a write with all that follow: a disk that is full stays so."""
    from faults import ON_FILES

    write = WAYS[way]
    (folder / "whole").mkdir()
    print(json.dumps(attempt(write, folder / "whole") | {"tree": tree(folder / "whole")}))
    for what in ON_FILES:
        for times in (1, FOR_EVER)[: 1 + (what == "write")]:
            at, failed = 0, True
            while failed:
                at += 1
                place = folder / f"{what}-{times}-{at}"
                place.mkdir()
                first = attempt(write, place, what, at, times)
                failed = first.get("calls", at) >= at
                then = tree(place)
                again = attempt(write, place)
                line = {"what": what, "at": at, "times": times, "failed": failed, "first": first, "then": then}
                print(json.dumps(line | {"again": again, "tree": tree(place)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
