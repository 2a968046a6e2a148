"""Messages that were changed or deleted on Discord.

Discord tells of an edit also when it has only looked up a link in a message, and never says who
deleted one. So an edit counts when its words are others, and a deletion as the author's own.
"""

from __future__ import annotations

import logging
from contextlib import suppress

import discord

from bot.chat import edits
from bot.chat.places import DIRECT, whole
from bot.discord.behind import PROBLEMS
from bot.discord.here import Here
from bot.discord.places import SURFACE, place_of
from bot.discord.spoken import Spoken
from bot.reply import Reply
from swarm_core import Actor, WaggleError

log = logging.getLogger(__name__)


class Edits:
    """Carries out what people change of what they said."""

    def __init__(self, here: Here, spoken: Spoken) -> None:
        self._here = here
        self._spoken = spoken
        self._edits = edits.Edits(here, spoken.talk)

    async def edited(self, said: discord.Message, me: int) -> None:
        """A message as it stands now."""
        text = self._spoken.words(said, me)
        if said.edited_at is None or not text:
            return  # a link was looked up, or we may not read it
        guild = said.guild.id if said.guild else None
        async with self._spoken.turns.of(said.id):
            actor = await self._spoken.actor(guild, said.author)
            place = place_of(None, said.channel.id)
            reply = await self._edits.edited(actor, place, f"m{said.id}", text)
        if reply:
            await self._say(actor, guild, said.channel.id, reply, said.id)

    async def deleted(self, guild: int | None, channel: int, message: int) -> None:
        """A message that is there no more."""
        async with self._spoken.turns.of(message):
            found = await self._edits.deleted(place_of(guild, channel), f"m{message}")
        if found and found[1]:
            await self._say(found[0], guild, channel, found[1], None)

    async def catch_up(self, client: discord.Client) -> None:
        """Look again at what nobody has read: it may have been changed while we were away."""
        assert client.user is not None
        me = client.user.id
        for key, place in await self._here.swarm.talking.unread(SURFACE):
            message = key.rpartition("/m")[2]
            if not message.isdecimal():
                continue
            homes = dict.fromkeys((whole(place), self._here.homes.home(place)))
            try:
                said = await _found(client, [int(home.thread) for home in homes], int(message))
                if said is not None:
                    await self.edited(said, me)
                else:
                    guild = None if place.space == DIRECT else int(place.space)
                    await self.deleted(guild, int(whole(place).thread), int(message))
            except (*PROBLEMS, WaggleError) as error:
                log.warning("message %s cannot be looked at again: %s", message, error)

    async def _say(
        self, actor: Actor, guild: int | None, channel: int, reply: Reply, to: int | None
    ) -> None:
        desk = self._here.desk(actor, place_of(guild, channel))
        for message in await self._here.rendered(reply, actor, desk.place):
            await self._here.way.post(
                str(channel), message, reply_to=str(to) if to is not None else None
            )


async def _found(
    client: discord.Client, channels: list[int], message: int
) -> discord.Message | None:
    for number in channels:
        channel = client.get_channel(number) or await client.fetch_channel(number)
        if isinstance(channel, discord.abc.Messageable):
            with suppress(discord.NotFound):
                return await channel.fetch_message(message)
    return None
