"""Somebody on Discord, in a channel with others or alone with the bot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.commands.declared import find
from bot.commands.kinds import Switch, Whole
from bot.commands.line import parse_line
from swarm_core.swarm import Swarm
from tests.conformance.hands import Hands, Shown
from tests.discord.bench import Bench, bench
from tests.discord.decisions import ids
from tests.fakes.discord.client import PATIENCE
from tests.fakes.discord.content import LOADING

_EPHEMERAL = 1 << 6
_ESCAPED = re.compile(r"\\([\\*_~|`>#\[\]().:<@-])")
_MARKS = re.compile(r"\*\*|__|~~|\|\||`+(?:[a-z]+\n)?|^-# |^#+ |^> ", re.MULTILINE)


class Discord(Hands):
    surface = "discord"

    def __init__(self, swarm: Swarm, at: Bench, who: str, *, alone: bool = False) -> None:
        super().__init__(swarm)
        self._at, self._who, self._alone = at, who, alone

    async def say(self, text: str, files: Mapping[str, bytes] | None = None) -> str:
        at = self._at
        if self._alone:
            return str((await at.hand.dm(self._who, text))["id"])
        more = {"files": files} if files else {}
        return await at.hand.say(at.channel, self._who, f"<@{at.bot}> {text}", **more)

    async def command(self, line: str) -> str:
        at, parsed = self._at, parse_line(line)
        name = find(parsed.command.name).name
        if self._alone or name not in await self.offered():
            return await self.say(line)
        options = _options(name, parsed.given)
        told = {"channel": at.channel, "user": self._who, "name": name, "options": options}
        return str((await at.hand.do("command", **told))["id"])

    async def offered(self) -> dict[str, str]:
        listed = await self._at.hand.commands(self._at.guild)
        return {each["name"]: each["description"] for each in listed if each.get("type", 1) == 1}

    async def reply(self, to: Shown, text: str) -> str:
        while await self.swarm.posts.about("discord", to.where, to.id) is None:
            await self.swarm.store.write(lambda tx: None)
        return await self._at.hand.say(to.where, self._who, text, reply_to=to.id)

    async def press(self, on: Shown, label: str) -> None:
        found = [m for m in await self._messages() if m["id"] == on.id]
        await self._at.hand.press(on.where, on.id, self._who, ids(found[0])[label], stale=True)

    async def edit(self, said: str, text: str) -> None:
        at = self._at
        told = {"channel": at.channel, "message": said, "text": f"<@{at.bot}> {text}"}
        await at.hand.do("edit", **told)

    @property
    def ben(self) -> Hands:
        return Discord(self.swarm, self._at, self._at.ben, alone=self._alone)

    @property
    def directly(self) -> Hands:
        return Discord(self.swarm, self._at, self._who, alone=True)

    async def standing(self) -> list[Shown]:
        return [self._shown(message) for message in await self._messages()]

    async def _messages(self) -> list[dict[str, Any]]:
        at, found = self._at, list[dict[str, Any]]()
        for channel in (at.channel, *self._direct()):
            found += await at.hand.messages(channel, user=self._who)
        ours = (each for each in found if each["author"]["id"] == at.bot)
        return [each for each in ours if not each["flags"] & LOADING]

    def _direct(self) -> list[str]:
        channels = self._at.fake.service.world.channels.values()
        return [
            str(channel["id"])
            for channel in channels
            if channel["type"] == 1
            and any(each["id"] == self._who for each in channel["recipients"])
        ]

    def _shown(self, message: Mapping[str, Any]) -> Shown:
        marked = _text(message)
        files = self._at.fake.service.world.files
        where, told = str(message["channel_id"]), message["attachments"]
        return Shown(
            str(message["id"]),
            plain(marked),
            marked,
            where,
            tuple(ids(message)),
            {each["filename"]: files[urlsplit(each["url"]).path][1] for each in told},
            alone=bool(message["flags"] & _EPHEMERAL) or where != self._at.channel,
            pings=f"<@{self._who}>" in marked,
        )

    async def now(self) -> int:
        return await self._at.hand.now()

    async def news(self, since: int) -> None:
        if not await self._at.hand.record(since, wait=PATIENCE):
            raise TimeoutError


def plain(marked: str) -> str:
    """Text as somebody reads it whose client has drawn it."""
    return _ESCAPED.sub(r"\1", _MARKS.sub("", marked))


def _text(message: Mapping[str, Any]) -> str:
    texts = [message["content"]]
    for embed in message["embeds"]:
        texts += [embed.get("title", ""), embed.get("description", "")]
        texts += [f"{each['name']}: {each['value']}" for each in embed.get("fields", ())]
        texts.append(embed.get("footer", {}).get("text", ""))
    return "\n".join(filter(None, texts))


def _options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the types the options have."""
    kinds = {param.name: param.kind for param in find(name).params}
    made: dict[str, Any] = {}
    for each, value in given.items():
        if isinstance(kinds[each], Switch):
            made[each] = True
        elif isinstance(kinds[each], Whole):
            made[each] = int(value)
        else:
            made[each] = " ".join(value) if isinstance(value, list) else value
    return made


class Stage:
    def __init__(self, at: Bench) -> None:
        self._at = at

    @asynccontextmanager
    async def opened(self, *workers: Any, **sections: Any) -> AsyncIterator[Hands]:
        async with self._at.on_discord(*workers, **sections) as swarm:
            await self._at.hand.wait("commands")
            yield Discord(swarm, self._at, self._at.ana)


@asynccontextmanager
async def discord(folder: Path) -> AsyncIterator[Stage]:
    async with bench(folder) as at:
        yield Stage(at)
