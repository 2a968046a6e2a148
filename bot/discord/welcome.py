"""A hello where the bot was invited, once, with examples that are asked by pressing them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import discord

from bot.answers.helping import examples
from bot.chat.places import whole
from bot.chat.tongues import said_in
from bot.discord.here import Here
from bot.discord.places import SURFACE, place_of
from bot.discord.tongues import language_of
from bot.messages import spoken
from bot.reply import Notice, Reply
from bot.sections.discord import Discord
from swarm_core import WaggleError

log = logging.getLogger(__name__)

_LOOKED_AT, _BACK = 3, 20
"""In so many channels, and so many messages back, an earlier hello is looked for."""
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
        if not here.swarm.settings.of(Discord).welcome or not fresh:
            return
        if await here.swarm.posts.recall(SURFACE, noted):
            return
        channels = list(self._channels(guild))
        before = await self._said_before(guild, channels)
        for channel in [before.channel] if before else channels:
            place = place_of(guild.id, channel.id)
            say = said_in(here, language_of(here, whole(place), guild))
            told = Notice(level="info", text=say("connection.welcome"))
            try:
                (drawn,) = here.way.render(Reply(parts=(told, examples(say))), say)
                message = await here.armed(drawn, place)
                if before:
                    sent = str(before.id)
                    await here.way.edit(str(channel.id), sent, message)
                else:
                    sent = await here.way.post(
                        str(channel.id), message, nonce=f"welcome-{guild.id}"[-25:]
                    )
            except WaggleError as error:
                log.warning("no hello in %s: %s", guild.name, error)
                continue
            await here.swarm.posts.note(SURFACE, noted, sent)
            return

    async def _said_before(
        self, guild: discord.Guild, channels: Sequence[discord.TextChannel]
    ) -> discord.Message | None:
        """The hello that was said from outside while the swarm was set up, or here just before it
        could be noted: one is enough, and this one gets the examples."""
        hellos = {
            words
            for language in self._here.say.languages()
            for words in (
                spoken(language)("init.discord.greeting", name=guild.me.name),
                spoken(language)("connection.greeting"),
                spoken(language)("connection.welcome"),
            )
        }
        for channel in channels[:_LOOKED_AT]:
            if not channel.permissions_for(guild.me).read_message_history:
                continue
            try:
                async for said in channel.history(limit=_BACK):
                    if said.author.id == guild.me.id and said.content in hellos:
                        return said
            except discord.HTTPException as error:
                log.warning("no history of channel %s: %s", channel.id, error)
        return None

    def _channels(self, guild: discord.Guild) -> Iterator[discord.TextChannel]:
        """Where it may write: where the server greets people, then its channels in their order."""
        first = [guild.system_channel] if guild.system_channel else []
        for channel in dict.fromkeys((*first, *guild.text_channels)):
            may = channel.permissions_for(guild.me)
            if may.view_channel and may.send_messages and self._serves(guild.id, channel.id):
                yield channel
