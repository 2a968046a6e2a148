"""What was meant for us long ago, gathered by channel: Telegram tells it message by message, and
one list is to be made of it."""

from __future__ import annotations

from bot.chat.away import Away, Meant
from bot.telegram.gathering import Gathering
from bot.telegram.taking import settled
from swarm_core import Place

GATHER = 0.5
"""Seconds without another one after which a list is made."""


class Lists:
    """Each message is taken when its list stands."""

    def __init__(self, away: Away, gather: float = GATHER) -> None:
        self._away = away
        self._meant = Gathering[str, Meant](gather)
        self._unshown = set[str]()

    async def put(self, place: Place, said: Meant, language: str) -> None:
        """Ask about a message in the channel `place`, with others of it."""

        async def note(meant: list[Meant]) -> None:
            ordered = sorted(meant, key=lambda each: each.number)
            if await self._away.note(place, ordered, language):
                self._unshown.add(place.thread)

        await self._meant.put(place.thread, said, note)
        settled(owed=True)
        if place.thread in self._unshown:
            self._unshown.discard(place.thread)
            await self._away.show(place.thread)

    async def refresh(self, channel: str) -> None:
        """Something of it may have been decided on."""
        await self._away.refresh(channel)
