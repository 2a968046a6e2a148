"""Carrying out what a person said or pressed on Discord, and saying what came of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bot.commands.desk import Desk
from bot.discord.cards import Cards
from bot.discord.here import Here
from bot.discord.places import DIRECT, SURFACE, in_channel
from bot.discord.questions import Asking, asked_in_full
from bot.discord.reading import Files
from bot.discord.rooms import Asked, Rooms
from bot.render.outgoing import Outgoing
from bot.reply import Reply
from swarm_core import NO_TASK, Actor, Attached, Place, TaskId, WaggleError

if TYPE_CHECKING:
    import discord

log = logging.getLogger(__name__)
MEMBER = "member"

MAKING = frozenset({"ask", "task"})
"""Commands that begin something of their own in a channel."""

Send = Callable[[int, Outgoing], Awaitable[str]]
"""Sends a piece of a reply, by its number; returns the message's id."""


class Saying:
    """What interactions and messages have in common."""

    def __init__(
        self, here: Here, cards: Cards, asking: Asking, files: Files, rooms: Rooms
    ) -> None:
        self.here = here
        self.rooms = rooms
        self._cards = cards
        self._asking = asking
        self._files = files

    async def carry_out(
        self,
        actor: Actor,
        place: Place,
        name: str,
        given: dict[str, Any],
        handed: Sequence[dict[str, Any]],
        asked: Asked,
    ) -> Reply:
        here = self.here
        files: tuple[Attached, ...] = ()
        try:
            files = await self._files.read(handed)
        except WaggleError as error:
            return here.problem(error, actor)
        room = await self.rooms.before(asked) if name in MAKING else ()
        return await here.carry_out(here.desk(actor, place, files, room), name, given)

    async def say(self, desk: Desk, reply: Reply, channel: str, send: Send) -> None:
        """Show `reply`. When it cannot be shown, what it tells is told by notices alone."""
        first, shown = "", in_channel(desk.place, channel)
        asks: Outgoing | None = None
        try:
            reply = await asked_in_full(desk, reply)
            messages = await self.here.rendered(reply, desk.actor, shown)
            for n, message in enumerate(messages):
                sent = await send(n, message)
                first = first or sent
                asks = message if message.asks and not n else asks
                # A receipt becomes the card of its task, which stays true anyway.
                if message.asks and sent and reply.receipt is None and not message.ephemeral:
                    await self._asking.keep(_spot(desk, channel), sent, NO_TASK, message.asks)
        except WaggleError as error:
            log.warning("a reply did not reach Discord: %s", error)
            return
        if task := await self.here.shown(desk, reply, channel, first):
            # What asks is a card already, which a decision a moment later has to change.
            self._cards.add(TaskId(task), channel, first, card=asks is not None, asks=asks)
            self.here.threads.shown(TaskId(task))

    async def actor(
        self,
        guild: int | None,
        person: discord.User | discord.Member,
        locale: discord.Locale | None = None,
    ) -> Actor:
        """Who an event comes from, with the roles they hold here. Whoever a server lets in is a
        member there, and in direct messages: only who shares a server can send us one."""
        roles = tuple(str(role.id) for role in getattr(person, "roles", ()))
        swarm = self.here.swarm
        new = not swarm.members.directory.number(SURFACE, str(person.id))
        actor = await swarm.members.arrived(
            surface=SURFACE,
            space=str(guild or DIRECT),
            account=str(person.id),
            name=person.name,
            platform_roles=roles,
        )
        if not actor.roles:
            actor = msgspec.structs.replace(actor, roles=frozenset({MEMBER}))
        if new and locale is not None:
            await self._first_language(actor, locale)
        return actor

    async def _first_language(self, actor: Actor, locale: discord.Locale) -> None:
        """Somebody new is answered in the language of their Discord, where we speak it."""
        code = locale.value.partition("-")[0]
        say = self.here.say
        if code in say.languages() and code != say.language.partition("-")[0]:
            await self.here.swarm.members.prefer(actor, "language", code)


def _spot(desk: Desk, channel: str) -> Place:
    """The channel as a place of its own, which that of a conversation may lie in."""
    return msgspec.structs.replace(desk.place, thread=channel)
