"""Notices on Discord: an answer is an ordinary message, so that it notifies who asked.

What can go wrong: a post is taken and nobody learns of it, the channel is gone, the bot may not
write there any more. Every piece carries the notice's number as its nonce; when a notice may have
arrived before, the channel's history is looked through first. What a channel does not take any
more goes to the asker directly, and when that fails too, the notice fails and `/outbox` shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from bot.discord.allowance import Urgency, urgency
from bot.discord.here import Here
from bot.discord.places import SURFACE, account, place_of, spot_of
from bot.render.discord import render
from bot.render.outgoing import CONTENT, Outgoing
from bot.render.split import size
from bot.reply import Notice, Reply
from bot.surface import LocalDoor
from swarm_core import NO_TASK, Actor, Delivery, Post, TaskId, errors

log = logging.getLogger(__name__)

NOTIFYING = ("ended", "reminder", "asked", "decided", "parked")
_URGENT = {
    "asked": Urgency.DECISION,
    "reminder": Urgency.DECISION,
    "decided": Urgency.DECISION,
    "ended": Urgency.RESULT,
}
_LOOKED_THROUGH = 100
"""Messages of a channel in which an earlier attempt is looked for."""


class Courier:
    """Brings notices to Discord. `card` is told of a receipt that became a message."""

    def __init__(self, here: Here, card: Callable[[TaskId, str, str], None]) -> None:
        self._here = here
        self._card = card

    async def deliver(self, delivery: Delivery) -> str:
        here = self._here
        urgency.set(_URGENT.get(delivery.kind, Urgency.OTHER))
        if await here.replying.over(delivery.place, delivery.task) and delivery.kind == "ended":
            return ""
        person = await self._person(delivery)
        reader = person or _nobody(delivery)
        reply = await self._words(delivery, reader)
        reply = msgspec.structs.replace(reply, private=False)
        messages = await here.rendered(reply, reader, delivery.place, delivery.task or None)
        whom = account(person.key) if person and delivery.kind in NOTIFYING else None
        spot = spot_of(delivery.place)
        channel = spot.channel
        try:
            first = await self._send(delivery, channel, messages, whom)
        except errors.SurfaceRefused as refused:
            if whom is None:
                raise
            log.warning("notice %s goes to the asker directly", delivery.notice)
            try:
                channel = await here.rest.direct(whom)
                told = Notice(level="warn", text=here.say_to(reader)("connection.elsewhere"))
                elsewhere = place_of(None, int(channel))
                reply = msgspec.structs.replace(reply, parts=(told, *reply.parts))
                messages = await here.rendered(reply, reader, elsewhere, delivery.task or None)
                first = await self._send(delivery, channel, messages, None)
            except errors.SurfaceRefused:
                raise refused from None
        if delivery.task != NO_TASK and first:
            card = delivery.kind == "accepted"
            post = Post(channel=channel, message=first, task=delivery.task, card=card)
            await here.swarm.posts.keep(SURFACE, post)
            if card:
                self._card(delivery.task, channel, first)
        return first

    async def _person(self, delivery: Delivery) -> Actor | None:
        """Whom it concerns: the asker of the task, or who asked for a decision."""
        swarm = self._here.swarm
        if delivery.task != NO_TASK:
            key = (await swarm.views.task(delivery.task)).task.person
        elif "approval" in delivery.about:
            key = (await swarm.deciding.find(str(delivery.about["approval"]))).asker
        else:
            return None
        surface, space, person = key.split("/", 2)
        return Actor(surface=surface, space=space, person=person)

    async def _words(self, delivery: Delivery, reader: Actor) -> Reply:
        here = self._here
        door = LocalDoor(here.swarm, reader, delivery.place, here.say, here.life)
        return await door.outcome(delivery)

    async def _send(
        self,
        delivery: Delivery,
        channel: str,
        messages: tuple[Outgoing, ...],
        whom: str | None,
    ) -> str:
        """Send every piece that is not there yet; returns the first one's id."""
        pieces = [
            _addressed(message, whom if n == 0 else None) for n, message in enumerate(messages)
        ]
        there = await self._there(delivery, channel, whom) if delivery.repeat else {}
        first = ""
        for n, piece in enumerate(pieces):
            sent = there.get(n) or await self._here.rest.post(
                channel, piece, nonce=_nonce(delivery, n), mention=whom if n == 0 else None
            )
            first = first or sent
        return first

    async def _there(self, delivery: Delivery, channel: str, whom: str | None) -> dict[int, str]:
        """Which pieces of this notice stand in the channel: by their nonce, and where Discord
        does not tell it any more, by their words, in which the number of the task stands."""
        here = self._here
        try:
            found = await here.rest.history(channel, most=_LOOKED_THROUGH)
        except errors.SurfaceRefused:
            log.warning("notice %s may be a repeat: history is not ours to read", delivery.notice)
            return {}
        except errors.AnswerLost as lost:
            # Looking sends nothing.
            raise errors.SurfaceAway(surface="Discord", problem=str(lost)) from None
        first_time = msgspec.structs.replace(delivery, repeat=False)
        reader = await self._person(delivery) or _nobody(delivery)
        reply = await self._words(first_time, reader)
        ours = [each for each in found if here.rest.wrote(each)]
        known: dict[int, str] = {}
        for n, message in enumerate(render(reply, here.say_to(reader))):
            words = _addressed(message, whom if n == 0 else None).content.strip()
            for each in ours:
                nonce = each.get("nonce")
                same = nonce == _nonce(delivery, n) if nonce else words and each["content"] == words
                if same:
                    known[n] = str(each["id"])
        return known


def _nobody(delivery: Delivery) -> Actor:
    """Who reads what concerns no one person."""
    return Actor(surface=SURFACE, space=delivery.place.space, person="0")


def _nonce(delivery: Delivery, n: int) -> str:
    return f"waggle-{delivery.notice}-{n}"


def _addressed(message: Outgoing, whom: str | None) -> Outgoing:
    """`message` with the mention before it, where it has room."""
    if whom is None:
        return message
    text = f"<@{whom}>\n{message.content}" if message.content else f"<@{whom}>"
    if size(text, utf16=True) > CONTENT:
        return message
    return msgspec.structs.replace(message, content=text)
