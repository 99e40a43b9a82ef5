"""What a picture says: matplotlib names each text that it draws as outlines in a comment before it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path


def texts(picture: Path) -> list[str]:
    """Return the lines of text of an SVG file, in the order in which they were drawn."""
    return [unescape(text) for text in re.findall(r"<!-- (.*?) -->", picture.read_text("utf-8"))]
