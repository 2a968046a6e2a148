"""Bare requests, for what discord.py itself would not send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.fakes.discord import APPLICATION, TOKEN, Client, FakeDiscord

HEADERS = {"Authorization": f"Bot {TOKEN}", "User-Agent": "DiscordBot (https://example.org, 1)"}


@dataclass
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> int:
        return self.body["code"]

    def wrong(self, *path: str | int) -> list[str]:
        """The codes of what is wrong at a path of the form."""
        here = self.body["errors"]
        for part in path:
            here = here[str(part)]
        return [one["code"] for one in here["_errors"]]


class Rest:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self.session = url, session

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator[Rest]:
        async with aiohttp.ClientSession(headers=HEADERS) as session:
            yield cls(url, session)

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        if body is not None:
            more["json"] = body
        url = f"{self._url}/api/v10{path}"
        async with self.session.request(method, url, **more) as answer:
            kind = answer.headers.get("Content-Type")
            content = await answer.json() if kind == "application/json" else await answer.text()
            return Answer(answer.status, content, answer.headers)

    async def callback(self, asked: str, token: str, body: Any) -> Answer:
        return await self("POST", f"/interactions/{asked}/{token}/callback", body)

    async def follow_up(self, token: str, body: Any) -> Answer:
        return await self("POST", f"/webhooks/{APPLICATION}/{token}", body)


async def place(hand: Client) -> tuple[str, str, str]:
    """A guild, a channel in it and somebody there."""
    guild = await hand.guild()
    return guild, await hand.channel(guild), await hand.person("ada", guild)


async def asked(fake: FakeDiscord, hand: Client, rest: Rest, **more: Any) -> tuple[str, str]:
    """An interaction of `/ask` and its token."""
    _, channel, ada = await place(hand)
    command = {"name": "ask", "description": "Ask", **more}
    await rest("PUT", f"/applications/{APPLICATION}/commands", [command])
    interaction = await hand.command(channel, ada, "ask")
    return interaction, fake.service.interactions.by_id[interaction].token
