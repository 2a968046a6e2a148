"""Fixtures for tests of any room: `from tests.fakes.telegram.fixtures import fake, hand` in a
conftest. The fake runs in the test's own loop, reached over real sockets all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.telegram.client import Client
from tests.fakes.telegram.server import FakeTelegram, serving


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with serving(seed=7) as fake:
        yield fake


@pytest.fixture
async def hand(fake: FakeTelegram) -> AsyncIterator[Client]:
    async with Client.at(fake.url) as client:
        yield client
    # What the fake itself got wrong: an answer other than the description has it.
    assert fake.service.undocumented == []
