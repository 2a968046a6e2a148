"""A small bot on discord.py, for the fake's own tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord import app_commands

from tests.fakes.discord import TOKEN, FakeDiscord
from tests.fakes.discord.client import PATIENCE
from tests.fakes.discord.sdk import aimed, ready_at_once


class Bot(discord.Client):
    def __init__(self, intents: discord.Intents | None = None) -> None:
        if intents is None:
            intents = discord.Intents.default()
            intents.message_content = True
        super().__init__(intents=intents, enable_debug_events=True)
        self.tree = app_commands.CommandTree(self)
        self.happened: asyncio.Queue[tuple[str, tuple[object, ...]]] = asyncio.Queue()

    def dispatch(self, event: str, /, *args: object, **more: object) -> None:
        super().dispatch(event, *args, **more)
        self.happened.put_nowait((event, args))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No five seconds between two starts; the fake counts them all the same."""

    async def until(self, event: str) -> tuple[object, ...]:
        """The next `event` that was not asked for yet."""
        while True:
            name, args = await asyncio.wait_for(self.happened.get(), PATIENCE)
            if name == event:
                return args


@asynccontextmanager
async def running(fake: FakeDiscord, bot: Bot) -> AsyncIterator[Bot]:
    """`bot` connected and ready while it lasts."""
    with aimed(fake.url), ready_at_once():
        task = asyncio.create_task(bot.start(TOKEN))
        waiting = asyncio.create_task(bot.until("ready"))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            waiting.cancel()
            task.result()
        try:
            yield bot
        finally:
            await bot.close()
            await asyncio.wait_for(task, PATIENCE)
