"""The page itself: columns, script and style in one HTML file that asks for nothing from outside."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from xproj_fast import __version__
from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import write_whole
from xproj_fast.report.page.columns import page_columns, totals
from xproj_fast.report.page.palette import palette_css
from xproj_fast.report.page.sampling import sampled, worst_first, worst_of
from xproj_fast.report.page.texts import visible_text
from xproj_fast.report.page.views import Shown, View, view_of
from xproj_fast.sides import Labelled

LIMIT = 20_000  # pairs that open in under two seconds (bench/page.py)
SCRIPTS = ("model", "filters", "sentence", "lines", "list", "main")  # joined in this order: each uses those before it
SUFFIXES = (".html", ".htm")


def report(
    shown: Shown,
    path: str | Path,
    *,
    gold: Labelled | None,
    against: Labelled | None,
    title: str | None,
    most: int | None,
    seed: int,
) -> Path:
    """Write the page of what was projected or labelled; see ``Projection.report``."""
    file, most = Path(path), LIMIT if most is None else most
    check_page(file, most, seed)
    view = view_of(shown, gold=gold, against=against)
    return write_page([view], file, title=file.stem if title is None else title, most=most, seed=seed)


def write_page(
    views: Sequence[View], path: str | Path, *, title: str, about: str = "", most: int = LIMIT, seed: int = 1
) -> Path:
    """Write what was projected as one HTML file.

    Args:
        views: what is shown; several data sets must have the same layers.
        path: ``.html``; it appears when it is whole.
        title: above it.
        about: a line below: how it was made.
        most: pairs; of more, the worst and a sample of the others are shown, and the page says so.
        seed: of the sample.

    Returns:
        The path.

    Raises:
        InputError: for another suffix, and a most that shows nothing.
    """
    file = Path(path)
    check_page(file, most, seed)
    write_whole(file, page_html(views, title=title, about=about, most=most, seed=seed).encode())
    return file


def check_page(path: Path, most: int = LIMIT, seed: int = 1) -> None:
    """Check, before anything is computed, that a page can be written.

    Raises:
        InputError: see ``write_page``.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: expected a name that ends in {' or '.join(SUFFIXES)}")
    if seed < 0:
        raise InputError(f"seed: expected 0 or more, got {seed}", field="seed")
    if most < 1:
        raise InputError(f"most: expected at least 1 pair, got {most}", field="most")


def page_html(views: Sequence[View], *, title: str, about: str = "", most: int = LIMIT, seed: int = 1) -> str:
    """Return the page; see ``write_page``."""
    from jinja2 import Environment, StrictUndefined

    order = worst_first(views)
    rows = sampled(order, most, seed)
    script = f"(() => {{\n'use strict';\n{_source(SCRIPTS, 'js')}}})();\n"
    style = palette_css() + _source(["page"], "css")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_source(["page"], "html.j2"))
    return template.render(
        title=visible_text(title),
        about=visible_text(about),
        version=__version__,
        totals=totals(views),
        layers=[visible_text(layer.name) for layer in views[0].everything()],
        shown=len(rows),
        seed=seed,
        worst=worst_of(most),
        script=script,
        style=style,
        script_hash=_sha256(script),
        style_hash=_sha256(style),
        data=_for_script(page_columns(views, rows)),
    )


def _source(names: Sequence[str], suffix: str) -> str:
    folder = files("xproj_fast") / "report" / "page" / "web"
    return "".join((folder / f"{name}.{suffix}").read_text("utf-8") for name in names)


def _sha256(text: str) -> str:
    """Return what a content security policy calls a script by."""
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _for_script(value: Any) -> str:
    """Return JSON that may stand in a script element: no ``<`` that could end it, no ``&`` that might be read."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
