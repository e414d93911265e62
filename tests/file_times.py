"""Prints the ten slowest test files before pytest's closing line, however many workers ran them; it fails nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest import TerminalReporter  # noqa: PT013 - only a type

SHOWN = 10
LIMIT_SECONDS = 60.0


def seconds_of_files(terminalreporter: TerminalReporter) -> Counter[str]:
    """Seconds of setup, call and teardown of all tests of each file, summed over the workers."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration") and hasattr(report, "when"):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    return seconds


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Write one line per file, the slowest first, and say which are over the limit."""
    slowest = seconds_of_files(terminalreporter).most_common(SHOWN)
    if not slowest:
        return
    terminalreporter.section(f"slowest {len(slowest)} files (limit {LIMIT_SECONDS:.0f} s)")
    for file, seconds in slowest:
        over = "  over the limit" if seconds > LIMIT_SECONDS else ""
        terminalreporter.line(f"{seconds:7.1f} s  {file}{over}")
