"""The servers we are in: each is told of our commands, and comes and goes while we work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

import discord

from bot.chat.cards import Cards
from bot.chat.urgency import Urgency, urgency
from bot.discord import registry
from bot.discord.here import Here
from bot.discord.places import SURFACE
from bot.messages import Messages
from swarm_core import WaggleError

log = logging.getLogger(__name__)

MOST_NAMED = 5
"""Servers that are named."""


class Guilds:
    """What has to be done for a server."""

    def __init__(
        self, here: Here, serves: Callable[[int | None, int | None], bool], cards: Cards
    ) -> None:
        self._here, self._serves, self._cards = here, serves, cards
        self._listed = registry.declarations(here.say)
        self._digest = registry.digest(self._listed)
        self._known: dict[str, str] | None = None
        self._one = asyncio.Lock()

    async def declare(self, guilds: Iterable[int]) -> None:
        """Tell servers of our commands, where they are not those it knows."""
        urgency.set(Urgency.LATER)
        async with self._one:
            await self._declare(guilds)

    async def _declare(self, guilds: Iterable[int]) -> None:
        here = self._here
        if self._known is None:
            self._known = await here.swarm.posts.named(SURFACE, "commands/")
        for guild in guilds:
            if not self._serves(guild, None) or self._known.get(str(guild)) == self._digest:
                continue
            try:
                await here.way.commands(guild, self._listed)
            except WaggleError as error:
                log.error("a server takes no commands of ours: %s", error)
                continue
            await self._note(guild, self._digest)

    async def _note(self, guild: int, digest: str) -> None:
        if self._known is not None:
            self._known[str(guild)] = digest
        await self._here.swarm.posts.note(SURFACE, f"commands/{guild}", digest)

    async def joined(self, guild: int, *, anew: bool) -> None:
        """A server is there; `anew` when we were invited just now."""
        await self.declare([guild])
        if anew:
            await self._cards.again(str(guild))

    async def left(self, guild: int) -> None:
        """We are not in it any more, and it has forgotten our commands."""
        async with self._one:
            await self._note(guild, "")


def named(guilds: Sequence[discord.Guild], say: Messages) -> list[str]:
    """What the servers are called that are there, the first of many."""
    names = [guild.name for guild in guilds if not guild.unavailable]
    left = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], say("connection.more", count=left)] if left > 0 else names


def in_short(record: logging.LogRecord) -> bool:
    """Of the SDK's records: that it comes back is no fault that needs a traceback."""
    if str(record.msg).startswith("Attempting a reconnect"):
        record.exc_info = None
    return True
