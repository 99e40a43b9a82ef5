"""HTML of drawings, for notebooks: styles stand in the elements, as GitHub and nbviewer strip all others.

Nothing from the data is anything but text: it is escaped, and what cannot be seen stands as its escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from xproj_fast.colours import colour_of
from xproj_fast.marks import Edge, Item, Line, Mark, Reason, pieces
from xproj_fast.text.scripts import runs_leftward
from xproj_fast.wording import brief, visible

_RULE = "border-top:1px solid #8888;padding:.4em 0"
_SENTENCE = "line-height:2;text-align:start"
_MARK = "padding:.15em .3em;border-radius:.3em"
_SMALL = "font-size:.8em"
_LABEL = "font-size:.75em;font-weight:bold"
_TABLE = "border-collapse:collapse;margin:.4em 0;color:inherit;font-size:inherit"
_CELL = "padding:.15em .6em"

# Characters that join letters or keep them apart are seen there, and are no secret: in Arabic, Persian, Hindi, ...
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff"
_JOINER = re.compile(f"((?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}]))")


def text_html(text: str) -> str:
    r"""Return text as HTML of a single line that shows all of it.

    >>> text_html('<b> & "\u202e')
    '&lt;b&gt; &amp; &quot;\\u202e'
    """
    return escape("".join(part if i % 2 else visible(part) for i, part in enumerate(_JOINER.split(text))))


def items_html(title: str, items: Iterable[tuple[int, Item]], more: str = "") -> str:
    """Return pairs or sentences below each other.

    Args:
        title: above them.
        items: each with its number.
        more: what stands below.
    """
    found = [f"<div><b>{text_html(title)}</b></div>"]
    for number, item in items:
        name = "" if item.id is None else f" · {text_html(brief(str(item.id)))}"
        place = f'<div style="{_SMALL}" dir="auto">[{number}]{name}</div>'
        found.append(f'<div style="{_RULE}">{place}{lines_html(item.lines)}</div>')
    if more:
        found.append(f'<div style="{_RULE}">{text_html(more)}</div>')
    return f"<div>{''.join(found)}</div>"


def lines_html(lines: Iterable[Line]) -> str:
    """Return the lines of one pair or sentence."""
    return "".join(_reason_html(line) if isinstance(line, Reason) else _sentence_html(pieces(line)) for line in lines)


def tables_html(title: str, *tables: Sequence[Sequence[str]]) -> str:
    """Return tables below each other; the first row of each has the headings, the first column what a row is about."""
    parts = [f"<div><b>{text_html(title)}</b></div>"]
    for rows in tables:
        head, *body = rows
        lines = [_row_html(head, "th"), *(_row_html(row, "td") for row in body)]
        parts.append(f'<table style="{_TABLE}">{"".join(lines)}</table>')
    return f"<div>{''.join(parts)}</div>"


def _row_html(cells: Sequence[str], name: str) -> str:
    found = []
    for i, cell in enumerate(cells):
        style = f"{_CELL};text-align:{'right' if i else 'left'}"
        found.append(f'<{name} style="{style}"><bdi>{text_html(brief(cell))}</bdi></{name}>')
    return f"<tr>{''.join(found)}</tr>"


def _sentence_html(found: Iterable[str | Edge]) -> str:
    found = list(found)
    direction = "rtl" if runs_leftward("".join(piece for piece in found if isinstance(piece, str))) else "ltr"
    parts = []
    for piece in found:
        if isinstance(piece, str):
            parts.append(text_html(piece))
        elif piece.opens:
            parts.append(f'<mark style="{_style(piece.mark)}">')
        else:
            parts.append(f'<span style="{_LABEL}"> <bdi>{text_html(piece.caption())}</bdi></span></mark>')
    return f'<div style="{_SENTENCE}" dir="{direction}">{"".join(parts)}</div>'


def _style(mark: Mark) -> str:
    background, ink = colour_of(mark.label)
    border = "1px solid #0003" if mark.projected else f"2px dashed {ink}"  # inside: seen on any ground
    return f"background:{background};color:{ink};{_MARK};border:{border}"


def _reason_html(reason: Reason) -> str:
    name, label, why = (
        f"<bdi>{text_html(part)}</bdi>" for part in (brief(reason.name), brief(reason.label), reason.why)
    )
    return f'<div style="{_SMALL}">not projected: {name} <b>{label}</b> ({why})</div>'
