"""The word-to-word heuristic."""

from __future__ import annotations

from xproj_fast.arrays import UNLIMITED, Matches, thread_count
from xproj_fast.candidates import require_alignments
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.pairs import SentencePairs


def heuristic(
    pairs: SentencePairs,
    options: HeuristicOptions = HeuristicOptions(),  # noqa: B008 - a NamedTuple cannot be changed
    *,
    backend: str = "cpp",
    threads: int | None = None,
) -> Matches:
    """Label the runs of target words aligned to each entity (Garcia-Ferrero et al. 2022, extended).

    Per entity: the maximal runs of target words aligned to it; runs close together merge; short ones and all but
    the ``top_k`` longest go; the rest is labelled. The score of a span is its alignment score.

    Args:
        pairs: sentence pairs with alignments.
        options: see ``HeuristicOptions``.
        backend: ``"cpp"`` or ``"numba"``, which differ only in candidates, alignment scores and greedy matching.
        threads: None = all CPUs.

    Raises:
        InputError: for pairs without alignments, or negative options.
    """
    check_options(options)
    links = require_alignments(pairs)
    return get(backend).heuristic(pairs.target.offsets, pairs.entities, links, options, thread_count(threads))


def check_options(options: HeuristicOptions) -> None:
    """Check that the numbers are ones the heuristic can use."""
    for name in ("merge_distance", "top_k"):
        value = getattr(options, name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= UNLIMITED:
            raise InputError(f"{name}: expected a count of 0 or more, got {value}")
    if not 0 <= options.length_ratio < float("inf"):
        raise InputError(f"length_ratio: expected a finite number of 0 or more, got {options.length_ratio}")
