"""Messages: mentions, direct messages, threads of ours, replies. Other talk is left alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import discord
import msgspec

from bot.commands.asking import addressed
from bot.commands.line import is_command, parse_line
from bot.discord.here import Here
from bot.discord.inbound import let_in
from bot.discord.places import SURFACE, place_of
from bot.discord.rooms import TALK, asked_by
from bot.discord.saying import MAKING, Saying, Send
from bot.render.outgoing import Outgoing
from bot.reply import Button, Buttons, Notice, Reply
from swarm_core import FINISHED, Action, Actor, Place, Resource, Task, WaggleError

_MENTION = re.compile(r"<@!?(\d+)>")


class Spoken:
    """Carries out what people say to us."""

    def __init__(self, saying: Saying) -> None:
        self._saying = saying
        self._turns: dict[int, asyncio.Lock] = {}
        self._late: set[int] = set()

    async def message(self, said: discord.Message, me: int, *, late: bool = False) -> None:
        """A message, of which it is only looked whether it is meant for us; each is taken once.
        `late`: it was said while nobody was there."""
        marks, channel = self._saying.here.marks, said.channel.id
        if not marks.begin(channel, said.id):
            return
        meant = True
        try:
            if meant := await self.meant(said, me):
                if late:
                    self._late.add(said.id)
                async with self.in_turn(said.id):
                    await self._words(said, self.words(said, me), await self._about(said))
        except Exception:
            # It was tried, and would fail again after each start.
            await marks.end(channel, said.id, meant=meant, parent=hangs_on(said.channel))
            raise
        await marks.end(channel, said.id, meant=meant, parent=hangs_on(said.channel))

    @asynccontextmanager
    async def in_turn(self, message: int) -> AsyncIterator[None]:
        """What happens to one message happens in its order: it is edited after it was said."""
        lock = self._turns.setdefault(message, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._turns.pop(message, None)

    async def actor(self, guild: int | None, person: discord.User | discord.Member) -> Actor:
        """Who an event comes from."""
        return await self._saying.actor(guild, person)

    def request(self, text: str, kind: str | None, actor: Actor) -> tuple[str | None, str] | None:
        """The worker that is wished for and the words, when `text` says nothing but the words of
        a request of this `kind`; None for words to a task at work. Else None."""
        name, given, problem = self._read(text, "", actor)
        plain = not is_command(text)
        if kind is None or problem is not None:
            return (None, text) if plain else None
        if name != kind or set(given) - {"text", "key"}:
            return None
        swarm = self._saying.here.swarm
        return addressed(swarm, given["text"]) if kind == "ask" else (None, given["text"])

    async def meant(self, said: discord.Message, me: int) -> bool:
        """Whether a message is meant for us: said directly, naming us, in a thread of ours, or
        in reply to us."""
        if said.type not in TALK:
            return False
        if said.guild is None or any(user.id == me for user in said.mentions):
            return True
        return _ours(said.channel, me) or await self._about(said) is not None

    def words(self, said: discord.Message, me: int) -> str:
        """What is said, without our name."""
        found = _MENTION.sub(lambda name: "" if name[1] == str(me) else name[0], said.content)
        return found.strip()

    async def _words(self, said: discord.Message, text: str, about: Task | None) -> None:
        here = self._saying.here
        guild = said.guild.id if said.guild else None
        actor = await self._saying.actor(guild, said.author)
        alone = said.guild is None or isinstance(said.channel, discord.Thread)
        place = here.threads.conversation(
            place_of(guild, said.channel.id, None if alone else said.id)
        )
        if about is not None and about.place.surface == SURFACE:
            place = about.place
        key = f"m{said.id}"
        try:
            let_in(here.swarm, actor, "message")
        except WaggleError as refused:
            desk, reply = here.desk(actor, place), here.problem(refused, actor)
            await self._saying.say(desk, reply, str(said.channel.id), _sender(here, said))
            return
        if not text and not said.attachments:
            reply = _note(here.say_to(actor)("connection.hello"))
        elif about is not None and about.state not in FINISHED and not is_command(text):
            await self._steer(said, actor, about, text)
            return
        else:
            plain = here.swarm.members.directory.set_at(place).get("plain-text", "ask")
            name, given, problem = self._read(text or "…", key, actor, plain)
            if problem is None:
                handed = [dict(each.to_dict()) for each in said.attachments]
                await self._reply(said, actor, place, name, given, handed)
                return
            reply = problem
        await self._saying.say(
            here.desk(actor, place), reply, str(said.channel.id), _sender(here, said)
        )

    def _read(
        self, text: str, key: str, actor: Actor, plain: str = "ask"
    ) -> tuple[str, dict[str, Any], Reply | None]:
        """The command in a message; words that are none are what `plain` says."""
        if not is_command(text):
            if plain == "off":
                return "", {}, _note(self._saying.here.say_to(actor)("receipt.plain_off"))
            return plain, {"text": text, "key": key}, None
        try:
            parsed = parse_line(text)
        except WaggleError as error:
            return "", {}, self._saying.here.problem(error, actor)
        if parsed.help:
            return "help", {"command": parsed.command.name}, None
        given = dict(parsed.given)
        if parsed.command.name in MAKING:
            given["key"] = key
        return parsed.command.name, given, None

    async def _steer(self, said: discord.Message, actor: Actor, task: Task, text: str) -> None:
        """Words under a task at work go to its worker, when they are its asker's."""
        here = self._saying.here
        mine = Resource("task", str(task.id), task.person)
        if here.swarm.policy.allows(actor, Action.TELL_TASK, mine):
            await here.threads.earn(task)
            key = f"m{said.id}"
            await self._reply(
                said, actor, task.place, "tell", {"number": task.id, "text": text, "key": key}, ()
            )
            return
        say = here.say_to(actor)
        owner = here.swarm.members.directory.name_of(task.person)
        reply = Reply(
            parts=(
                Notice(level="info", text=say("connection.not_yours", owner=owner, id=task.id)),
                Buttons((Button(say("button.ask_separately"), f"/ask {text}"),)),
            ),
            private=True,  # these words are nobody else's request
        )
        desk = here.desk(actor, task.place)
        await self._saying.say(desk, reply, str(said.channel.id), _sender(here, said))

    async def _reply(
        self,
        said: discord.Message,
        actor: Actor,
        place: Place,
        name: str,
        given: dict[str, Any],
        handed: Sequence[dict[str, Any]],
    ) -> None:
        here = self._saying.here
        with here.replying.at(place):
            asked = asked_by(said, actor.key)
            reply = await self._saying.carry_out(actor, place, name, given, handed, asked)
            if said.id in self._late:
                self._late.discard(said.id)
                hint = here.say_to(actor)("connection.meanwhile")
                mark = Notice(level="info", text="", hint=hint)
                reply = msgspec.structs.replace(reply, parts=(*reply.parts, mark))
            desk = here.desk(actor, place)
            await self._saying.say(desk, reply, str(said.channel.id), _sender(here, said))

    async def _about(self, said: discord.Message) -> Task | None:
        """The task of the message of ours that this one replies to, or of the thread it is in."""
        referred = said.reference.message_id if said.reference else None
        here, channel = self._saying.here, said.channel.id
        if referred is not None:
            task = await here.swarm.posts.about(SURFACE, str(channel), str(referred))
        else:
            task = here.threads.task(place_of(said.guild.id if said.guild else None, channel))
        return (await here.swarm.views.task(task)).task if task else None


def hangs_on(channel: object) -> int | None:
    """The channel of a thread, which tells of it when it is archived. Of private ones it tells
    nobody."""
    if isinstance(channel, discord.Thread) and not channel.is_private():
        return channel.parent_id
    return None


def _sender(here: Here, said: discord.Message) -> Send:
    async def send(n: int, message: Outgoing) -> str:
        return await here.rest.post(
            str(said.channel.id),
            message,
            nonce=f"reply-{said.id}-{n}"[-25:],
            reply_to=str(said.id) if n == 0 else None,
        )

    return send


def _ours(channel: Any, me: int) -> bool:
    return isinstance(channel, discord.Thread) and channel.owner_id == me


def _note(text: str) -> Reply:
    return Reply(parts=(Notice(level="info", text=text),))
