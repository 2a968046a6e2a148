"""Files that people hand over on Discord, read from where it keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import discord

from swarm_core import Attached, FileRules, Swarm, errors, taken


class Files:
    """Reads attachments, none of them larger than a request may carry."""

    def __init__(self, swarm: Swarm, fetch: Callable[[str], Awaitable[bytes]]) -> None:
        self._swarm = swarm
        self._fetch = fetch

    async def read(self, handed: Sequence[dict[str, Any]]) -> tuple[Attached, ...]:
        """What was handed over. Raises `TooManyAttached`, `TooLarge`, `FileAway`, and what is wrong
        with a file."""
        rules = FileRules.of(self._swarm.settings.attachments)
        if len(handed) > rules.most:
            raise errors.TooManyAttached(count=len(handed), most=rules.most)
        largest = rules.largest
        for each in handed:
            # Before anything is fetched: Discord knows how large it is.
            if each["size"] > largest:
                raise errors.TooLarge(what=each["filename"], size=each["size"], limit=largest)
        return tuple(
            [await taken(each["filename"], await self.fetch(each), rules) for each in handed]
        )

    async def fetch(self, handed: dict[str, Any]) -> bytes:
        """What is in one file. Raises `FileAway`."""
        try:
            return await self._fetch(handed["url"])
        except (OSError, aiohttp.ClientError, discord.DiscordException) as error:
            problem = str(error) or type(error).__name__
            raise errors.FileAway(
                name=handed["filename"], surface="Discord", problem=problem
            ) from None
