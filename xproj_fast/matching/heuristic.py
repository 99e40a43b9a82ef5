"""The word-to-word heuristic."""

from __future__ import annotations

from xproj_fast.arrays import Matches, thread_count
from xproj_fast.candidates import require_alignments
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.registry import register
from xproj_fast.pairs import SentencePairs

DEFAULT_HEURISTIC_OPTIONS = HeuristicOptions()


def heuristic(
    pairs: SentencePairs,
    options: HeuristicOptions = DEFAULT_HEURISTIC_OPTIONS,
    *,
    threads: int | None = None,
) -> Matches:
    """Label the runs of target words aligned to each entity (Garcia-Ferrero et al. 2022, extended).

    Per entity: the maximal runs of target words aligned to it; runs close together merge; short ones and all but
    the ``top_k`` longest go; the rest is labelled. The score of a span is its alignment score.

    >>> pairs = SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]], [[(0, 0)]])
    >>> found = heuristic(pairs)
    >>> found.start, found.end, found.score
    (array([0], dtype=int32), array([1], dtype=int32), array([1.], dtype=float32))

    Args:
        pairs: sentence pairs with alignments.
        options: see ``HeuristicOptions``.
        threads: None = all CPUs.

    Returns:
        Matches; the status of each sentence is ``FEASIBLE``: nothing is optimised.

    Raises:
        InputError: for pairs without alignments.
    """
    links = require_alignments(pairs)
    return get().heuristic(pairs.target.offsets, pairs.entities, links, options, thread_count(threads))


_label_runs = heuristic


@register("heuristic", needs=["links"], scored=False)
def _heuristic(pairs: SentencePairs, *, heuristic: HeuristicOptions, threads: int | None) -> Matches:
    return _label_runs(pairs, heuristic, threads=threads)
