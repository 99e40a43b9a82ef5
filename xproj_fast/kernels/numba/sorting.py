"""Sorts packed keys: two word or entity positions in one int64, ``high << 32 | low``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xproj_fast.kernels.numba.jit import helper

LOW = 0xFFFFFFFF


@helper
def sift_down(keys: NDArray[np.int64], root: int, count: int) -> None:
    """Restore the heap below ``root``."""
    key = keys[root]
    child = 2 * root + 1
    while child < count:
        if child + 1 < count and keys[child] < keys[child + 1]:
            child += 1
        if keys[child] <= key:
            break
        keys[root] = keys[child]
        root = child
        child = 2 * root + 1
    keys[root] = key


@helper
def sort_keys(keys: NDArray[np.int64], count: int) -> None:
    """Sort the first ``count`` keys in place; NumPy's sort allocates, which kernels must not."""
    if count > 32:
        for root in range(count // 2 - 1, -1, -1):
            sift_down(keys, root, count)
        for last in range(count - 1, 0, -1):
            keys[0], keys[last] = keys[last], keys[0]
            sift_down(keys, 0, last)
        return
    for i in range(1, count):
        key = keys[i]
        j = i
        while j > 0 and keys[j - 1] > key:
            keys[j] = keys[j - 1]
            j -= 1
        keys[j] = key
