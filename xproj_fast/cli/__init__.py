"""The command ``xproj-fast``: its entry, which loads nothing before it knows what is wanted."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing says, which takes 5 ms to load
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    try:
        from xproj_fast.cli.commands import parse

        args = parse(argv)
        from xproj_fast.cli.running import run

        return run(args)
    except KeyboardInterrupt:  # before the command ran, or raised in it by hand
        import signal

        from xproj_fast.cli import signals

        return signals.said(signals.Ended(signal.SIGINT))
