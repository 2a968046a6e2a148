"""What people press, pick and fill in on Discord."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from bot.chat.pressing import Blanks, Filled, Line, Pressing, given
from bot.commands.desk import Desk
from bot.commands.private import private
from bot.discord.forms import typed_in
from bot.discord.here import Here
from bot.discord.material import Reader
from bot.discord.rooms import asked_with
from bot.reply import Reply
from swarm_core import Actor, Place

if TYPE_CHECKING:
    import discord


class Answering(Protocol):
    """How an interaction is answered, whatever it is."""

    async def actor(self, event: discord.Interaction) -> Actor:
        """Who it comes from."""
        ...

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


class Presses:
    """Carries out what buttons, lists and forms stand for."""

    def __init__(
        self, here: Here, pressing: Pressing, reader: Reader, interactions: Answering
    ) -> None:
        self._here = here
        self._pressing = pressing
        self._reader = reader
        self._interactions = interactions

    async def press(self, event: discord.Interaction) -> None:
        """A button, or one of a list."""
        data = _data(event)
        values = data.get("values")
        actor = await self._interactions.actor(event)
        desk = self._here.desk(actor, self._interactions.place(event))
        picked = None if values is None else str(next(iter(values), ""))
        found = await self._pressing.take(desk, str(data["custom_id"]), picked)
        if isinstance(found, Blanks):
            await self._here.way.form(event, await self._pressing.form(desk, found))
        elif isinstance(found, Line):
            place = await self._place(event, found)
            parsed = found.parsed
            asked = given(parsed, f"i{event.id}")
            await self._interactions.interact(event, parsed.command.name, asked, place, ())
        else:
            await self._interactions.answer(event, desk, _made(found))

    async def submit(self, event: discord.Interaction) -> None:
        """A form that was filled in."""
        data = _data(event)
        actor = await self._interactions.actor(event)
        desk = self._here.desk(actor, self._interactions.place(event))
        typed = typed_in(data.get("components", ()))
        found = await self._pressing.filled(desk, str(data["custom_id"]), typed)
        if not isinstance(found, Filled):
            await self._interactions.answer(event, desk, _made(found))
            return
        desk = self._here.desk(actor, await self._place(event, found.line))
        material = self._reader.of((), asked_with(event, actor.key))
        work = asyncio.create_task(self._pressing.carry_out(desk, found, f"i{event.id}", material))
        await self._interactions.answer(
            event, desk, work, private=private(found.line.parsed.command.name)
        )

    async def _place(self, event: discord.Interaction, line: Line) -> Place:
        here, fresh = self._interactions.place(event), self._interactions.place(event, event.id)
        return await self._pressing.place(line, here, fresh)


def _data(event: discord.Interaction) -> dict[str, Any]:
    return dict(event.data or {})


def _made(reply: Reply) -> asyncio.Future[Reply]:
    made: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    made.set_result(reply)
    return made
