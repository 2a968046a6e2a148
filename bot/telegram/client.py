"""python-telegram-bot as this surface uses it: its methods, on a line of ours.

What can go wrong: the token is in every address, in what the SDK says of a refused token and in
how its bot prints. So none of its libraries says anything below a warning, it is asked nothing
when it is opened, and what it raises is cleaned.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from telegram import Bot

from bot.telegram.line import Line
from bot.telegram.traffic import Traffic
from swarm_core import redact

API = "https://api.telegram.org"
HIDDEN = "***"
TIMES = {"read_timeout": 20.0, "connect_timeout": 10.0, "write_timeout": 20.0, "pool_timeout": 10.0}
"""Seconds. An edit of a large text has been seen to take several."""
SHORTEST = 8
"""What is shorter is no secret, but in every other word."""
_TALKING = ("httpx", "httpcore", "telegram")


class Client(Bot):
    """The SDK's bot; `traffic` is what everything it asks goes through."""

    # The SDK's bot takes no attributes that are not its own.
    __slots__ = ("_clean",)

    def __init__(self, token: str, traffic: Traffic, url: str = "", **more: Any) -> None:
        for name in _TALKING:
            logging.getLogger(name).setLevel(logging.WARNING)
        spellings = {token, quote(token, safe="")}
        if len(hidden := token.partition(":")[2]) >= SHORTEST:
            spellings.add(hidden)

        def clean(text: str) -> str:
            for spelling in sorted(spellings, key=len, reverse=True):
                text = text.replace(spelling, HIDDEN) if spelling else text
            return redact(text)

        times = {**TIMES, **more}
        api = (url or API).rstrip("/")
        super().__init__(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=Line(traffic, clean, **times),
            get_updates_request=Line(traffic, clean, connection_pool_size=2, **times),
        )
        self._clean = clean

    def __repr__(self) -> str:
        return "Client(…)"

    def clean(self, text: str) -> str:
        """`text` without the token."""
        return self._clean(text)

    async def updates(
        self, offset: int | None, seconds: int, kinds: Sequence[str]
    ) -> list[dict[str, Any]]:
        """`getUpdates` as it was answered: the SDK reads all of them or none, and one that it
        could not read would be in the way of all after it. The answer is waited for longer than
        the service waits for something to tell."""
        data = {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": list(kinds)}
        patience = (self._request[0].read_timeout or TIMES["read_timeout"]) + seconds
        return list(await self._post("getUpdates", data, read_timeout=patience))

    async def file(self, file_id: str) -> tuple[str, int]:
        """The address and the size of a file, 0 where it is not told. The SDK would read a file
        of this machine instead, where there is one of the same path."""
        found = await self._post("getFile", {"file_id": file_id})
        address = f"{self.base_file_url}/{quote(found.get('file_path', ''))}"
        return address, int(found.get("file_size") or 0)

    async def leave(self) -> None:
        """End all connections."""
        for line in self._request:
            await line.shutdown()


@asynccontextmanager
async def connected(
    token: str, traffic: Traffic, url: str = "", **more: Any
) -> AsyncIterator[Client]:
    """A client while the context lasts; `url` is that of a Bot API server of one's own."""
    client = Client(token, traffic, url, **more)
    try:
        yield client
    finally:
        traffic.close()
        await client.leave()
