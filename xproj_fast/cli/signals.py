"""Signals end the command as an error does: files are closed or removed, programs it started are ended, locks let go.

Only while a command runs, and only in it: importing the library changes nothing of how a process takes signals.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# Those that a user, a batch system or a lost terminal sends, and the alarm of ours; Windows knows the first two.
ENDING = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name))

SAID = "no output was left half-written"
SWALLOWED = 0.3  # seconds after which one that has not ended the command is raised again


class Ended(SystemExit):
    """A signal ended the command; ``except Exception`` does not swallow it. Its code is what a shell expects."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.signal = signal.Signals(number)

    def __str__(self) -> str:
        return "interrupted" if self.signal == signal.SIGINT else f"ended by {self.signal.name}"


def said(ended: Ended) -> int:
    """Say what ended a command; returns its exit code."""
    from xproj_fast.cli import console

    with suppress(OSError):  # the terminal may be what is gone
        console.say(f"xproj-fast: {ended}; {SAID}", quiet=False)
    return int(ended.code or 0)


@contextmanager
def orderly() -> Iterator[None]:
    """Let signals end the body.

    A signal that is ignored stays so: ``nohup`` ignores SIGHUP, a shell SIGINT for jobs in the background.

    Raises:
        Ended: where one came, whatever it became on its way: libraries that are just being imported turn it into
            errors of their own.
    """
    came: list[int] = []

    def take(number: int, frame: FrameType | None) -> None:
        if _unwinds():  # it ends already: another signal must not cut short what it cleans up
            return
        came.append(number)
        _alarm(SWALLOWED)
        raise KeyboardInterrupt if came[0] == signal.SIGINT else Ended(came[0])

    before = {}
    if threading.current_thread() is threading.main_thread():  # Python takes signals in no other
        before = {number: how for number in ENDING if (how := signal.getsignal(number)) not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, take)
    try:
        yield
    except BaseException:
        if came:
            raise Ended(came[0]) from None
        raise
    finally:
        if came:
            _alarm(0)
        for number, how in before.items():
            signal.signal(number, how)


def _alarm(seconds: float) -> None:
    """Send SIGALRM again and again, until told 0: a destructor may swallow one, or an import that tries its luck."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)


def _unwinds() -> bool:
    """Whether a signal's exception is being handled by the frame that another signal found, or by its callers."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, (KeyboardInterrupt, Ended)):
        error = error.__context__
    return error is not None
