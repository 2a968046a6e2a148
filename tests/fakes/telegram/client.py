"""The tests' hand on a fake Telegram, in this process or another: all by its door's address."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fakes.chat.hand import PATIENCE, Hand, upload
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.settings import BOT

__all__ = ["PATIENCE", "Client"]


class Client(Hand):
    """Each method is one act of the door; ids are numbers, and a private chat has its person's."""

    bot = BOT

    # What happened

    async def posted(self, chat: int, *, count: int = 1, since: int = 0) -> list[Json]:
        """The bot's messages in a chat as they were sent, once there are `count` of them."""
        found = await self.wait("send", count=count, since=since, chat=chat, by=self.bot)
        return [entry["json"] for entry in found]

    async def edited(
        self, chat: int, message: int, *, count: int = 1, since: int = 0
    ) -> list[Json]:
        """What a message became, edit by edit, once there are `count` of them."""
        found = await self.wait("edit", count=count, since=since, chat=chat, message=message)
        return [entry["json"] for entry in found]

    async def until(self, chat: int, words: str, *, since: int = 0) -> Json:
        """The first message of the bot in a chat, as sent or edited, with these words in it."""
        at = since
        async with asyncio.timeout(PATIENCE):
            while True:
                entries = await self.record(at, wait=PATIENCE)
                at += len(entries)
                for entry in entries:
                    if entry["kind"] in ("send", "edit") and entry["chat"] == chat:
                        said = entry["json"]
                        text = said.get("text") or said.get("caption") or ""
                        if entry["by"] == self.bot and words in text:
                            return said

    async def screen(self, chat: int, *, topic: int | None = None) -> list[Json]:
        """What stands in a chat now, with entities and buttons; oldest first."""
        return (await self.do("screen", chat=chat, topic=topic))["messages"]

    async def answered(self, press: str) -> Json:
        """A press once it has been answered: text, alert, url."""
        await self.wait("answer", id=press)
        return (await self.do("answered", id=press))["answer"]

    async def commands(self, chat: int, user: int) -> list[Json]:
        """What somebody's client lists there."""
        return (await self.do("offered", chat=chat, user=user))["commands"]

    # Places and people

    async def person(self, name: str, **more: Any) -> int:
        """Somebody new; `username=None` for none, `language`, `last_name`."""
        return (await self.do("person", name=name, **more))["id"]

    async def private(self, name: str, **more: Any) -> int:
        """Somebody new who has pressed Start; the chat has their id."""
        user = await self.person(name, **more)
        await self.say(user, user, "/start")
        return user

    async def group(self, title: str, *members: int, **more: Any) -> int:
        """Its first member owns it; `administrator`, `invited=False`."""
        return await self._chat("group", title, members, more)

    async def supergroup(self, title: str, *members: int, **more: Any) -> int:
        """As `group`; `forum`, `username`."""
        return await self._chat("supergroup", title, members, more)

    async def channel(self, title: str, *members: int, **more: Any) -> int:
        return await self._chat("channel", title, members, more)

    async def _chat(self, kind: str, title: str, members: tuple[int, ...], more: Json) -> int:
        owner, others = (members[0], members[1:]) if members else (None, ())
        told = {"kind": kind, "title": title, "owner": owner, "members": others}
        return (await self.do("chat", **told, **more))["id"]

    async def join(self, chat: int, user: int) -> None:
        await self.do("join", chat=chat, user=user)

    async def leave(self, chat: int, user: int) -> None:
        await self.do("leave", chat=chat, user=user)

    async def kick(self, chat: int, user: int | None = None) -> None:
        """The bot, if nobody is named; so in `promote`, `demote` and `restrict`."""
        await self.do("kick", chat=chat, user=user)

    async def promote(self, chat: int, user: int | None = None, **more: Any) -> None:
        """`rights`: only these."""
        await self.do("promote", chat=chat, user=user, **more)

    async def demote(self, chat: int, user: int | None = None) -> None:
        await self.do("demote", chat=chat, user=user)

    async def restrict(self, chat: int, user: int | None = None, *allowed: str) -> None:
        await self.do("restrict", chat=chat, user=user, allowed=allowed)

    async def block(self, user: int) -> None:
        await self.do("block", user=user)

    async def unblock(self, user: int) -> None:
        await self.do("unblock", user=user)

    async def migrate(self, chat: int) -> int:
        """The supergroup's id."""
        return (await self.do("migrate", chat=chat))["id"]

    async def topic(self, chat: int, user: int, name: str) -> int:
        made = await self.do("topic", chat=chat, user=user, name=name)
        return made["message_thread_id"]

    # Hands

    async def say(self, chat: int, user: int, text: str, **more: Any) -> int:
        """A message's id; `reply_to`, `quote`, `topic`, `forward_of`, `behalf`, `entities`."""
        return (await self.do("say", chat=chat, user=user, text=text, **more))["message_id"]

    async def command(
        self, chat: int, user: int, name: str, *words: str, at: str | None = None, **more: Any
    ) -> int:
        """`/name words`; `at` as clients write it where there are several bots: /name@at."""
        named = f"/{name}@{at}" if at else f"/{name}"
        return await self.say(chat, user, " ".join([named, *words]), **more)

    async def edit(self, chat: int, message: int, text: str) -> None:
        await self.do("edit", chat=chat, message=message, text=text)

    async def delete(self, chat: int, message: int) -> None:
        await self.do("delete", chat=chat, message=message)

    async def press(self, chat: int, message: int, user: int, data: str, **more: Any) -> str:
        """The press's id; `data` may be the button's words."""
        told = {"chat": chat, "message": message, "user": user, "data": data}
        return (await self.do("press", **told, **more))["id"]

    async def react(self, chat: int, message: int, user: int, *emoji: str) -> None:
        await self.do("react", chat=chat, message=message, user=user, emoji=emoji)

    async def document(self, chat: int, user: int, name: str, data: bytes, **more: Any) -> int:
        """A message's id; `text`, `type`, `size` (what it claims to have), `reply_to`, `topic`."""
        return await self._file(chat, user, "document", name, data, more)

    async def photo(self, chat: int, user: int, data: bytes, **more: Any) -> int:
        more = {"type": "image/jpeg", **more}
        return await self._file(chat, user, "photo", "photo.jpg", data, more)

    async def voice(self, chat: int, user: int, data: bytes = b"OggS", **more: Any) -> int:
        return await self._file(chat, user, "voice", "voice.ogg", data, more)

    async def _file(
        self, chat: int, user: int, kind: str, name: str, data: bytes, more: Json
    ) -> int:
        names = ("type", "size", "duration")
        own: Json = {name: more.pop(name) for name in names if name in more}
        sent = await self.album(chat, user, {"kind": kind, **upload(name, data), **own}, **more)
        return sent[0]

    async def album(self, chat: int, user: int, *files: Json, **more: Any) -> list[int]:
        """The messages' ids; files as `upload` makes them, with `kind`."""
        done = await self.do("send", chat=chat, user=user, files=files, **more)
        return [one["message_id"] for one in done["messages"]]
