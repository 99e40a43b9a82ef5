"""Names beside what they name, in place of a legend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from xproj_fast.report.drawing import FAINT, halo


def label_points(ax: Any, spots: Sequence[tuple[float, float]], names: dict[int, tuple[str, str]]) -> None:
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
            path_effects=halo(),
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


def label_ends(ax: Any, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Write (height, x, text, colour) behind the ends of lines; names that would touch are moved apart."""
    scale = ax.figure.dpi / 72
    step = 12 * scale
    ordered = sorted(ends)
    wanted = [float(ax.transData.transform((x, y))[1]) for y, x, _, _ in ordered]
    placed = list(wanted)
    for _ in range(50):
        for k in range(1, len(placed)):
            overlap = step - (placed[k] - placed[k - 1])
            if overlap > 0:
                placed[k - 1] -= overlap / 2
                placed[k] += overlap / 2
    for (y, x, text, colour), goal, was in zip(ordered, placed, wanted, strict=True):
        ax.annotate(
            text,
            (x, y),
            xytext=(10, (goal - was) / scale),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "lw": 0.7, "shrinkA": 0, "shrinkB": 0},
        )
