"""A hello where the bot was invited, once, with examples that are asked by pressing them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import discord

from bot.answers.helping import examples
from bot.discord.here import Here
from bot.discord.places import SURFACE, place_of
from bot.reply import Notice, Reply
from swarm_core import SWARM, WaggleError

log = logging.getLogger(__name__)

FRESH = timedelta(days=1)
"""So long after it was invited it still says hello: it may have been started later than that."""


class Welcome:
    """Says hello to servers. `serves` says where it answers at all."""

    def __init__(self, here: Here, serves: Callable[[int | None, int | None], bool]) -> None:
        self._here = here
        self._serves = serves

    async def to_all(self, guilds: Iterable[discord.Guild]) -> None:
        """Say hello to each, unless that was done before or the bot has been there for long."""
        for guild in guilds:
            try:
                await self._to(guild)
            except WaggleError as error:
                log.warning("no hello in %s: %s", guild.name, error)

    async def _to(self, guild: discord.Guild) -> None:
        here, noted = self._here, f"welcomed/{guild.id}"
        joined = guild.me.joined_at if guild.me else None
        fresh = joined is not None and datetime.now(UTC) - joined < FRESH
        if not here.swarm.settings.discord.welcome or not fresh:
            return
        if await here.swarm.posts.recall(SURFACE, noted):
            return
        for channel in self._channels(guild):
            place = place_of(guild.id, channel.id)
            told = Notice(level="info", text=here.say("connection.welcome"))
            reply = Reply(parts=(told, examples(here.say)))
            try:
                (message,) = await here.rendered(reply, SWARM, place)
                sent = await here.rest.post(
                    str(channel.id), message, nonce=f"welcome-{guild.id}"[-25:]
                )
            except WaggleError as error:
                log.warning("no hello in %s: %s", guild.name, error)
                continue
            await here.swarm.posts.note(SURFACE, noted, sent)
            return

    def _channels(self, guild: discord.Guild) -> Iterator[discord.TextChannel]:
        """Where it may write: where the server greets people, then its channels in their order."""
        first = [guild.system_channel] if guild.system_channel else []
        for channel in dict.fromkeys((*first, *guild.text_channels)):
            may = channel.permissions_for(guild.me)
            if may.view_channel and may.send_messages and self._serves(guild.id, channel.id):
                yield channel
