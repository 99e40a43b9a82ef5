"""Plots of a comparison, PNG and SVG. matplotlib loads on first use and draws without a screen (Agg)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from xproj_fast.errors import MissingDependencyError
from xproj_fast.formats.outputs import whole_file
from xproj_fast.report.noise import NoiseRow
from xproj_fast.report.rows import Row

# Okabe and Ito's colours, which colour-blind readers can tell apart; the yellow and the light blue are too faint.
COLOURS = {"heuristic": "#D55E00", "greedy": "#0072B2", "exact": "#009E73", "ilp": "#AA4499"}
MARKERS = {"cpp": "o", "numba": "s", "highs": "D"}
SHAPES = {"cpp": "● C++", "numba": "■ Numba", "highs": "◆ HiGHS"}
STYLES = {"heuristic": "-", "greedy": "-", "exact": (0, (4, 2)), "ilp": (0, (1, 1.5))}
LEARNED, OTHER = "#E69F00", "#666666"  # matchers with other scores than the rest
WIDTHS = {"heuristic": 1.8, "greedy": 4.0, "exact": 1.8, "ilp": 1.8}  # the last three often coincide: show them all
_Rated = tuple[Row, float]  # with its height in the plot
INK, FAINT = "#333333", "#b8b8b8"


def require_matplotlib() -> None:
    """Raise ``MissingDependencyError`` where plots cannot be drawn."""
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise MissingDependencyError(
            f"plots need the package matplotlib ({error}): pip install 'xproj-fast[report]'"
        ) from error


def pareto_plot(rows: Sequence[Row], path: Path, *, title: str) -> list[Path]:
    """Draw speed against F1, or against the mean objective without gold: one panel a limit.

    Objectives of other scores or links than those of the first row are sums of something else: without gold their
    rows are left out.

    Args:
        rows: of ``compare``; those without a limit (heuristic) show in every panel, hollow markers are rows of fewer
            sentences than the others.
        path: without suffix; ``.png`` and ``.svg`` are written.
        title: above all panels.

    Returns:
        The files.

    Raises:
        MissingDependencyError: without matplotlib.
    """
    scored = all(row.f1 is not None for row in rows)
    if not scored:
        usual = next((row for row in rows if row.scores is not None), rows[0])
        rows = [row for row in rows if row.links == usual.links and row.scores in (None, usual.scores)]
    limits: list[str | None] = list(dict.fromkeys(row.limit for row in rows if row.limit is not None)) or [None]
    heights = _heights(rows)
    rated = list(zip(rows, heights, strict=True))
    panels = [[(row, height) for row, height in rated if row.limit in (limit, None)] for limit in limits]
    room = max(max(heights) - min(heights), 0.02 * max(map(abs, heights)), 1e-6)
    speeds = [row.sentences_per_second for row in rows]

    def draw(figure: Any) -> None:
        axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
        for ax, limit, panel in zip(axes, limits, panels, strict=True):
            tidy(ax)
            ax.set_xscale("log")
            ax.set_xlim(min(speeds) / 2.5, max(speeds) * 5)  # room for names
            ax.set_ylim(min(heights) - 0.2 * room, max(heights) + 0.2 * room)
            ax.set_xlabel("sentences per second, one thread (log scale)")
            if limit is not None:
                ax.set_title(f"spans per entity {_pretty(limit)}", loc="left", fontsize=10, color=INK)
            _frontier(ax, panel)
        axes[0].set_ylabel("micro F1" if scored else "objective a sentence (mean sum of scores)")
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=INK)
        shapes = [text for backend, text in SHAPES.items() if any(row.backend == backend for row in rows)]
        below = f"{'  '.join(shapes)}; grey line: nothing is both faster and better"
        if any(row.sentences < max(r.sentences for r in rows) for row in rows):
            below += "; hollow: measured on the first sentences only"
        note(figure, below)
        figure.draw_without_rendering()  # lays the panels out: labels are placed in pixels
        for ax, panel in zip(axes, panels, strict=True):
            _points(ax, panel)

    return save(draw, _both(path), 1.6 + 4.4 * len(panels), 4.2)


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
            ends.append((own[-1].f1, matcher, x[-1]))
        ax.set_xlabel("share of links changed (half dropped, half moved to another word)")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_xticks(sorted({row.noise for row in rows}))
        ax.set_ylabel("micro F1")
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=INK)
        ax.set_xlim(right=ax.get_xlim()[1] + 0.06 * max(row.noise for row in rows))  # room for the names
        draws = max(row.draws for row in rows)
        if draws > 1:
            note(figure, f"lines: mean of {draws} draws of the noise; bands: lowest to highest")
        figure.draw_without_rendering()
        _end_labels(ax, ends)

    return save(draw, _both(path), 6.2, 4.2)


def _both(path: Path) -> list[Path]:
    return [path.with_suffix(suffix) for suffix in (".png", ".svg")]


def save(draw: Callable[[Any], None], files: list[Path], width: float, height: float) -> list[Path]:
    """Draw a figure and write it to files, each of the kind that its suffix says; return them.

    Args:
        draw: draws on the figure.
        files: ``.png``, ``.svg`` or ``.pdf``.
        width: in inches.
        height: likewise.
    """
    require_matplotlib()
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # The same rows give the same bytes: no date, no random ids.
    with rc_context({"svg.hashsalt": "xproj-fast", "font.size": 9, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        for file in files:
            kind = file.suffix[1:].lower()
            how: dict[str, Any] = {
                "svg": {"metadata": {"Date": None}},
                "pdf": {"metadata": {"CreationDate": None}},
            }.get(kind, {"dpi": 160})
            with whole_file(file) as out:
                figure.savefig(out, format=kind, **how)
    return files


def note(figure: Any, text: str) -> None:
    """Write a small line below a figure."""
    figure.supxlabel(text, fontsize=8, color="#777777", x=0.99, ha="right")


def _halo() -> list[Any]:
    """Return what keeps text readable on a line."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.5, foreground="white")]


def _heights(rows: Sequence[Row]) -> list[float]:
    """Return what each row is rated by: F1, or the mean objective where there is no gold."""
    f1 = [row.f1 for row in rows if row.f1 is not None]
    if len(f1) == len(rows):
        return f1
    whole = max(row.sentences for row in rows)
    best = {row.limit: row.objective / whole for row in rows if row.sentences == whole and row.short_share == 0}
    # A row of fewer sentences that is as good as the best on all of them stands where the best stands on all.
    return [
        best[row.limit]
        if row.sentences < whole and row.short_share == 0 and row.limit in best
        else row.objective / row.sentences
        for row in rows
    ]


def _pretty(limit: str) -> str:
    return limit.replace("<=", "≤ ").replace(">=", "≥ ")


def tidy(ax: Any) -> None:
    """Take off of the axes what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.grid(True, which="major", color="#ececec", lw=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(color=FAINT, labelcolor=INK, which="both")


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
        colour = COLOURS[row.matcher] if row.scores in (None, usual) else LEARNED if row.scores == "learned" else OTHER
        face = colour if row.sentences == whole else "white"
        spots.append((row.sentences_per_second, height))
        ax.plot(*spots[k], MARKERS[row.backend], ms=7, mfc=face, mec=colour, mew=1.4, zorder=3)
        name = row.scores or "" if row.scores not in (None, usual) else "ILP" if row.matcher == "ilp" else row.matcher
        if len({each.links for each, _ in rated}) > 1:
            name += f", {row.links}"
        if name not in {text for text, _ in names.values()}:  # one name per method; shapes tell the backends
            names[k] = (name, colour)
    _direct_labels(ax, spots, names)


def _direct_labels(ax: Any, spots: Sequence[tuple[float, float]], names: dict[int, tuple[str, str]]) -> None:
    """Write (text, colour) at the nearest place around spot k where it hides nothing, with a line if that is far."""
    from matplotlib.transforms import Bbox

    renderer = ax.figure.canvas.get_renderer()
    scale = ax.figure.dpi / 72
    pixels = ax.transData.transform(spots)
    taken = [Bbox.from_bounds(x - 5 * scale, y - 5 * scale, 10 * scale, 10 * scale) for x, y in pixels]
    inside = ax.get_window_extent(renderer).padded(-1)
    for k, (text, colour) in sorted(names.items(), key=lambda item: tuple(pixels[item[0]])):
        px, py = pixels[k]
        label = ax.annotate(
            text,
            spots[k],
            xytext=(0, 0),
            textcoords="offset points",
            color=colour,
            fontsize=8.5,
            zorder=4,
            path_effects=_halo(),
            arrowprops={"arrowstyle": "-", "color": FAINT, "lw": 0.7, "shrinkA": 1, "shrinkB": 4},
        )
        size = ax.figure.canvas.get_renderer().get_text_width_height_descent(text, label.get_fontproperties(), False)
        w, h = float(size[0]), float(size[1])
        choices = []
        for distance, (dx, dy) in product(
            (8, 16, 26, 38, 52, 68, 86), ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
        ):
            # The corner of the box that stands nearest to the point, then its lower left.
            x = px + dx * distance * scale - (w / 2 if dx == 0 else w if dx < 0 else 0)
            y = py + dy * distance * scale - (h / 2 if dy == 0 else h if dy < 0 else 0)
            box = Bbox.from_bounds(x, y, w, h)
            clashes = sum(box.overlaps(other) for other in taken)
            out = not (inside.containsx(x) and inside.containsx(x + w) and inside.containsy(y + h) and y > inside.y0)
            choices.append((clashes + 2 * out, distance, box))
        _, distance, box = min(choices, key=lambda choice: choice[:2])
        label.set_position(((box.x0 - px) / scale, (box.y0 - py) / scale))
        if distance < 12:
            label.arrow_patch.set_visible(False)
        taken.append(box.padded(1.5 * scale))


def _end_labels(ax: Any, ends: Sequence[tuple[float, str, float]]) -> None:
    """Write each matcher's name behind the end of its line; names that would touch are moved apart."""
    scale = ax.figure.dpi / 72
    step = 12 * scale
    ordered = sorted(ends)
    wanted = [float(ax.transData.transform((x, y))[1]) for y, _, x in ordered]
    placed = list(wanted)
    for _ in range(50):
        for k in range(1, len(placed)):
            overlap = step - (placed[k] - placed[k - 1])
            if overlap > 0:
                placed[k - 1] -= overlap / 2
                placed[k] += overlap / 2
    for (y, matcher, x), goal, was in zip(ordered, placed, wanted, strict=True):
        ax.annotate(
            "ILP" if matcher == "ilp" else matcher,
            (x, y),
            xytext=(10, (goal - was) / scale),
            textcoords="offset points",
            va="center",
            color=COLOURS[matcher],
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "lw": 0.7, "shrinkA": 0, "shrinkB": 0},
        )
