"""Questions in channels: every message that asks people something says what became of it.

What can go wrong: a decision is taken at the terminal, by another person or by the clock, and a
card elsewhere still offers it. So each message that asks is on disk with what it asks about; the
facts of decisions wake this, which draws the message anew and, when nothing is left to decide,
forgets it. What happened while nobody was there is seen at the start. The decision itself never
depends on any of it: a late press is refused by what was decided.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import msgspec

from bot.answers.approving import card as approval_card
from bot.answers.tasks import status_card
from bot.answers.words import Words
from bot.chat.here import Here
from bot.chat.places import whole
from bot.commands.desk import Desk
from bot.commands.following import CHANGES
from bot.messages import Messages
from bot.reply import Card, Notice, Reply
from bot.running import said_to, words
from swarm_core import (
    SWARM,
    UNDECIDED,
    Actor,
    ApprovalAsked,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalWithdrawn,
    CardView,
    Delivery,
    Fact,
    Place,
    Question,
    TaskId,
    TaskState,
    WaggleError,
    errors,
)

log = logging.getLogger(__name__)

DECISIONS = (ApprovalAsked, ApprovalDecided, ApprovalExpired, ApprovalWithdrawn)
GATHERING = 0.05
AGAIN = 5.0
"""Seconds until a message that could not be changed is tried again."""


class Asking:
    """Keeps the messages that ask something true, in one task of its own."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._asked: dict[str, Question] = {}
        """By the id of the message."""
        self._about: dict[str | int, set[str]] = {}
        """The same by approval and by task."""
        self._shown: dict[str, Card] = {}
        self._stale: set[str] = set()
        self._changed = asyncio.Event()

    async def keep(self, place: Place, message: str, task: TaskId, approval: str = "") -> None:
        """From now on this message asks, until that is decided; of an approval it is known here
        which task it is about."""
        if approval and not task:
            task = (await self._here.swarm.deciding.find(approval)).task
        question = Question(place=whole(place), message=message, task=task, approval=approval)
        await self._here.swarm.posts.questions.keep(question)
        # What it asks may have been decided while it was on its way.
        self._add(question)

    def knows(self, message: str) -> bool:
        """Whether this message asks."""
        return message in self._asked

    async def serve(self) -> None:
        """Until it is cancelled."""
        swarm = self._here.swarm
        stop = swarm.store.listen((*DECISIONS, *CHANGES), self._on_fact)
        try:
            for question in await swarm.posts.questions.all(self._here.surface):
                self._add(question)
            while True:
                await self._changed.wait()
                await asyncio.sleep(GATHERING)
                self._changed.clear()
                await self._look()
        finally:
            stop()

    def _add(self, question: Question) -> None:
        message = question.message
        self._asked[message] = question
        for key in (question.approval, question.task):
            if key:
                self._about.setdefault(key, set()).add(message)
        self._stale.add(message)
        self._changed.set()

    def _on_fact(self, fact: Fact) -> None:
        """Of its task as well: a new question makes an older one stale."""
        for key in (getattr(fact.event, "approval", None), fact.task):
            if key and (messages := self._about.get(key)):
                self._stale |= messages
                self._changed.set()

    async def _look(self) -> None:
        stale, self._stale = self._stale, set()
        for message in sorted(stale):
            question = self._asked.get(message)
            if question is None:
                continue
            try:
                await self._one(question)
            except errors.TryAgain as error:
                log.warning("a card about #%s waits: %s", question.task, error)
                self._stale.add(message)
            except WaggleError as error:
                log.warning("a card about #%s is given up: %s", question.task, error)
                await self._settle(question)
        if self._stale:
            asyncio.get_running_loop().call_later(AGAIN, self._changed.set)

    async def _one(self, question: Question) -> None:
        here, message = self._here, question.message
        say = here.say_to(await self._reader(question))
        card, over = await self._drawn(question, say)
        if card is not None and card != self._shown.get(message):
            drawn = here.way.render(Reply(parts=(card,)), say)[0]
            armed = await here.armed(drawn, question.place, question.task or None)
            await here.way.edit(question.place.thread, message, armed)
            self._shown[message] = card
        if over:
            await self._settle(question)

    async def _reader(self, question: Question) -> Actor:
        """Whom it concerns, in whose language it is."""
        swarm = self._here.swarm
        if question.approval:
            person = (await swarm.deciding.find(question.approval)).asker
        else:
            person = (await swarm.views.task(question.task)).task.person
        return swarm.members.directory.actor_of(person)

    async def _drawn(self, question: Question, say: Messages) -> tuple[Card | None, bool]:
        """The card as it is now, None while it asks what it has asked; and whether that is all."""
        swarm = self._here.swarm
        # Everybody there reads it, so nobody is "you" in it.
        desk = replace(self._here.desk(SWARM, question.place), messages=say)
        if question.approval:
            view = await swarm.views.asked(question.approval)
            if view.approval.state == "open":
                return None, False
            return approval_card(words(desk), view), not view.again
        found = await swarm.views.cards([question.task])
        if not found:
            return None, True
        card = await task_card(desk, found[0])
        if found[0].task.state is TaskState.WAITING:
            return card, False
        # It asks nothing any more; what can be done is offered where the task is shown.
        return msgspec.structs.replace(card, buttons=()), True

    async def _settle(self, question: Question) -> None:
        message = question.message
        self._asked.pop(message, None)
        self._shown.pop(message, None)
        for key in (question.approval, question.task):
            if key and (messages := self._about.get(key)):
                messages.discard(message)
                if not messages:
                    del self._about[key]
        await self._here.swarm.posts.questions.settle(question)


async def task_card(desk: Desk, view: CardView) -> Card:
    """The card of a task: what it waits for a decision on in full, where it does."""
    task = view.task
    if task.state is TaskState.WAITING and task.waiting in UNDECIDED:
        asked = await desk.swarm.views.asked(str(task.waiting_data["approval"]))
        return approval_card(_to_all(desk), asked)
    return status_card(words(desk), view)


async def asked_in_full(desk: Desk, reply: Reply) -> Reply:
    """`reply` with the card of what it asks, in the place of a sentence about it."""
    if reply.asks is None:
        return reply
    card = approval_card(_to_all(desk), await desk.swarm.views.asked(reply.asks))
    told = tuple(
        part.text for part in reply.parts if isinstance(part, Notice) and part.level != "warn"
    )
    card = msgspec.structs.replace(card, lines=(*told, *card.lines))
    return msgspec.structs.replace(reply, parts=(card,))


async def notice_in_full(desk: Desk, delivery: Delivery) -> Card | None:
    """The card for a notice that asks something; None for any other."""
    views = desk.swarm.views
    if delivery.kind == "asked":
        asked = await views.asked(str(delivery.about["approval"]))
        return approval_card(_to_all(desk), asked)
    if delivery.kind not in ("parked", "reminder"):
        return None
    found = await views.cards([delivery.task])
    return await task_card(desk, found[0]) if found else None


def _to_all(desk: Desk) -> Words:
    """In the language of whoever is at the desk. Everybody there reads it, so nobody is "you"."""
    messages = said_to(desk.swarm, desk.actor, desk.messages)
    return words(replace(desk, actor=SWARM, messages=messages))
