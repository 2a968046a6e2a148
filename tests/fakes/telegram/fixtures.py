"""Fixtures for tests of any room: `from tests.fakes.telegram.fixtures import fake, hand` in a
conftest. The fake runs in the test's own loop, reached over real sockets all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.telegram.client import Client
from tests.fakes.telegram.server import FakeTelegram, serving
from tests.fakes.telegram.settings import Settings

HOUR = 3600.0


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    # A machine that is busy with something else is not what is tested.
    async with serving(seed=7, settings=Settings(callback_life=HOUR)) as fake:
        yield fake


@pytest.fixture
async def hand(fake: FakeTelegram) -> AsyncIterator[Client]:
    async with Client.at(fake.url) as client:
        yield client
    # What the fake itself got wrong: an answer other than the description has it.
    assert fake.service.undocumented == []
