"""What the bot itself has written in a channel, to find what may have arrived.

What can go wrong: after a kill hundreds of notices look for themselves in one channel, or the
message lies further back than a page. So a channel is read backwards as far as somebody asks, and
each page once; what is newer is read on. The newest page is always looked at, for our clock and
that of the service may not agree.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.discord.rest import Rest

PAGE = 100
MOST_PAGES = 20
FRESH = 60.0
"""Seconds for which pages that were read are believed."""
_SLACK = 300_000_000
_EPOCH = 1_420_070_400_000
"""Milliseconds at which the service begins to count, in its ids."""


@dataclass
class _Channel:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    own: list[dict[str, Any]] = field(default_factory=list)
    first: int = 0
    last: int = 0
    pages: int = 0
    whole: bool = False
    read: float = 0.0


class Past:
    """The bot's messages in channels, read as far back as they are asked for."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._channels: dict[str, _Channel] = {}

    async def back_to(self, channel: str, at: int) -> list[dict[str, Any]]:
        """What we wrote there since `at` (microseconds), and maybe more. Raises `SurfaceRefused`
        where nobody may read, `SurfaceAway`."""
        now = asyncio.get_running_loop().time()
        known = self._channels.get(channel)
        if known is None or (now - known.read > FRESH and not known.lock.locked()):
            known = self._channels[channel] = _Channel(read=now)
        async with known.lock:
            known.read = now
            await self._newer(channel, known)
            oldest = max(0, (at - _SLACK) // 1_000 - _EPOCH) << 22
            while not known.whole and known.first > oldest and known.pages < MOST_PAGES:
                page = await self._rest.history(channel, before=str(known.first), most=PAGE)
                self._take(known, page)
                known.whole = len(page) < PAGE
            return known.own

    async def _newer(self, channel: str, known: _Channel) -> None:
        if not known.last:
            page = await self._rest.history(channel, most=PAGE)
            self._take(known, page)
            known.whole = len(page) < PAGE
            return
        while page := await self._rest.history(channel, after=str(known.last), most=PAGE):
            self._take(known, page)
            if len(page) < PAGE:
                return

    def _take(self, known: _Channel, page: list[dict[str, Any]]) -> None:
        known.pages += 1
        known.own += [each for each in page if self._rest.wrote(each)]
        if page:
            numbers = [int(each["id"]) for each in page]
            known.first = min([known.first or numbers[0], *numbers])
            known.last = max(known.last, *numbers)
