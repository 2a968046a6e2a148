"""Messages changed and deleted: as long as nobody has read them they count as changed or taken
back; later that is said in words.

Discord tells of an edit also when it has only looked up a link in a message, and never says who
deleted one. So an edit counts when its words are others, and a deletion as the author's own.
"""

from __future__ import annotations

import logging
from contextlib import suppress

import discord
import msgspec

from bot.answers.talking import amended, withdrawn
from bot.discord.behind import PROBLEMS
from bot.discord.here import Here
from bot.discord.inbound import let_in
from bot.discord.places import DIRECT, SURFACE, place_of, whole
from bot.discord.saying import MEMBER
from bot.discord.spoken import Spoken
from bot.reply import Reply
from bot.running import words
from swarm_core import Actor, WaggleError

log = logging.getLogger(__name__)


class Edits:
    """Carries out what people change of what they said."""

    def __init__(self, here: Here, spoken: Spoken) -> None:
        self._here = here
        self._spoken = spoken

    async def edited(self, said: discord.Message, me: int) -> None:
        """A message as it stands now."""
        text = self._spoken.words(said, me)
        if said.edited_at is None or not text:
            return  # a link was looked up, or we may not read it
        async with self._spoken.in_turn(said.id):
            guild = said.guild.id if said.guild else None
            actor = await self._spoken.actor(guild, said.author)
            try:
                reply = await self._amend(actor, said, text)
            except WaggleError as error:
                reply = self._here.problem(error, actor)
        if reply:
            await self._say(actor, guild, said.channel.id, reply, said.id)

    async def _amend(self, actor: Actor, said: discord.Message, text: str) -> Reply | None:
        here, event = self._here, f"m{said.id}"
        let_in(here.swarm, actor, "edit")
        desk = here.desk(actor, place_of(None, said.channel.id))
        found = await here.swarm.talking.said(actor, event)
        if found is None:
            return None
        asked = self._spoken.request(text, None if found.told is not None else found.kind, actor)
        if asked is None:
            return amended(words(desk), found.task, "other")
        wish, plain = asked
        changed = await here.swarm.talking.amend(actor, event, plain, wish)
        if changed is None or changed.what == "same":
            return None
        return amended(
            words(desk),
            changed.task,
            changed.what,
            told=changed.told,
            approval=changed.approval,
        )

    async def deleted(self, guild: int | None, channel: int, message: int) -> None:
        """A message that is there no more."""
        here, event = self._here, f"m{message}"
        async with self._spoken.in_turn(message):
            key = await here.swarm.talking.author(f"{SURFACE}/{guild or DIRECT}", event)
            if key is None:
                return
            actor = here.swarm.members.directory.actor_of(key)
            if not actor.roles:
                actor = msgspec.structs.replace(actor, roles=frozenset({MEMBER}))
            try:
                let_in(here.swarm, actor, "delete")
                changed = await here.swarm.talking.withdraw(actor, event)
            except WaggleError as error:
                reply: Reply | None = here.problem(error, actor)
            else:
                desk = here.desk(actor, place_of(guild, channel))
                reply = withdrawn(words(desk), changed) if changed else None
        if reply:
            await self._say(actor, guild, channel, reply, None)

    async def catch_up(self, client: discord.Client) -> None:
        """Look again at what nobody has read: it may have been changed while we were away."""
        assert client.user is not None
        me = client.user.id
        for key, place in await self._here.swarm.talking.unread(SURFACE):
            message = key.rpartition("/m")[2]
            if not message.isdecimal():
                continue
            homes = dict.fromkeys((whole(place), self._here.threads.home(place)))
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
            await self._here.rest.post(
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
