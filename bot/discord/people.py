"""Who an event on Discord comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.places import DIRECT
from bot.chat.saying import Saying
from swarm_core import Actor

if TYPE_CHECKING:
    import discord


class People:
    """Knows people by what events say of them."""

    def __init__(self, saying: Saying) -> None:
        self._saying = saying

    async def actor(
        self,
        guild: int | None,
        person: discord.User | discord.Member,
        locale: discord.Locale | None = None,
    ) -> Actor:
        """Who it is, with the roles they hold here."""
        return await self._saying.arrived(
            str(guild or DIRECT),
            str(person.id),
            person.name,
            roles=[str(role.id) for role in getattr(person, "roles", ())],
            language=locale.value if locale else "",
        )
