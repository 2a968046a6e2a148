"""What was said to us while nobody was there.

Where we have been spoken to before, it is read on from the last message known. What is young is
answered, and the answer says so; what is older is not simply done, but asked about.

What can go wrong: a channel cannot be read now, for Discord is overloaded or the connection breaks
off. Then nothing of it counts as heard, and it is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

import discord

from bot.chat.away import Away, Meant
from bot.discord.behind import PROBLEMS, Behind, Unread
from bot.discord.client import Client
from bot.discord.here import Here
from bot.discord.marks import Seen
from bot.discord.places import place_of
from bot.discord.signons import Pace
from bot.discord.spoken import Spoken, hangs_on
from bot.discord.tongues import language_of
from swarm_core import WaggleError

log = logging.getLogger(__name__)

YOUNG = timedelta(minutes=15)
AT_ONCE = 4
"""Channels that are read at the same time."""


class Missed:
    """Reads on where something may have been said."""

    def __init__(self, client: Client, here: Here, spoken: Spoken, away: Away) -> None:
        self._client, self._here, self._spoken, self._away = client, here, spoken, away
        self._behind = Behind(here)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def out(self, guild: int) -> None:
        """A server is out of order."""
        await self._behind.out(guild)

    async def serve(self, behind: asyncio.Event, pace: Pace) -> None:
        """Until it is cancelled: read on whenever `behind` is set, and once more, ever later, as
        long as something is left."""
        pause: float | None = None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await behind.wait()
            behind.clear()
            try:
                whole, _ = await asyncio.gather(self.catch_up(), self._look_again())
            except Exception:
                log.exception("what was said meanwhile could not be read")
                whole = False
            pause = None if whole else min(pace.longest, (pause or pace.first) * 2)

    async def _look_again(self) -> None:
        if self._client.edits:
            await self._client.edits.catch_up(self._client)

    async def catch_up(self) -> bool:
        """Read on in every channel that may have something for us. Whether all could be read."""
        gap = self._here.marks.gap
        unread, back, problems = await self._behind.channels(self._client)
        await self._here.marks.behind(gap, [each.number for each in unread])
        read = await asyncio.gather(*(self._read(each, gap) for each in unread))
        problems += [each for each in read if each]
        if problems:
            log.warning("%d channels cannot be read now: %s", len(problems), problems[-1])
            return False
        for guild in back:
            await self._behind.back(guild)
        await self._here.marks.read(gap)
        return True

    async def _read(self, unread: Unread, gap: int) -> Exception | None:
        """One channel; what kept it from being read."""
        marks = self._here.marks
        try:
            async with self._turns:
                await self._channel(unread, gap)
            await marks.begun(gap, unread.number)
        except (discord.NotFound, discord.Forbidden):
            await marks.lost(unread.number)
            await marks.begun(gap, unread.number)
        except (*PROBLEMS, WaggleError) as error:
            return error
        return None

    async def _channel(self, unread: Unread, gap: int) -> None:
        client, marks, number = self._client, self._here.marks, unread.number
        channel = unread.channel or client.get_channel(number) or await client.fetch_channel(number)
        if not isinstance(channel, discord.abc.Messageable) or client.user is None:
            return
        guild = getattr(channel, "guild", None)
        if not client.for_us(guild.id if guild else None, channel):
            return
        me, parent = client.user.id, hangs_on(channel)
        if parent and unread.channel is None:
            await marks.note(number, Seen(unread.last, parent))
        after = discord.Object(unread.last)
        # All of it before anything is done: what breaks off has not begun.
        meant = [
            said
            async for said in channel.history(limit=None, after=after, oldest_first=True)
            if not (said.author.bot or said.webhook_id) and await self._spoken.meant(said, me)
        ]
        now = self._here.swarm.store.clock.now()
        await self._offer([each for each in meant if now - each.created_at > YOUNG], me, parent)
        young = [said for said in meant if now - said.created_at <= YOUNG]
        await self._members(young)
        left = [said for said in young if marks.begin(number, said.id)]
        await marks.begun(gap, number)
        try:
            while left:
                await self._spoken.begun(left.pop(0), me, late=True)
        finally:
            for said in left:
                marks.leave(number, said.id)

    async def _members(self, said: list[discord.Message]) -> None:
        """A history does not tell what its authors are in the server, on which depends what they
        may do and read. Who has left it stays a stranger there."""
        known: dict[int, discord.Member] = {}
        for each in said:
            author = each.author
            if each.guild is None or isinstance(author, discord.Member):
                continue
            if author.id not in known:
                with suppress(discord.NotFound, discord.Forbidden):
                    known[author.id] = await each.guild.fetch_member(author.id)
            each.author = known.get(author.id, author)

    async def _ask(self, old: list[discord.Message], me: int) -> None:
        guild, channel = old[0].guild, old[0].channel.id
        authors = [await self._spoken.actor(guild.id if guild else None, s.author) for s in old]
        place = place_of(guild.id if guild else None, channel)
        language = language_of(self._here, place, guild, authors[0])
        meant = [
            Meant(
                number=said.id,
                author=author,
                name=said.author.display_name,
                text=self._spoken.words(said, me),
            )
            for said, author in zip(old, authors, strict=True)
        ]
        await self._away.offer(place, meant, language)

    async def _offer(self, old: list[discord.Message], me: int, parent: int | None) -> None:
        marks = self._here.marks
        begun = [said for said in old if marks.begin(said.channel.id, said.id)]
        if not begun:
            return
        try:
            await self._ask(begun, me)
        except WaggleError:
            for said in begun:
                marks.leave(said.channel.id, said.id)
            raise
        for said in begun:
            await marks.end(said.channel.id, said.id, meant=True, parent=parent)
