"""A swarm on a fake Telegram over real sockets, and the hands of the people there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from bot.messages import Messages
from bot.reply import Notice
from bot.sections.telegram import Keys
from bot.telegram import polling
from bot.telegram.service import Pace, Surface
from swarm_core.kernel.clock import SystemClock
from swarm_core.people import TERMINAL
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER
from tests.fakes.telegram.client import PATIENCE, Client
from tests.fakes.telegram.server import FakeTelegram, serving
from tests.fakes.telegram.settings import TOKEN, Settings
from tests.telegram.wire import EAGER
from tests.worlds import awake

HOUR = 3600.0
QUICK = Pace(polling=polling.Pace(again=0.01, last=60.0), limits=EAGER, album=0.05, list=0.05)
"""Nothing that is timed by these is tested by it."""


@dataclass
class Bench:
    """Ana, who owns the swarm, and Ben; both have started the bot, and are in a group with it."""

    fake: FakeTelegram
    hand: Client
    folder: Path
    group: int
    ana: int
    ben: int
    told: list[Notice] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    pace: Pace = QUICK
    surface_of: Surface | None = None

    @asynccontextmanager
    async def on_telegram(
        self, *workers: Any, token: str = TOKEN, wait: bool = True, **sections: Any
    ) -> AsyncIterator[Swarm]:
        """The swarm, on Telegram until the context ends; `wait` until it is."""
        quiet = {"base_url": self.fake.url, "welcome": False}
        telegram = {**quiet, **sections.pop("telegram", {})}
        owner = {"telegram": str(self.ana)}
        sections.setdefault("clock", SystemClock())  # the fake's is the machine's
        # Nothing waits to be undone, unless a test is about that.
        sections["chat"] = {"undo": "0s", **sections.get("chat", {})}
        opened = awake(self.folder, *workers, telegram=telegram, owner=owner, **sections)
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

        self.surface_of = Surface(desk, Keys(token=token), tell, self.pace)
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

    async def said(self, chat: int, words: str, *, since: int = 0) -> dict[str, Any]:
        """The first message of the bot in a chat, as sent or edited, with these words in it."""
        return await self.hand.until(chat, words, since=since)

    async def press(self, message: dict[str, Any], words: str, user: int) -> str:
        """Press the button with these words below a message; returns the press."""
        return await self.hand.press(message["chat"]["id"], message["message_id"], user, words)


@asynccontextmanager
async def bench(folder: Path, **settings: Any) -> AsyncIterator[Bench]:
    # A machine that is busy with something else is not what is tested.
    settings.setdefault("callback_life", HOUR)
    async with (
        serving(seed=7, settings=Settings(**settings)) as fake,
        Client.at(fake.url) as hand,
    ):
        ana, ben = await hand.private("ana"), await hand.private("ben")
        group = await hand.supergroup("workshop", ana, ben)
        yield Bench(fake, hand, folder, group, ana, ben)
        # What the fake itself got wrong: an answer other than the description has it.
        assert fake.service.undocumented == []
