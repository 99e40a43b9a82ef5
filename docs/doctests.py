"""Shows the examples of docstrings as code: Markdown takes lines that begin with ``>>>`` for quotations."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

# From a line that begins with >>> to the next blank line.
_EXAMPLE = re.compile(r"^( *)(>>> .*(?:\n(?! *$).*)*)", re.MULTILINE)


def fenced(text: str) -> str:
    """Put fences around the examples of a docstring."""
    return _EXAMPLE.sub(lambda match: f"{match[1]}```pycon\n{match[0]}\n{match[1]}```", text)


class FencedDoctests(Extension):
    """Puts fences around the examples of every docstring that is read."""

    def on_instance(self, *, obj: Object, **_: Any) -> None:
        """Change one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(re.sub(r" *# doctest: .*", "", obj.docstring.value))
