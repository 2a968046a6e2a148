"""Notices in a chat: an answer is an ordinary message, so that it notifies who asked.

What can go wrong: a post is taken and nobody learns of it, the channel is gone, the bot may not
write there any more. Where the service lets us look at what stands in a channel, that is done
before a notice is sent which may have arrived; elsewhere it says that it may be a repeat. What a
channel does not take any more goes to the asker directly, and when that fails too, the notice
fails and `/outbox` shows it.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

import msgspec

from bot.chat.here import Here
from bot.chat.places import DIRECT, placed, whole
from bot.chat.questions import Asking, notice_in_full
from bot.chat.urgency import Urgency, urgency
from bot.render.outgoing import Outgoing
from bot.reply import Notice, Reply
from bot.surface import LocalDoor
from swarm_core import NO_TASK, Actor, Delivery, NoticeId, Place, Post, TaskId, errors

log = logging.getLogger(__name__)

ASKING = ("asked", "parked", "reminder")
INCIDENTS = ("incident", "incident_reminder", "escalated")
NOTIFYING = ("ended", "reminder", "asked", "decided", "parked", *INCIDENTS)
_URGENT = {
    "asked": Urgency.DECISION,
    "reminder": Urgency.DECISION,
    "decided": Urgency.DECISION,
    "ended": Urgency.RESULT,
    **dict.fromkeys(INCIDENTS, Urgency.DECISION),
}


class Courier(ABC):
    """Brings notices to a chat. `card` is told of a receipt that became a message."""

    def __init__(
        self, here: Here, card: Callable[[TaskId, str, str], None], asking: Asking
    ) -> None:
        self.here = here
        self._card = card
        self.asking = asking
        self._pieces: dict[NoticeId, dict[tuple[str, bool, int], str]] = {}
        """Of notices under way, what certainly arrived: by channel, whether it was sent as a
        repeat, and the number of the piece."""

    async def deliver(self, delivery: Delivery) -> str:
        """See the core's `Courier`. What is for somebody directly, and is not taken there, goes
        where the task was asked for: a wish is no reason to say nothing."""
        account = delivery.place.account
        if not account:
            return await self._bring(delivery, None)
        to = Actor(surface=self.here.surface, space=DIRECT, person=account)
        try:
            place = await self._channel(delivery.place)
            return await self._bring(msgspec.structs.replace(delivery, place=place), to)
        except errors.SurfaceRefused:
            task = delivery.task
            asked = (await self.here.swarm.views.task(task)).task.place if task else None
            if asked is None or asked.surface != self.here.surface:
                raise
            log.warning("notice %s goes where it was asked", delivery.notice)
            return await self._bring(msgspec.structs.replace(delivery, place=asked), None)

    async def _channel(self, place: Place) -> Place:
        """The place as the service names it."""
        if not place.account:
            return place
        return placed(place.surface, DIRECT, await self.here.way.direct(place.account))

    async def _bring(self, delivery: Delivery, to: Actor | None) -> str:
        """Bring it to its place, which is that of direct messages with `to`, if given."""
        here, again = self.here, False
        urgency.set(_URGENT.get(delivery.kind, Urgency.OTHER))
        if await here.replying.over(delivery.place, delivery.task) and delivery.kind == "ended":
            return ""
        if delivery.kind == "undelivered" and await self._arrived(delivery):
            return ""
        try:
            return await self._deliver(delivery, to)
        except errors.TryAgain:
            again = True
            raise
        finally:
            if not again:
                self._pieces.pop(delivery.notice, None)

    async def _deliver(self, delivery: Delivery, to: Actor | None) -> str:
        here = self.here
        person = to or await self.person(delivery)
        reader = person or nobody(delivery)
        reply = await self.words(delivery, reader)
        reply = msgspec.structs.replace(reply, private=False)
        mentioned = None if to or delivery.kind not in NOTIFYING else person
        whom = here.account(mentioned) if mentioned else None
        where = await here.homes.where(delivery)
        messages = await here.rendered(reply, reader, where, delivery.task or None)
        channel = where.thread
        try:
            sent = await self._send(delivery, channel, messages, whom)
        except errors.SurfaceRefused as refused:
            if where != whole(delivery.place):
                await here.homes.lost(channel)
                return await self._deliver(delivery, to)
            if whom is None or where.space == DIRECT:
                raise
            log.warning("notice %s goes to the asker directly", delivery.notice)
            try:
                channel = await here.way.direct(whom)
                told = Notice(level="warn", text=here.say_to(reader)("connection.elsewhere"))
                where = placed(here.surface, DIRECT, channel)
                reply = msgspec.structs.replace(reply, parts=(told, *reply.parts))
                messages = await here.rendered(reply, reader, where, delivery.task or None)
                sent = await self._send(delivery, channel, messages, None)
            except errors.SurfaceRefused:
                raise refused from None
        first = next(iter(sent), "")
        if delivery.task != NO_TASK and first:
            card = delivery.kind == "accepted"
            post = Post(channel=channel, message=first, task=delivery.task, card=card)
            await here.swarm.posts.keep(here.surface, post)
            if card:
                self._card(delivery.task, channel, first)
        if delivery.kind in ASKING:
            # Before the card may stand a word on why it comes here.
            for message, number in zip(messages, sent, strict=True):
                if message.embeds or message.components:
                    await self.asking.keep(where, number, delivery.task, message.asks)
        return first

    async def person(self, delivery: Delivery) -> Actor | None:
        """Whom it concerns: the asker of the task, or who asked for a decision."""
        swarm = self.here.swarm
        if delivery.task != NO_TASK:
            key = (await swarm.views.task(delivery.task)).task.person
        elif "approval" in delivery.about:
            key = (await swarm.deciding.find(str(delivery.about["approval"]))).asker
        elif "account" in delivery.about and delivery.place.space.startswith(DIRECT):
            surface, _, number = str(delivery.about["account"]).partition("/")
            key = f"{surface}/{DIRECT}/{number}"
        elif "incident" in delivery.about and "/" in str(delivery.about["owner"]).partition("/")[2]:
            key = str(delivery.about["owner"])
        else:
            return None
        surface, space, person = key.split("/", 2)
        return Actor(surface=surface, space=space, person=person)

    async def words(self, delivery: Delivery, reader: Actor) -> Reply:
        here = self.here
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
            self.addressed(delivery, message, whom if n == 0 else None)
            for n, message in enumerate(messages)
        ]
        there = await self.there(delivery, whom) if delivery.repeat else ()
        there = there or ("",) * len(pieces)
        known = self._pieces.setdefault(delivery.notice, {})
        sent: list[str] = []
        for n, piece in enumerate(pieces):
            piece_key = (channel, delivery.repeat, n)
            found = there[n] or known.get(piece_key, "")
            if not found:
                found = await self.here.way.post(
                    channel,
                    piece,
                    nonce=nonce(delivery, n),
                    mention=whom if n == 0 else None,
                    reply_to=await self.replies_to(delivery, channel) if n == 0 else None,
                )
            known[piece_key] = found
            sent.append(found)
        return tuple(sent)

    async def _arrived(self, delivery: Delivery) -> bool:
        """Whether nobody has to be told: what may not have arrived has, or is sent again."""
        swarm, notice = self.here.swarm, NoticeId(int(delivery.about["notice"]))
        found = await swarm.sharing.one(notice)
        if found is None or found.state != "uncertain":
            return found is None
        before = Delivery(
            notice=notice,
            kind=found.kind,
            delivery_class="decision",
            task=found.task or NO_TASK,
            place=await self._channel(found.place),
            repeat=True,
            about=found.about,
            created=found.created,
        )
        person = await self.person(before)
        mentioned = None if found.place.account or found.kind not in NOTIFYING else person
        whom = self.here.account(mentioned) if mentioned else None
        there = await self.there(before, whom)
        if not there or not all(there):
            return False
        await swarm.sharing.arrived(notice, there[0])
        return True

    @abstractmethod
    def addressed(self, delivery: Delivery, message: Outgoing, whom: str | None) -> Outgoing:
        """`message` with a mention of this account in it, where the service takes that."""
        ...

    @abstractmethod
    async def replies_to(self, delivery: Delivery, channel: str) -> str | None:
        """The message in `channel` that this notice is shown as a reply to."""
        ...

    @abstractmethod
    async def there(self, delivery: Delivery, whom: str | None) -> tuple[str, ...]:
        """Which pieces of this notice stand where it was to go, '' for one that does not. Empty
        when nobody can look."""
        ...


def nobody(delivery: Delivery) -> Actor:
    """Who reads what concerns no one person."""
    return Actor(surface=delivery.place.surface, space=delivery.place.space, person="0")


def nonce(delivery: Delivery, n: int) -> str:
    """What tells the pieces of notices from each other."""
    return f"waggle-{delivery.notice}-{n}"
