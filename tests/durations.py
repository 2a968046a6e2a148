"""Which tests are slow and do not say so, at the end of a run.

What counts is CPU time, of the test and of processes that it waited for: the clock on the wall
would name other tests on each machine that is busy. It is a remark and fails nothing.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

LONGEST = 1.0
_NAME = "slow_unmarked"


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    before = _cpu()
    try:
        yield
    finally:
        took = _cpu() - before
        if took > LONGEST and not item.get_closest_marker("slow"):
            item.user_properties.append((_NAME, took))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = {
        report.nodeid: value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == _NAME
    }
    if found:
        terminalreporter.section("over a second of CPU, and not marked slow")
        for nodeid, took in sorted(found.items(), key=lambda one: -one[1]):
            terminalreporter.line(f"{took:5.1f}s {nodeid}")
