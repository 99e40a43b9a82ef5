"""A row of a table of targets: what was wanted, what was measured, whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Goal:
    """One row.

    Attributes:
        row: what was measured.
        target: as text; "" where none was set.
        measured: as text.
        met: None without a target.
        detail: every figure it was made of, by data set and seed.
    """

    row: str
    target: str
    measured: str
    met: bool | None
    detail: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return it as a row of a Markdown table."""
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return f"| {self.row} | {self.target or '-'} | {self.measured} | {met} |"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def judged(
    row: str,
    measured: Sequence[float],
    bounds: Sequence[float] | None,
    *,
    most: bool = False,
    shown: str = "{:.4f}",
    spread: Sequence[float] | None = None,
    note: str = "",
    detail: dict[str, Any] | None = None,
) -> Goal:
    """Return a row of several figures, met where each figure is, unrounded.

    Args:
        row: what was measured.
        measured: the figures.
        bounds: of each, or one for all; None = no target.
        most: bounds are the most that may be, rather than the least.
        shown: how figures are written.
        spread: standard deviation of each over the seeds.
        note: follows the figures.
        detail: see ``Goal``.
    """
    texts = [shown.format(value) for value in measured]
    if spread is not None:
        texts = [f"{text} ± {sd:.4f}" for text, sd in zip(texts, spread, strict=True)]
    text = " / ".join(texts) + (f" ({note})" if note else "")
    if bounds is None:
        return Goal(row, "", text, None, detail or {})
    each = list(bounds) * len(measured) if len(bounds) == 1 else list(bounds)
    met = all(value <= bound if most else value >= bound for value, bound in zip(measured, each, strict=True))
    return Goal(row, f"{'≤' if most else '≥'} {' / '.join(f'{b:g}' for b in bounds)}", text, met, detail or {})
