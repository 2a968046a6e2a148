"""Interactions: slash commands, the menu of a message, options being typed, buttons.

What can go wrong: Discord gives three seconds for a first answer, and takes it back later than
that. So an answer that is not there at once is announced, and follows. What creates a task
carries the id of its event, and is taken once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord

from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.discord import registry
from bot.discord.places import place_of
from bot.discord.rooms import asked_with
from bot.discord.saying import MAKING, Saying
from bot.render.outgoing import Outgoing
from bot.reply import Button, Buttons, Reply
from swarm_core import Action, Place, Resource, Task, WaggleError

AT_ONCE = 1.0
"""Seconds in which an answer may be the first one; then it is announced."""


class Interactions:
    """Carries out what people type as commands and press."""

    def __init__(self, saying: Saying, at_once: float = AT_ONCE) -> None:
        self._saying, self._at_once = saying, at_once

    async def command(self, event: discord.Interaction) -> None:
        """A slash command, or the menu of a message."""
        data: dict[str, Any] = dict(event.data or {})
        if data.get("type") == 3:
            target = data["resolved"]["messages"][data["target_id"]]
            name, given = "ask", {"text": target.get("content") or "…"}
            handed = target.get("attachments", [])
        else:
            name, given, ids = registry.given_in(data)
            known = data.get("resolved", {}).get("attachments", {})
            handed = [known[each] for each in ids]
        if name in MAKING:
            given["key"] = f"i{event.id}"
        root = event.id if name in MAKING else None
        place = self._saying.here.threads.conversation(_place(event, root))
        await self._interact(event, name, given, place, handed)

    async def press(self, event: discord.Interaction) -> None:
        """A button."""
        here, data = self._saying.here, dict(event.data or {})
        actor = await self._saying.actor(event.guild_id, event.user, event.locale)
        try:
            here.swarm.policy.authorize(actor, Action.BUTTON, Resource("event"))
            pressed = await here.swarm.buttons.take(str(data["custom_id"]), actor, _place(event))
            if pressed.line is None:
                offered = tuple(Button(label, line) for label, line in pressed.choices)
                reply = Reply(parts=(Buttons(offered),), private=True)
                await self._answer(event, here.desk(actor, _place(event)), _made(reply))
                return
            parsed = parse_line(pressed.line)
        except WaggleError as error:
            reply = here.problem(error, actor)
            await self._answer(event, here.desk(actor, _place(event)), _made(reply))
            return
        given = dict(parsed.given)
        name = parsed.command.name
        if name in MAKING:
            given["key"] = f"i{event.id}"
        place = here.threads.conversation(_place(event, event.id if name in MAKING else None))
        if pressed.task is not None:
            place = (await here.swarm.views.task(pressed.task)).task.place
        await self._interact(event, name, given, place, ())

    async def _interact(
        self,
        event: discord.Interaction,
        name: str,
        given: dict[str, Any],
        place: Place,
        handed: Sequence[dict[str, Any]],
    ) -> None:
        actor = await self._saying.actor(event.guild_id, event.user, event.locale)
        asked = asked_with(event, actor.key)
        work = asyncio.create_task(self._saying.carry_out(actor, place, name, given, handed, asked))
        await self._answer(
            event, self._saying.here.desk(actor, place), work, private=registry.private(name)
        )

    async def _answer(
        self,
        event: discord.Interaction,
        desk: Desk,
        work: asyncio.Future[Reply],
        *,
        private: bool = False,
    ) -> None:
        rest = self._saying.here.rest
        with self._saying.here.replying.at(desk.place):
            await asyncio.wait((work,), timeout=self._at_once)
            announced = not work.done()
            if announced:
                await rest.defer(event, private=private)
            reply = await work

            async def send(n: int, message: Outgoing) -> str:
                nonlocal announced
                if n == 0 and not announced and not message.files:
                    return await rest.answer(event, message)
                if n == 0 and not announced:
                    await rest.defer(event, private=message.ephemeral)
                    announced = True
                return await rest.follow(event, message)

            await self._saying.say(desk, reply, str(event.channel_id), send)

    async def complete(self, event: discord.Interaction) -> None:
        """An option is being typed."""
        data: dict[str, Any] = dict(event.data or {})
        param, typed = registry.typed_in(data)
        swarm = self._saying.here.swarm
        actor = await self._saying.actor(event.guild_id, event.user, event.locale)
        found: list[tuple[str, str]] = []
        if param is None:
            pass
        elif registry.names_tasks(param):
            tasks = await swarm.views.listing(person=actor.key, most=25)
            found = [(_titled(task), str(task.id)) for task in tasks]
        elif registry.names_workers(param):
            found = [(name, name) for name in swarm.router.workers()]
        elif registry.names_models(param):
            found = [(name, name) for name in swarm.settings.models]
        elif registry.names_identities(data["name"], param):
            found = [(name, name) for name in swarm.roster.identities]
        near = [each for each in found if typed.casefold() in each[0].casefold()]
        await self._saying.here.rest.choices(event, near)


def _place(event: discord.Interaction, root: int | None = None) -> Place:
    """Where an interaction happened; a thread and a direct message need no root."""
    channel = event.channel
    alone = event.guild_id is None or isinstance(channel, discord.Thread)
    return place_of(event.guild_id, event.channel_id or 0, None if alone else root)


def _titled(task: Task) -> str:
    return f"#{task.id} {task.text or ''}".replace("\n", " ")[:100]


def _made(reply: Reply) -> asyncio.Future[Reply]:
    made: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    made.set_result(reply)
    return made
