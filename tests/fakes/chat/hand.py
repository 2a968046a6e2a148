"""The tests' hand on a fake, in this process or another: all by its door's address."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

from tests.fakes.chat.record import Json

PATIENCE = 120.0
"""How long `wait` waits for what never comes; nothing is measured by it."""


class Hand:
    """Each method is one act of the door."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator[Self]:
        async with aiohttp.ClientSession() as session:
            yield cls(url, session)

    async def do(self, act: str, **told: Any) -> Any:
        """Any act of the door; ValueError with its reason when it cannot be done."""
        async with self._session.post(f"{self.url}/_fake/do", json={"act": act, **told}) as answer:
            body = await answer.json()
            if answer.status != 200:
                raise ValueError(body["problem"])
            return body

    async def _get(self, what: str, **query: Any) -> Any:
        async with self._session.get(f"{self.url}/_fake/{what}", params=query) as answer:
            return await answer.json()

    # What happened

    async def record(self, since: int = 0, *, wait: float = 0) -> list[Json]:
        return await self._get("record", since=since, wait=wait)

    async def wait(self, kind: str, *, count: int = 1, since: int = 0, **like: Any) -> list[Json]:
        """What happened of `kind` with these values, once there are `count` of them."""
        found, at = list[Json](), since
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while len(found) < count:
            left = deadline - asyncio.get_running_loop().time()
            entries = await self.record(at, wait=max(left, 0.01))
            if not entries and left <= 0:
                seen = [entry["kind"] for entry in await self.record(since)]
                raise TimeoutError(f"{kind} {like} came {len(found)} times of {count}; {seen}")
            at += len(entries)
            found += [
                entry
                for entry in entries
                if entry["kind"] == kind and all(entry.get(k) == v for k, v in like.items())
            ]
        return found

    async def now(self) -> int:
        """A place in the record, for `since`."""
        return len(await self.record())

    async def counts(self) -> Json:
        return await self._get("counts")

    async def requests(self) -> list[Json]:
        return await self._get("requests")

    # Weather

    async def fault(self, kind: str, **fault: Any) -> None:
        """As in the fake's faults.py."""
        await self.do("fault", kind=kind, **fault)

    async def mend(self) -> None:
        await self.do("mend")

    async def settings(self, **told: Any) -> None:
        await self.do("settings", **told)

    async def advance(self, seconds: float) -> None:
        await self.do("advance", seconds=seconds)


def upload(name: str, data: bytes) -> Json:
    return {"name": name, "base64": base64.b64encode(data).decode()}
