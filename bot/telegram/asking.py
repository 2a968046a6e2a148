"""Blanks of a command, asked for one after the other; each is filled in by a reply to its question.

What can go wrong: the process ends while somebody types, they answer twice, or somebody else does.
So what is asked stands on disk with its message, for whom it is asked, and for a day.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bot.chat.inbound import let_in
from bot.chat.places import DIRECT
from bot.chat.pressing import FORM_KEPT, Blanks, Filled, Line, Pressing
from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.render.telegram import addressed
from bot.running import words
from bot.telegram.channels import SURFACE
from bot.telegram.forms import Question, answered, begun, question
from bot.telegram.here import Here
from swarm_core import errors, from_micros, to_micros

_NOTED = "asks/"


class _Asked(msgspec.Struct, frozen=True):
    """The number under which the choice is kept, '' once it is answered, and since when."""

    number: str
    at: int


class Forms:
    """Asks, and takes what is answered."""

    def __init__(self, here: Here, pressing: Pressing) -> None:
        self._here, self.pressing = here, pressing
        self._open: dict[str, _Asked] = {}

    async def load(self) -> None:
        """Know what a former process asked."""
        posts, old = self._here.swarm.posts, self._now() - FORM_KEPT
        for name, value in (await posts.named(SURFACE, _NOTED)).items():
            asked = msgspec.json.decode(value, type=_Asked)
            if from_micros(asked.at) < old:
                await posts.drop(SURFACE, f"{_NOTED}{name}")
            else:
                self._open[name] = asked

    async def ask(self, desk: Desk, blanks: Blanks, channel: str, reply_to: str | None) -> None:
        """Ask for the first blank. Raises what `Rest.ask` raises."""
        first = question(begun(blanks.choice), words(desk).say)
        await self._ask(desk, first, blanks, channel, reply_to)

    async def _ask(
        self, desk: Desk, asked: Question, blanks: Blanks, channel: str, reply_to: str | None
    ) -> None:
        here, actor = self._here, desk.actor
        kept = Blanks(choice=asked.choice, task=blanks.task)
        number = await self.pressing.kept(desk, kept)
        message = asked.message
        if desk.place.space != DIRECT and reply_to is None:
            directory = here.swarm.members.directory
            message = addressed(message, actor.person, directory.name_of(actor.key))
        sent = await here.way.ask(channel, message, hint=asked.placeholder, reply_to=reply_to)
        await self._note(f"{channel}/{sent}", number)

    def asks(self, channel: str, message: str) -> bool:
        """Whether a message of ours asks for a blank."""
        return f"{channel}/{message}" in self._open

    async def answered(
        self, desk: Desk, channel: str, message: str, text: str, reply_to: str
    ) -> Filled | None:
        """Take `text` as the answer to a question; None when more is asked. Raises what is wrong
        with it: the question stands, and may be answered again."""
        name = f"{channel}/{message}"
        number = self._open[name].number
        if not number:
            raise errors.ButtonUsed()
        pressed = await desk.swarm.buttons.take(number, desk.actor, desk.place)
        choice = pressed.choice
        assert choice is not None
        let_in(desk.swarm, desk.actor, "form", choice.line.partition(" ")[0].lstrip("/"))
        found = answered(choice, text, words(desk).say)
        if isinstance(found, Question):
            blanks = Blanks(choice=found.choice, task=pressed.task)
            await self._ask(desk, found, blanks, channel, reply_to)
            filled = None
        else:
            line = Line(line=choice.line, parsed=parse_line(choice.line), task=pressed.task)
            filled = Filled(
                line=line, choice=found.again, typed=found.again.typed, given=found.given
            )
        await self._note(name, "")
        return filled

    async def _note(self, name: str, number: str) -> None:
        noted = self._open[name] = _Asked(number, to_micros(self._now()))
        value = msgspec.json.encode(noted).decode()
        await self._here.swarm.posts.note(SURFACE, f"{_NOTED}{name}", value)

    def _now(self) -> datetime:
        return self._here.swarm.store.clock.now()
