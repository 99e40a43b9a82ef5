"""The system says no, to each call in turn: an error that can be caught, nothing half-written, nothing lost."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from command import run
from failures import WAYS

pytest_plugins = ("faults",)

MEMORY = """
import random, sys
from faults import arm, seen
import xproj_fast as xp
from xproj_fast.kernels.protocol import Symmetrization

draw = random.Random(0)
words = [[f"w{draw.randrange(50)}" for _ in range(draw.randrange(1, 12))] for _ in range(60)]
names = [[(i, i + 1, f"L{i % 3}") for i in range(0, len(row), 3)] for row in words]
links = [[(i, draw.randrange(len(row))) for i in range(len(row))] for row in words]
pairs = xp.SentencePairs.from_lists(words, words, names, links)
calls = {
    "lists": lambda: xp.SentencePairs.from_lists(words, words, names, links).alignments.offsets.tolist(),
    "threads": lambda: xp.project(pairs, threads=3).tags(),
    **{m: lambda m=m: xp.project(pairs, matcher=m, threads=1).tags() for m in ("greedy", "exact", "heuristic")},
}
call = calls[sys.argv[1]]
expected = call()
at, failed = 0, 0
while True:
    at += 1
    arm("malloc", at, size=int(sys.argv[2]))
    try:
        got = call()
    except MemoryError:
        failed += 1
        continue
    except SystemError as error:  # some reductions of NumPy report a failed allocation without saying which error it is
        if "returned NULL without setting an exception" not in str(error):
            raise
        failed += 1
        continue
    finally:
        done = seen()
        arm("malloc", 0)
    assert got == expected
    if done < at:
        break
print(at - 1, failed, call() == expected)
"""


# Lists pass through Arrow, whose library ends the process where small things find no memory; ours does not.
@pytest.mark.parametrize(
    ("call", "least"), [("lists", 256), ("greedy", 32), ("exact", 32), ("heuristic", 32), ("threads", 32)]
)
def test_no_memory_is_a_memory_error(faulty: dict[str, str], call: str, least: int) -> None:
    """Whichever allocation fails: no abort, no other exception, no wrong result, and the next call is right."""
    done = run(call, least, command=(sys.executable, "-c", MEMORY), env=faulty)
    allocations, failed, right = done.stdout.split()
    assert int(allocations) >= int(failed) > 0
    assert right == "True"


FOLDER = Path(__file__).resolve().parents[1]  # of the modules that tests share


@pytest.mark.parametrize("way", sorted(WAYS))
def test_a_call_of_the_system_that_fails(faulty: dict[str, str], way: str, in_memory: Path) -> None:
    """Whichever it is: the error names the file, no output is half-written, and the next run writes it all."""
    done = run(in_memory, way, command=(sys.executable, FOLDER / "failures.py"), env=faulty)
    whole, *lines = map(json.loads, done.stdout.splitlines())
    assert (whole["code"], whole["error"]) == (0, "")
    counted = Counter[str]()
    for line in lines:
        where = f"{line['what']} {line['at']}, {line['times']} times: {line['first']}"
        first, again = line["first"], line["again"]
        assert first["code"] == again["code"] == 0, where
        counted[line["what"]] += line["failed"]
        if first["error"]:
            assert f"{in_memory}/" in first["error"], where
            assert first["error"].startswith(("OSError: ", "InputError: ", "PermissionError: ")), where
        else:
            assert line["what"] in ("unlink", "close", "mkdir") or not line["failed"], where
        for path, data in line["then"].items():
            assert path not in whole["tree"] or data == whole["tree"][path], f"{path} is half-written: {where}"
        assert (again["error"], line["tree"]) == ("", whole["tree"]), where
    for what in ("open", "write", "fsync", "rename"):
        assert counted[what], what
