"""A picture of how far confidences can be trusted: precision by confidence, and by how many of the spans are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.reliability import Reliability
from xproj_fast.report import plot

KINDS = (".png", ".svg", ".pdf")
LINE = "#0072B2"


def check_plot(path: Path) -> None:
    """Check, before anything is computed, that a picture can be drawn.

    Raises:
        InputError: for a name that says of no kind of picture.
        MissingDependencyError: without matplotlib.
    """
    if path.suffix.lower() not in KINDS:
        raise InputError(f"{path}: expected a name that ends in {', '.join(KINDS)}")
    plot.require_matplotlib()


def reliability_plot(figures: Reliability, path: Path, *, title: str) -> None:
    """Draw a reliability diagram beside precision and recall against coverage.

    Args:
        figures: of ``evaluate``.
        path: ``.png``, ``.svg`` or ``.pdf``.
        title: above both.

    Raises:
        InputError: for another suffix.
        MissingDependencyError: without matplotlib.
    """
    check_plot(path)

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        for ax in (left, right):
            plot.tidy(ax)
            ax.set_ylim(0, 1.02)
        bins = figures.bins
        left.plot([0, 1], [0, 1], color=plot.FAINT, lw=1)
        left.plot([b.confidence for b in bins], [b.precision for b in bins], "o-", color=LINE, ms=5, lw=1.4)
        left.set_xlim(0, 1.02)
        left.set_xlabel("mean confidence of a tenth of the spans")
        left.set_ylabel("share of them that is right")
        auc = "" if figures.auc is None else f"AUC {figures.auc:.3f}, "
        left.set_title(f"{auc}calibration error {figures.calibration_error:.3f}", loc="left", fontsize=10)
        kept = figures.coverage
        for name, values, style in (
            ("precision", [each.precision for each in kept], "-"),
            ("recall", [each.recall for each in kept], (0, (4, 2))),
        ):
            right.plot([each.coverage for each in kept], values, color=LINE, ls=style, lw=1.8, label=name)
        right.set_xlim(0, 1.02)
        right.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        right.set_xlabel("share of the spans that is kept, the surest first")
        right.legend(frameon=False, loc="lower right")
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=plot.INK)
        plot.note(figure, "grey line: as sure as right")

    plot.save(draw, [path], 8.4, 4.0)
