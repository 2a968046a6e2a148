"""What goes out to Discord: who goes first, what is overtaken, when nothing goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.http import HTTPClient, Route

from bot.chat.urgency import Urgency, urgency
from bot.discord.traffic import Traffic
from tests.discord.bench import Bench, bench
from tests.fakes.discord.sdk import aimed
from tests.fakes.discord.settings import TOKEN


@asynccontextmanager
async def going_out(at: Bench) -> AsyncIterator[tuple[HTTPClient, list[str]]]:
    """The SDK's way out with ours in its place, and what was said of it."""
    said: list[str] = []
    with aimed(at.fake.url):
        http = HTTPClient(asyncio.get_running_loop())
        traffic = Traffic(lambda key, **_: said.append(key))
        traffic.carry(http, lambda: said.append("refused"))
        try:
            await http.static_login(TOKEN)
            yield http, said
        finally:
            await http.close()


def edit(channel: str, message: str, text: str) -> tuple[Route, dict[str, Any]]:
    path = "/channels/{channel_id}/messages/{message_id}"
    route = Route("PATCH", path, channel_id=channel, message_id=message)
    return route, {"json": {"content": text}}


def post(channel: str, text: str) -> tuple[Route, dict[str, Any]]:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    return route, {"json": {"content": text}}


async def test_of_two_edits_the_later_stands_even_when_the_first_was_refused(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, going_out(at) as (http, _):
        route, body = post(at.channel, "one")
        made = await http.request(route, **body)
        await at.hand.fault("limit", operation="update_message", retry_after=0.05, count=1)

        async def change(text: str) -> None:
            route, body = edit(at.channel, made["id"], text)
            await http.request(route, **body)

        await asyncio.gather(*(change(text) for text in ("two", "three", "four")))
        edits = await at.hand.wait("edit")
        counts = await at.hand.counts()
    assert [each["json"]["content"] for each in edits] == ["four"]
    assert counts["inside_retry_after"] == 0


async def test_the_most_urgent_goes_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, going_out(at) as (http, _):
        await at.hand.fault("limit", operation="create_message", retry_after=0.05, count=1)

        async def say(what: Urgency) -> None:
            urgency.set(what)
            route, body = post(at.channel, what.name)
            await http.request(route, **body)

        order = (Urgency.CARD, Urgency.LATER, Urgency.RESULT, Urgency.ANSWER, Urgency.DECISION)
        await asyncio.gather(*(say(what) for what in order))
        posts = [each["content"] for each in await at.hand.messages(at.channel)]
        counts = await at.hand.counts()
    assert posts == ["ANSWER", "DECISION", "RESULT", "CARD", "LATER"]
    assert counts["inside_retry_after"] == 0


async def test_nothing_is_sent_after_the_first_401(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, going_out(at) as (http, said):
        await at.hand.settings(token="another")
        for _ in range(3):
            route, body = post(at.channel, "hello")
            with pytest.raises((discord.HTTPException, discord.LoginFailure)):
                await http.request(route, **body)
        refused = [each for each in await at.hand.requests() if each["status"] == 401]
    assert len(refused) == 1
    assert said == ["refused"]


async def test_an_address_that_is_shut_out_is_silent(tmp_path: Path) -> None:
    async with bench(tmp_path, invalid_most=0) as at:
        with aimed(at.fake.url):
            http = HTTPClient(asyncio.get_running_loop())
            said: asyncio.Queue[str] = asyncio.Queue()
            Traffic(lambda key, **_: said.put_nowait(key)).carry(http, lambda: None)
            signing_on = asyncio.create_task(http.static_login(TOKEN))
            line = await said.get()
            signing_on.cancel()
            await asyncio.gather(signing_on, return_exceptions=True)
            await http.close()
            requests = await at.hand.requests()
    assert line == "connection.shut_out"
    assert len(requests) == 1
