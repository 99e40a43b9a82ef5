"""Batches by number of subwords: alike lengths together, smaller where the memory does not hold more."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError
from xproj_fast.models.devices import is_out_of_memory
from xproj_fast.wording import shown

logger = logging.getLogger(__name__)


def run_in_batches(
    lengths: NDArray[np.int64],
    batch_tokens: int,
    run: Callable[[NDArray[np.int64]], None],
    *,
    what: str,
    progress: Callable[[float], None] | None = None,
) -> int:
    """Call ``run`` with the items of one batch after the other, every item in exactly one batch that ended well.

    Items are sorted by length, the longest first, so that what does not fit into memory shows at once. Where
    ``run`` fails for want of memory, the cap is halved, which is logged once, and the same items are run again.

    Args:
        lengths: int64[items], subwords of each with special tokens.
        batch_tokens: a batch's items times its longest item stay at or below it; a longer item runs alone.
        run: gets int64[batch], the items; what it did for a batch that failed must not matter.
        what: names the work in the log, such as ``"tagging"``.
        progress: called with the share of items done, 0 to 1.

    Returns:
        The cap at the end: below ``batch_tokens`` where memory was short. Give it to the next call.

    Raises:
        InputError: for a cap below 1, and where a single item does not fit into memory.
    """
    if batch_tokens < 1:
        raise InputError(f"batch_tokens: expected at least 1, got {batch_tokens}")
    order = np.argsort(-lengths, kind="stable")
    done, cap = 0, batch_tokens
    while done < len(order):
        rows = max(1, int(cap // max(int(lengths[order[done]]), 1)))
        batch = order[done : done + rows]
        try:
            run(batch)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise InputError(
                    f"{what}: one sentence of {int(lengths[batch[0]]):,} subwords does not fit into memory: {error}"
                ) from error
            if cap == batch_tokens:
                logger.warning(
                    "%s: out of memory with %d subwords per batch; continuing with smaller batches",
                    shown(what),
                    batch_tokens,
                )
            cap = max(1, len(batch) * int(lengths[batch[0]]) // 2)
            continue
        done += len(batch)
        if progress is not None:
            progress(done / len(order))
    return cap
