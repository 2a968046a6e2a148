"""What people say to us in a chat: a command, a question, words to a task at work."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.chat.inbound import Kind, let_in
from bot.chat.saying import MAKING, NOTHING, Material, Saying, Send
from bot.commands.asking import addressed
from bot.commands.line import is_command, parse_line
from bot.hearing import hear
from bot.reply import Button, Buttons, Notice, Reply
from swarm_core import (
    FINISHED,
    Action,
    Actor,
    Fetch,
    Place,
    Resource,
    Task,
    VoiceNote,
    WaggleError,
)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is meant for us, as the one who reads the service has understood it."""

    key: str
    """What tells this event from every other of the surface."""
    actor: Actor
    text: str
    """Without our name."""
    channel: str
    place: Place
    """The conversation it belongs to."""
    about: Task | None = None
    """The task of the message it replies to, or of the thread it stands in."""
    files: bool = False
    late: bool = False
    """It was said while nobody was there."""
    voice: tuple[VoiceNote, Fetch] | None = None
    """It was spoken: the note, and what gets the recording."""


class Talk:
    """Carries out what people say."""

    def __init__(self, saying: Saying) -> None:
        self._saying = saying

    async def take(self, said: Said, material: Material, send: Send) -> None:
        """Do what `said` asks for, and answer by `send`."""
        here, actor, text, about = self._saying.here, said.actor, said.text, said.about
        if about is not None and _same_space(about.place, said.place):
            said = msgspec.structs.replace(said, place=about.place)
        try:
            let_in(here.swarm, actor, *kind_of(text))
        except WaggleError as refused:
            await self._say(said, here.problem(refused, actor), send)
            return
        if said.voice is not None:
            await self._hear(said, said.voice, send)
        elif not text and not said.files:
            await self._say(said, _note(here.say_to(actor)("connection.hello")), send)
        elif about is not None and about.state not in FINISHED and not is_command(text):
            await self._steer(said, about, send)
        else:
            plain = here.swarm.members.directory.set_at(said.place).get("plain-text", "ask")
            name, given, problem = self._read(text or "…", said.key, actor, plain)
            if problem is None:
                await self._carry_out(said, name, given, material, send)
            else:
                await self._say(said, problem, send)

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

    async def _steer(self, said: Said, task: Task, send: Send) -> None:
        """Words under a task at work go to its worker, when they are its asker's."""
        here, actor = self._saying.here, said.actor
        said = msgspec.structs.replace(said, place=task.place)
        mine = Resource("task", str(task.id), task.person)
        if here.swarm.policy.allows(actor, Action.TELL_TASK, mine):
            await here.homes.earn(task)
            given = {"number": task.id, "text": said.text, "key": said.key}
            await self._carry_out(said, "tell", given, NOTHING, send)
            return
        say = here.say_to(actor)
        owner = here.swarm.members.directory.name_of(task.person)
        reply = Reply(
            parts=(
                Notice(level="error", text=say("connection.not_yours", owner=owner, id=task.id)),
                Buttons((Button(say("button.ask_separately"), f"/ask {said.text}"),)),
            ),
            private=True,  # these words are nobody else's request
        )
        await self._say(said, reply, send)

    async def _carry_out(
        self, said: Said, name: str, given: dict[str, Any], material: Material, send: Send
    ) -> None:
        here = self._saying.here
        with here.replying.at(said.place):
            reply = await self._saying.carry_out(said.actor, said.place, name, given, material)
            await self._say(said, self._marked(said, reply), send)

    async def _hear(self, said: Said, voice: tuple[VoiceNote, Fetch], send: Send) -> None:
        here = self._saying.here
        with here.replying.at(said.place):
            reply = await hear(here.desk(said.actor, said.place), *voice)
            await self._say(said, self._marked(said, reply), send)

    def _marked(self, said: Said, reply: Reply) -> Reply:
        """With a word about being late, where it is."""
        if not said.late:
            return reply
        hint = self._saying.here.say_to(said.actor)("connection.meanwhile")
        mark = Notice(level="info", text="", hint=hint)
        return msgspec.structs.replace(reply, parts=(*reply.parts, mark))

    async def _say(self, said: Said, reply: Reply, send: Send) -> None:
        desk = self._saying.here.desk(said.actor, said.place)
        await self._saying.say(desk, reply, said.channel, send)


def kind_of(text: str) -> tuple[Kind, str]:
    """What words in a message are let in as: a command by its name, or talk."""
    if not is_command(text):
        return "message", ""
    try:
        return "command", parse_line(text).command.name
    except WaggleError:
        return "command", ""


def _note(text: str) -> Reply:
    return Reply(parts=(Notice(level="info", text=text),))


def _same_space(one: Place, other: Place) -> bool:
    """What is told in private of a task from elsewhere is answered there, where nobody else
    reads."""
    return (one.surface, one.space) == (other.surface, other.space)
