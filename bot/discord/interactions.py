"""Interactions: slash commands, the menu of a message, options being typed, buttons.

What can go wrong: Discord gives three seconds for a first answer, and takes it back later than
that. So an answer that is not there at once is announced, and follows. What creates a task
carries the id of its event, and is taken once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import discord
import msgspec

from bot.chat.inbound import let_in
from bot.chat.pressing import Pressing
from bot.chat.saying import MAKING, Saying
from bot.commands.declaring import Param
from bot.commands.desk import Desk
from bot.commands.private import private
from bot.discord import registry
from bot.discord.here import Here
from bot.discord.material import Reader
from bot.discord.people import People
from bot.discord.places import place_of
from bot.discord.pressing import Presses
from bot.discord.rooms import asked_with, pointed_at
from bot.render.outgoing import Outgoing
from bot.reply import Reply
from swarm_core import Actor, Overheard, Place, Task, WaggleError, errors

log = logging.getLogger(__name__)

AT_ONCE = 1.0
"""Seconds in which an answer may be the first one; then it is announced."""


class Interactions:
    """Carries out what people type as commands and press."""

    def __init__(
        self,
        here: Here,
        saying: Saying,
        people: People,
        reader: Reader,
        at_once: float = AT_ONCE,
    ) -> None:
        self._here, self._saying, self._people = here, saying, people
        self._reader, self._at_once = reader, at_once
        self.pressing = Presses(here, Pressing(saying), reader, self)

    async def actor(self, event: discord.Interaction) -> Actor:
        """Who an interaction comes from."""
        return await self._people.actor(event.guild_id, event.user, event.locale)

    async def command(self, event: discord.Interaction) -> None:
        """A slash command, or the menu of a message."""
        data: dict[str, Any] = dict(event.data or {})
        about: Overheard | None = None
        if data.get("type") == 3:
            target = data["resolved"]["messages"][data["target_id"]]
            name, given = "ask", {"text": target.get("content") or "…"}
            handed = target.get("attachments", [])
            about = pointed_at(event, target, self._reader.rooms.me)
            if about is not None:
                given = {"text": await self._pointing(event, target["id"])}
        else:
            name, given, ids = registry.given_in(data)
            known = data.get("resolved", {}).get("attachments", {})
            handed = [known[each] for each in ids]
        if name in MAKING:
            given["key"] = f"i{event.id}"
        root = event.id if name in MAKING else None
        place = self._here.homes.conversation(self.place(event, root))
        await self.interact(event, name, given, place, handed, about)

    async def _pointing(self, event: discord.Interaction, message: str) -> str:
        """What is asked about a message of somebody else: its words are not the asker's."""
        actor = await self.actor(event)
        return self._here.say_to(actor)("connection.about", id=message)

    async def interact(
        self,
        event: discord.Interaction,
        name: str,
        given: dict[str, Any],
        place: Place,
        handed: Sequence[dict[str, Any]],
        about: Overheard | None = None,
    ) -> None:
        """A command, and its answer."""
        actor = await self.actor(event)
        material = self._reader.of(handed, asked_with(event, actor.key, about))
        work = asyncio.create_task(self._saying.carry_out(actor, place, name, given, material))
        await self.answer(event, self._here.desk(actor, place), work, private=private(name))

    async def answer(
        self,
        event: discord.Interaction,
        desk: Desk,
        work: asyncio.Future[Reply],
        *,
        private: bool = False,
    ) -> None:
        """What comes of `work`, as the first answer or announced and then followed up; `private`:
        for whom it answers alone, whatever it is."""
        way = self._here.way
        with self._here.replying.at(desk.place):
            await asyncio.wait((work,), timeout=self._at_once)
            announced = not work.done()
            if announced:
                try:
                    await way.defer(event, private=private)
                except WaggleError as error:
                    # Too late for an answer here; what was asked is done all the same.
                    log.warning("an answer could not be announced: %s", error)
            reply = await work
            # What is announced in private stays so, and is not public because it was quick.
            reply = msgspec.structs.replace(reply, private=reply.private or private)

            async def send(n: int, message: Outgoing) -> str:
                nonlocal announced
                if n == 0 and not announced and not message.files:
                    return await way.answer(event, message)
                if n == 0 and not announced:
                    await way.defer(event, private=message.ephemeral)
                    announced = True
                return await way.follow(event, message)

            await self._saying.say(desk, reply, str(event.channel_id), send)

    def place(self, event: discord.Interaction, root: int | None = None) -> Place:
        """Where an interaction happened; a thread and a direct message need no root."""
        alone = event.guild_id is None or isinstance(event.channel, discord.Thread)
        return place_of(event.guild_id, event.channel_id or 0, None if alone else root)

    async def complete(self, event: discord.Interaction) -> None:
        """An option is being typed."""
        data: dict[str, Any] = dict(event.data or {})
        param, typed = registry.typed_in(data)
        swarm = self._here.swarm
        actor = await self.actor(event)
        found: list[tuple[str, str]] = []
        with suppress(errors.NotAllowed):
            let_in(swarm, actor, "autocomplete", str(data["name"]))
            found = await self._known(actor, param, str(data["name"])) if param else []
        near = [each for each in found if typed.casefold() in each[0].casefold()]
        await self._here.way.choices(event, near)

    async def _known(self, actor: Actor, param: Param, command: str) -> list[tuple[str, str]]:
        """What an option may be: what is shown, and what is given."""
        swarm = self._here.swarm
        if registry.names_tasks(param):
            tasks = await swarm.views.listing(person=actor.key, most=25)
            return [(_titled(task), str(task.id)) for task in tasks]
        names: Iterable[str] = ()
        if registry.names_priority(command, param):
            names = [each.priority.name for each in await swarm.priorities.listing(actor)]
        elif registry.names_workers(param):
            names = swarm.router.workers()
        elif registry.names_models(param):
            names = swarm.settings.models
        elif registry.names_identities(command, param):
            names = swarm.roster.identities
        return [(name, name) for name in names]


def _titled(task: Task) -> str:
    return f"#{task.id} {task.text or ''}".replace("\n", " ")[:100]
