"""Messages: mentions, direct messages, threads of ours, replies. Other talk is left alone."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import discord

from bot.chat.saying import Send
from bot.chat.talk import Said, Talk
from bot.chat.turns import Turns
from bot.discord.here import Here
from bot.discord.material import Reader
from bot.discord.people import People
from bot.discord.places import SURFACE, place_of
from bot.discord.rooms import TALK, asked_by
from bot.discord.voices import voice_of
from bot.render.outgoing import Outgoing
from swarm_core import Actor, Task

_MENTION = re.compile(r"<@!?(\d+)>")


class Spoken:
    """Carries out what people say to us."""

    def __init__(self, here: Here, talk: Talk, people: People, reader: Reader) -> None:
        self._here = here
        self._people = people
        self._reader = reader
        self.talk = talk
        self.turns = Turns()

    async def message(self, said: discord.Message, me: int) -> None:
        """A message, of which it is only looked whether it is meant for us; each is taken once."""
        if self._here.marks.begin(said.channel.id, said.id):
            await self.begun(said, me)

    async def begun(self, said: discord.Message, me: int, *, late: bool = False) -> None:
        """A message that the marks know as begun. `late`: it was said while nobody was there."""
        marks, channel, meant = self._here.marks, said.channel.id, True
        try:
            if meant := await self.meant(said, me):
                async with self.turns.of(said.id):
                    await self._take(said, me, late=late)
        except asyncio.CancelledError:
            marks.leave(channel, said.id)
            raise
        except Exception:
            # It was tried, and would fail again after each start.
            await marks.end(channel, said.id, meant=meant, parent=hangs_on(said.channel))
            raise
        await marks.end(channel, said.id, meant=meant, parent=hangs_on(said.channel))

    async def actor(self, guild: int | None, person: discord.User | discord.Member) -> Actor:
        """Who an event comes from."""
        return await self._people.actor(guild, person)

    async def meant(self, said: discord.Message, me: int) -> bool:
        """Whether a message is meant for us: said directly, naming us, in a thread of ours, or
        in reply to us."""
        if said.type not in TALK:
            return False
        if said.guild is None or any(user.id == me for user in said.mentions):
            return True
        return _ours(said.channel, me) or await self._about(said) is not None

    def words(self, said: discord.Message, me: int) -> str:
        """What is said, without our name."""
        found = _MENTION.sub(lambda name: "" if name[1] == str(me) else name[0], said.content)
        return found.strip()

    async def _take(self, said: discord.Message, me: int, *, late: bool) -> None:
        here, about = self._here, await self._about(said)
        guild = said.guild.id if said.guild else None
        alone = said.guild is None or isinstance(said.channel, discord.Thread)
        place = place_of(guild, said.channel.id, None if alone else said.id)
        actor = await self.actor(guild, said.author)
        handed = [dict(each.to_dict()) for each in said.attachments]
        await self.talk.take(
            Said(
                key=f"m{said.id}",
                actor=actor,
                text=self.words(said, me),
                channel=str(said.channel.id),
                place=here.homes.conversation(place),
                about=about,
                files=bool(handed),
                voice=voice_of(said, self._reader.files),
                late=late,
            ),
            self._reader.of(handed, asked_by(said, actor.key)),
            _sender(here, said),
        )

    async def _about(self, said: discord.Message) -> Task | None:
        """The task of the message of ours that this one replies to, or of the thread it is in."""
        referred = said.reference.message_id if said.reference else None
        here, channel = self._here, said.channel.id
        if referred is not None:
            task = await here.swarm.posts.about(SURFACE, str(channel), str(referred))
        else:
            task = here.homes.task(place_of(said.guild.id if said.guild else None, channel))
        return (await here.swarm.views.task(task)).task if task else None


def hangs_on(channel: object) -> int | None:
    """The channel of a thread, which tells of it when it is archived. Of private ones it tells
    nobody."""
    if isinstance(channel, discord.Thread) and not channel.is_private():
        return channel.parent_id
    return None


def _sender(here: Here, said: discord.Message) -> Send:
    async def send(n: int, message: Outgoing) -> str:
        return await here.way.post(
            str(said.channel.id),
            message,
            nonce=f"reply-{said.id}-{n}"[-25:],
            reply_to=str(said.id) if n == 0 else None,
        )

    return send


def _ours(channel: Any, me: int) -> bool:
    return isinstance(channel, discord.Thread) and channel.owner_id == me
