"""What people press, pick and fill in.

What can go wrong: a press comes late, twice, changed on the way, or from somebody who may not. So
an id says nothing by itself; what it stands for is looked up, the command is carried out as if
whoever pressed had typed it, and what a person filled in passes the same parsers. What they typed
is never lost: a form that cannot be carried out comes back filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from bot.chat.forms import blanks, form_of
from bot.chat.inbound import let_in
from bot.chat.places import whole
from bot.chat.saying import MAKING, NOTHING, Material, Saying
from bot.commands.desk import Desk
from bot.commands.kinds import Number
from bot.commands.line import parse_line
from bot.commands.parsing import Parsed
from bot.render.outgoing import Form
from bot.reply import BLANK, Button, Buttons, Notice, Part, Reply
from bot.running import words
from swarm_core import (
    Action,
    Choice,
    Making,
    Place,
    Pressed,
    Resource,
    TaskId,
    WaggleError,
    clip,
    errors,
)

FORM_KEPT = timedelta(days=1)
"""How long a form may lie open."""
MOST_BUTTONS = 5
"""More choices than that are offered as a list."""
MOST_KEPT = 1500
"""Characters of what was typed that are shown beside what is wrong with it."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A command `line` that is to be carried out, for what `task` it was offered."""

    line: str
    parsed: Parsed
    task: TaskId | None


class Blanks(msgspec.Struct, frozen=True, kw_only=True):
    """A choice with blanks in its command that are to be filled in first."""

    choice: Choice
    task: TaskId | None


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was filled in and is to be carried out."""

    line: Line
    choice: Choice
    typed: Mapping[str, str]
    given: Mapping[str, Any]


class Pressing:
    """Finds what buttons, lists and forms stand for."""

    def __init__(self, saying: Saying) -> None:
        self._saying = saying

    async def take(
        self, desk: Desk, number: str, picked: str | None = None
    ) -> Reply | Line | Blanks:
        """What a press of the button `number` leads to: an answer, a command to be carried out, or
        blanks to be filled in first. `picked`: of a list."""
        swarm, actor = desk.swarm, desk.actor
        try:
            let_in(swarm, actor, "button" if picked is None else "select")
            pressed = await swarm.buttons.take(number, actor, desk.place, picked)
            choice = pressed.choice
            if choice is None:
                return _offered(desk, pressed)
            if choice.sure:
                return _sure(desk, choice)
            return await self._line(desk, choice, pressed.task)
        except WaggleError as error:
            return self._saying.here.problem(error, actor)

    async def _line(self, desk: Desk, choice: Choice, task: TaskId | None) -> Reply | Line | Blanks:
        parsed = parse_line(choice.line)
        if not blanks(parsed):
            return Line(line=choice.line, parsed=parsed, task=task)
        refused = await _not_theirs(desk, parsed)
        return refused or Blanks(choice=choice, task=task)

    async def kept(self, desk: Desk, asked: Blanks) -> str:
        """Keep what is asked of whoever is at the desk; returns its number, by which `filled`
        finds it again."""
        making = Making(
            choices=(asked.choice,),
            place=whole(desk.place),
            person=desk.actor.key,
            task=asked.task,
            kept=FORM_KEPT,
        )
        (number,) = await desk.swarm.buttons.put([making])
        return number

    async def form(self, desk: Desk, asked: Blanks) -> Form:
        """All blanks in one form."""
        return form_of(asked.choice, await self.kept(desk, asked), words(desk).say)

    async def filled(self, desk: Desk, number: str, typed: Mapping[str, str]) -> Reply | Filled:
        """What a form that was filled in leads to."""
        swarm, choice = desk.swarm, None
        try:
            pressed = await swarm.buttons.take(number, desk.actor, desk.place)
            choice = pressed.choice
            assert choice is not None
            let_in(swarm, desk.actor, "form", choice.line.partition(" ")[0].lstrip("/"))
            parsed = parse_line(choice.line)
        except WaggleError as error:
            return _kept(desk, self._saying.here.problem(error, desk.actor), choice, typed)
        given = {**parsed.given, **{name: typed.get(name, "") for name in blanks(parsed)}}
        line = Line(line=choice.line, parsed=parsed, task=pressed.task)
        return Filled(line=line, choice=choice, typed=typed, given=given)

    async def place(self, line: Line, here: Place, fresh: Place) -> Place:
        """Where it is answered: in the conversation of its task, unless it begins one, which is
        then at `fresh`."""
        place = here
        if line.parsed.command.name in MAKING:
            place = fresh
        elif line.task:
            with suppress(errors.NotFound):  # which the command itself will say
                return (await self._saying.here.swarm.views.task(line.task)).task.place
        return self._saying.here.homes.conversation(place)

    async def carry_out(
        self, desk: Desk, filled: Filled, key: str, material: Material = NOTHING
    ) -> Reply:
        """What comes of a form; what goes wrong comes with what was typed."""
        name, given = filled.line.parsed.command.name, dict(filled.given)
        if name in MAKING:
            given["key"] = key
        reply = await self._saying.carry_out(desk.actor, desk.place, name, given, material)
        if any(isinstance(part, Notice) and part.level == "error" for part in reply.parts):
            return _kept(desk, reply, filled.choice, filled.typed)
        return reply


def given(parsed: Parsed, key: str) -> dict[str, Any]:
    """The arguments of a command that was pressed; what begins something carries its event, unless
    the button has a key of its own and begins it once, however often it is pressed."""
    more = {"key": key} if parsed.command.name in MAKING else {}
    return {**more, **parsed.given}


async def _not_theirs(desk: Desk, parsed: Parsed) -> Reply | None:
    """Nobody fills in a form about a task that they do not steer: they can ask separately."""
    if parsed.command.name != "tell":
        return None
    swarm = desk.swarm
    if parsed.given["number"] == BLANK:
        return None
    number = Number().read(parsed.given["number"])
    task = (await swarm.views.task(number)).task
    mine = Resource("task", str(number), task.person)
    if swarm.policy.allows(desk.actor, Action.TELL_TASK, mine):
        return None
    say = words(desk).say
    separately = Button(say("button.ask_separately"), f"/ask {BLANK}")
    owner = swarm.members.directory.name_of(task.person)
    told = Notice(level="error", text=say("connection.not_yours", owner=owner, id=number))
    return Reply(parts=(told, Buttons((separately,))), private=True)


def _offered(desk: Desk, pressed: Pressed) -> Reply:
    buttons = tuple(
        Button(each.label, each.line, each.sure, each.typed) for each in pressed.choices
    )
    many = len(buttons) > MOST_BUTTONS
    pick = words(desk).say("button.pick") if many else ""
    return Reply(parts=(Buttons(buttons, pick),), private=True)


def _sure(desk: Desk, choice: Choice) -> Reply:
    """Asked once more, in front of whoever pressed alone."""
    say = words(desk).say
    told = Notice(level="warn", text=say("connection.sure", what=choice.label, line=choice.line))
    once_more = Button(say("button.sure"), choice.line)
    return Reply(parts=(told, Buttons((once_more,))), private=True)


def _kept(desk: Desk, reply: Reply, choice: Choice | None, typed: Mapping[str, str]) -> Reply:
    """What went wrong, and what was typed, to be corrected."""
    say = words(desk).say
    parts: list[Part] = [*reply.parts]
    if typed:
        text = "\n".join(typed.values())
        parts.append(Notice(level="info", text=say("connection.typed", text=clip(text, MOST_KEPT))))
    if choice:
        again = Button(say("button.type_again"), choice.line, typed=dict(typed))
        parts.append(Buttons((again,)))
    return Reply(parts=tuple(parts), private=True)
