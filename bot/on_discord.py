"""Discord in the life of the process: there while there is a token, which a reload may change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.commands.desk import Desk
from bot.reply import Notice
from bot.sections.discord import Discord
from swarm_core import Environment

if TYPE_CHECKING:
    from bot.discord.service import Surface

log = logging.getLogger(__name__)

TOKEN = "DISCORD_TOKEN"  # noqa: S105


class OnDiscord:
    """The surface on Discord, where there is a token. What it has to say it says by `tell`."""

    def __init__(self, desk: Desk, tell: Callable[[Notice], None]) -> None:
        self._desk, self._tell = desk, tell
        self._surface: Surface | None = None
        self._served: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def adopt(self, environment: Environment) -> None:
        """Come, go, or sign on anew, as the token of `environment` asks for."""
        token = environment.variables.get(TOKEN)
        if not token or not self._desk.swarm.settings.of(Discord).enabled:
            self._leave()
        elif self._surface and self._served and not self._served.done():
            self._surface.renew(token)
        else:
            # Loaded here: its SDK is large, and most swarms have no use for it.
            from bot.discord.service import Surface

            self._surface = Surface(self._desk, token, self._tell)
            self._served = asyncio.create_task(self._surface.serve(), name="discord")
            self._served.add_done_callback(_ended)

    def _leave(self) -> None:
        if self._served:
            self._served.cancel()
            self._leaving.add(self._served)
            self._served.add_done_callback(self._leaving.discard)
        self._surface = self._served = None

    async def close(self) -> None:
        self._leave()
        if self._leaving:
            await asyncio.wait(self._leaving)


def _ended(served: asyncio.Task[None]) -> None:
    if not served.cancelled() and (error := served.exception()):
        log.error("the surface on Discord has ended for a fault", exc_info=error)
