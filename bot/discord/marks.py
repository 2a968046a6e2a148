"""What was heard, so that nothing is taken twice and nothing is left out.

What can go wrong: Discord sends again what it has sent; a session is refused, and what was said
before the next one begins is never sent; the process dies while it answers, or while it reads what
it has missed and hears what is said meanwhile. So each event is taken once as long as the process
lives; and on disk stands up to which message of a channel everything was done, and up to which
message of all channels everything was heard. Both stay where they are from a sign-on on until what
was said before it is known and has begun: of a channel, or of all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

import msgspec
from discord.utils import time_snowflake

from bot.discord.places import SURFACE
from swarm_core import Swarm

REMEMBERED = 10_000
"""Events that are known as taken."""
MARGIN = 5_000 << 22
"""Five seconds, in the numbers of messages: channels are not told of in one order."""
KEPT_EVERY = 60_000 << 22
"""How far the mark over all channels may run ahead of the disk; it costs only reading again."""
_HEARD = "heard"
_SEEN = "seen/"


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

    def forget(self, event: int) -> None:
        """It was not taken after all."""
        self._taken.pop(event, None)


class Seen(msgspec.Struct, frozen=True):
    """Up to which message of a channel all is done, and of a thread the channel it hangs on."""

    last: int
    parent: int | None = None


class Marks:
    """Up to where what was said is done. One for the life of the surface."""

    def __init__(self, swarm: Swarm) -> None:
        self._posts, self._clock = swarm.posts, swarm.store.clock
        self.once = Once()
        self._underway: dict[int, set[int]] = {}
        self._done: dict[int, int] = {}
        self._noted: dict[int, int] = {}
        self._parents: dict[int, int | None] = {}
        self._behind: set[int] | None = None
        """The channels in which something was said that may not have begun; None: not known."""
        self._heard = self._kept = 0
        self._first: int | None = None
        """The oldest message that this process was told of."""
        self._new = False
        self.gap, self._closed = 1, 0
        """How often something may have been said that nobody was told of; up to which of these
        it is read."""

    def begin(self, channel: int, message: int) -> bool:
        """A message is about to be looked at; False when it was before."""
        if not self.once.first(message):
            return False
        self._underway.setdefault(channel, set()).add(message)
        return True

    def leave(self, channel: int, message: int) -> None:
        """Nothing has come of it yet: it will be begun again."""
        self.once.forget(message)
        if self._behind is not None:
            self._behind.add(channel)
        self._underway[channel].discard(message)
        if not self._underway[channel]:
            del self._underway[channel]

    async def end(
        self, channel: int, message: int, *, meant: bool, parent: int | None = None
    ) -> None:
        """It is done with; only what was `meant` for us moves the mark of its channel. `parent` is
        the channel on which a thread hangs."""
        self._underway[channel].discard(message)
        if not self._underway[channel]:
            del self._underway[channel]
        if meant:
            self._done[channel] = max(message, self._done.get(channel, 0))
            self._parents[channel] = parent
        await self._move(channel)

    async def _move(self, channel: int) -> None:
        """Put on disk up to where all of a channel is done."""
        if self._behind is None or channel in self._behind or channel not in self._done:
            return
        mark = self._done[channel]
        if underway := self._underway.get(channel):
            # What was said later may be done earlier.
            mark = min(mark, min(underway) - 1)
        if mark > self._noted.get(channel, 0):
            self._noted[channel] = mark
            await self.note(channel, Seen(mark, self._parents[channel]))

    def unsure(self) -> None:
        """In any channel something may have been said of which nothing has begun."""
        self._behind = None

    async def behind(self, gap: int, channels: Collection[int]) -> None:
        """In these `channels`, and in no other, something was said before the session that began
        with this `gap`."""
        if gap != self.gap:
            return
        self._behind = set(channels)
        for channel in list(self._done):
            await self._move(channel)

    async def begun(self, gap: int, channel: int) -> None:
        """All that was said in `channel` before the session of this `gap` has begun, or is not
        ours to hear."""
        if gap == self.gap and self._behind is not None:
            self._behind.discard(channel)
            await self._move(channel)

    async def heard(self, message: int) -> None:
        """A message has come, whoever it is from and for."""
        self._heard = max(self._heard, message)
        self._first = min(self._first or message, message)
        if self._heard - self._kept > KEPT_EVERY:
            await self.keep()

    async def missed(self) -> None:
        """A session begins: what was said before it is not sent. The first one of all begins to
        hear, and that is on disk before anything is said to it."""
        self.gap += 1
        self.unsure()
        if not await self.known():
            self._new = True
            await self._begin_at(time_snowflake(self._clock.now()) - MARGIN)

    async def read(self, gap: int) -> None:
        """All is read that was missed before the session which began with this `gap`."""
        self._closed = max(self._closed, gap)
        await self.keep()

    async def keep(self) -> None:
        """Put on disk up to where all was heard and nothing is under way."""
        if self._closed != self.gap:
            return
        self._kept = self._heard
        first = min((min(each) for each in self._underway.values()), default=self._heard)
        mark = min(first, self._heard) - MARGIN
        if mark > await self.known():
            await self._begin_at(mark)

    async def known(self) -> int:
        """Up to which message of all channels everything was heard, as it stands on disk; 0 when
        nothing was yet."""
        return int(await self._posts.recall(SURFACE, _HEARD) or 0)

    async def begun_at(self, newest: int) -> int:
        """Up to where what was said is not ours to hear, where `newest` is the last message there
        is. In the first session of all it is put right by that, for clocks differ: that message
        may be the first one said to us, of which we have not been told yet."""
        if self._new:
            self._new = False
            mark = min(newest, self._first or newest) - MARGIN
            await self._begin_at(max(1, min(mark, await self.known())))
        return await self.known()

    async def _begin_at(self, mark: int) -> None:
        self._heard = max(self._heard, mark)
        await self._posts.note(SURFACE, _HEARD, str(mark))

    async def seen(self) -> dict[int, Seen]:
        """The channels, threads and direct messages in which we were spoken to."""
        named = await self._posts.named(SURFACE, _SEEN)
        found = {}
        for channel, value in named.items():
            last, _, parent = value.partition("/")
            if last:
                found[int(channel)] = Seen(int(last), int(parent) if parent else None)
        return found

    async def note(self, channel: int, seen: Seen) -> None:
        value = f"{seen.last}/{seen.parent}" if seen.parent else str(seen.last)
        await self._posts.note(SURFACE, f"{_SEEN}{channel}", value)

    async def lost(self, channel: int) -> None:
        """A channel is gone, or not ours to read."""
        await self._posts.note(SURFACE, f"{_SEEN}{channel}", "")
