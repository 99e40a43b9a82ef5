"""A stream of stages: order, bounded memory, errors from anywhere, and no thread left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from command import HERE

from xproj_fast.errors import InputError
from xproj_fast.runs.stream import Stage, Stop, Stopped, Stream


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before, threading.enumerate()


def slow_at_random(seed: int) -> Any:
    draw = random.Random(seed)

    def run(item: int) -> int:
        time.sleep(draw.random() * 0.003)
        return item * 10 + seed

    return run


def test_order_is_kept() -> None:
    stages = [Stage(f"stage {k}", slow_at_random(k)) for k in range(4)]
    with Stream(range(50), stages) as stream:
        found = list(stream)
    assert found == [i * 10_000 + 123 for i in range(50)]
    assert stream.seconds.keys() == {"read", "stage 0", "stage 1", "stage 2", "stage 3"}
    assert all(0.01 < stream.seconds[f"stage {k}"] < 2 for k in range(4))


def test_order_is_kept_by_several_workers() -> None:
    meet = threading.Barrier(3, timeout=20)

    def run(item: int) -> int:
        if item < 3:
            meet.wait()  # three workers at the same time, or nobody goes on
        time.sleep(random.random() * 0.004)
        return -item

    for stages in ([Stage("a", run, 3)], [Stage("a", run, 3), Stage("b", slow_at_random(0), 2)]):
        with Stream(range(60), stages, depth=1) as stream:
            assert list(stream) == [-i * 10 ** (len(stages) - 1) for i in range(60)]


def test_without_stages_and_without_chunks() -> None:
    with Stream(iter([1, 2]), []) as stream:
        assert list(stream) == [1, 2]
    with Stream([], [Stage("a", str)]) as stream:
        assert list(stream) == []


def test_stages_run_at_the_same_time() -> None:
    meet = threading.Barrier(3, timeout=20)

    def waiting_with(chunk: int) -> Any:
        def run(item: int) -> int:
            if item == chunk:
                meet.wait()  # three stages, each with a chunk of its own, or nobody goes on
            return item

        return run

    with Stream(range(3), [Stage(f"with {i}", waiting_with(i)) for i in (2, 1, 0)], depth=1) as stream:
        assert list(stream) == [0, 1, 2]


def test_stop_iteration_in_a_stage_is_no_end() -> None:
    def run(item: int) -> int:
        return item if item < 2 else next(iter([]))

    with (
        pytest.raises(RuntimeError, match="a stage raised StopIteration"),
        Stream(range(5), [Stage("a", run)]) as stream,
    ):
        list(stream)


def test_a_slow_consumer_holds_back_the_source() -> None:
    made = []

    def source() -> Iterator[int]:
        for i in range(1000):
            made.append(i)
            yield i

    depth, stages = 2, [Stage("a", lambda x: x), Stage("b", lambda x: x)]
    most = 0
    with Stream(source(), stages, depth=depth) as stream:
        for taken, _ in enumerate(stream, 1):
            time.sleep(0.02 if taken < 10 else 0)
            most = max(most, len(made) - taken)
            if taken == 40:
                break
    assert most <= (depth + 1) * (len(stages) + 1)


def test_chunks_are_let_go() -> None:
    class Chunk:
        alive = 0

        def __init__(self) -> None:
            Chunk.alive += 1

        def __del__(self) -> None:
            Chunk.alive -= 1

    most = 0
    with Stream((Chunk() for _ in range(200)), [Stage("a", lambda x: x)], depth=2) as stream:
        for chunk in stream:
            most = max(most, Chunk.alive)
            del chunk
    assert most <= 8
    assert Chunk.alive == 0


@pytest.mark.parametrize("where", ["source", "first", "last"])
def test_an_error_is_raised_once(where: str) -> None:
    closed = []

    def source() -> Iterator[int]:
        try:
            for i in range(1000):
                if where == "source" and i == 7:
                    raise ValueError("seven")
                yield i
        finally:
            closed.append(True)

    def fail(item: int) -> int:
        if item == 7:
            raise ValueError("seven")
        return item

    same = Stage("same", lambda x: x)
    stages = {"source": [same], "first": [Stage("fail", fail), same], "last": [same, Stage("fail", fail)]}[where]
    found = []
    with Stream(source(), stages) as stream:
        with pytest.raises(ValueError, match="seven"):
            found.extend(stream)
        assert list(stream) == []  # it is over, and not raised again
    assert found == list(range(len(found)))
    assert len(found) <= 7
    assert closed == [True]


def test_an_error_stops_the_others_at_once() -> None:
    stop = Stop()

    def endless(item: int) -> int:
        while True:
            stop.check()
            time.sleep(0.001)

    def fail(item: int) -> int:
        raise KeyError(item)

    def source() -> Iterator[int]:
        yield 1
        yield 2
        yield 3

    calls = []

    def first(item: int) -> int:
        calls.append(item)
        return endless(item) if len(calls) == 2 else item

    with pytest.raises(KeyError), Stream(source(), [Stage("first", first), Stage("fail", fail)], stop=stop) as stream:
        list(stream)  # only a stop ends the first stage


def test_two_errors_give_one() -> None:
    together = threading.Barrier(2, timeout=20)

    def fail(item: int) -> int:
        together.wait()
        raise ValueError(item)

    def source() -> Iterator[int]:
        yield 1
        together.wait()
        raise ValueError(2)

    with Stream(source(), [Stage("fail", fail)]) as stream:
        with pytest.raises(ValueError, match=r"^[12]$"):
            list(stream)
        assert list(stream) == []


def test_leaving_early_closes_the_source() -> None:
    closed = []

    def source() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.append(threading.current_thread().name)

    with Stream(source(), [Stage("a", lambda x: x)]) as stream:
        assert next(stream) == 0
    assert closed == ["xproj-read"]
    assert list(stream) == []


def test_an_error_of_the_caller_goes_through() -> None:
    with pytest.raises(ZeroDivisionError), Stream(range(10**9), [Stage("a", lambda x: x)]) as stream:
        _ = [1 // item for item in stream]


def test_a_stage_may_stop_itself() -> None:
    def run(item: int) -> int:
        raise Stopped

    with Stream(range(10**9), [Stage("a", run)]) as stream:
        assert list(stream) == []


def hold_three(chunks: Iterator[int]) -> Iterator[int]:
    """Yield nothing before three chunks are there, or all."""
    held = list(islice(chunks, 3))
    yield from (item + 100 * len(held) for item in held)
    yield from (-item for item in chunks)


@pytest.mark.parametrize(("count", "expected"), [(0, []), (2, [200, 201]), (6, [300, 301, 302, -3, -4, -5])])
def test_a_stage_over_all_chunks_holds_some_back(count: int, expected: list[int]) -> None:
    """More than the queues hold, and all of them come in order; what is behind it runs as ever."""
    stages = [Stage("a", lambda item: item, 2), Stage("hold", hold_three, over=True), Stage("b", lambda item: item)]
    with Stream(range(count), stages, depth=1) as stream:
        assert list(stream) == expected
    assert stream.seconds.keys() == {"read", "a", "hold", "b"}


def test_waiting_is_no_time_that_a_stage_over_all_chunks_is_busy() -> None:
    def slow(item: int) -> int:
        time.sleep(0.05)
        return item

    with Stream(range(6), [Stage("slow", slow), Stage("hold", hold_three, over=True)]) as stream:
        list(stream)
    assert stream.seconds["hold"] < stream.seconds["slow"] / 2


@pytest.mark.parametrize("where", ["before", "in", "left"])
def test_a_stage_over_all_chunks_ends_with_the_others(where: str) -> None:
    closed = []

    def over(chunks: Iterator[int]) -> Iterator[int]:
        try:
            for item in chunks:
                if where == "in" and item == 2:
                    raise ValueError("no good")
                yield item
        finally:
            closed.append(True)

    def before(item: int) -> int:
        if where == "before" and item == 2:
            raise ValueError("no good")
        return item

    stages = [Stage("a", before), Stage("over", over, over=True)]
    if where == "left":
        with Stream(range(10**9), stages) as stream:
            assert next(stream) == 0
    else:
        with pytest.raises(ValueError, match="no good"), Stream(range(10**9), stages) as stream:
            list(stream)
    assert closed == [True]


def test_what_the_caller_does_is_timed() -> None:
    with Stream([1], []) as stream:
        for _ in stream:
            with stream.timed("write"):
                time.sleep(0.01)
    assert stream.seconds["write"] >= 0.01


def left_behind(stream: Stream[Any]) -> int:
    """Workers that still run: only ever some after an end that ran out of patience."""
    return sum(worker.is_alive() for worker in stream._workers)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_or_another_signal_leaves_behind_what_does_not_end(end: type[BaseException]) -> None:
    release = threading.Event()
    stream = Stream(range(3), [Stage("a", lambda x: release.wait(20))], patience=0.05)
    with pytest.raises(end), stream:
        raise end
    assert left_behind(stream) == 1
    release.set()
    with stream.stop.changed:
        stream.stop.changed.wait_for(lambda: not left_behind(stream), 0.5)


def test_bad_arguments() -> None:
    with pytest.raises(InputError, match="stages: expected names that differ, got read, a, a"):
        Stream([], [Stage("a", str), Stage("a", str)])
    with pytest.raises(InputError, match="depth: expected at least 1, got 0"):
        Stream([], [], depth=0)


INTERRUPTED = """
import sys, threading, time
from xproj_fast.runs.stream import Stage, Stop, Stream
stop = Stop()
def work(item):
    print("working", flush=True)
    while True:
        stop.check()
        time.sleep(.01)
try:
    with Stream(range(10**9), [Stage("work", work)], stop=stop) as stream:
        list(stream)
except KeyboardInterrupt:
    print("stopped", threading.active_count(), flush=True)
"""


def test_interrupted_while_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(iter(range(10**9)), [Stage("a", str), Stage("b", str)])
    start = threading.Thread.start

    def starts(thread: threading.Thread) -> None:
        if thread.name == "xproj-b":
            raise KeyboardInterrupt
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starts)
    with pytest.raises(KeyboardInterrupt), stream:
        pass
    assert stream.stop.is_set
    assert left_behind(stream) == 0


def test_ctrl_c_stops_what_would_not_end() -> None:
    # Python ignores SIGINT where its parent does, as in some test runs.
    process = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.signal(2, signal.default_int_handler)\n" + INTERRUPTED],
        stdout=subprocess.PIPE,
        **HERE,
    )
    assert process.stdout is not None
    with process.stdout as out:
        assert out.readline() == b"working\n"
        os.kill(process.pid, signal.SIGINT)
        assert out.readline() == b"stopped 1\n"  # only a stop ends the work
    assert process.wait(60) == 0
