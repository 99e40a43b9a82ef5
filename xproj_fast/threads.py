"""Threads where the system may have none to give: a limit on processes or on memory."""

from __future__ import annotations

import threading
from collections.abc import Callable


def start_threads(work: Callable[[], None], count: int, name: str) -> list[threading.Thread]:
    """Start at most ``count`` daemon threads that each call ``work``, fewer where the system gives no more.

    Args:
        work: what they run; the caller runs it too, where even one thread may not be had.
        count: how many would be good.
        name: their name.

    Returns:
        Those that were started.
    """
    started: list[threading.Thread] = []
    while len(started) < count:
        thread = threading.Thread(target=work, name=name, daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError):  # "can't start new thread"
            break
        started.append(thread)
    return started
