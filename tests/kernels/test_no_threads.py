"""A system that has no thread or no address space to give: the same result from those there are, or an error."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from command import HERE
from common import assert_same
from strategies import large_batch

from xproj_fast.candidates import ngrams
from xproj_fast.errors import InputError
from xproj_fast.matching.ilp import ilp
from xproj_fast.projector import project
from xproj_fast.runs.stream import Stage, Stream
from xproj_fast.scores.alignment import alignment_scores

LIMITED = """
import resource, sys
import numpy as np
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project

one = [[(0, 0)]] * 300_000
pairs = SentencePairs.from_lists([["a"]] * 300_000, [["a"]] * 300_000, [[(0, 1, "P")]] * 300_000, one)
wanted = project(pairs, threads=1).matches
for megabytes in (300, 500, 700):  # beside what is in use: too little for 128 stacks of 8 MB
    in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    limit = in_use + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    got = project(pairs, threads=128).matches
    assert all(np.array_equal(getattr(got, name), getattr(wanted, name)) for name in wanted.__dataclass_fields__
               if getattr(wanted, name) is not None)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("same")
"""


@pytest.fixture
def at_most(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many more threads this process can start; as many as there are where it is empty."""
    left: list[int] = []
    start = threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if left and left[0] == 0:
            raise RuntimeError("can't start new thread")
        if left:
            left[0] -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    return left


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_limit_on_the_address_space_changes_no_result() -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], **HERE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "same\n"), done.stderr


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_numba_does_with_the_threads_there_are(at_most: list[int], threads: int) -> None:
    pairs = large_batch(5000).pairs()
    wanted = project(pairs, threads=4, backend="numba").matches
    at_most.append(threads)
    assert_same(project(pairs, threads=4, backend="numba").matches, wanted)
    assert at_most == [0]


@pytest.mark.parametrize("threads", [0, 1])
def test_ilp_does_with_the_threads_there_are(at_most: list[int], threads: int) -> None:
    pairs = large_batch(40).pairs()
    spans = ngrams(pairs, max_words=3)
    scores = alignment_scores(pairs, spans)
    wanted = ilp(pairs, spans, scores, limit=">0", threads=2)
    at_most.append(threads)
    assert_same(ilp(pairs, spans, scores, limit=">0", threads=2), wanted)
    assert at_most == [0]


def test_a_stream_without_its_threads_is_an_error(at_most: list[int]) -> None:
    at_most.append(2)
    stream = Stream(iter(range(9)), [Stage("first", abs), Stage("second", abs)])
    with pytest.raises(InputError, match="to start 3 threads for read, first, second, got can't start"), stream:
        pass
    assert [thread for thread in threading.enumerate() if thread.name.startswith("xproj-")] == []
