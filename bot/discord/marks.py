"""What was heard, so that nothing is taken twice and nothing is left out.

What can go wrong: Discord sends again what it has sent; a session is refused, and what was said
before the next one begins is never sent; the process dies while it answers. So each event is
taken once as long as the process lives; and on disk stands up to which message of a channel
everything was done, and up to which message of all channels everything was heard. After a new
sign-on, whatever channel has later ones is read on from there.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import discord

from bot.discord.places import SURFACE
from swarm_core import Swarm

REMEMBERED = 10_000
"""Events that are known as taken."""
MARGIN = 5_000 << 22
"""Five seconds, in the numbers of messages: channels are not told of in one order."""
KEPT_EVERY = 60_000 << 22
"""How far the mark over all channels may run ahead of the disk; it costs only reading again."""
_HEARD = "heard"


class Once:
    """Knows which events were taken."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._taken: OrderedDict[int, None] = OrderedDict()
        self._most = most

    def first(self, event: int) -> bool:
        """Whether `event` comes for the first time. It is taken from now on."""
        if event in self._taken:
            return False
        self._taken[event] = None
        if len(self._taken) > self._most:
            self._taken.popitem(last=False)
        return True


class Marks:
    """Up to where what was said is done. One for the life of the surface."""

    def __init__(self, swarm: Swarm) -> None:
        self._posts = swarm.posts
        self.once = Once()
        self._underway: dict[int, set[int]] = {}
        self._done: dict[int, int] = {}
        self._noted: dict[int, int] = {}
        self._heard = self._kept = 0

    def begin(self, channel: int, message: int) -> bool:
        """A message is about to be looked at; False when it was before."""
        if not self.once.first(message):
            return False
        self._underway.setdefault(channel, set()).add(message)
        return True

    async def end(self, channel: int, message: int, *, meant: bool) -> None:
        """It is done with; only what was `meant` for us moves the mark of its channel."""
        underway = self._underway[channel]
        underway.discard(message)
        if meant:
            self._done[channel] = max(message, self._done.get(channel, 0))
        mark = self._done.get(channel, 0)
        if underway:
            # What was said later may be done earlier.
            mark = min(mark, min(underway) - 1)
        else:
            del self._underway[channel]
        if mark > self._noted.get(channel, 0):
            self._noted[channel] = mark
            await self._posts.note(SURFACE, f"seen/{channel}", str(mark))

    async def heard(self, message: int) -> None:
        """A message has come, whoever it is from and for."""
        self._heard = max(self._heard, message)
        if self._heard - self._kept > KEPT_EVERY:
            await self.keep()

    async def keep(self) -> None:
        """Put on disk up to where all was heard and nothing is under way."""
        self._kept = self._heard
        first = min((min(each) for each in self._underway.values()), default=self._heard)
        mark = min(first, self._heard) - MARGIN
        if mark > int(await self._posts.recall(SURFACE, _HEARD) or 0):
            await self._posts.note(SURFACE, _HEARD, str(mark))

    async def behind(self, client: discord.Client) -> dict[int, int]:
        """The channels that may have something we have not heard, and the last message of each
        that we know: all that we were spoken to in, and those of servers with later messages.
        The first time in its life the swarm was nowhere before, and nothing is behind."""
        named = await self._posts.named(SURFACE, "seen/")
        seen = {int(channel): int(last) for channel, last in named.items() if last}
        kept = await self._posts.recall(SURFACE, _HEARD)
        channels = [each for guild in client.guilds for each in (*guild.channels, *guild.threads)]
        newest = {each.id: getattr(each, "last_message_id", None) or 0 for each in channels}
        if not kept:
            self._heard = max([self._heard, *newest.values()])
            await self._posts.note(SURFACE, _HEARD, str(self._heard or 1))
        found = {}
        for channel in channels:
            last, done = newest[channel.id], seen.get(channel.id, 0)
            known = max(int(kept), done) if kept else done or last
            if last > known and _may_look(channel):
                found[channel.id] = known
        # Direct messages are not listed.
        return found | {each: last for each, last in seen.items() if each not in newest}

    async def lost(self, channel: int) -> None:
        """A channel is gone, or not ours to read."""
        await self._posts.note(SURFACE, f"seen/{channel}", "")


def _may_look(channel: Any) -> bool:
    """Asking all the same would count as one of few refusals."""
    may = channel.permissions_for(channel.guild.me)
    return bool(may.view_channel and may.read_message_history)
