"""The lower half of the surface beside a fake: a client on our line, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.messages import Messages
from bot.telegram.client import Client, connected
from bot.telegram.lanes import Limits
from bot.telegram.rest import Rest
from bot.telegram.traffic import Traffic
from tests.fakes.telegram import TOKEN
from tests.fakes.telegram.client import PATIENCE

SAY = Messages.load(strict=True)
PATIENT = dict.fromkeys(
    ("read_timeout", "write_timeout", "connect_timeout", "pool_timeout", "media_write_timeout"),
    120.0,
)
"""A busy machine is not what is tested."""
EAGER = Limits(a_second=10_000, burst=10_000, a_minute=10_000)


@dataclass
class Said:
    """What people would read: keys of sentences, and what is in them."""

    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, key: str, **data: Any) -> None:
        assert SAY(key, **data)
        self.told.append((key, data))
        self.news.set()

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.told]

    async def until(self, key: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while key not in self.keys:
                self.news.clear()
                await self.news.wait()


@dataclass
class Wire:
    client: Client
    traffic: Traffic
    said: Said
    moved: list[tuple[str, str]] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)

    @property
    def rest(self) -> Rest:
        return Rest(self.client, lambda old, new: self.moved.append((old, new)))


@asynccontextmanager
async def wired(
    url: str, *, token: str = TOKEN, limits: Limits = EAGER, **more: Any
) -> AsyncIterator[Wire]:
    """Limits are wide where they are not what is tested."""
    said, refused = Said(), list[bool]()
    traffic = Traffic(said, lambda: refused.append(True), limits)
    # Reading all authorities of the world each time takes a while, and it speaks plain HTTP here.
    times = {**PATIENT, "httpx_kwargs": {"verify": False}, **more}
    async with connected(token, traffic, url, **times) as client:
        yield Wire(client, traffic, said, [], refused)
