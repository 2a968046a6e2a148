"""What people press, pick and fill in.

What can go wrong: a press comes late, twice, changed on the way, or from somebody who may not. So
an id says nothing by itself; what it stands for is looked up, the command is carried out as if
whoever pressed had typed it, and what a person filled in passes the same parsers. What they typed
is never lost: a form that cannot be carried out comes back filled in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bot.commands.desk import Desk
from bot.commands.kinds import Number
from bot.commands.line import parse_line
from bot.commands.parsing import Parsed
from bot.discord.forms import blanks, form_of, typed_in
from bot.discord.inbound import let_in
from bot.discord.places import whole
from bot.discord.registry import private
from bot.discord.rooms import asked_with
from bot.discord.saying import MAKING, Saying
from bot.reply import BLANK, Button, Buttons, Notice, Part, Reply
from bot.running import words
from swarm_core import (
    Action,
    Actor,
    Choice,
    Making,
    Place,
    Pressed,
    Resource,
    TaskId,
    WaggleError,
    clip,
)

if TYPE_CHECKING:
    import discord

FORM_KEPT = timedelta(days=1)
"""How long a form may lie open."""
MOST_BUTTONS = 5
"""More choices than that are offered as a list."""
MOST_KEPT = 1500
"""Characters of what was typed that are shown beside what is wrong with it."""


class Answering(Protocol):
    """How an interaction is answered, whatever it is."""

    def place(self, event: discord.Interaction, root: int | None = None) -> Place:
        """Where it happened; what begins something has its own `root` there."""
        ...

    async def interact(
        self,
        event: discord.Interaction,
        name: str,
        given: dict[str, Any],
        place: Place,
        handed: Sequence[dict[str, Any]],
    ) -> None:
        """Carry out a command and answer."""
        ...

    async def answer(
        self,
        event: discord.Interaction,
        desk: Desk,
        work: asyncio.Future[Reply],
        *,
        private: bool = False,
    ) -> None:
        """Answer with what comes of `work`."""
        ...


class Pressing:
    """Carries out what buttons, lists and forms stand for."""

    def __init__(self, saying: Saying, interactions: Answering) -> None:
        self._saying = saying
        self._interactions = interactions

    async def press(self, event: discord.Interaction) -> None:
        """A button, or one of a list."""
        here, data = self._saying.here, _data(event)
        values = data.get("values")
        place = self._interactions.place(event)
        actor = await self._saying.actor(event.guild_id, event.user, event.locale)
        desk = here.desk(actor, place)
        try:
            let_in(here.swarm, actor, "button" if values is None else "select")
            picked = None if values is None else str(next(iter(values), ""))
            pressed = await here.swarm.buttons.take(str(data["custom_id"]), actor, place, picked)
            choice = pressed.choice
            if choice is None:
                reply = self._offered(desk, pressed)
            elif choice.sure:
                reply = _sure(desk, choice)
            else:
                await self._carry_out(event, desk, choice, pressed.task)
                return
        except WaggleError as error:
            reply = here.problem(error, actor)
        await self._interactions.answer(event, desk, _made(reply))

    async def submit(self, event: discord.Interaction) -> None:
        """A form that was filled in."""
        here, data = self._saying.here, _data(event)
        place = self._interactions.place(event)
        actor = await self._saying.actor(event.guild_id, event.user, event.locale)
        desk = here.desk(actor, place)
        typed = typed_in(data.get("components", ()))
        choice: Choice | None = None
        try:
            pressed = await here.swarm.buttons.take(str(data["custom_id"]), actor, place)
            choice = pressed.choice
            assert choice is not None
            let_in(here.swarm, actor, "form", choice.line.partition(" ")[0].lstrip("/"))
            parsed = parse_line(choice.line)
        except WaggleError as error:
            reply = _kept(desk, here.problem(error, actor), choice, typed)
            await self._interactions.answer(event, desk, _made(reply))
            return
        given = {**parsed.given, **{name: typed.get(name, "") for name in blanks(parsed)}}
        place = await self._place(event, parsed, pressed.task)
        work = asyncio.create_task(self._filled(event, actor, place, parsed, given, choice, typed))
        await self._interactions.answer(
            event, here.desk(actor, place), work, private=private(parsed.command.name)
        )

    async def _carry_out(
        self, event: discord.Interaction, desk: Desk, choice: Choice, task: TaskId | None
    ) -> None:
        parsed = parse_line(choice.line)
        if not blanks(parsed):
            place = await self._place(event, parsed, task)
            await self._interactions.interact(
                event, parsed.command.name, self._given(event, parsed), place, ()
            )
            return
        if refused := await self._not_theirs(desk, parsed):
            await self._interactions.answer(event, desk, _made(refused))
            return
        making = Making(
            choices=(choice,),
            place=whole(desk.place),
            person=desk.actor.key,
            task=task,
            kept=FORM_KEPT,
        )
        (number,) = await self._saying.here.swarm.buttons.put([making])
        form = form_of(choice, number, words(desk).say)
        await self._saying.here.rest.form(event, form)

    async def _filled(
        self,
        event: discord.Interaction,
        actor: Actor,
        place: Place,
        parsed: Parsed,
        given: dict[str, Any],
        choice: Choice,
        typed: dict[str, str],
    ) -> Reply:
        if parsed.command.name in MAKING:
            given = {**given, "key": f"i{event.id}"}
        asked = asked_with(event, actor.key)
        name = parsed.command.name
        reply = await self._saying.carry_out(actor, place, name, given, (), asked)
        if any(isinstance(part, Notice) and part.level == "error" for part in reply.parts):
            return _kept(self._saying.here.desk(actor, place), reply, choice, typed)
        return reply

    def _given(self, event: discord.Interaction, parsed: Parsed) -> dict[str, Any]:
        key = {"key": f"i{event.id}"} if parsed.command.name in MAKING else {}
        return {**parsed.given, **key}

    async def _place(
        self, event: discord.Interaction, parsed: Parsed, task: TaskId | None
    ) -> Place:
        """Where it is answered: in the conversation of the task, unless it begins one."""
        if parsed.command.name in MAKING:
            place = self._interactions.place(event, event.id)
        elif task:
            return (await self._saying.here.swarm.views.task(task)).task.place
        else:
            place = self._interactions.place(event)
        return self._saying.here.threads.conversation(place)

    async def _not_theirs(self, desk: Desk, parsed: Parsed) -> Reply | None:
        """Nobody fills in a form about a task that they do not steer: they can ask separately."""
        if parsed.command.name != "tell":
            return None
        swarm = self._saying.here.swarm
        number = Number().read(parsed.given["number"])
        task = (await swarm.views.task(number)).task
        if swarm.policy.allows(
            desk.actor, Action.TELL_TASK, Resource("task", str(number), task.person)
        ):
            return None
        say = words(desk).say
        separately = Button(say("button.ask_separately"), f"/ask {BLANK}")
        owner = swarm.members.directory.name_of(task.person)
        told = Notice(level="info", text=say("connection.not_yours", owner=owner, id=number))
        return Reply(parts=(told, Buttons((separately,))), private=True)

    def _offered(self, desk: Desk, pressed: Pressed) -> Reply:
        buttons = tuple(
            Button(each.label, each.line, each.sure, each.typed) for each in pressed.choices
        )
        many = len(buttons) > MOST_BUTTONS
        pick = words(desk).say("button.pick") if many else ""
        return Reply(parts=(Buttons(buttons, pick),), private=True)


def _sure(desk: Desk, choice: Choice) -> Reply:
    """Asked once more, in front of whoever pressed alone."""
    say = words(desk).say
    told = Notice(level="warn", text=say("discord.sure", what=choice.label, line=choice.line))
    once_more = Button(say("button.sure"), choice.line)
    return Reply(parts=(told, Buttons((once_more,))), private=True)


def _kept(desk: Desk, reply: Reply, choice: Choice | None, typed: dict[str, str]) -> Reply:
    """What went wrong, and what was typed, to be corrected."""
    say = words(desk).say
    parts: list[Part] = [*reply.parts]
    if typed:
        text = "\n".join(typed.values())
        parts.append(Notice(level="info", text=say("discord.typed", text=clip(text, MOST_KEPT))))
    if choice:
        again = Button(say("button.type_again"), choice.line, typed=typed)
        parts.append(Buttons((again,)))
    return Reply(parts=tuple(parts), private=True)


def _data(event: discord.Interaction) -> dict[str, Any]:
    return dict(event.data or {})


def _made(reply: Reply) -> asyncio.Future[Reply]:
    made: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    made.set_result(reply)
    return made
