"""What the parts of a chat share, and how a person's words are carried out there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.chat.homes import Homes
from bot.chat.places import account, whole
from bot.chat.way import Way
from bot.commands.desk import Desk, Living
from bot.messages import Messages
from bot.render.outgoing import Outgoing, presses, with_ids
from bot.reply import Notice, Reply
from bot.running import run, said_to, told
from swarm_core import (
    Actor,
    Attached,
    Choice,
    Making,
    Overheard,
    Place,
    Post,
    Swarm,
    TaskId,
    WaggleError,
    describe,
)

log = logging.getLogger(__name__)


class Replying:
    """Replies that are being made, by the place they go to: a notice about the same waits for
    them, and one whose end a reply has told is not told again."""

    def __init__(self) -> None:
        self._open: dict[Place, int] = {}
        self._done: dict[Place, asyncio.Event] = {}
        self._told: dict[Place, set[int]] = {}

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        self._open[place] = self._open.get(place, 0) + 1
        self._done.setdefault(place, asyncio.Event())
        try:
            yield
        finally:
            self._open[place] -= 1
            if not self._open[place]:
                del self._open[place]
                self._done.pop(place).set()
                self._told.pop(place, None)

    def tells(self, place: Place, task: int) -> None:
        self._told.setdefault(place, set()).add(task)

    async def over(self, place: Place, task: int) -> bool:
        """Wait until nothing is being said at `place`. Whether that told the end of `task`."""
        done = self._done.get(place)
        if done is None:
            return False
        told = self._told.setdefault(place, set())
        await done.wait()
        return task in told


@dataclass(frozen=True, kw_only=True)
class Here:
    """The swarm, its words, the way out, and who is being answered just now."""

    swarm: Swarm
    say: Messages
    way: Way
    homes: Homes
    life: Living | None = None
    replying: Replying = field(default_factory=Replying)

    @property
    def surface(self) -> str:
        """Its name in places."""
        return self.way.surface

    def desk(
        self,
        actor: Actor,
        place: Place,
        files: tuple[Attached, ...] = (),
        room: tuple[Overheard, ...] = (),
    ) -> Desk:
        return Desk(
            swarm=self.swarm,
            actor=actor,
            place=place,
            messages=self.say,
            life=self.life,
            files=files,
            room=room,
        )

    async def carry_out(self, desk: Desk, name: str, given: Mapping[str, Any]) -> Reply:
        """What comes of a command; whatever goes wrong is a reply too."""
        try:
            return (await run(desk, name, given)).reply
        except WaggleError as error:
            return self.problem(error, desk.actor)
        except Exception as error:
            # Somebody waits for an answer, whatever is broken behind it.
            log.exception("a command from a chat could not be carried out")
            text = self.say_to(desk.actor)("unexpected.crash", problem=describe(error))
            return Reply(parts=(Notice(level="error", text=text),), private=True)

    def account(self, person: Actor) -> str | None:
        """The account on this service of somebody, who may have asked elsewhere; None for none."""
        if found := account(person.key, self.surface):
            return found
        directory = self.swarm.members.directory
        known = directory.person(directory.number_of(person.key))
        accounts = (each.partition("/") for each in (known.accounts if known else ()))
        return next((number for where, _, number in accounts if where == self.surface), None)

    def say_to(self, actor: Actor) -> Messages:
        """The sentences in the language somebody wishes."""
        return said_to(self.swarm, actor, self.say)

    def problem(self, error: WaggleError, actor: Actor) -> Reply:
        say = self.say_to(actor)
        # Of themselves people are told as "you", and not by a number.
        mine = error.data.get("actor") == actor.key
        text = say.failure(error.code, {**error.data, "actor": ""}) if mine else say.error(error)
        return Reply(parts=(Notice(level="error", text=text),), private=True)

    async def rendered(
        self, reply: Reply, actor: Actor, place: Place, task: TaskId | None = None
    ) -> tuple[Outgoing, ...]:
        """The messages of a reply to `actor` that is shown at `place`, their buttons pressable
        there; those of a private one by them alone, and gone when what they wrote is erased."""
        made = self.way.render(reply, self.say_to(actor))
        person = actor.key if reply.private else None
        return tuple([await self.armed(each, place, task, person=person) for each in made])

    async def armed(
        self,
        message: Outgoing,
        place: Place,
        task: TaskId | None = None,
        *,
        person: str | None = None,
        once: bool = False,
    ) -> Outgoing:
        """`message` with an id for each of its buttons. Anybody there may press them, unless they
        are for `person`: what comes of it is decided for whom who did."""
        shown = whole(place)
        makings = [
            Making(
                choices=tuple(
                    Choice(each.label, each.command, each.sure, each.typed) for each in press.lines
                ),
                place=shown,
                person=person,
                task=task,
                once=once,
            )
            for press in presses(message)
        ]
        return with_ids(message, await self.swarm.buttons.put(makings)) if makings else message

    async def shown(self, desk: Desk, reply: Reply, channel: str, message: str) -> TaskId | None:
        """`reply` stands in the channel, in `message`. Returns the task whose receipt it is."""
        await told(desk, reply)
        if reply.ending is not None:
            # Only now: a notice of what could not be shown is the one way it is told.
            self.replying.tells(desk.place, reply.ending)
        about = reply.receipt or reply.ending
        if about is None or not message:
            return None
        card = reply.receipt is not None and reply.ending is None
        post = Post(channel=channel, message=message, task=TaskId(about), card=card)
        await self.swarm.posts.keep(self.surface, post)
        return TaskId(about) if card else None
