"""What the pipeline commands show while they run, and how they stop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from xproj_fast.cli import console, reading, signals, usage
from xproj_fast.wording import count

EVERY = 30.0  # seconds between two lines of progress where there is no terminal
PATIENCE = 1.0  # seconds that a signal waits for models that are inside a batch


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[int, float], None]]:
    """Yield a function that takes sentences and share done: a bar with rate and time left, or a line now and then."""
    if quiet:
        yield lambda done, share: None
        return
    report = _Bar(title) if sys.stderr.isatty() else _Lines(title)
    try:
        yield report
    finally:
        report.close()


class _Pace:
    """Sentences per second and seconds left, of this run alone: the first report says where it began."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._before: tuple[int, float] | None = None

    def __call__(self, done: int, share: float, size: int) -> tuple[float, float | None]:
        if self._before is None:
            self._before = (done - size, 0.0 if done == size else share)
        seconds = max(time.monotonic() - self._started, 1e-9)
        first, first_share = self._before
        left = seconds * (1 - share) / (share - first_share) if share > first_share else None
        return (done - first) / seconds, left


class _Lines:
    def __init__(self, title: str) -> None:
        self._title, self._pace, self._last, self._done = title, _Pace(), time.monotonic(), 0

    def __call__(self, done: int, share: float) -> None:
        rate, left = self._pace(done, share, done - self._done)
        self._done = done
        if share < 1 and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            ahead = "" if left is None else f", about {duration(left)} left"
            pace = f"{console.rate(rate)} sentences/s"
            console.say(f"{self._title}: {count(done, 'sentence')} ({share:.0%}), {pace}{ahead}", quiet=False)

    def close(self) -> None:
        pass


class _Bar:
    def __init__(self, title: str) -> None:
        self._title, self._pace, self._bar, self._task, self._done = title, _Pace(), None, None, 0

    _bar: Any
    _task: Any

    def __call__(self, done: int, share: float) -> None:
        rate, left = self._pace(done, share, done - self._done)
        self._done = done
        if self._bar is None:
            if share >= 1:
                return
            from rich.progress import TextColumn, TimeElapsedColumn

            self._bar = console.bar(TextColumn("{task.percentage:>3.0f}% {task.fields[pace]}"), TimeElapsedColumn())
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=1.0, pace="")
        ahead = "" if left is None else f", {duration(left)} left"
        self._bar.update(self._task, completed=share, pace=f"{console.rate(rate)} sentences/s{ahead}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()


def duration(seconds: float) -> str:
    """Return a time that can be read: ``42 s``, ``3 min``, ``2 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


@contextmanager
def stopping_promptly(threads: str | tuple[str, ...], said: str = signals.SAID) -> Iterator[None]:
    """Leave at once on a signal even where a model is still inside a batch: what is written is written.

    Only then is the process ended the hard way: threads inside a model's native code must not see the interpreter
    taken apart around them.

    Args:
        threads: what the names of those that may be inside one begin with.
        said: what is said behind what ended it.
    """
    try:
        yield
    except (KeyboardInterrupt, signals.Ended) as error:
        ended = error if isinstance(error, signals.Ended) else signals.Ended(signal.SIGINT)
        if any(thread.name.startswith(threads) for thread in threading.enumerate()):
            with suppress(OSError):  # the terminal may be what is gone
                console.say(f"xproj-fast: {ended}; {said}", quiet=False)
                sys.stderr.flush()
            os._exit(int(ended.code or 0))
        raise


def say_stages(summary: dict[str, Any]) -> list[str]:
    """Return lines about time: the whole, and how long each stage was busy."""
    lines = []
    if summary["resumed_at"] and summary["stages"]:
        lines.append(f"resumed after {count(summary['resumed_at'], 'sentence')} of an interrupted run")
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in summary["stages"].items())
    total = f"{summary['seconds']:.1f} s ({console.rate(summary['sentences_per_second'])} sentences/s)"
    lines.append(f"{total}; busy at the same time: {stages}" if stages else "complete: nothing was left to do")
    return lines


@contextmanager
def running(
    args: argparse.Namespace, title: str, threads: str | tuple[str, ...] = "xproj-"
) -> Iterator[dict[str, Any]]:
    """Yield how a run of ``xproj_fast.runs`` is carried out as the options say: resumed, shown and stopped promptly."""
    safe = signals.SAID if args.output == "-" else f"what {args.output} has so far is safe: --resume continues it"
    with stopping_promptly(threads, safe), progress(title, quiet=args.quiet) as report:
        yield {"resume": args.resume, "restart": args.restart, "progress": report, "patience": PATIENCE}


def carried_out(args: argparse.Namespace, title: str, run: Callable[..., dict[str, Any]], *what: Any) -> dict[str, Any]:
    """Run one of ``xproj_fast.runs`` from the input to the output of a command; returns its summary."""
    with running(args, title) as how:
        return run(
            args.input,
            args.output,
            *what,
            reading=reading.input_options(args, args.input_format),
            output_format=args.output_format,
            chunk=args.chunk,
            **{name: getattr(args, name) for name in ("with_source", "keep_columns") if getattr(args, name, None)},
            **how,
        )


def check_models(args: argparse.Namespace, **needed: bool) -> None:
    """Check that the models that a method needs are given, and no others.

    Raises:
        UsageError: naming the option.
    """
    for name, need in needed.items():
        option, given = f"--{name.replace('_', '-')}", getattr(args, name)
        if need and given is None:
            raise usage.UsageError(f"expected {option} DIR with this method, got none")
        if given is not None and not need:
            raise usage.UsageError(
                f"{option}: expected a method that uses it (--scores, --candidates), got one that does not"
            )
