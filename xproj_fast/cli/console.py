"""What the commands show: progress and summaries on standard error, JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Yield a function that takes the share done, 0 to 1; a bar on a terminal, nothing elsewhere.

    The bar appears with the first share below 1: work that is done in one chunk never shows it.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda share: None
        return
    bar: Any = None
    task: Any = None

    def report(share: float) -> None:
        nonlocal bar, task
        if bar is None:
            if share >= 1:
                return
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            bar.start()
            task = bar.add_task(title, total=1.0)
        bar.update(task, completed=share)

    try:
        yield report
    finally:
        if bar is not None:
            bar.stop()


def say(text: str, *, quiet: bool) -> None:
    """Print a line to standard error."""
    if not quiet:
        print(text, file=sys.stderr)


def print_json(summary: dict[str, Any]) -> None:
    """Print a summary to standard output as one JSON object."""
    unicode = sys.stdout is not None and sys.stdout.encoding.lower() in ("utf-8", "utf8")
    print(json.dumps(summary, ensure_ascii=not unicode, indent=2))


def count(number: int) -> str:
    """Return ``12,345``."""
    return f"{number:,}"


def rate(per_second: float) -> str:
    """Return a rate that can be read: ``12.3 M``, ``4.5 k``, ``67``."""
    for factor, unit in ((1e6, " M"), (1e3, " k")):
        if per_second >= factor:
            return f"{per_second / factor:.1f}{unit}"
    return f"{per_second:.0f}"
