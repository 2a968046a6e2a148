from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.fakes.models import KEY, FakeModels, serving


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with serving(seed=7) as fake:
        yield fake


@pytest.fixture
async def claude(fake: FakeModels) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(api_key=KEY, base_url=fake.anthropic, max_retries=0) as client:
        yield client


@pytest.fixture
async def gpt(fake: FakeModels) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=KEY, base_url=fake.openai, max_retries=0) as client:
        yield client
