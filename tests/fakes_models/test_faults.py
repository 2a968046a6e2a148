"""What goes wrong on purpose goes wrong as told, and is counted as what it was."""

from __future__ import annotations

import asyncio
import json
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import anthropic
import httpx2
import openai
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.fakes.models import KEY, FakeModels

HI = {"role": "user", "content": "[[task 3: say hello]]"}
CLAUDE: dict[str, Any] = {"model": "claude-sonnet-5", "max_tokens": 50, "messages": [HI]}
GPT: dict[str, Any] = {"model": "gpt-5", "messages": [HI]}
HEADERS = {"x-api-key": KEY, "anthropic-version": "2026-10-21"}


async def raw(fake: FakeModels, *, stream: bool) -> tuple[bytes, bool]:
    """What came of a call, and whether it came whole."""
    got = b""
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.post(f"{fake.url}/v1/messages", json={**CLAUDE, "stream": stream}) as answer,
    ):
        assert answer.status == 200
        try:
            async for piece in answer.content.iter_any():
                got += piece
        except aiohttp.ClientError:
            return got, False
    return got, True


@pytest.mark.parametrize(("status", "kind"), [(500, "api_error"), (529, "overloaded_error")])
async def test_a_status_serves_nothing(
    fake: FakeModels, claude: AsyncAnthropic, status: int, kind: str
) -> None:
    fake.fault(kind="status", status=status, count=1)
    with pytest.raises(anthropic.APIStatusError) as raised:
        await claude.messages.create(**CLAUDE)
    assert raised.value.status_code == status
    assert raised.value.body["error"]["type"] == kind
    await claude.messages.create(**CLAUDE)
    counted = fake.counts()["tasks"]["3"]
    assert [counted[key] for key in ("received", "refused", "whole")] == [2, 1, 1]


async def test_retry_after_is_seconds_or_a_date(fake: FakeModels, gpt: AsyncOpenAI) -> None:
    fake.fault(kind="status", status=429, retry_after=7, count=1)
    fake.fault(kind="status", status=429, retry_after=7, date=True)
    with pytest.raises(openai.RateLimitError) as first:
        await gpt.chat.completions.create(**GPT)
    assert first.value.response.headers["retry-after"] == "7"
    assert first.value.code == "rate_limit_exceeded"
    with pytest.raises(openai.RateLimitError) as second:
        await gpt.chat.completions.create(**GPT)
    assert parsedate_to_datetime(second.value.response.headers["retry-after"])


@pytest.mark.parametrize("served", [True, False])
async def test_a_reset_may_have_been_served(
    fake: FakeModels, gpt: AsyncOpenAI, served: bool
) -> None:
    fake.fault(kind="reset", served=served)
    with pytest.raises(openai.APIConnectionError):
        await gpt.chat.completions.create(**GPT)
    counted = fake.counts()["tasks"]["3"]
    assert (counted["cut"], counted["refused"]) == ((1, 0) if served else (0, 1))


@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_lets_just_so_many_bytes_through(fake: FakeModels, stream: bool) -> None:
    whole, came = await raw(fake, stream=stream)
    assert came
    for at in (0, 1, 57, len(whole) - 1):
        await fake_cut(fake, at)
        got, came = await raw(fake, stream=stream)
        assert (len(got), came) == (at, False)
    await fake_cut(fake, -1)
    got, _ = await raw(fake, stream=stream)
    assert len(got) == len(whole) - 1
    counted = fake.counts()["tasks"]["3"]
    assert (counted["whole"], counted["cut"], counted["served"]) == (1, 5, 6)


async def fake_cut(fake: FakeModels, at: int) -> None:
    fake.service.faults.clear()
    fake.fault(kind="cut", bytes=at)


async def test_sdks_see_a_cut_stream_as_broken(
    fake: FakeModels, claude: AsyncAnthropic, gpt: AsyncOpenAI
) -> None:
    fake.fault(kind="cut", bytes=700)
    # It comes through bare: anthropic 2.12 wraps only what breaks before the stream.
    with pytest.raises(httpx2.RemoteProtocolError):
        async with claude.messages.stream(**CLAUDE) as stream:
            await stream.get_final_message()
    with pytest.raises(openai.APIConnectionError):
        async for _ in await gpt.responses.create(model="gpt-5", input=[HI], stream=True):
            pass
    fake.service.faults.clear()
    fake.fault(kind="cut", bytes=400, reset=True)
    with pytest.raises(openai.APIConnectionError):
        async for _ in await gpt.chat.completions.create(**GPT, stream=True):
            pass


async def test_a_hang_ends_when_the_client_goes(fake: FakeModels, gpt: AsyncOpenAI) -> None:
    fake.fault(kind="hang")
    call = asyncio.create_task(gpt.chat.completions.create(**GPT))
    while not fake.service.requests:  # noqa: ASYNC110 the fake has no event for it
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    fake.service.faults.clear()
    await gpt.chat.completions.create(**GPT)
    assert fake.counts()["tasks"]["3"]["cut"] == 1


async def test_an_error_may_come_amid_a_stream(
    fake: FakeModels, claude: AsyncAnthropic, gpt: AsyncOpenAI
) -> None:
    fake.fault(kind="error_event", after_events=3)
    with pytest.raises(anthropic.APIStatusError) as raised:
        async with claude.messages.stream(**CLAUDE) as stream:
            await stream.get_final_message()
    assert raised.value.body["error"]["type"] == "overloaded_error"
    with pytest.raises(openai.APIError, match="Overloaded"):
        async for _ in await gpt.chat.completions.create(**GPT, stream=True):
            pass
    events = [
        event async for event in await gpt.responses.create(model="gpt-5", input=[HI], stream=True)
    ]
    assert (events[-1].type, events[-1].code) == ("error", "server_error")
    assert fake.counts()["tasks"]["3"]["cut"] == 3


async def test_a_slow_answer_is_whole(fake: FakeModels, claude: AsyncAnthropic) -> None:
    fake.fault(kind="latency", seconds=0.01, count=1)
    fake.fault(kind="per_token", seconds=0.001, count=2)
    fake.fault(kind="trickle", bytes=40, seconds=0.0001, after=1, count=1)
    assert (await claude.messages.create(**CLAUDE)).content[0].text == "hello"
    async with claude.messages.stream(**CLAUDE) as stream:
        assert (await stream.get_final_message()).content[0].text == "hello"
    assert fake.counts()["tasks"]["3"]["whole"] == 2


async def test_a_prompt_may_hold_its_own_fault(fake: FakeModels, gpt: AsyncOpenAI) -> None:
    text = '[[task 4: say hi; fault {"kind": "status", "status": 503}]]'
    said = [{"role": "user", "content": text}]
    with pytest.raises(openai.InternalServerError):
        await gpt.chat.completions.create(model="gpt-5", messages=said)
    chat = await gpt.chat.completions.create(model="gpt-5", messages=said)
    assert chat.choices[0].message.content == "hi"


async def test_a_storm_is_the_same_for_the_same_seed(fake: FakeModels, gpt: AsyncOpenAI) -> None:
    async def weather() -> list[bool]:
        async with aiohttp.ClientSession(fake.url) as admin:
            await admin.delete("/_fake/faults")
            await admin.post("/_fake/faults", json={"storm": 0.5, "seed": 11})
        came = list[bool]()
        for number in range(12):
            said = [{"role": "user", "content": f"[[task {number % 3}]]"}]
            try:
                await gpt.chat.completions.create(model="gpt-5", messages=said)
                came.append(True)
            except openai.RateLimitError:
                came.append(False)
        return came

    first = await weather()
    assert 0 < sum(first) < 12
    assert await weather() == first


async def test_an_odd_fault_or_script_is_not_taken(fake: FakeModels) -> None:
    async with aiohttp.ClientSession(fake.url) as admin:
        for path, told in (
            ("faults", {"faults": [{"kind": "flood"}]}),
            ("faults", {"faults": [{"kind": "cut", "byte": 1}]}),
            ("script", {"queue": [{"txt": "x"}]}),
            ("script", {"tusks": {}}),
        ):
            answer = await admin.post(f"/_fake/{path}", data=json.dumps(told))
            assert answer.status == 400
