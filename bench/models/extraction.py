"""Where the time of ``Aligner.align`` goes: encoding, similarities, links; one source for many targets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from xproj_fast.models import neural_aligner as module
from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.neural_aligner import Aligner

from . import text
from .setup import Row, Setup, ratios
from timing import paired

LIMITS = {"awesome": 0.02, "argmax": 0.02, "itermax": 0.02, "match": 0.10}


class Clock:
    """Sums the time spent inside functions that are swapped for timed ones."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, function: Any) -> Any:
        """Return the function with a clock around it."""

        def run(*args: Any, **named: Any) -> Any:
            before = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - before

        return run


class Kernels:
    """A backend whose link extraction is timed."""

    def __init__(self, real: Any, clock: Clock) -> None:
        self._real = real
        self.extract_links = clock.timed("extract_links", real.extract_links)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def stages() -> Iterator[Clock]:
    """Time the stages of ``Aligner.align`` from inside, without a copy of its code."""
    clock, get = Clock(), module.get
    with (
        patch.object(module, "get", lambda: Kernels(get(), clock)),
        patch.object(module, "similarities", clock.timed("similarities", module.similarities)),
    ):
        yield clock


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    name = setup.name("bert")
    aligners = {
        precision: Aligner.load(setup.models.exported(name, precision, "ctranslate2"), device="cpu", threads=1)
        for precision in ("fp32", "int8")
    }
    source, target = map(text.words_of, text.english_german(text.DATA, setup.some(128, 8)))
    for precision, aligner in aligners.items():
        for method in LIMITS:
            options = NeuralAlignOptions(method)
            aligner.align(source, target, options, threads=1)
            with stages() as clock:
                before = time.perf_counter()
                for _ in range(setup.rounds):
                    aligner.align(source, target, options, threads=1)
                whole = time.perf_counter() - before
            each = clock.seconds["extract_links"] / len(source) / setup.rounds * 1e6
            shares = {stage: seconds / whole for stage, seconds in clock.seconds.items()}
            yield (
                f"{name}, {precision} (CTranslate2), {len(source)} pairs: `extract_links` {method}, share of `align`",
                f"< {LIMITS[method]:.0%}",
                f"{shares['extract_links']:.2%} ({each:.0f} µs per pair; similarities {shares['similarities']:.2%})",
                shares["extract_links"] < LIMITS[method],
            )
    yield from _many(setup, aligners["fp32"])


def _many(setup: Setup, aligner: Aligner) -> Iterator[Row]:
    english, *others = (text.words_of(sentences) for sentences in text.demo_languages())
    seconds = paired(
        {
            "apart": lambda: [aligner.align(english, other, threads=1) for other in others],
            "together": lambda: aligner.align_many(english, others, threads=1),
        },
        setup.rounds,
    )
    ratio = ratios(seconds, "apart", ["together"])["together"]
    yield (
        f"{len(english)} English sentences with German, Spanish and Russian: three calls of `align` / `align_many`, "
        "which encodes the English once (6 sides / 4 = 1.5 at most where all are as long)",
        "-",
        f"{ratio:.2f}",
        None,
    )
