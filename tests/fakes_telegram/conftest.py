from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.fakes.telegram import FakeTelegram, sdk
from tests.fakes.telegram.fixtures import fake, hand
from tests.fakes_telegram.rest import Rest

__all__ = ["fake", "hand"]


@pytest.fixture
async def rest(fake: FakeTelegram) -> AsyncIterator[Rest]:
    async with Rest.at(fake.url) as rest:
        yield rest


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    async with sdk.bot(fake.url) as bot:
        yield bot
