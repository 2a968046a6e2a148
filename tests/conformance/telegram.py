"""Somebody on Telegram, in a group with others or alone with the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.commands.slashed import named, slashed_line
from swarm_core.swarm import Swarm
from tests.conformance.hands import Hands, Shown
from tests.fakes.telegram.client import PATIENCE
from tests.fakes.telegram.settings import BOT
from tests.telegram.bench import Bench, bench


class Telegram(Hands):
    surface = "telegram"

    def __init__(self, swarm: Swarm, at: Bench, who: int, *, alone: bool = False) -> None:
        super().__init__(swarm)
        self._at, self._who, self._alone = at, who, alone
        self._chat = who if alone else at.group

    async def say(self, text: str, files: Mapping[str, bytes] | None = None) -> str:
        told = self._told(text)
        for name, data in (files or {}).items():
            said = await self._at.hand.document(self._chat, self._who, name, data, text=told)
            return str(said)
        return str(await self._at.hand.say(self._chat, self._who, told))

    def _told(self, text: str) -> str:
        return text if self._alone or text.startswith("/") else f"@{_me(self._at)} {text}"

    async def command(self, line: str) -> str:
        head, space, rest = slashed_line(line).partition(" ")
        named = head if self._alone else f"{head}@{_me(self._at)}"
        return await self.say(f"{named}{space}{rest}")

    async def offered(self) -> dict[str, str]:
        listed = await self._at.hand.commands(self._who, self._who)
        return {str(named(each["command"])): each["description"] for each in listed}

    async def typed(self, line: str) -> str:
        return await self.command(line)

    async def reply(self, to: Shown, text: str) -> str:
        chat, _, message = to.id.partition("/")
        while await self.swarm.posts.about("telegram", to.where, message) is None:
            await self.swarm.store.write(lambda tx: None)
        said = await self._at.hand.say(int(chat), self._who, text, reply_to=int(message))
        return str(said)

    async def press(self, on: Shown, label: str) -> None:
        chat, _, message = on.id.partition("/")
        await self._at.hand.press(int(chat), int(message), self._who, label)

    async def edit(self, said: str, text: str) -> None:
        await self._at.hand.edit(self._chat, int(said), self._told(text))

    @property
    def ben(self) -> Hands:
        return Telegram(self.swarm, self._at, self._at.ben, alone=self._alone)

    @property
    def directly(self) -> Hands:
        return Telegram(self.swarm, self._at, self._who, alone=True)

    async def standing(self) -> list[Shown]:
        found = list[dict[str, Any]]()
        for chat in (self._at.group, self._who):
            found += await self._at.hand.screen(chat)
        ours = [self._shown(each) for each in found if each["from"]["id"] == BOT]
        return [*ours, *self._alerts()]

    def _alerts(self) -> list[Shown]:
        """What a press was answered with, in front of whoever pressed."""
        presses = self._at.fake.service.callbacks.by_id
        return [
            Shown(query, text, text, "press", alone=True)
            for query, press in presses.items()
            if (text := (press.answer or {}).get("text") or "")
        ]

    def _shown(self, message: Mapping[str, Any]) -> Shown:
        chat = message["chat"]["id"]
        text = message.get("text") or message.get("caption") or ""
        rows = message.get("reply_markup", {}).get("inline_keyboard", ())
        entities = message.get("entities", message.get("caption_entities", ()))
        pings = any(each["type"] in ("mention", "text_mention") for each in entities)
        return Shown(
            f"{chat}/{message['message_id']}",
            text,
            str([text, entities]),
            str(chat),
            tuple(button["text"] for row in rows for button in row),
            self._files(message),
            alone=chat == self._who,
            pings=pings or "reply_to_message" in message or chat == self._who,
        )

    def _files(self, message: Mapping[str, Any]) -> dict[str, bytes]:
        if "document" not in message:
            return {}
        told = message["document"]
        return {told["file_name"]: self._at.fake.service.files.get(told["file_id"]).upload[2]}

    async def now(self) -> int:
        return await self._at.hand.now()

    async def news(self, since: int) -> None:
        if not await self._at.hand.record(since, wait=PATIENCE):
            raise TimeoutError


def _me(at: Bench) -> str:
    return str(at.fake.service.world.users[BOT]["username"])


class Stage:
    def __init__(self, at: Bench) -> None:
        self._at = at

    @asynccontextmanager
    async def opened(self, *workers: Any, **sections: Any) -> AsyncIterator[Hands]:
        chats = {"chats": [str(self._at.group)], **sections.pop("telegram", {})}
        async with self._at.on_telegram(*workers, telegram=chats, **sections) as swarm:
            for person in (self._at.ana, self._at.ben):
                # What they wrote first, before anybody was there.
                await self._at.said(person, "Hello")
            yield Telegram(swarm, self._at, self._at.ana)


@asynccontextmanager
async def telegram(folder: Path) -> AsyncIterator[Stage]:
    async with bench(folder) as at:
        yield Stage(at)
