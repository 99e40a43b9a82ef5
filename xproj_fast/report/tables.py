"""Tables for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any


def csv_bytes(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return rows, at least one, as CSV under the names of the first."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
