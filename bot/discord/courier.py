"""Notices on Discord: an answer is an ordinary message, so that it notifies who asked.

What can go wrong: a post is taken and nobody learns of it, the channel is gone, the bot may not
write there any more. Every piece carries the notice's number as its nonce; when a notice may have
arrived before, the channel's history is looked through first. What a channel does not take any
more goes to the asker directly, and when that fails too, the notice fails and `/outbox` shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from bot.chat.urgency import Urgency, urgency
from bot.discord.here import Here
from bot.discord.past import Past
from bot.discord.places import SURFACE, account, place_of, spot_of, whole
from bot.discord.questions import Asking, notice_in_full
from bot.render.discord import render
from bot.render.outgoing import CONTENT, Outgoing
from bot.render.split import size
from bot.reply import Notice, Reply
from bot.surface import LocalDoor
from swarm_core import NO_TASK, Actor, Delivery, NoticeId, Post, TaskId, errors

log = logging.getLogger(__name__)

ASKING = ("asked", "parked", "reminder")
NOTIFYING = ("ended", "reminder", "asked", "decided", "parked")
_URGENT = {
    "asked": Urgency.DECISION,
    "reminder": Urgency.DECISION,
    "decided": Urgency.DECISION,
    "ended": Urgency.RESULT,
}


class Courier:
    """Brings notices to Discord. `card` is told of a receipt that became a message."""

    def __init__(
        self, here: Here, card: Callable[[TaskId, str, str], None], asking: Asking
    ) -> None:
        self._here = here
        self._card = card
        self._asking = asking
        self._past = Past(here.rest)

    async def deliver(self, delivery: Delivery) -> str:
        here = self._here
        urgency.set(_URGENT.get(delivery.kind, Urgency.OTHER))
        if await here.replying.over(delivery.place, delivery.task) and delivery.kind == "ended":
            return ""
        if delivery.kind == "undelivered" and await self._arrived(delivery):
            return ""
        person = await self._person(delivery)
        reader = person or _nobody(delivery)
        reply = await self._words(delivery, reader)
        reply = msgspec.structs.replace(reply, private=False)
        whom = account(person.key) if person and delivery.kind in NOTIFYING else None
        where = await here.threads.where(delivery)
        messages = await here.rendered(reply, reader, where, delivery.task or None)
        channel = where.thread
        try:
            sent = await self._send(delivery, channel, messages, whom)
        except errors.SurfaceRefused as refused:
            if where != whole(delivery.place):
                await here.threads.lost(channel)
                return await self.deliver(delivery)
            if whom is None:
                raise
            log.warning("notice %s goes to the asker directly", delivery.notice)
            try:
                channel = await here.rest.direct(whom)
                told = Notice(level="warn", text=here.say_to(reader)("connection.elsewhere"))
                where = place_of(None, int(channel))
                reply = msgspec.structs.replace(reply, parts=(told, *reply.parts))
                messages = await here.rendered(reply, reader, where, delivery.task or None)
                sent = await self._send(delivery, channel, messages, None)
            except errors.SurfaceRefused:
                raise refused from None
        first = next(iter(sent), "")
        if delivery.task != NO_TASK and first:
            card = delivery.kind == "accepted"
            post = Post(channel=channel, message=first, task=delivery.task, card=card)
            await here.swarm.posts.keep(SURFACE, post)
            if card:
                self._card(delivery.task, channel, first)
        if delivery.kind in ASKING:
            # Before the card may stand a word on why it comes here.
            for message, number in zip(messages, sent, strict=True):
                if message.embeds:
                    await self._asking.keep(where, number, delivery.task, message.asks)
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
        desk = here.desk(reader, delivery.place)
        if card := await notice_in_full(desk, delivery):
            return Reply(parts=(card,))
        door = LocalDoor(here.swarm, reader, delivery.place, here.say, here.life)
        return await door.outcome(delivery)

    async def _send(
        self,
        delivery: Delivery,
        channel: str,
        messages: tuple[Outgoing, ...],
        whom: str | None,
    ) -> tuple[str, ...]:
        """Send every piece that is not there yet; returns their ids."""
        pieces = [
            _addressed(message, whom if n == 0 else None) for n, message in enumerate(messages)
        ]
        there = await self._there(delivery, whom) if delivery.repeat else ()
        there = there or ("",) * len(pieces)
        return tuple(
            [
                there[n]
                or await self._here.rest.post(
                    channel, piece, nonce=_nonce(delivery, n), mention=whom if n == 0 else None
                )
                for n, piece in enumerate(pieces)
            ]
        )

    async def _arrived(self, delivery: Delivery) -> bool:
        """Whether nobody has to be told: what may not have arrived has, or is sent again."""
        swarm, notice = self._here.swarm, NoticeId(int(delivery.about["notice"]))
        found = await swarm.sharing.one(notice)
        if found is None or found.state != "uncertain":
            return found is None
        before = Delivery(
            notice=notice,
            kind=found.kind,
            delivery_class="decision",
            task=found.task or NO_TASK,
            place=found.place,
            repeat=True,
            about=found.about,
            created=found.created,
        )
        person = await self._person(before)
        whom = account(person.key) if person and found.kind in NOTIFYING else None
        there = await self._there(before, whom)
        if not there or not all(there):
            return False
        await swarm.sharing.arrived(notice, there[0])
        return True

    async def _there(self, delivery: Delivery, whom: str | None) -> tuple[str, ...]:
        """Which pieces of this notice stand in the channel or in its thread, '' for one that does
        not: by their nonce, and where Discord does not tell it any more, by their words, in which
        the number of the task stands. Empty when nobody can look."""
        here = self._here
        places = {here.threads.home(delivery.place).thread, spot_of(delivery.place).channel}
        ours: list[tuple[str, dict[str, Any]]] = []
        for channel in places:
            try:
                found = await self._past.back_to(channel, delivery.created)
            except errors.SurfaceRefused:
                log.warning("notice %s may be a repeat: nobody may look", delivery.notice)
            else:
                ours += [(channel, each) for each in found]
        first_time = msgspec.structs.replace(delivery, repeat=False)
        reader = await self._person(delivery) or _nobody(delivery)
        reply = await self._words(first_time, reader)
        messages = render(reply, here.say_to(reader))
        known = [""] * len(messages)
        for n, message in enumerate(messages):
            piece = _addressed(message, whom if n == 0 else None)
            for channel, each in ours:
                nonce, number = each.get("nonce"), str(each["id"])
                same = nonce == _nonce(delivery, n)
                if not nonce and _alike(piece, each):
                    same = not await self._known(channel, number)
                if same:
                    known[n] = number
        return tuple(known)

    async def _known(self, channel: str, message: str) -> bool:
        """Whether a message is known to have arrived: then it is another that says the same."""
        posts = self._here.swarm.posts
        about = await posts.about(SURFACE, channel, message)
        return about is not None or self._asking.knows(message)


def _alike(piece: Outgoing, sent: dict[str, Any]) -> bool:
    words, titles = piece.content.strip(), [embed.title for embed in piece.embeds]
    shown = [embed.get("title", "") for embed in sent.get("embeds", ())]
    return bool(words or titles) and sent["content"] == words and shown == titles


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
