"""Generated cases are the same in every run, so that a failure is the change's and not the
day's; `--long` tries twenty times as many. `HYPOTHESIS_PROFILE=search` looks for new ones. What
takes minutes runs with `--long`."""

from __future__ import annotations

import contextlib
import gc
import getpass
import os
import shutil
import tempfile
from pathlib import Path

import psutil
import pytest
from hypothesis import Phase, settings

from tests.durations import pytest_runtest_call, pytest_terminal_summary

__all__ = ["pytest_runtest_call", "pytest_terminal_summary"]

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3

settings.register_profile("suite", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("long", derandomize=True, deadline=None, max_examples=1000)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.register_profile(  # for code that is broken on purpose: the first failure is enough
    "mutants",
    derandomize=True,
    deadline=None,
    max_examples=40,
    phases=(Phase.explicit, Phase.generate),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="also what takes minutes, and many more generated cases"
    )


def pytest_configure(config: pytest.Config) -> None:
    profile = "long" if config.getoption("--long") else "suite"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", profile))
    _keep_in_memory()
    # All that is imported stays: looking through it for garbage is for nothing.
    gc.disable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three for two cores, since tests also wait: for a process to start, for a card that comes
    after a second."""
    return -(-3 * len(os.sched_getaffinity(0)) // 2)


def _keep_in_memory() -> None:
    """Folders of tests, in memory where there is room: a store waits for the disk at every commit,
    which a test need not. Who sets TMPDIR has them there."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    _clear_what_a_killed_run_left()
    found = os.statvfs(_MEMORY)
    if found.f_bavail * found.f_frsize >= _ROOM:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # it is remembered


def _clear_what_a_killed_run_left() -> None:
    """pytest would keep it for three days, in memory."""
    for lock in _MEMORY.glob(f"pytest-of-{getpass.getuser()}/pytest-*/.lock"):
        with contextlib.suppress(OSError, ValueError):
            if not psutil.pid_exists(int(lock.read_text())):
                shutil.rmtree(lock.parent, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    gc.enable()
    gc.freeze()
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    if hasattr(config, "workerinput"):  # so that no worker begins the longest one last
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)
