"""The tests' hand on a fake Discord, in this process or another: all by its door's address."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.fakes.discord.errors import Json
from tests.fakes.discord.settings import APPLICATION

PATIENCE = 30.0
"""How long `wait` waits for what never comes; nothing is measured by it."""


class Client:
    """Each method is one act of the door; ids are strings, as Discord writes them."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator[Client]:
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

    async def posted(self, channel: str, *, count: int = 1, since: int = 0) -> list[Json]:
        """The bot's messages in a channel as they were sent, once there are `count` of them."""
        found = await self.wait(
            "create", count=count, since=since, channel=channel, author=APPLICATION
        )
        return [entry["json"] for entry in found]

    async def edited(self, message: str, *, count: int = 1, since: int = 0) -> list[Json]:
        """What a message became, edit by edit, once there are `count` of them."""
        found = await self.wait("edit", count=count, since=since, message=message)
        return [entry["json"] for entry in found]

    async def now(self) -> int:
        """A place in the record, for `since`."""
        return len(await self.record())

    async def counts(self) -> Json:
        return await self._get("counts")

    async def requests(self) -> list[Json]:
        return await self._get("requests")

    async def messages(self, channel: str, *, user: str | None = None) -> list[Json]:
        """What everyone sees in a channel, and `user` alone; oldest first."""
        return (await self.do("messages", channel=channel, user=user))["messages"]

    async def answered(self, interaction: str) -> Json:
        """An interaction once it has been answered: answer, message, ephemeral, modal, choices."""
        await self.wait("answer", id=interaction)
        return await self.do("interaction", id=interaction)

    async def first_answer(self, interaction: str) -> float | None:
        """Seconds until an interaction was answered; None when nobody did in time."""
        return (await self.do("first_answer", id=interaction))["after"]

    async def commands(self, guild: str | None = None) -> list[Json]:
        return (await self.do("commands", guild=guild))["commands"]

    # Places and people

    async def guild(self, name: str = "Hive", **more: Any) -> str:
        return (await self.do("guild", name=name, **more))["id"]

    async def channel(self, guild: str, name: str = "general", **more: Any) -> str:
        return (await self.do("channel", guild=guild, name=name, **more))["id"]

    async def role(self, guild: str, name: str, *permissions: str) -> str:
        return (await self.do("role", guild=guild, name=name, permissions=permissions))["id"]

    async def person(self, name: str, guild: str | None = None, *roles: str) -> str:
        """Somebody new, and in a guild if one is named."""
        made = (await self.do("user", name=name))["id"]
        if guild is not None:
            await self.do("member", guild=guild, user=made, roles=roles)
        return made

    async def roles(self, guild: str, user: str, *roles: str) -> None:
        await self.do("member", guild=guild, user=user, roles=roles)

    # Hands

    async def say(self, channel: str, user: str, text: str = "", **more: Any) -> str:
        """A message's id; `reply_to`, `files` (name → bytes), `ping`."""
        if "files" in more:
            more["files"] = [_upload(name, data) for name, data in more["files"].items()]
        return (await self.do("say", channel=channel, user=user, text=text, **more))["id"]

    async def dm(self, user: str, text: str) -> Json:
        """The message, whose channel_id is the DM's."""
        return await self.do("dm", user=user, text=text)

    async def press(
        self, channel: str, message: str, user: str, custom_id: str, **more: Any
    ) -> str:
        told = {"channel": channel, "message": message, "user": user, "custom_id": custom_id}
        return (await self.do("press", **told, **more))["id"]

    async def pick(
        self, channel: str, message: str, user: str, custom_id: str, *values: str
    ) -> str:
        told = {"channel": channel, "message": message, "user": user, "custom_id": custom_id}
        return (await self.do("pick", **told, values=values))["id"]

    async def submit(self, interaction: str, **values: Any) -> str:
        return (await self.do("submit", interaction=interaction, values=values))["id"]

    async def command(self, channel: str, user: str, name: str, **options: Any) -> str:
        """The interaction's id; `name` is "task new" for a sub-command; bytes are a file."""
        told = {
            key: _upload(key, value) if isinstance(value, bytes) else value
            for key, value in options.items()
        }
        done = await self.do("command", channel=channel, user=user, name=name, options=told)
        return done["id"]

    async def complete(
        self, channel: str, user: str, name: str, focused: str, **options: Any
    ) -> str:
        told = {"channel": channel, "user": user, "name": name, "focused": focused}
        return (await self.do("autocomplete", **told, options=options))["id"]

    async def menu(self, channel: str, user: str, name: str, target: str) -> str:
        done = await self.do("menu", channel=channel, user=user, name=name, target=target)
        return done["id"]

    # Weather

    async def fault(self, kind: str, **fault: Any) -> None:
        """As in faults.py."""
        await self.do("fault", kind=kind, **fault)

    async def mend(self) -> None:
        await self.do("mend")

    async def settings(self, **told: Any) -> None:
        await self.do("settings", **told)

    async def advance(self, seconds: float) -> None:
        await self.do("advance", seconds=seconds)


def _upload(name: str, data: bytes) -> Json:
    return {"name": name, "base64": base64.b64encode(data).decode()}
