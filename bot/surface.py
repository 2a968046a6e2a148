"""What a surface is: people's words go in through a `Door`, replies and notices come out.

An interactive surface is given a door and knows nothing of the swarm behind it. Whatever goes
wrong with a line comes back as a reply, so a surface never has to catch anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from bot.answers import raises
from bot.answers.ending import ending
from bot.answers.tasks import receipt_repeated, status_card
from bot.commands import views
from bot.commands.asking import instead
from bot.commands.completing import Completion, Known, complete, priorities_at
from bot.commands.desk import Desk, Living
from bot.commands.following import watch
from bot.commands.line import is_command, parse_line
from bot.messages import Messages
from bot.offering import ANSWERS, meant, offered
from bot.reply import Card, Notice, Reply
from bot.running import run, told, words
from bot.telling import told_at
from swarm_core import (
    FINISHED,
    UNDECIDED,
    UNFINISHED,
    Action,
    Actor,
    CardView,
    Courier,
    Delivery,
    Place,
    Resource,
    Swarm,
    TaskId,
    WaggleError,
    describe,
)

__all__ = ["Cards", "Completion", "Door", "LocalDoor"]

log = logging.getLogger(__name__)

MOST_CARDS = 5
MOST_KNOWN = 20
"""Numbers of tasks that completion offers."""


class Cards(msgspec.Struct, frozen=True, kw_only=True):
    """The newest of one person's unfinished tasks, and how many `more` there are."""

    views: tuple[CardView, ...] = ()
    more: int = 0


class Door(Protocol):
    """What one person at one place can do. All of it may be called while a `run` is under way."""

    async def run(self, line: str) -> Reply:
        """Carry out a slash command, or plain text as `chat.plain_text` says. An error is a
        reply too. When the reply is on the screen, call `receipt_shown`."""
        ...

    def complete(self, line: str) -> Sequence[Completion]:
        """How `line`, typed up to its end, may go on; best first, without waiting."""
        ...

    async def cards(self) -> Cards:
        """This person's unfinished tasks, newest first, a few, and how many more there are."""
        ...

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` on the loop after anything about tasks or steps changed; it only wakes.
        Returns what ends the watching."""
        ...

    def hear(self, more: Callable[[], None]) -> Callable[[], None]:
        """Call `more` on the loop when more of an answer under way has come: often, and only to
        wake. Returns what ends the hearing."""
        ...

    async def outcome(self, delivery: Delivery) -> Reply:
        """The words for a notice: a result, a parked card, a receipt. It says so when it may be
        a repeat."""
        ...

    def card(self, view: CardView) -> Card:
        """The words for a status card, with what is being said just now."""
        ...

    async def receipt_shown(self, reply: Reply) -> None:
        """`reply`, as `run` returned it, has reached the person."""
        ...

    async def attach(self, courier: Courier) -> None:
        """From now on `courier` takes this surface's notices, those that waited first."""
        ...

    async def detach(self) -> None:
        """Nobody is there any more; notices wait."""
        ...


class LocalDoor:
    """A door to a swarm in this process, for one person at one place."""

    def __init__(
        self,
        swarm: Swarm,
        actor: Actor,
        place: Place,
        messages: Messages,
        life: Living | None = None,
    ) -> None:
        self._desk = Desk(swarm=swarm, actor=actor, place=place, messages=messages, life=life)
        self._known: tuple[TaskId, ...] = ()
        self._priorities: dict[str, str] | None = None
        """None: to be looked up."""
        self._replying = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._told: set[int] = set()
        self._follow = ""
        """The line a plain yes would stand for: offered by the last answer."""
        self._asked: tuple[str, ...] = ()
        """What a plain yes or no would be the answer to: asked since the last line."""

    async def run(self, line: str) -> Reply:
        """See `Door.run`."""
        if not self._replying:
            self._told.clear()
        self._replying += 1
        self._quiet.clear()
        try:
            reply = await self._run(meant(line, self._follow))
            self._asked = (reply.asks,) if reply.asks else ()
            self._follow = reply.follow
            if reply.ending is not None:
                self._told.add(reply.ending)
            return offered(reply)
        finally:
            self._replying -= 1
            if not self._replying:
                self._quiet.set()

    async def _run(self, line: str) -> Reply:
        say = words(self._desk).say
        swarm, place = self._desk.swarm, self._desk.place
        swarm.policy.authorize(self._desk.actor, Action.TEXT, Resource("event"))
        usual = swarm.settings.chat.plain_text
        plain = swarm.members.directory.set_at(place).get("plain-text", usual)
        try:
            if self._asked and (answer := ANSWERS.get(line.strip().casefold())):
                if len(self._asked) > 1:
                    lines = [f"`/approve {each}`" for each in self._asked]
                    return _note(say("approval.which", lines=lines))
                name, more = answer
                given = {"id": self._asked[0], **more}
            elif is_command(line):
                parsed = parse_line(line)
                name, given = parsed.command.name, parsed.given
                if parsed.help:
                    name, given = "help", {"command": parsed.command.name}
            elif not line.strip():
                return _note(say("receipt.nothing"))
            elif plain == "off":
                return _note(say("receipt.plain_off"))
            else:
                name, given = plain, {"text": line}
            if name == "priority":
                self._priorities = None
            return (await run(self._desk, name, given)).reply
        except WaggleError as error:
            return Reply(parts=(Notice(level="error", text=say.error(error)),), private=True)
        except Exception as error:
            # The door's promise: a line always gets an answer, whatever is broken behind it.
            log.exception("a line could not be carried out")
            problem = describe(error)
            return Reply(
                parts=(Notice(level="error", text=say("unexpected.crash", problem=problem)),)
            )

    def complete(self, line: str) -> Sequence[Completion]:
        """See `Door.complete`."""
        workers = self._desk.swarm.router.workers()
        known = Known(
            tasks=self._known,
            workers={name: worker.summary for name, worker in workers.items()},
            priorities=self._priorities or {},
        )
        return complete(line, known)

    async def cards(self) -> Cards:
        """See `Door.cards`."""
        if self._priorities is None:
            self._priorities = await priorities_at(self._desk)
        read, person = self._desk.swarm.views, self._desk.actor.key
        found = await read.listing(states=UNFINISHED, person=person, most=MOST_CARDS)
        # Only who has more than fit has them counted.
        count = await read.open_of(person) if len(found) == MOST_CARDS else len(found)
        self._known = tuple(dict.fromkeys((*(t.id for t in found), *self._known)))[:MOST_KNOWN]
        shown = tuple(await read.cards([task.id for task in found]))
        return Cards(views=shown, more=max(0, count - len(found)))

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See `Door.watch`."""
        return watch(self._desk.swarm, None, changed)

    def hear(self, more: Callable[[], None]) -> Callable[[], None]:
        """See `Door.hear`."""
        return self._desk.swarm.streams.watch(more)

    async def outcome(self, delivery: Delivery) -> Reply:
        """See `Door.outcome`. Raises `NotFound` for a task that is not there."""
        swarm, say = self._desk.swarm, words(self._desk)
        if delivery.kind in ("asked", "decided"):
            return await self._raise(
                str(delivery.about["approval"]), asked=delivery.kind == "asked"
            )
        if (about_no_state := await told_at(self._desk, delivery)) is not None:
            return about_no_state
        seen = await swarm.views.task(delivery.task)
        task = seen.task
        match delivery.kind:
            case "ended" if task.state in FINISHED:
                end = views.Ended(task=task, instead=instead(swarm, task), stamp=seen.stamp)
                reply = ending(say, end, repeat=delivery.repeat)
            case "accepted":
                reply = receipt_repeated(say, task)
            case _:
                (card,) = await swarm.views.cards([delivery.task])
                reply = Reply(parts=(status_card(say, card),))
                if task.waiting in UNDECIDED:
                    self._asked = (*self._asked, str(task.waiting_data["approval"]))
        self._known = tuple(dict.fromkeys((task.id, *self._known)))[:MOST_KNOWN]
        return reply

    async def _raise(self, approval: str, *, asked: bool) -> Reply:
        """What is asked, or was decided, about a raise; who may decide can do that by a word."""
        found = await self._desk.swarm.deciding.find(approval)
        resource = Resource(found.kind, found.id, found.asker)
        if not asked or found.state != "open":
            return raises.decided(words(self._desk), found)
        if self._desk.swarm.policy.allows(self._desk.actor, Action.DECIDE, resource):
            self._asked = (*self._asked, found.id)
        return raises.asked(words(self._desk), found)

    def card(self, view: CardView) -> Card:
        """See `Door.card`."""
        card = status_card(words(self._desk), view)
        return msgspec.structs.replace(card, saying=self._desk.swarm.streams.said(view.task.id))

    async def receipt_shown(self, reply: Reply) -> None:
        """See `Door.receipt_shown`."""
        await told(self._desk, reply)

    async def attach(self, courier: Courier) -> None:
        """See `Door.attach`. A notice waits for a reply that is being made, and one whose end
        that reply has told is not told again."""
        outer = self

        class Patient:
            async def deliver(self, delivery: Delivery) -> str:
                replying = outer._replying > 0
                await outer._quiet.wait()
                if replying and delivery.kind == "ended" and delivery.task in outer._told:
                    return ""
                return await courier.deliver(delivery)

        await self._desk.swarm.outbox.attach(self._desk.place.surface, Patient())

    async def detach(self) -> None:
        """See `Door.detach`."""
        await self._desk.swarm.outbox.detach(self._desk.place.surface)


def _note(text: str) -> Reply:
    return Reply(parts=(Notice(level="info", text=text),), private=True)
