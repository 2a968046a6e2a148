"""The tests' hand on a fake Discord, in this process or another: all by its door's address."""

from __future__ import annotations

from typing import Any

from tests.fakes.chat.hand import PATIENCE, Hand, upload
from tests.fakes.discord.errors import Json
from tests.fakes.discord.settings import APPLICATION

__all__ = ["PATIENCE", "Client"]


class Client(Hand):
    """Each method is one act of the door; ids are strings, as Discord writes them."""

    # What happened

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
            more["files"] = [upload(name, data) for name, data in more["files"].items()]
        return (await self.do("say", channel=channel, user=user, text=text, **more))["id"]

    async def speak(self, channel: str, user: str, data: bytes, seconds: float, **more: Any) -> str:
        """A voice message's id; `reply_to`."""
        told = {"recording": upload("", data)["base64"], "seconds": seconds, **more}
        return (await self.do("speak", channel=channel, user=user, **told))["id"]

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
            key: upload(key, value) if isinstance(value, bytes) else value
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
