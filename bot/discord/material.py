"""What comes with a request on Discord: files from where it keeps them, what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.discord.reading import Files
from bot.discord.rooms import Asked, Rooms
from swarm_core import Attached, Overheard


class Reader:
    """Reads what comes with requests."""

    def __init__(self, files: Files, rooms: Rooms) -> None:
        self.files = files
        self.rooms = rooms

    def of(self, handed: Sequence[dict[str, Any]], asked: Asked) -> Handed:
        """That of one request."""
        return Handed(self, handed, asked)


class Handed:
    """What comes with one request, read when it is wanted."""

    def __init__(self, reader: Reader, handed: Sequence[dict[str, Any]], asked: Asked) -> None:
        self._reader = reader
        self._handed = handed
        self._asked = asked

    async def files(self) -> tuple[Attached, ...]:
        """See `Material.files`."""
        return await self._reader.files.read(self._handed)

    async def room(self) -> tuple[Overheard, ...]:
        """See `Material.room`."""
        return await self._reader.rooms.before(self._asked)
