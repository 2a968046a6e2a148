"""Where something may have been said that nobody told us of.

What can go wrong: a server is out of order when we sign on and comes later, when the mark over all
channels has long moved on; we were invited to one that has talked for years; a thread is archived,
so that Discord does not list it, and after a year there are thousands. So a server that is not
there keeps the mark it had; nothing from before an invitation is read; and of archived threads only
those are looked at that were archived since, which one request a channel tells.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import aiohttp
import discord
from discord.utils import snowflake_time, time_snowflake

from bot.discord.here import Here
from bot.discord.marks import Seen
from bot.discord.places import SURFACE

PROBLEMS = (OSError, aiohttp.ClientError, discord.DiscordException)
"""What it may be that something cannot be looked at now."""
_OUT = "out/"


class Unread(NamedTuple):
    """A channel, the last message of it that we know, and the channel as Discord has described it,
    if it has."""

    number: int
    last: int
    channel: Any = None


class Found(NamedTuple):
    """The channels that may have something we have not heard, those we were spoken to in first;
    the servers that were out of order and are not any more; what could not be looked for."""

    unread: list[Unread]
    back: list[int]
    problems: list[Exception]


class Behind:
    """Knows where to read on after a sign-on."""

    def __init__(self, here: Here) -> None:
        self._marks, self._posts, self._threads = here.marks, here.swarm.posts, here.homes
        self._clock = here.swarm.store.clock

    async def out(self, guild: int) -> None:
        """A server is out of order: what is said there once it is back is read on from now."""
        name = f"{_OUT}{guild}"
        if await self._posts.recall(SURFACE, name):
            return
        mark = await self._marks.known() or time_snowflake(self._clock.now())
        await self._posts.note(SURFACE, name, str(mark))

    async def back(self, guild: int) -> None:
        """All that was said there is read."""
        await self._posts.drop(SURFACE, f"{_OUT}{guild}")

    async def channels(self, client: discord.Client) -> Found:
        seen = await self._marks.seen()
        for guild in client.guilds:
            if guild.unavailable:
                await self.out(guild.id)
        out = {
            int(name): int(mark) for name, mark in (await self._posts.named(SURFACE, _OUT)).items()
        }
        there = [guild for guild in client.guilds if not guild.unavailable]
        listed = {each.id: each for guild in there for each in (*guild.channels, *guild.threads)}
        known = await self._marks.begun_at(max([1, *map(_newest, listed.values())]))
        found, problems = list[Unread](), list[Exception]()
        for guild in there:
            since = out.get(guild.id, known)
            if not since:
                continue
            joined = guild.me.joined_at if guild.me else None
            since = max(since, time_snowflake(joined) if joined else 0)
            channels = [*guild.channels, *guild.threads]
            hang = {number: each.parent for number, each in seen.items() if each.parent}
            hang |= self._threads.hanging()
            for parent in {parent for number, parent in hang.items() if number not in listed}:
                try:
                    channels += await _archived(guild, parent, since)
                except PROBLEMS as error:
                    problems.append(error)
            for channel in channels:
                last = max(since, seen.get(channel.id, Seen(0)).last)
                if _newest(channel) > last and _may_look(channel):
                    found.append(Unread(channel.id, last, channel))
        # Direct messages are not listed.
        alone = [n for n, each in seen.items() if n not in listed and not each.parent]
        found += [Unread(number, seen[number].last) for number in alone]
        found.sort(key=lambda each: each.number not in seen)
        return Found(found, [guild.id for guild in there if guild.id in out], problems)


async def _archived(guild: discord.Guild, parent: int, since: int) -> list[discord.Thread]:
    """The threads of a channel that were archived since."""
    channel = guild.get_channel(parent)
    if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
        return []
    if not _may_look(channel):
        return []
    found, at = list[discord.Thread](), snowflake_time(since)
    with suppress(discord.Forbidden, discord.NotFound):
        async for thread in channel.archived_threads(limit=None):
            if thread.archive_timestamp < at:
                break
            found.append(thread)
    return found


def _newest(channel: Any) -> int:
    return getattr(channel, "last_message_id", None) or 0


def _may_look(channel: Any) -> bool:
    """Asking all the same would count as one of few refusals."""
    may = channel.permissions_for(channel.guild.me)
    return bool(may.view_channel and may.read_message_history)
