"""What the commands show: progress and summaries on standard error, results on standard output.

Every line for a terminal passes through here, and so does every table: nothing that stands in a file or on the command
line can move the cursor, colour the screen, hide its neighbours or fill the screen. Data goes to files as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from xproj_fast.errors import STDOUT, blamed
from xproj_fast.terminal import has_colours, line_text, terminal
from xproj_fast.terminal import styled as styled
from xproj_fast.wording import count, is_seen, shown

if TYPE_CHECKING:
    from xproj_fast.drawn import Drawn

WIDE = 240  # columns of a table in a file or a pipe: as wide as it must be, nothing is cut


def say(*lines: str, quiet: bool) -> None:
    """Print lines to standard error."""
    if not quiet and sys.stderr is not None:
        print("\n".join(map(shown, lines)), file=sys.stderr)


def out(*lines: str) -> None:
    """Print lines to standard output."""
    with blamed(STDOUT):
        print("\n".join(map(shown, lines)), flush=True)


def print_json(summary: dict[str, Any]) -> None:
    """Print a summary to standard output as one JSON object: the same values, whatever the terminal can show."""
    import json

    unicode = sys.stdout is not None and sys.stdout.encoding.lower() in ("utf-8", "utf8")
    text = json.dumps(summary, ensure_ascii=not unicode, indent=2)
    with blamed(STDOUT):
        print("".join(c if is_seen(c) or c == "\n" else json.dumps(c)[1:-1] for c in text), flush=True)


class Screen:
    """Standard output, for tables and what stands around them."""

    def __init__(self) -> None:
        self._console = terminal(width=None if sys.stdout is not None and sys.stdout.isatty() else WIDE)

    def line(self, text: Any = "", style: str = "") -> None:
        """Print a line, or text that ``styled`` made."""
        self._print(styled(text, style) if isinstance(text, str) else text)

    def draw(self, what: Drawn) -> None:
        """Print a pair or sentence."""
        for line in what._drawing().lines:
            self._print(line_text(line, coloured=has_colours(self._console)))

    def table(self, title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        """Print a table.

        Args:
            title: above it.
            columns: heading and ``"left"``, ``"right"`` or ``"wrap"`` (left, broken into lines where there is no
                room) of each; none has a heading = no heading at all.
            rows: text, or what ``styled`` made, of each cell.
        """
        from rich.table import Table

        table = Table(title=styled(title, "italic"), show_header=any(heading for heading, _ in columns))
        for heading, kind in columns:
            justify: Any = "right" if kind == "right" else "left"
            table.add_column(styled(heading), justify=justify, no_wrap=kind != "wrap")
        for row in rows:
            table.add_row(*(styled(cell) if isinstance(cell, str) else cell for cell in row))
        self._print(table)

    def _print(self, what: Any) -> None:
        with blamed(STDOUT):
            self._console.print(what)


def bar(*columns: Any) -> Any:
    """Return a progress bar on standard error that is gone when it is done: title, bar, then ``columns``."""
    from rich.progress import BarColumn, Progress, TextColumn

    first = (TextColumn("{task.description}", markup=False), BarColumn())
    return Progress(*first, *columns, console=terminal(stderr=True), transient=True)


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Yield a function that takes the share done, 0 to 1; a bar on a terminal, nothing elsewhere.

    The bar appears with the first share below 1: work that is done in one chunk never shows it.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda share: None
        return
    shows: Any = None
    task: Any = None

    def report(share: float) -> None:
        nonlocal shows, task
        if shows is None:
            if share >= 1:
                return
            from rich.progress import TextColumn, TimeElapsedColumn, TimeRemainingColumn

            percent, left = TextColumn("{task.percentage:>3.0f}%"), TextColumn("left")
            shows = bar(percent, TimeElapsedColumn(), left, TimeRemainingColumn())
            shows.start()
            task = shows.add_task(title, total=1.0)
        shows.update(task, completed=share)

    try:
        yield report
    finally:
        if shows is not None:
            shows.stop()


def say_complete(output: str, number: int, what: str, *, quiet: bool) -> None:
    """Say that a run had been finished before."""
    say(f"{output}: complete, {count(number, what)}: nothing was left to do", quiet=quiet)


def rate(per_second: float) -> str:
    """Return a rate that can be read: ``12.3 M``, ``4.5 k``, ``67``."""
    for factor, unit in ((1e6, " M"), (1e3, " k")):
        if per_second >= factor:
            return f"{per_second / factor:.1f}{unit}"
    return f"{per_second:.0f}"
