"""One womb for all tests of a pytest process that need lives of a kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.chaos import SWARM
from tests.e2e.model_chaos import MODEL_SWARM
from tests.womb import Womb, womb


@pytest.fixture(scope="session")
def swarms() -> Iterator[Womb]:
    with womb(SWARM) as one:
        yield one


@pytest.fixture(scope="session")
def model_swarms() -> Iterator[Womb]:
    with womb(MODEL_SWARM) as one:
        yield one
