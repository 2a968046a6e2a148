"""What people do on Discord, as commands: slash commands, messages, the menu of a message, buttons.

What can go wrong: Discord gives three seconds for a first answer, and takes it back later than
that. So an answer that is not there at once is announced, and follows. What creates a task
carries the id of its event, and is taken once.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot.commands.desk import Desk
from bot.commands.line import is_command, parse_line
from bot.discord import registry
from bot.discord.cards import Cards
from bot.discord.here import Here
from bot.discord.places import SURFACE, actor_at, place_of
from bot.discord.reading import Files
from bot.render.outgoing import Outgoing
from bot.reply import Button, Buttons, Notice, Reply
from swarm_core import (
    FINISHED,
    Action,
    Actor,
    Attached,
    Place,
    Resource,
    Task,
    TaskId,
    WaggleError,
)

log = logging.getLogger(__name__)

AT_ONCE = 1.0
"""Seconds in which an answer may be the first one; then it is announced."""
MAKING = frozenset({"ask", "task"})
"""Commands that begin something of their own in a channel."""
_TEXT = re.compile(r"<@!?(\d+)>")

Send = Callable[[int, Outgoing], Awaitable[str]]


class Inbound:
    """Carries out what people say and press."""

    def __init__(self, here: Here, cards: Cards, files: Files) -> None:
        self._here = here
        self._cards = cards
        self._files = files

    # Interactions

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
        await self._interact(event, name, given, _place(event, root), handed)

    async def press(self, event: discord.Interaction) -> None:
        """A button."""
        here, data = self._here, dict(event.data or {})
        actor = self._actor(event.guild_id, event.user.id)
        try:
            pressed = await here.swarm.buttons.take(str(data["custom_id"]), actor, _place(event))
            if pressed.line is None:
                offered = tuple(Button(label, line) for label, line in pressed.choices)
                reply = Reply(parts=(Buttons(offered),), private=True)
                await self._answer(event, here.desk(actor, _place(event)), _made(reply))
                return
            parsed = parse_line(pressed.line)
        except WaggleError as error:
            reply = here.problem(error)
            await self._answer(event, here.desk(actor, _place(event)), _made(reply))
            return
        given = dict(parsed.given)
        name = parsed.command.name
        if name in MAKING:
            given["key"] = f"i{event.id}"
        place = _place(event, event.id if name in MAKING else None)
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
        actor = self._actor(event.guild_id, event.user.id)
        work = asyncio.create_task(self._carry_out(actor, place, name, given, handed))
        await self._answer(
            event, self._here.desk(actor, place), work, private=registry.private(name)
        )

    async def _answer(
        self,
        event: discord.Interaction,
        desk: Desk,
        work: asyncio.Future[Reply],
        *,
        private: bool = False,
    ) -> None:
        rest = self._here.rest
        with self._here.replying.at(desk.place):
            await asyncio.wait((work,), timeout=AT_ONCE)
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

            await self._say(desk, reply, str(event.channel_id), send)

    async def complete(self, event: discord.Interaction) -> None:
        """An option is being typed."""
        data: dict[str, Any] = dict(event.data or {})
        param, typed = registry.typed_in(data)
        swarm, actor = self._here.swarm, self._actor(event.guild_id, event.user.id)
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
        await self._here.rest.choices(event, near)

    # Messages

    async def message(self, said: discord.Message, me: int) -> None:
        """A message, of which it is only looked whether it is meant for us."""
        about = await self._about(said)
        direct = said.guild is None
        named = any(user.id == me for user in said.mentions)
        if not (direct or named or about is not None or _ours(said.channel, me)):
            return
        text = _TEXT.sub(lambda found: "" if found[1] == str(me) else found[0], said.content)
        await self._words(said, text.strip(), about)
        await self._here.swarm.posts.note(SURFACE, f"seen/{said.channel.id}", str(said.id))

    async def _words(self, said: discord.Message, text: str, about: Task | None) -> None:
        here = self._here
        guild = said.guild.id if said.guild else None
        actor = self._actor(guild, said.author.id)
        alone = said.guild is None or isinstance(said.channel, discord.Thread)
        place = place_of(guild, said.channel.id, None if alone else said.id)
        if about is not None and about.place.surface == SURFACE:
            place = about.place
        key = f"m{said.id}"
        if not text and not said.attachments:
            reply = _note(here.say("connection.hello"))
        elif about is not None and about.state not in FINISHED and not is_command(text):
            await self._steer(said, actor, about, text)
            return
        else:
            name, given, problem = self._read(text or "…", key)
            if problem is None:
                handed = [dict(each.to_dict()) for each in said.attachments]
                await self._reply(said, actor, place, name, given, handed)
                return
            reply = problem
        await self._say(here.desk(actor, place), reply, str(said.channel.id), _sender(here, said))

    def _read(self, text: str, key: str) -> tuple[str, dict[str, Any], Reply | None]:
        """The command in a message; plain words are a question."""
        if not is_command(text):
            return "ask", {"text": text, "key": key}, None
        try:
            parsed = parse_line(text)
        except WaggleError as error:
            return "", {}, self._here.problem(error)
        if parsed.help:
            return "help", {"command": parsed.command.name}, None
        given = dict(parsed.given)
        if parsed.command.name in MAKING:
            given["key"] = key
        return parsed.command.name, given, None

    async def _steer(self, said: discord.Message, actor: Actor, task: Task, text: str) -> None:
        """Words under a task at work go to its worker, when they are its asker's."""
        here = self._here
        mine = Resource("task", str(task.id), task.person)
        if here.swarm.policy.allows(actor, Action.TELL_TASK, mine):
            await self._reply(
                said, actor, task.place, "tell", {"number": task.id, "text": text}, ()
            )
            return
        reply = Reply(
            parts=(
                Notice(level="warn", text=here.say("connection.not_yours", id=task.id)),
                Buttons((Button(here.say("button.ask_separately"), f"/ask {text}"),)),
            )
        )
        desk = here.desk(actor, task.place)
        await self._say(desk, reply, str(said.channel.id), _sender(here, said))

    async def _reply(
        self,
        said: discord.Message,
        actor: Actor,
        place: Place,
        name: str,
        given: dict[str, Any],
        handed: Sequence[dict[str, Any]],
    ) -> None:
        here = self._here
        with here.replying.at(place):
            reply = await self._carry_out(actor, place, name, given, handed)
            desk = here.desk(actor, place)
            await self._say(desk, reply, str(said.channel.id), _sender(here, said))

    async def _about(self, said: discord.Message) -> Task | None:
        """The task of the message of ours that this one replies to."""
        referred = said.reference.message_id if said.reference else None
        if referred is None:
            return None
        posts = self._here.swarm.posts
        task = await posts.about(SURFACE, str(said.channel.id), str(referred))
        return (await self._here.swarm.views.task(task)).task if task else None

    # Both

    async def _carry_out(
        self,
        actor: Actor,
        place: Place,
        name: str,
        given: dict[str, Any],
        handed: Sequence[dict[str, Any]],
    ) -> Reply:
        here = self._here
        files: tuple[Attached, ...] = ()
        try:
            files = await self._files.read(handed)
        except WaggleError as error:
            return here.problem(error)
        return await here.carry_out(here.desk(actor, place, files), name, given)

    async def _say(self, desk: Desk, reply: Reply, channel: str, send: Send) -> None:
        """Show `reply`. When it cannot be shown, what it tells is told by notices alone."""
        first = ""
        try:
            for n, message in enumerate(await self._here.rendered(reply, desk.place)):
                sent = await send(n, message)
                first = first or sent
        except WaggleError as error:
            log.warning("a reply did not reach Discord: %s", error)
            return
        if task := await self._here.shown(desk, reply, channel, first):
            self._cards.add(TaskId(task), channel, first)

    def _actor(self, guild: int | None, person: int) -> Actor:
        return actor_at(guild, person, self._here.swarm.settings.owner.discord)


def _sender(here: Here, said: discord.Message) -> Send:
    async def send(n: int, message: Outgoing) -> str:
        return await here.rest.post(
            str(said.channel.id),
            message,
            nonce=f"reply-{said.id}-{n}"[-25:],
            reply_to=str(said.id) if n == 0 else None,
        )

    return send


def _place(event: discord.Interaction, root: int | None = None) -> Place:
    """Where an interaction happened; a thread and a direct message need no root."""
    channel = event.channel
    alone = event.guild_id is None or isinstance(channel, discord.Thread)
    return place_of(event.guild_id, event.channel_id or 0, None if alone else root)


def _ours(channel: Any, me: int) -> bool:
    return isinstance(channel, discord.Thread) and channel.owner_id == me


def _titled(task: Task) -> str:
    return f"#{task.id} {task.text or ''}".replace("\n", " ")[:100]


def _made(reply: Reply) -> asyncio.Future[Reply]:
    made: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    made.set_result(reply)
    return made


def _note(text: str) -> Reply:
    return Reply(parts=(Notice(level="info", text=text),))
