"""Several files sent at once, which Telegram tells as messages of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import Message

from bot.telegram.gathering import Gathering

GATHER = 1.0
"""Seconds without another one after which an album is whole. Telegram does not say how many there
are; they come within milliseconds of each other."""

Take = Callable[[list[Message]], Awaitable[None]]


class Albums:
    """Puts them together. Every part is taken when the whole is."""

    def __init__(self, gather: float = GATHER) -> None:
        self._parts = Gathering[tuple[int, str], Message](gather)

    async def part(self, said: Message, take: Take) -> None:
        """Take a message, with all others of its album."""
        if said.media_group_id is None:
            await take([said])
            return

        async def whole(parts: list[Message]) -> None:
            await take(sorted(parts, key=lambda each: each.message_id))

        await self._parts.put((said.chat.id, said.media_group_id), said, whole)
