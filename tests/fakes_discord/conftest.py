from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.fixtures import fake, hand
from tests.fakes_discord.rest import Rest

__all__ = ["fake", "hand"]


@pytest.fixture
async def rest(fake: FakeDiscord) -> AsyncIterator[Rest]:
    async with Rest.at(fake.url) as rest:
        yield rest
