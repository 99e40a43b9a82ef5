"""The projections of a command's files, chunk by chunk: aligned, learnt from and projected as its options say."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from xproj_fast.cli import aligning, learning, projecting

if TYPE_CHECKING:
    from xproj_fast.projection import Projection

# Nobody is surprised that a command learns; the library's project() never does so unasked.
DEFAULTS = {"scores": "learned"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add how words are aligned, how labels are projected, what is learnt, and the models of all of these."""
    aligning.add_aligner(parser)
    projecting.add_method(parser, defaults=DEFAULTS)
    learning.add_learning(parser)
    projecting.add_models(parser)


class Projections:
    """The projections of what a command reads.

    Attributes:
        method: how labels are projected.
        learning: what is learnt before.
        seconds: that projecting took, so far.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        """Check the options and load models, before anything is read.

        Raises:
            UsageError: for options that cannot be, alone or together.
        """
        self._args = args
        method = projecting.method_of(args, DEFAULTS)
        self._pairs = aligning.AlignedPairs(args, method.needs_links)
        evidence_of = projecting.evidence_of(args, [method], self._pairs.uses)
        self.method = projecting.between(args, method)
        self.learning = learning.Learning(args, self.method, evidence_of)
        self.seconds = 0.0

    def over(self, report: Callable[[float], None]) -> Iterator[Projection]:
        """Yield the projection of each chunk.

        Args:
            report: takes the share of the input that was read, 0 to 1.
        """
        from xproj_fast.projector import project

        args = self._args
        for pairs in self.learning.over(self._pairs.read(report)):
            before = time.perf_counter()
            evidence = self.learning.evidence(pairs)
            result = project(pairs, self.method, evidence=evidence, backend=args.backend, threads=args.threads)
            self.seconds += time.perf_counter() - before
            yield result
