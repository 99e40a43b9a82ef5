"""Pictures of how far confidences can be trusted: precision by confidence, and by how many of the spans are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xproj_fast.reliability import Reliability
from xproj_fast.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    VERMILION,
    head,
    note,
    png_and_svg,
    save,
    short_name,
    tidy,
)

# All colours; then the same again, dashed and dotted.
LINES = [
    (colour, style)
    for style in ("-", (0, (4, 2)), (0, (1, 1.5)))
    for colour in (BLUE, VERMILION, GREEN, PURPLE, ORANGE, GREY)
]
LONG_METHOD = 80  # characters: what tells two of them apart may stand anywhere
DIAGONAL = "Grey line: right as often as the confidence says. Below it, confidence is too high."


def confidence_plot(found: Mapping[str, Reliability], path: Path, *, title: str, left_out: str = "") -> list[Path]:
    """Draw a reliability diagram beside precision against coverage: one line per method.

    Args:
        found: by name of the method, at least one.
        path: without suffix; ``.png`` and ``.svg`` are written.
        title: above both.
        left_out: a sentence on methods that are not shown.

    Returns:
        The files.

    Raises:
        MissingDependencyError: without matplotlib.
    """

    def draw(figure: Any) -> None:
        head(figure, title)
        note(figure, DIAGONAL, left_out)
        left, right = figure.subplots(1, 2)
        draw_reliability(left, found)
        draw_coverage(right, found)
        if len(found) > 1:
            figure.legend(*right.get_legend_handles_labels(), loc="outside right upper", frameon=False, labelcolor=INK)

    legend = 0.8 + 0.08 * max(len(_method(name)) for name in found) if len(found) > 1 else 0.0
    return save(draw, png_and_svg(path), 8.8 + legend, 4.4)


def draw_reliability(ax: Any, found: Mapping[str, Reliability]) -> None:
    """Draw how many of the spans of about the same confidence are right."""
    tidy(ax)
    ax.plot([0, 1], [0, 1], color=FAINT, lw=1)
    for (name, figures), (colour, style) in zip(found.items(), _lines(found), strict=True):
        bins = figures.bins
        x, y = [each.confidence for each in bins], [each.precision for each in bins]
        ax.plot(x, y, "o", ls=style, color=colour, ms=4.5, lw=1.4, label=_method(name))
    ax.set(
        xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence (mean of a tenth of the spans)", ylabel="share that is right"
    )
    _percent(ax.xaxis, ax.yaxis)
    ax.set_title(_figures(found), loc="left", fontsize=10, color=INK)


def draw_coverage(ax: Any, found: Mapping[str, Reliability], *, recall: bool = False) -> None:
    """Draw the precision of the surest spans against how many these are; and the recall, if that is asked for."""
    tidy(ax)
    lowest = 1.0
    for (name, figures), (colour, style) in zip(found.items(), _lines(found), strict=True):
        kept = figures.coverage
        x, precision = [each.coverage for each in kept], [each.precision for each in kept]
        ax.plot(x, precision, color=colour, ls=style, lw=1.8, label="precision" if recall else _method(name))
        lowest = min(lowest, *precision)
        if recall:
            ax.plot(x, [each.recall for each in kept], color=colour, ls=(0, (4, 2)), lw=1.8, label="recall")
    # Precision alone lies in a narrow band: all of the height is given to it.
    bottom = 0 if recall else max(0.0, lowest - 0.25 * max(1 - lowest, 0.05))
    ax.set(xlim=(0, 1.02), ylim=(bottom, 1 + 0.02 * (1 - bottom)), xlabel="share of the spans kept, the surest first")
    ax.set_ylabel("" if recall else "precision of what is kept")
    _percent(ax.xaxis, ax.yaxis)
    ax.set_title("Keeping the surest", loc="left", fontsize=10, color=INK)
    if recall:
        ax.legend(frameon=False, loc="lower right", labelcolor=INK)


def _method(name: str) -> str:
    return short_name(name.replace("<=", "≤ ").replace(">=", "≥ "), LONG_METHOD)


def _figures(found: Mapping[str, Reliability]) -> str:
    if len(found) > 1:
        return "Is it as right as it says?"
    [figures] = found.values()
    auc = "" if figures.auc is None else f"AUC {figures.auc:.3f}, "
    return f"Confidence: {auc}calibration error {figures.calibration_error:.3f}"


def _lines(found: Mapping[str, Reliability]) -> Sequence[tuple[str, Any]]:
    return [LINES[k % len(LINES)] for k in range(len(found))]


def _percent(*of_axes: Any) -> None:
    for axis in of_axes:
        axis.set_major_formatter(lambda value, _: f"{100 * value:.4g}%")
