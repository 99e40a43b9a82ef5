"""What every section is given: models, sentences, and how much of both."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

from . import text
from .checkpoints import NAMES, Models

Row = tuple[str, str, str, bool | None]  # what, target, figure, met
ENGINES = ("onnxruntime", "ctranslate2")
PRECISIONS = ("fp32", "int8")


@dataclass(frozen=True)
class Setup:
    """The command line of ``run.py``."""

    cache: Path
    peers: Path
    quick: bool
    tiny: bool

    @cached_property
    def models(self) -> Models:
        """The cache of checkpoints and exports."""
        if not text.DATA.is_dir():
            sys.exit(f"the benchmarks run on real corpora, expected in {text.DATA}: nothing there")
        return Models(self.cache, lambda: text.training_lines(text.DATA))

    @property
    def rounds(self) -> int:
        """How often the contenders run, after a round that is thrown away."""
        return 1 if self.quick else 3

    def some(self, count: int, quick: int) -> int:
        """Return how many sentences."""
        return quick if self.quick else count

    def name(self, family: str) -> str:
        """Return the architecture of a family."""
        return NAMES["tiny" if self.tiny else "full"][family]

    def make_all(self) -> None:
        """Make every checkpoint and export the sections want."""
        for precision in ("float32", "int8"):
            self.models.exported(self.name("nllb"), precision)
        for engine in ENGINES:
            for precision in PRECISIONS:
                self.models.exported(self.name("xlmr"), precision, engine)
                self.models.exported(self.name("bert"), precision, engine)
        self.models.awesome(self.name("bert"))


def ratios(seconds: dict[str, list[float]], slow: str, fast: Sequence[str]) -> dict[str, float]:
    """Return the median over rounds of slow / fast for each of ``fast``."""
    return {name: median(a / b for a, b in zip(seconds[slow], seconds[name], strict=True)) for name in fast}


def rate(count: int, seconds: Sequence[float]) -> str:
    """Return sentences (or pairs) per second, in the median round."""
    return f"{count / median(seconds):,.1f}/s"
