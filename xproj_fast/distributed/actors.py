"""What Ray keeps in an actor's process: the models, loaded once, and counters."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from xproj_fast.models.devices import is_out_of_memory
from xproj_fast.runs.batch_stream import Batches
from xproj_fast.wording import brief, shown

if TYPE_CHECKING:
    import pyarrow as pa

# A context in which a kernel has failed stays broken: whatever comes next in this process fails, too.
BROKEN = re.compile(
    r"illegal memory access|device-side assert|misaligned address|unspecified launch failure|CUDA_ERROR|"
    r"CUDA (?:error|failure)|cuda(?:Launch|Ecc|IllegalAddress)|CUBLAS_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR)|"
    r"CUDNN_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR)|uncorrectable ECC|GPU has fallen off the bus",
    re.IGNORECASE,
)
STATUS = 86  # of a process that such an error ends

logger = logging.getLogger(__name__)


class Actor:
    """Calls ``Batches`` with each batch; metrics are named ``xproj_fast_sentences`` and so on."""

    def __init__(self, batches: Batches) -> None:
        from ray.util.metrics import Counter

        self._batches = batches
        self._counters = {name: Counter(f"xproj_fast_{name}", told) for name, told in COUNTED.items()}
        with_broken_context_ended(batches.loaded)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return the rows with what was made of them."""
        found: pa.Table = with_broken_context_ended(self._batches, batch)
        self._count(found)
        return found

    def _count(self, table: pa.Table) -> None:
        prefix = getattr(self._batches, "prefix", "")
        for name, number in (("rows", len(table)), *counts_of(table, prefix).items()):
            if number and name in self._counters:
                self._counters[name].inc(number)


COUNTED = {
    "rows": "rows that came out",
    "spans": "entities that were found",
    "errors": "rows that were at fault or could not be translated",
}


def counts_of(table: Any, prefix: str = "") -> dict[str, int]:
    """Return how many spans and errors there are in what came out; 0 while stages still have work to do."""
    names = table.schema.names
    spans, errors = prefix + "spans", prefix + "error"
    found = {"spans": 0, "errors": 0}
    if spans in names and errors in names:
        import pyarrow.compute as pc

        found["spans"] = int(pc.sum(pc.list_value_length(table[spans])).as_py() or 0)
        found["errors"] = len(table) - int(table[errors].null_count)
    return found


def with_broken_context_ended(call: Any, *args: Any) -> Any:
    """Call something; an error that leaves this process's CUDA context broken ends the process.

    Ray then starts another actor, as it does after any death of one, and the batch goes there. An error that were
    raised would be retried here, where nothing can work any more (vLLM ends its workers for the same reason).
    """
    try:
        return call(*args)
    except Exception as error:
        if is_out_of_memory(error) or not BROKEN.search(str(error)):
            raise
        logger.error("%s", shown(f"this process's CUDA context is broken, so it ends: {brief(str(error))}"))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(STATUS)
