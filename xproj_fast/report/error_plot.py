"""A picture of an evaluation: what is wrong, how often, and how far the confidences can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xproj_fast.difference import NONE, Confusion, Difference, Differences
from xproj_fast.reliability import Reliability
from xproj_fast.report.confidence_plot import DIAGONAL, draw_coverage, draw_reliability
from xproj_fast.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SOFT,
    VERMILION,
    arrow,
    check_picture,
    head,
    note,
    save,
    short_name,
    tidy,
)
from xproj_fast.wording import count

# The same colour in both panels; the words beside the bars say the same to who cannot tell colours apart.
COLOURS = {
    Difference.MISSING: BLUE,
    Difference.SPURIOUS: VERMILION,
    Difference.BOUNDARY: ORANGE,
    Difference.LABEL: GREEN,
    Difference.BOTH: PURPLE,
}
MEANINGS = (
    "missing: in gold alone; spurious: predicted alone; boundary: other words; label: another class; both: other words "
    "and another class"
)
FEWEST = 5  # bars that there is room for: fewer are no thicker
MOST = 10  # confusions
LONG_CLASS = 18  # characters


def error_plot(found: Differences, reliability: Reliability | None, path: Path, *, title: str) -> None:
    """Draw error types and the most frequent confusions; below, where there are confidences, how far to trust them.

    Args:
        found: of ``differences``.
        reliability: of ``evaluate``.
        path: ``.png``, ``.svg`` or ``.pdf``.
        title: above all panels.

    Raises:
        InputError: for another suffix.
        MissingDependencyError: without matplotlib.
    """
    check_picture(path)

    def draw(figure: Any) -> None:
        head(figure, title)
        note(figure, MEANINGS, "" if reliability is None else DIAGONAL)
        panels = figure.subplots(1 if reliability is None else 2, 2, squeeze=False)
        _draw_types(panels[0][0], found)
        _draw_confusions(panels[0][1], found)
        if reliability is not None:
            draw_reliability(panels[1][0], {"": reliability})
            draw_coverage(panels[1][1], {"": reliability}, recall=True)

    save(draw, [path], 9.6, 4.0 if reliability is None else 7.6)


def _draw_types(ax: Any, found: Differences) -> None:
    counts = found.errors()
    errors = sum(counts.values())
    kinds = list(COLOURS)
    numbers = [counts[kind.name.lower()] for kind in kinds]
    ax.set_title(_summary(found, errors), loc="left", fontsize=10, color=INK)
    texts = [f"{number:,} ({number / errors:.0%})" if number else "0" for number in numbers]
    _bars(ax, [kind.name.lower() for kind in kinds], numbers, texts, [COLOURS[kind] for kind in kinds])
    ax.set_xlabel("entities, and their share of the errors")


def _draw_confusions(ax: Any, found: Differences) -> None:
    confusions = found.confusions(MOST)
    if not confusions:
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no errors", ha="center", va="center", fontsize=11, color=SOFT)
        return
    several = f"The {len(confusions)} most frequent errors" if len(confusions) > 1 else "The one kind of error"
    ax.set_title(f"{several} (gold → predicted)", loc="left", fontsize=10, color=INK)
    texts = [f"{each.count:,}  {each.difference.name.lower()}" for each in confusions]
    colours = [COLOURS[each.difference] for each in confusions]
    _bars(ax, [_classes(each) for each in confusions], [each.count for each in confusions], texts, colours)
    ax.set_xlabel("entities")


def _classes(confusion: Confusion) -> str:
    classes = (confusion.gold, confusion.predicted)
    return arrow(*(NONE if name is None else short_name(name, LONG_CLASS) for name in classes))


def _bars(ax: Any, names: list[str], numbers: list[int], texts: list[str], colours: list[str]) -> None:
    """Draw bars from the top down, each with its number behind it."""
    tidy(ax)
    ax.grid(visible=False, axis="y")
    places = range(len(names))
    ax.barh(places, numbers, color=colours, height=0.55)
    ax.set_yticks(())
    ax.set_ylim(max(len(names), FEWEST) - 0.4, -0.6)
    ax.spines["left"].set_color(FAINT)
    ax.set_xlim(0, 1.32 * max(*numbers, 1))  # room for the text behind the longest bar
    ax.xaxis.get_major_locator().set_params(integer=True, nbins=6)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    for place, name, number, text in zip(places, names, numbers, texts, strict=True):
        ax.annotate(text, (number, place), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=INK)
        # Not labels of ticks, which matplotlib writes again when it draws, whatever could be read of them.
        ax.annotate(name, (0, place), (-5, 0), textcoords="offset points", va="center", ha="right", color=INK)


def _summary(found: Differences, errors: int) -> str:
    right, gold = found.counts()["right"], len(found.gold.start)
    return f"{count(errors, 'error')}; {right:,} of {count(gold, 'gold entity')} right"
