"""What all pictures share: plain axes, text as it stands, files. matplotlib loads on first use and needs no screen."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from textwrap import fill
from typing import Any

from xproj_fast.errors import InputError, MissingDependencyError
from xproj_fast.formats.outputs import whole_file
from xproj_fast.wording import visible

KINDS = (".png", ".svg", ".pdf")
# Okabe and Ito's colours, which colour-blind readers can tell apart; the yellow and the light blue are too faint.
BLUE, VERMILION, GREEN, PURPLE, ORANGE, GREY = "#0072B2", "#D55E00", "#009E73", "#AA4499", "#E69F00", "#666666"
INK, SOFT, FAINT = "#333333", "#777777", "#b8b8b8"
FONT = "DejaVu Sans"
LONG_NAME = 40  # characters of a name that a title has room for


def require_matplotlib() -> None:
    """Raise ``MissingDependencyError`` where plots cannot be drawn."""
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise MissingDependencyError(
            f"plots need the package matplotlib ({error}): pip install 'xproj-fast[report]'"
        ) from error


def check_picture(path: Path) -> None:
    """Check, before anything is computed, that a picture can be drawn.

    Raises:
        InputError: for a name that says of no kind of picture.
        MissingDependencyError: without matplotlib.
    """
    if path.suffix.lower() not in KINDS:
        raise InputError(f"{path}: expected a name that ends in {', '.join(KINDS)}")
    require_matplotlib()


def png_and_svg(path: Path) -> list[Path]:
    """Return the files of a picture whose name has no suffix."""
    return [path.with_name(path.name + suffix) for suffix in (".png", ".svg")]


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
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # The same figures give the same bytes: no date, no random ids. A name with dollars is no formula.
    shared: Any = {"svg.hashsalt": "xproj-fast", "font.size": 9, "font.family": FONT, "text.parse_math": False}
    with rc_context(shared):
        figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08))
        FigureCanvasAgg(figure)
        draw(figure)
        _make_readable(figure)
        for file in files:
            kind = file.suffix[1:].lower()
            how: dict[str, Any] = {
                "svg": {"metadata": {"Date": None}},
                "pdf": {"metadata": {"CreationDate": None}},
            }.get(kind, {"dpi": 160})
            with whole_file(file) as out:
                figure.savefig(out, format=kind, **how)
    return files


def lay_out(figure: Any) -> None:
    """Place what stands on a figure so far: then pixels can be asked for."""
    _make_readable(figure)
    figure.draw_without_rendering()


def head(figure: Any, text: str) -> None:
    """Write the title of a figure."""
    width = int(figure.get_figwidth() * 10.5)  # characters
    figure.suptitle(fill(text, width, break_on_hyphens=False), x=0.01, ha="left", fontsize=11, color=INK)


def note(figure: Any, *sentences: str) -> None:
    """Write small lines below a figure."""
    width = int(figure.get_figwidth() * 17)  # characters
    lines = "\n".join(fill(sentence, width, break_on_hyphens=False) for sentence in sentences if sentence)
    figure.supxlabel(lines, fontsize=8, color=SOFT, x=0.01, ha="left", linespacing=1.4)


def tidy(ax: Any) -> None:
    """Take off of the axes what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.grid(True, which="major", color="#ececec", lw=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(color=FAINT, labelcolor=INK, which="both")
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(INK)


def halo() -> list[Any]:
    """Return what keeps text readable on a line."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.5, foreground="white")]


def short_name(name: str, most: int = LONG_NAME) -> str:
    """Return a name from a file as a picture may show it: what is unseen as its escape, a long one without its middle.

    >>> short_name("a-class-with-a-very-long-name", 15)
    'a-class…ng-name'
    """
    text = visible(name)
    if len(text) <= most:
        return text
    before = most // 2
    return f"{text[:before]}…{text[before + 1 - most :]}"


def arrow(*names: str) -> str:
    """Return names with arrows from each to the next, which a script that is written leftwards does not turn round."""
    mark = "" if "".join(names).isascii() else "\N{LEFT-TO-RIGHT MARK}"
    return mark + f"{mark} → {mark}".join(names)


def _make_readable(figure: Any) -> None:
    """Give text that the usual font cannot show a font that can; what none can show stands as its escape."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    usual = set(FT2Font(findfont(FONT)).get_charmap())
    for text in figure.findobj(Text):
        missing = {c for c in text.get_text() if c != "\n" and ord(c) not in usual}
        if not missing:
            continue
        families = _families_with(missing)
        text.set_fontfamily([FONT, *dict.fromkeys(families.values())])
        text.set_text(
            "".join(
                c.encode("unicode_escape").decode() if c in missing and c not in families else c
                for c in text.get_text()
            )
        )


def _families_with(characters: set[str]) -> dict[str, str]:
    """Return by character an installed family of upright fonts that has it, of several the first by name.

    Fonts of last resort have every character, and show all of them as boxes.
    """
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    upright = {font.name: font.fname for font in fontManager.ttflist if (font.style, font.weight) == ("normal", 400)}
    found: dict[str, str] = {}
    for family, file in sorted(upright.items()):
        if len(found) == len(characters):
            break
        if not family.lstrip(".").startswith(("Last Resort", "LastResort")):
            there = FT2Font(file).get_charmap()
            found |= {c: family for c in sorted(characters) if c not in found and ord(c) in there}
    return found
