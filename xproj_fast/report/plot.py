"""Plots of a comparison, PNG and SVG: speed against accuracy, and accuracy under noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xproj_fast.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SOFT,
    VERMILION,
    head,
    lay_out,
    note,
    png_and_svg,
    save,
    tidy,
)
from xproj_fast.report.noise import NoiseRow
from xproj_fast.report.plot_labels import label_ends, label_points
from xproj_fast.report.rows import Row
from xproj_fast.wording import listed

COLOURS = {"heuristic": VERMILION, "greedy": BLUE, "exact": GREEN, "ilp": PURPLE}
MARKERS = {"cpp": "o", "numba": "s", "highs": "D"}
SHAPES = {"cpp": "● C++", "numba": "■ Numba", "highs": "◆ HiGHS"}
STYLES = {"heuristic": "-", "greedy": "-", "exact": (0, (4, 2)), "ilp": (0, (1, 1.5))}
LEARNED, OTHER = ORANGE, GREY  # matchers with other scores than the rest
WIDTHS = {"heuristic": 1.8, "greedy": 4.0, "exact": 1.8, "ilp": 1.8}  # the last three often coincide: show them all
FRONTIER = "Grey line: the best trade-offs. No method lies to the right of it (faster) or above it (better)."
_Rated = tuple[Row, float]  # with its height in the plot


def pareto_plot(rows: Sequence[Row], path: Path, *, title: str) -> list[Path]:
    """Draw speed against F1, or against the mean objective without gold: one panel a limit.

    Without gold, what has no objective that compares is left out, and the note says so: a matcher that maximises none
    (heuristic), and objectives of other scores or links than those of the first row, which are sums of something else.

    Args:
        rows: of ``compare``; with gold those without a limit (heuristic) show in every panel, hollow markers are rows
            of fewer sentences than the others.
        path: without suffix; ``.png`` and ``.svg`` are written.
        title: above all panels.

    Returns:
        The files.

    Raises:
        MissingDependencyError: without matplotlib.
    """
    scored = all(row.f1 is not None for row in rows)
    shown = rows if scored else _comparable(rows)
    rated = list(zip(shown, _heights(shown), strict=True))
    limits: list[str | None] = list(dict.fromkeys(row.limit for row in shown if row.limit is not None)) or [None]
    panels = [[(row, height) for row, height in rated if row.limit in (limit, None)] for limit in limits]

    def draw(figure: Any) -> None:
        axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
        head(figure, title)
        note(figure, _shapes(shown), FRONTIER if shown else "", _left_out(rows, shown))
        axes[0].set_ylabel("micro F1" if scored else "objective per sentence (mean sum of scores)")
        for ax, limit in zip(axes, limits, strict=True):
            tidy(ax)
            ax.set_xlabel("sentences per second, one thread (log scale)")
            if limit is not None:
                ax.set_title(f"spans per entity {_pretty(limit)}", loc="left", fontsize=10, color=INK)
        if not shown:
            axes[0].set(xticks=(), yticks=())
            axes[0].text(0.5, 0.5, "nothing to compare", ha="center", color=SOFT)
            return
        _scale(axes[0], rated)
        for ax, panel in zip(axes, panels, strict=True):
            _frontier(ax, panel)
        lay_out(figure)  # labels are placed in pixels
        for ax, panel in zip(axes, panels, strict=True):
            _points(ax, panel)

    return save(draw, png_and_svg(path), 1.6 + 4.4 * len(panels), 4.4)


def noise_plot(rows: Sequence[NoiseRow], path: Path, *, title: str) -> list[Path]:
    """Draw F1 against the share of links that were dropped or rewired: one line per matcher.

    Args:
        rows: of ``compare_noise``; a band spans the lowest and highest F1 of the draws.
        path: without suffix; ``.png`` and ``.svg`` are written.
        title: above the plot.

    Returns:
        The files.

    Raises:
        MissingDependencyError: without matplotlib.
    """
    matchers = list(dict.fromkeys(row.matcher for row in rows))

    def draw(figure: Any) -> None:
        ax = figure.subplots()
        tidy(ax)
        ends = []
        for matcher in matchers:
            own = sorted((row for row in rows if row.matcher == matcher), key=lambda row: row.noise)
            x = [row.noise for row in own]
            colour = COLOURS[matcher]
            ax.fill_between(x, [r.f1_low for r in own], [r.f1_high for r in own], color=colour, alpha=0.1, lw=0)
            line = {"color": colour, "ls": STYLES[matcher], "lw": WIDTHS[matcher]}
            ax.plot(x, [r.f1 for r in own], alpha=0.45 if matcher == "greedy" else 1, **line)
            ends.append((own[-1].f1, x[-1], _name(matcher), colour))
        ax.set_xlabel("share of links changed (half dropped, half moved to another word)")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_xticks(sorted({row.noise for row in rows}))
        ax.set_ylabel("micro F1")
        head(figure, title)
        ax.set_xlim(right=ax.get_xlim()[1] + 0.06 * max(row.noise for row in rows))  # room for the names
        draws = max(row.draws for row in rows)
        if draws > 1:
            note(figure, f"Lines: mean of {draws} draws of the noise. Bands: lowest to highest.")
        lay_out(figure)
        label_ends(ax, ends)

    return save(draw, png_and_svg(path), 6.2, 4.2)


def _comparable(rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose objectives are sums of the same."""
    own = [row for row in rows if row.objective is not None]
    return [row for row in own if (row.links, row.scores) == (own[0].links, own[0].scores)]


def _left_out(rows: Sequence[Row], shown: Sequence[Row]) -> str:
    """Return which rows are not shown, and why."""
    gone = [row for row in rows if row not in shown]
    without = listed(row.matcher for row in gone if row.objective is None)
    several = len({row.links for row in rows}) > 1
    others = listed(
        f"{row.matcher} with {row.scores} scores{f' on {row.links} links' if several else ''}"
        for row in gone
        if row.objective is not None
    )
    said = []
    if without:
        said.append(f"{without} (maximises no objective)")
    if others:
        said.append(f"{others} (objectives of other scores or links do not compare)")
    return f"Not shown without gold: {'; '.join(said)}." if said else ""


def _shapes(rows: Sequence[Row]) -> str:
    shapes = "   ".join(text for backend, text in SHAPES.items() if any(row.backend == backend for row in rows))
    if len({row.sentences for row in rows}) > 1:
        shapes += "   hollow: measured on the first sentences only, no part of the grey line"
    return shapes


def _heights(rows: Sequence[Row]) -> list[float]:
    """Return what each row is rated by: F1, or the mean objective where there is no gold."""
    f1 = [row.f1 for row in rows if row.f1 is not None]
    if len(f1) == len(rows):
        return f1
    whole = max(row.sentences for row in rows)
    means = [(row, (row.objective or 0.0) / row.sentences) for row in rows]
    best = {row.limit: mean for row, mean in means if row.sentences == whole and row.short_share == 0}
    # A row of fewer sentences that is as good as the best on all of them stands where the best stands on all.
    return [
        best[row.limit] if row.sentences < whole and row.short_share == 0 and row.limit in best else mean
        for row, mean in means
    ]


def _pretty(limit: str) -> str:
    return limit.replace("<=", "≤ ").replace(">=", "≥ ")


def _name(matcher: str) -> str:
    return "ILP" if matcher == "ilp" else matcher


def _scale(ax: Any, rated: Sequence[_Rated]) -> None:
    """Set what the axes span; they are shared by all panels."""
    heights = [height for _, height in rated]
    speeds = [row.sentences_per_second for row, _ in rated]
    room = max(max(heights) - min(heights), 0.02 * max(map(abs, heights)), 1e-6)
    ax.set_xscale("log")
    ax.set_xlim(min(speeds) / 2.5, max(speeds) * 5)  # room for names
    ax.xaxis.set_major_formatter(lambda value, _: _rate(value))
    ax.xaxis.set_minor_formatter("")
    ax.set_ylim(min(heights) - 0.2 * room, max(heights) + 0.2 * room)


def _rate(per_second: float) -> str:
    for factor, unit in ((1e6, " M"), (1e3, " k")):
        if per_second >= factor:
            return f"{per_second / factor:g}{unit}"
    return f"{per_second:g}"


def _frontier(ax: Any, rated: Sequence[_Rated]) -> None:
    """Draw the line beyond which no row is both faster and better."""
    whole = max(row.sentences for row, _ in rated)
    points = sorted(
        ((row.sentences_per_second, height) for row, height in rated if row.sentences == whole), reverse=True
    )
    best: list[tuple[float, float]] = []
    for speed, height in points:
        if not best or height > best[-1][1]:
            best.append((speed, height))
    x, y = zip(*best, strict=True)
    left, bottom = ax.get_xlim()[0], ax.get_ylim()[0]
    ax.step([x[0], *x, left], [bottom, *y, y[-1]], where="post", color=FAINT, lw=1, zorder=1)


def _points(ax: Any, rated: Sequence[_Rated]) -> None:
    whole = max(row.sentences for row, _ in rated)
    spots: list[tuple[float, float]] = []
    names: dict[int, tuple[str, str]] = {}
    usual = next((row.scores for row, _ in rated if row.scores is not None), None)
    for k, (row, height) in enumerate(rated):
        same = row.scores in (None, usual)
        colour = COLOURS[row.matcher] if same else LEARNED if row.scores == "learned" else OTHER
        face = colour if row.sentences == whole else "white"
        spots.append((row.sentences_per_second, height))
        ax.plot(*spots[k], MARKERS[row.backend], ms=7, mfc=face, mec=colour, mew=1.4, zorder=3)
        name = _name(row.matcher) if same else row.scores or ""
        if len({each.links for each, _ in rated}) > 1:
            name += f", {row.links}"
        if name not in {text for text, _ in names.values()}:  # one name per method; shapes tell the backends
            names[k] = (name, colour)
    label_points(ax, spots, names)
