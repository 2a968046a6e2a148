"""How often we come: sign-ons counted across restarts, and connections that follow each other.

What can go wrong: a program that is started again and again, a session that is refused again and
again, a gateway that closes at once, and the SDK that comes back without a pause. Discord takes
the token away from who signs on 1,000 times a day. So a sign-on keeps its distance to the one
before it, which grows with their number, and the rest of a day's is spread over the rest of the
day; connections follow each other ever more slowly.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass

import msgspec

from bot.discord.interactions import AT_ONCE
from bot.discord.places import SURFACE
from bot.discord.rooms import PATIENCE
from swarm_core import Swarm, to_micros

MOST_A_DAY = 250
"""Sign-ons in a day; Discord allows 1,000 and then resets the token."""
AT_WILL = 100
"""So many of them as they come, but for their distance; what is left then is spread."""
AN_HOUR = 20
"""After so many within an hour they are as far apart as if there were so many in every hour."""
DAY, HOUR = 86_400.0, 3600.0


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Lengths of time, in seconds."""

    apart: float = 5.0
    """Between two sign-ons, which is Discord's own figure."""
    calm: tuple[float, float] = (1.0, 5.0)
    """Before a sign-on whose session was refused, by chance between these."""
    first: float = 1.0
    longest: float = 300.0
    """Pauses of an outage."""
    again: float = 0.5
    """Between two connections, when there were some within ten minutes; it doubles."""
    guilds: float = 0.5
    """How long after the last server another one may still be told of."""
    silent: float = 60.0
    """After which a connection that is gone is spoken of."""
    at_once: float = AT_ONCE
    """In which an answer may be the first one."""
    history: float = PATIENCE
    """How long a question waits for what was said before it."""
    heartbeat: float = 60.0
    """After which one that says nothing is dead."""


class TooManySignOns(Exception):
    """`wait` seconds until another may be made."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"the next sign-on in {wait:.0f} s")
        self.wait = wait


class SignOns:
    """The sign-ons of a day, as they stand on disk."""

    def __init__(self, swarm: Swarm, pace: Pace) -> None:
        self._posts, self._clock, self._pace = swarm.posts, swarm.store.clock, pace

    def _now(self) -> float:
        return to_micros(self._clock.now()) / 1_000_000

    async def wait(self) -> float:
        """Seconds until the next may be made."""
        return self._wait(await self._recent())

    async def take(self) -> None:
        """Count another one, which is made now. Raises `TooManySignOns`."""
        recent = await self._recent()
        if (wait := self._wait(recent)) > 0:
            raise TooManySignOns(wait)
        value = msgspec.json.encode([*recent, self._now()]).decode()
        await self._posts.note(SURFACE, "sign-ons", value)

    async def _recent(self) -> list[float]:
        now = self._now()
        kept = await self._posts.recall(SURFACE, "sign-ons")
        before = msgspec.json.decode(kept, type=list[float]) if kept else []
        return [at for at in before if now - DAY < at <= now]

    def _wait(self, recent: list[float]) -> float:
        if not recent:
            return 0.0
        now, first, last = self._now(), recent[0], recent[-1]
        if len(recent) >= MOST_A_DAY:
            return first + DAY - now
        pause = self._pace.apart
        if len(recent) >= AT_WILL:
            pause = max(pause, (first + DAY - last) / (MOST_A_DAY - len(recent)))
        elif sum(at > now - HOUR for at in recent) >= AN_HOUR:
            pause = max(pause, HOUR / AN_HOUR)
        return max(0.0, last + pause - now)


class Connecting:
    """Lets one connection follow another: some within ten minutes as they like, the next ones
    ever later."""

    FREE, WHILE, LONGEST = 5, 600.0, 30.0

    def __init__(self, pace: Pace) -> None:
        self._first = pace.again
        self._recent: deque[float] = deque()

    async def turn(self) -> None:
        """Wait until another connection may be opened."""
        loop = asyncio.get_running_loop()
        while self._recent and self._recent[0] < loop.time() - self.WHILE:
            self._recent.popleft()
        if (over := len(self._recent) - self.FREE) >= 0:
            pause = min(self.LONGEST, self._first * 2.0 ** min(over, 10))
            await asyncio.sleep(pause * random.uniform(0.8, 1.0))  # noqa: S311
        self._recent.append(loop.time())


class Pauses:
    """How long the SDK waits when it could not connect: ever longer, up to `longest`, and from the
    beginning once it was connected for a while. It stands where the SDK has its own."""

    def __init__(self, pace: Pace) -> None:
        self._pace, self._pause, self._last = pace, pace.first, 0.0

    def delay(self) -> float:
        """The next one."""
        now = asyncio.get_running_loop().time()
        if now - self._last > 2 * self._pace.longest:
            self._pause = self._pace.first
        self._last = now
        pause, self._pause = self._pause, min(self._pace.longest, self._pause * 2)
        return pause * random.uniform(0.8, 1.0)  # noqa: S311
