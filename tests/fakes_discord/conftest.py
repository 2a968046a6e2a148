from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.discord import Client, FakeDiscord, serving


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with serving(seed=7) as fake:
        yield fake


@pytest.fixture
async def hand(fake: FakeDiscord) -> AsyncIterator[Client]:
    async with Client.at(fake.url) as client:
        yield client
    # What the fake itself got wrong: a field in an answer that the description does not have.
    assert fake.service.undocumented == []
