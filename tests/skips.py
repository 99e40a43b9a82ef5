"""How many tests were skipped, and why: one line at the end; a run that has the real data must use it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NO_REAL_DATA = "real data is not here"


def reasons(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Return how often each reason was given, without the details behind its colon."""
    found: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []):
        _, _, said = report.longrepr  # path, line, reason
        found[said.removeprefix("Skipped: ").partition(": ")[0]] += 1
    return found


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return  # a worker of pytest-xdist, whose reports its controller has
    if DATA.exists() and reasons(reporter)[NO_REAL_DATA] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = reasons(terminalreporter)
    if not found:
        return
    why = "; ".join(f"{number:,} {reason}" for reason, number in found.most_common())
    terminalreporter.write_line(f"{found.total():,} skipped: {why}")
    if DATA.exists() and found[NO_REAL_DATA]:
        terminalreporter.write_line(
            f"FAILED: {DATA} is there, yet {found[NO_REAL_DATA]:,} tests found no real data", red=True
        )
