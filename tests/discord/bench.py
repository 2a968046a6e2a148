"""A swarm on a fake Discord over real sockets, and the hands of the people there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from bot.discord.service import Surface
from bot.discord.signons import Pace
from bot.messages import Messages
from bot.reply import Notice
from swarm_core.kernel.clock import SystemClock
from swarm_core.people import TERMINAL
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER
from tests.fakes.discord.client import PATIENCE, Client
from tests.fakes.discord.clock import Clock
from tests.fakes.discord.server import FakeDiscord, serving
from tests.fakes.discord.settings import TOKEN, Settings
from tests.worlds import awake

API = "/api/v10"
QUICK = Pace(apart=0.0, calm=(0.0, 0.0), again=0.0, guilds=0.05, at_once=30.0, history=30.0)
"""Nothing that is timed by these is tested by it."""


@dataclass
class Bench:
    """One server with one channel, and Ana, who owns the swarm, and Ben in it."""

    fake: FakeDiscord
    hand: Client
    folder: Path
    guild: str
    channel: str
    ana: str
    ben: str
    told: list[Notice] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    pace: Pace = QUICK
    surface_of: Surface | None = None
    """The surface that was opened last."""

    @property
    def bot(self) -> str:
        return str(self.fake.service.world.bot["id"])

    @asynccontextmanager
    async def on_discord(
        self, *workers: Any, token: str = TOKEN, wait: bool = True, **sections: Any
    ) -> AsyncIterator[Swarm]:
        """The swarm, on Discord until the context ends; `wait` until it is."""
        quiet = {"api_url": self.fake.url + API, "welcome": False}
        discord = {**quiet, **sections.pop("discord", {})}
        owner = {"discord": self.ana}
        sections.setdefault("clock", SystemClock())  # the fake's is the machine's
        # Nothing waits to be undone, unless a test is about that.
        sections["chat"] = {"undo": "0s", **sections.get("chat", {})}
        opened = awake(self.folder, *workers, discord=discord, owner=owner, **sections)
        async with opened as swarm, self.surface(swarm, token=token, wait=wait):
            yield swarm

    @asynccontextmanager
    async def surface(
        self, swarm: Swarm, *, token: str = TOKEN, wait: bool = True
    ) -> AsyncIterator[None]:
        """The surface of a swarm that runs, from when it is ready or has given up."""
        say = Messages.load(strict=True)
        desk = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=say)
        self.news.clear()

        def tell(notice: Notice) -> None:
            self.told.append(notice)
            self.news.set()

        self.surface_of = Surface(desk, token, tell, self.pace)
        serving = asyncio.create_task(self.surface_of.serve())
        async with asyncio.timeout(PATIENCE):
            if wait:
                await self.news.wait()
        try:
            yield
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

    async def until(self, words: str) -> None:
        """Wait until people were told something with these words in it."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in notice.text for notice in self.told):
                self.news.clear()
                await self.news.wait()

    async def promote(self, swarm: Swarm, person: str, role: str = "operator") -> None:
        """Let somebody hold a role in the server, as the owner does with `/people role`."""
        await swarm.members.arrived(surface="discord", space=self.guild, account=person)
        await swarm.members.give(OWNER, f"discord/{person}", role, f"discord/{self.guild}")

    async def known(self, swarm: Swarm, message: str) -> None:
        """Wait until it is on disk what a message of the bot is about: no person is as quick as
        a test is."""
        async with asyncio.timeout(PATIENCE):
            while await swarm.posts.about("discord", self.channel, message) is None:
                await swarm.store.write(lambda tx: None)

    async def posted(self, n: int, channel: str | None = None) -> list[dict[str, Any]]:
        """The bot's messages in a channel, once there are `n`."""
        where = channel or self.channel
        since = 0
        while True:
            found = [m for m in await self.hand.messages(where) if m["author"]["id"] == self.bot]
            if len(found) >= n:
                return found
            since = await self.hand.now()
            found = [m for m in await self.hand.messages(where) if m["author"]["id"] == self.bot]
            if len(found) < n:
                await self.hand.wait("create", since=since)


@asynccontextmanager
async def bench(folder: Path, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Bench]:
    # A machine that is busy with something else is not what is tested.
    settings.setdefault("interaction_deadline", 60.0)
    async with serving(settings=Settings(**settings)) as fake, Client.at(fake.url) as hand:
        if clock:
            fake.service.world.clock = clock
        guild = await hand.guild()
        channel = await hand.channel(guild)
        ana, ben = await hand.person("ana", guild), await hand.person("ben", guild)
        yield Bench(fake, hand, folder, guild, channel, ana, ben)
