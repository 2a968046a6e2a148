"""Chat services in the life of the process: each is there while there is a token for it, which a
reload may change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from bot.commands.desk import Desk
from bot.portal.calls import TOKEN
from bot.reply import Notice
from bot.sections import telegram
from bot.sections.discord import Discord
from swarm_core import Environment, Settings

log = logging.getLogger(__name__)

Tell = Callable[[Notice], None]


class Surface(Protocol):
    """A surface on a service."""

    async def serve(self) -> None:
        """Until it is cancelled."""
        ...

    def renew(self, keys: Any) -> None:
        """From now on with other keys of the same bot."""
        ...


class Service(Protocol):
    """How a surface is made."""

    name: str

    def keys(self, environment: Environment, settings: Settings) -> Any:
        """What it needs to come; None when it is not to be there."""
        ...

    def make(self, desk: Desk, keys: Any, tell: Tell) -> Surface:
        """Load it: its SDK is large, and most swarms have no use for it."""
        ...


class OnDiscord:
    name = "discord"

    def keys(self, environment: Environment, settings: Settings) -> str | None:
        """The token."""
        return environment.variables.get(TOKEN) if settings.of(Discord).enabled else None

    def make(self, desk: Desk, keys: str, tell: Tell) -> Surface:
        """See `Service.make`."""
        from bot.discord.service import Surface

        return Surface(desk, keys, tell)


class OnTelegram:
    name = "telegram"

    def keys(self, environment: Environment, settings: Settings) -> telegram.Keys | None:
        """The token, and the secret of a webhook."""
        token = environment.variables.get(telegram.TOKEN)
        if not token or not settings.of(telegram.Telegram).enabled:
            return None
        secret = environment.variables.get(telegram.SECRET) or ""
        return telegram.Keys(token=token, secret=secret)

    def make(self, desk: Desk, keys: telegram.Keys, tell: Tell) -> Surface:
        """See `Service.make`."""
        from bot.telegram.service import Surface

        return Surface(desk, keys, tell)


class Services:
    """The surfaces there are tokens for. What they have to say they say by `tell`."""

    def __init__(self, desk: Desk, tell: Tell) -> None:
        self._running = [_Running(each, desk, tell) for each in (OnDiscord(), OnTelegram())]

    def adopt(self, environment: Environment) -> None:
        """Each comes, goes, or signs on anew, as `environment` and the settings ask for."""
        for each in self._running:
            each.adopt(environment)

    async def close(self) -> None:
        await asyncio.gather(*(each.close() for each in self._running))


class _Running:
    def __init__(self, service: Service, desk: Desk, tell: Tell) -> None:
        self._service, self._desk, self._tell = service, desk, tell
        self._surface: Surface | None = None
        self._served: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def adopt(self, environment: Environment) -> None:
        keys = self._service.keys(environment, self._desk.swarm.settings)
        if not keys:
            self._leave()
        elif self._surface and self._served and not self._served.done():
            self._surface.renew(keys)
        else:
            self._surface = self._service.make(self._desk, keys, self._tell)
            self._served = asyncio.create_task(self._surface.serve(), name=self._service.name)
            self._served.add_done_callback(self._ended)

    def _leave(self) -> None:
        if self._served:
            self._served.cancel()
            self._leaving.add(self._served)
            self._served.add_done_callback(self._leaving.discard)
        self._surface = self._served = None

    async def close(self) -> None:
        """Leave, and return when that is done."""
        self._leave()
        if self._leaving:
            await asyncio.wait(self._leaving)

    def _ended(self, served: asyncio.Task[None]) -> None:
        if not served.cancelled() and (error := served.exception()):
            log.error("the surface on %s has ended for a fault", self._service.name, exc_info=error)
