"""Carrying out what a person said or pressed in a chat, and saying what came of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec

from bot.chat.cards import Cards
from bot.chat.here import Here
from bot.chat.places import in_channel
from bot.chat.questions import Asking, asked_in_full
from bot.commands.desk import Desk
from bot.commands.private import private
from bot.render.outgoing import Outgoing
from bot.reply import Reply
from swarm_core import NO_TASK, Actor, Attached, Overheard, Place, TaskId, WaggleError

log = logging.getLogger(__name__)
MEMBER = "member"

MAKING = frozenset({"ask", "task"})
"""Commands that begin something of their own in a channel."""

Send = Callable[[int, Outgoing], Awaitable[str]]
"""Sends a piece of a reply, by its number; returns the message's id."""


class Material(Protocol):
    """What comes with a request."""

    async def files(self) -> tuple[Attached, ...]:
        """What was handed over. Raises what is wrong with it."""
        ...

    async def room(self) -> tuple[Overheard, ...]:
        """What was said before in the same room, as far as whoever asks may read it."""
        ...


class Nothing:
    """No material."""

    async def files(self) -> tuple[Attached, ...]:
        return ()

    async def room(self) -> tuple[Overheard, ...]:
        return ()


NOTHING = Nothing()


class Saying:
    """What commands, buttons and messages have in common."""

    def __init__(self, here: Here, cards: Cards, asking: Asking) -> None:
        self.here = here
        self._cards = cards
        self._asking = asking

    async def carry_out(
        self, actor: Actor, place: Place, name: str, given: dict[str, Any], material: Material
    ) -> Reply:
        here = self.here
        try:
            files = await material.files()
        except WaggleError as error:
            return here.problem(error, actor)
        room = await material.room() if name in MAKING else ()
        reply = await here.carry_out(here.desk(actor, place, files, room), name, given)
        if private(name):
            reply = msgspec.structs.replace(reply, private=True, personal=True)
        return reply

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
            log.warning("a reply did not reach %s: %s", self.here.way.name, error)
            if reply.receipt is not None and not first:
                await self.here.swarm.outbox.unreplied(TaskId(reply.receipt))
            return
        if task := await self.here.shown(desk, reply, channel, first):
            # What asks is a card already, which a decision a moment later has to change.
            self._cards.add(TaskId(task), channel, first, card=asks is not None, asks=asks)
            self.here.homes.shown(TaskId(task))

    async def arrived(
        self,
        space: str,
        account: str,
        name: str,
        *,
        roles: Sequence[str] = (),
        language: str = "",
        member: bool = True,
    ) -> Actor:
        """Who an event comes from, with the `roles` the service knows them by. Whoever is let in
        where they write is a `member` at least. Somebody new is answered in the `language` of
        their client, where we speak it."""
        swarm, surface = self.here.swarm, self.here.surface
        new = not swarm.members.directory.number(surface, account)
        actor = await swarm.members.arrived(
            surface=surface, space=space, account=account, name=name, platform_roles=tuple(roles)
        )
        if member and not actor.roles:
            actor = msgspec.structs.replace(actor, roles=frozenset({MEMBER}))
        if new and language:
            await self._first_language(actor, language)
        return actor

    async def _first_language(self, actor: Actor, language: str) -> None:
        code = language.partition("-")[0]
        say = self.here.say
        if code in say.languages() and code != say.language.partition("-")[0]:
            await self.here.swarm.members.prefer(actor, "language", code)


def _spot(desk: Desk, channel: str) -> Place:
    """The channel as a place of its own, which that of a conversation may lie in."""
    return msgspec.structs.replace(desk.place, thread=channel)
