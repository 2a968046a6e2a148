"""Generated cases are the same in every run, so that a failure is the change's and not the
day's. `HYPOTHESIS_PROFILE=search` looks for new ones. What takes minutes runs with `--long`."""

from __future__ import annotations

import os

import pytest
from hypothesis import Phase, settings

settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.register_profile(  # for code that is broken on purpose: the first failure is enough
    "mutants",
    derandomize=True,
    deadline=None,
    max_examples=40,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
