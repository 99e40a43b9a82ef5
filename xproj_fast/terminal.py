"""Text for a terminal through rich: nothing from a file moves the cursor or colours the screen, only we do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from xproj_fast.wording import brief, shown

if TYPE_CHECKING:
    from xproj_fast.marks import Item, Line, Mark

# Terminals have sixteen colours, of a theme that somebody chose to read well; few have those of notebooks.
COLOURS = {"PER": "bright_cyan", "ORG": "bright_yellow", "LOC": "bright_green", "MISC": "bright_blue"}
OTHER = "bright_magenta"


def terminal(*, file: IO[str] | None = None, stderr: bool = False, width: int | None = None) -> Any:
    """Return a console of rich to which nothing is markup, an emoji or a number to be coloured."""
    from rich.console import Console

    return Console(file=file, stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def styled(text: str, style: str = "") -> Any:
    """Return text for a screen or a cell of a table."""
    from rich.text import Text

    return Text(shown(text), style=style)


def has_colours(screen: Any) -> bool:
    """Return whether a console shows colours: not in a file or a pipe, nor where NO_COLOR is set."""
    return screen.color_system is not None and not screen.no_color


def print_items(items: Iterable[tuple[int, Item]], more: str = "", file: IO[str] | None = None) -> None:
    """Print pairs or sentences, in colour on a terminal.

    Args:
        items: each with its number.
        more: what stands below.
        file: where to; None = standard output.
    """
    screen = terminal(file=file)
    for number, item in items:
        name = "" if item.id is None else f" · {brief(str(item.id))}"
        lines = (line_text(line, coloured=has_colours(screen)) for line in item.lines)
        for line in (styled(f"[{number}]{name}", "dim"), *lines, ""):
            screen.print(line, soft_wrap=not screen.is_terminal)
    if more:
        screen.print(styled(more, "dim"), soft_wrap=not screen.is_terminal)


def line_text(line: Line, *, coloured: bool) -> Any:
    """Return a line of one pair or sentence as text for a screen; where it has no colours, marks are in brackets."""
    from xproj_fast.marks import Reason, pieces  # most commands draw nothing

    if isinstance(line, Reason):
        return styled(f"  not projected: {brief(line.name)} {brief(line.label)} ({line.why})", "dim")
    text = styled("  ")
    styles = [""]  # of the marks around
    for piece in pieces(line):
        if isinstance(piece, str):
            text.append_text(styled(piece, styles[-1]))
        elif piece.opens:
            styles.append(_style(piece.mark) if coloured else "")
            text.append(" " if coloured else "[", styles[-1])
        else:
            caption = f" {piece.caption()} " if coloured else f"]{piece.caption()}"
            text.append_text(styled(caption, styles.pop()))
    return text


def _style(mark: Mark) -> str:
    return f"bold black on {COLOURS.get(mark.label, OTHER)}" if mark.projected else "bold underline"
