from __future__ import annotations

from collections.abc import AsyncIterator

import anthropic
import openai
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
    http = anthropic.DefaultAsyncHttpxClient(verify=False)  # reading certificates takes 100 ms
    async with AsyncAnthropic(
        api_key=KEY, base_url=fake.anthropic, max_retries=0, http_client=http
    ) as client:
        yield client


@pytest.fixture
async def gpt(fake: FakeModels) -> AsyncIterator[AsyncOpenAI]:
    http = openai.DefaultAsyncHttpxClient(verify=False)
    async with AsyncOpenAI(
        api_key=KEY, base_url=fake.openai, max_retries=0, http_client=http
    ) as client:
        yield client
