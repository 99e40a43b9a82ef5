"""Stages joined by bounded queues, each in its own threads: order kept, memory bounded, stopped as one.

While one chunk of sentences is translated, the one before is tagged, and the one before that is projected: models and
kernels all let go of the GIL, so the whole takes little longer than its slowest stage.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from xproj_fast.errors import InputError

T = TypeVar("T")
DEPTH = 2  # finished chunks that wait between two stages: evens out stages whose chunks differ


class Stopped(BaseException):
    """Ends a stage from inside once its stream was stopped; no ``except Exception`` may swallow it."""


class Stop:
    """A flag that all threads of a stream share: set by the first error, and by the caller who leaves early."""

    def __init__(self) -> None:
        self.changed = threading.Condition()  # of the flag, and of every queue of the stream
        self.is_set = False

    def set(self) -> None:
        """Stop: whoever waits wakes up."""
        with self.changed:
            self.is_set = True
            self.changed.notify_all()

    def check(self, *ignored: object) -> None:
        """Call inside long work, for example as a model's ``progress``: raises ``Stopped`` once all was stopped."""
        if self.is_set:
            raise Stopped


class Stage(NamedTuple):
    """A step of a stream.

    Attributes:
        name: what its seconds are counted under.
        run: makes a chunk of its output from a chunk of its input.
        workers: threads that run it, each on its own chunk. Two keep a device busy where ``run`` prepares and
            finishes a chunk on the CPU.
        over: ``run`` is a generator over all chunks instead: it may hold some back until it has seen others, but
            yields as many, in order.
    """

    name: str
    run: Callable[[Any], Any]
    workers: int = 1
    over: bool = False


class Stream(Generic[T]):
    """An iterator over what the last stage makes of each chunk, in the order of the source.

    Use it as a context manager: threads start on entering; on leaving, however that comes about, they are stopped and
    joined, and the source is closed where it can be. Each queue holds ``depth`` chunks and each worker one: memory
    does not depend on the length of the source. The first error of any stage stops all and is raised from the
    iteration, once; chunks on their way are dropped. A stage inside a long call is waited for: let it call
    ``stop.check()``.

    Attributes:
        seconds: stage -> seconds its workers were busy, waiting not counted.
        stop: see ``Stop``.
        patience: seconds that a Ctrl-C, or whatever else ends the process, waits for workers before it leaves them
            behind; None = for ever.
    """

    def __init__(
        self,
        source: Iterable[Any],
        stages: Sequence[Stage],
        *,
        depth: int = DEPTH,
        stop: Stop | None = None,
        reading: str = "read",
        patience: float | None = None,
    ) -> None:
        """Prepare a stream.

        Args:
            source: the chunks; read in its own thread, and closed there where it is a generator.
            stages: what is done with each, in order.
            depth: most chunks in a queue.
            stop: the flag the stages look at; None = a new one.
            reading: the name of the source among the ``seconds``.
            patience: see the class.
        """
        names = [reading, *(stage.name for stage in stages)]
        if len(set(names)) != len(names):
            raise InputError(f"stages: expected names that differ, got {', '.join(names)}")
        if depth < 1:
            raise InputError(f"depth: expected at least 1, got {depth}")
        self.stop = stop or Stop()
        self.seconds = dict.fromkeys(names, 0.0)
        self.patience = patience
        self._error: BaseException | None = None
        queues = [_Queue(depth, self.stop) for _ in names]
        self._last = queues[-1]
        self._workers = [self._thread(self._read, source, reading, queues[0])]
        for stage, before, after in zip(stages, queues, queues[1:], strict=False):
            after.producers = stage.workers
            if stage.over:
                chunks = self._chunks(stage.name, before)
                self._workers.append(self._thread(self._read, stage.run(chunks), stage.name, after))
                continue
            self._workers += [self._thread(self._work, stage, before, after) for _ in range(stage.workers)]

    def __enter__(self) -> Stream[T]:
        try:
            for worker in self._workers:
                worker.start()
        except BaseException as error:  # a Ctrl-C: nobody leaves what was not entered
            self.__exit__(type(error), error, None)
            if isinstance(error, RuntimeError):  # "can't start new thread"
                raise InputError(
                    f"expected to start {len(self._workers)} threads for {', '.join(self.seconds)}, got {error}: "
                    "this process may have too few threads or too little memory"
                ) from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        impatient = self.patience is not None and isinstance(error, (KeyboardInterrupt, SystemExit))
        until = time.monotonic() + (self.patience or 0.0)
        for worker in filter(threading.Thread.is_alive, self._workers):
            worker.join(max(until - time.monotonic(), 0) if impatient else None)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        try:
            item: T = self._last.take()[1]
        except (_EndOfStream, Stopped):
            error, self._error = self._error, None
            if isinstance(error, StopIteration):  # it would end the caller's loop as if all were done
                raise RuntimeError("a stage raised StopIteration") from error
            if error is not None:
                raise error from None
            raise StopIteration from None
        return item

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count what the caller does with a chunk as a stage, too."""
        started = time.perf_counter()
        try:
            yield
        finally:
            with self.stop.changed:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def _thread(self, work: Callable[..., None], *args: Any) -> threading.Thread:
        name = args[1] if isinstance(args[1], str) else args[0].name  # of ``_read``, of ``_work``
        # A daemon: a second Ctrl-C, while the first one waits for a stage, ends the process.
        return threading.Thread(target=self._guarded, args=(work, *args), name=f"xproj-{name}", daemon=True)

    def _guarded(self, work: Callable[..., None], *args: Any) -> None:
        try:
            work(*args)
        except Stopped:
            self.stop.set()  # raised by a stage on its own: nobody may wait for what it would have made
        except BaseException as error:
            with self.stop.changed:
                if self._error is None and not self.stop.is_set:
                    self._error = error
            self.stop.set()

    def _read(self, source: Iterable[Any], name: str, after: _Queue) -> None:
        chunks = iter(source)
        number = 0
        try:
            while True:
                with self.timed(name):
                    item = next(chunks, _NOTHING)
                if item is _NOTHING:
                    break
                after.put(number, item)
                number += 1
                del item  # not kept alive while the next is made
            after.end()
        finally:
            close = getattr(chunks, "close", None)  # of a generator: it closes its files, in its own thread
            if close is not None:
                close()

    def _chunks(self, name: str, before: _Queue) -> Iterator[Any]:
        """Yield the chunks of a queue to a stage that runs over all; waiting for them is no time that it was busy."""
        while True:
            started = time.perf_counter()
            try:
                item = before.take()[1]
            except _EndOfStream:
                return
            finally:
                with self.stop.changed:
                    self.seconds[name] -= time.perf_counter() - started
            yield item
            del item

    def _work(self, stage: Stage, before: _Queue, after: _Queue) -> None:
        while True:
            try:
                number, item = before.take()
            except _EndOfStream:
                break
            with self.timed(stage.name):
                item = stage.run(item)
            after.put(number, item)
            del item
        after.end()


_NOTHING = object()


class _EndOfStream(Exception):  # noqa: N818 - it is none
    """Nothing more will come."""


class _Queue:
    """Hands chunks on in the order of their numbers, holds at most ``depth``; who waits is woken by ``Stop``."""

    def __init__(self, depth: int, stop: Stop) -> None:
        self.producers = 1
        self._items: deque[tuple[int, Any]] = deque()
        self._next = 0  # the number of the chunk whose turn it is
        self._depth = depth
        self._stop = stop

    def put(self, number: int, item: Any) -> None:
        with self._stop.changed:
            self._stop.changed.wait_for(lambda: self._has_room_for(number) or self._stop.is_set)
            self._stop.check()
            self._items.append((number, item))
            self._next += 1
            self._stop.changed.notify_all()

    def take(self) -> tuple[int, Any]:
        with self._stop.changed:
            self._stop.changed.wait_for(lambda: self._items or not self.producers or self._stop.is_set)
            self._stop.check()
            if not self._items:
                raise _EndOfStream
            self._stop.changed.notify_all()
            return self._items.popleft()

    def end(self) -> None:
        with self._stop.changed:
            self.producers -= 1
            self._stop.changed.notify_all()

    def _has_room_for(self, number: int) -> bool:
        return number == self._next and len(self._items) < self._depth
