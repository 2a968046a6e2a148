"""Messages: what is said directly, names us, is a command, or replies to us. Other talk in a group
is left alone."""

from __future__ import annotations

import logging
from datetime import timedelta

from telegram import Message

from bot.answers.helping import examples
from bot.chat.away import Meant
from bot.chat.edits import Edits
from bot.chat.forms import blanks
from bot.chat.inbound import let_in
from bot.chat.places import whole
from bot.chat.pressing import Blanks
from bot.chat.saying import Send
from bot.chat.talk import Said, Talk, kind_of
from bot.chat.turns import Turns
from bot.commands.line import is_command, parse_line
from bot.render.outgoing import Outgoing
from bot.reply import Notice, Reply
from bot.telegram.asking import Forms
from bot.telegram.channels import SURFACE
from bot.telegram.heard import Heard, Hearing
from bot.telegram.lists import Lists
from bot.telegram.marks import repeatable
from bot.telegram.material import Handed, Reader, hands
from bot.telegram.people import People
from bot.telegram.places import PRIVATE, channel_of, place_of
from bot.telegram.saying import Saying
from bot.telegram.taking import OLD
from bot.telegram.typed import Typed, read
from bot.telegram.voices import voice_of
from swarm_core import Actor, Choice, WaggleError, errors

log = logging.getLogger(__name__)

LATE = timedelta(minutes=1)
"""What was said so long before it reached us was said while nobody was there."""
_START = "/start"


class Spoken:
    """Carries out what people say to us."""

    def __init__(
        self, saying: Saying, people: People, reader: Reader, forms: Forms, lists: Lists
    ) -> None:
        self._here, self._saying, self._people = saying.here, saying, people
        self._reader, self._forms, self._lists = reader, forms, lists
        self._hearing = Hearing(saying.here, people, reader.rooms)
        self._talk = Talk(saying)
        self._edits = Edits(saying.here, self._talk)
        self._turns = Turns()

    async def message(self, update: int, said: Message) -> None:
        """A message, of which it is only looked whether it is meant for us."""
        channel = channel_of(said, self._here.chats.number(said.chat.id))
        if said.chat.type != PRIVATE:
            self._reader.rooms.saw(channel, said)
        if said.from_user is None or said.from_user.is_bot:
            return

        async def take(parts: list[Message]) -> None:
            worded = next((each for each in parts if each.text or each.caption), parts[0])
            heard = await self._hearing.meant(update, worded, parts, channel)
            if heard and self._hearing.served(heard):
                await self._take(heard)
            elif heard:
                await self._unserved(heard)

        async with self._turns.of((said.chat.id, said.message_id)):
            await self._reader.albums.part(said, take)

    async def edited(self, said: Message) -> None:
        """A message as it stands now."""
        here = self._here
        channel = channel_of(said, here.chats.number(said.chat.id))
        private = said.chat.type == PRIVATE
        if not private:
            self._reader.rooms.saw(channel, said)
        author, text = said.from_user, said.text or said.caption or ""
        if author is None or author.is_bot or not text:
            return
        typed = read(text, here.me.username or "", alone=private)
        if typed is None or not typed.text:
            return
        place, event = (
            place_of(channel, private=private, root=said.message_id),
            self._hearing.event(said),
        )
        who = Actor(surface=SURFACE, space=place.space, person=str(author.id))
        if await here.swarm.talking.said(who, event) is None:
            return  # other talk, which is nobody's business here however it changes
        actor = await self._people.actor(said.chat, author)
        async with self._turns.of((said.chat.id, said.message_id)):
            reply = await self._edits.edited(actor, place, event, typed.text)
        if reply is not None:
            heard = Heard(0, said, [said], channel, typed, None, actor)
            await self._say(heard, reply)

    async def _unserved(self, heard: Heard) -> None:
        """It is said once that people here are not answered, and what would change that."""
        here, chat = self._here, heard.said.chat
        if here.chats.known(here.chats.number(chat.id)).told:
            return
        await here.chats.saw(chat, told=True)
        text = here.say_to(heard.actor)("connection.unserved", chat=here.chats.number(chat.id))
        await self._say(heard, Reply(parts=(Notice(level="warn", text=text),)))

    async def _take(self, heard: Heard) -> None:
        said, typed = heard.said, heard.typed
        if said.reply_to_message and not is_command(typed.text):
            question = self._hearing.number(heard.channel, said.reply_to_message)
            if self._forms.asks(heard.channel, question):
                await self._answered(heard, question)
                return
        if not heard.actor.roles and not self._heard_at_all(heard):
            await self._say(heard, self._hello(heard.actor))
            return
        age = self._here.swarm.store.clock.now() - said.date
        if age > OLD:
            await self._ask_later(heard)
            return
        if self._here.marks.interrupted(heard.update) and not repeatable(typed.text):
            await self._say(heard, self._interrupted(heard.actor, typed.text))
        elif heard.private and typed.text == "/help" and _started(said):
            await self._say(heard, self._hello(heard.actor))
        elif asked := _lacking(typed):
            await self._fill_in(heard, asked)
        else:
            await self._talk_to(heard, late=age > LATE)

    def _heard_at_all(self, heard: Heard) -> bool:
        """Whether a stranger may say this."""
        try:
            let_in(self._here.swarm, heard.actor, *kind_of(heard.typed.text))
        except errors.NotAllowed:
            return False
        return True

    async def _talk_to(self, heard: Heard, *, late: bool) -> None:
        said, text, about = heard.said, heard.typed.text, self._hearing.pointed(heard)
        if about is not None and not is_command(text):
            say = self._here.say_to(heard.actor)
            if said.forward_origin is not None:
                text = say("connection.about", id=said.message_id)
        if not repeatable(text):
            await self._here.marks.begin(heard.update)
        await self._talk.take(
            Said(
                key=self._hearing.event(said),
                actor=heard.actor,
                text=text,
                channel=heard.channel,
                place=heard.place,
                about=heard.about,
                files=any(map(hands, heard.parts)),
                late=late,
                voice=voice_of(said, self._hearing.event(said), self._reader.lookups),
            ),
            Handed(self._reader, heard.parts, heard.channel, heard.actor.key, about),
            self._sender(heard),
        )

    async def _answered(self, heard: Heard, message: str) -> None:
        """A blank of a command was filled in."""
        here, pressing = self._here, self._forms.pressing
        desk = here.desk(heard.actor, whole(heard.place))
        said = self._hearing.number(heard.channel, heard.said)
        if here.marks.interrupted(heard.update):
            await self._say(heard, self._interrupted(heard.actor, heard.typed.text))
            return
        await here.marks.begin(heard.update)
        try:
            filled = await self._forms.answered(
                desk, heard.channel, message, heard.typed.text, said
            )
        except WaggleError as error:
            await self._say(heard, here.problem(error, heard.actor))
            return
        if filled is None:
            return
        place = await pressing.place(filled.line, whole(heard.place), heard.place)
        desk = here.desk(heard.actor, place)
        material = Handed(self._reader, heard.parts, heard.channel, heard.actor.key)
        with here.replying.at(place):
            reply = await pressing.carry_out(
                desk, filled, self._hearing.event(heard.said), material
            )
            await self._saying.say(desk, reply, heard.channel, self._sender(heard))

    async def _fill_in(self, heard: Heard, line: str) -> None:
        """A command was sent without what it needs, as from the menu."""
        desk = self._here.desk(heard.actor, whole(heard.place))
        label = line.partition(" ")[0]
        try:
            await self._forms.ask(
                desk,
                Blanks(choice=Choice(label, line), task=None),
                heard.channel,
                self._hearing.answers(heard),
            )
        except WaggleError as error:
            log.warning("a question did not reach Telegram: %s", error)

    async def _ask_later(self, heard: Heard) -> None:
        if not heard.typed.text or any(map(hands, heard.parts)):
            # A button holds a line, and no files or words of others.
            text = self._here.say_to(heard.actor)("connection.send_again")
            await self._say(heard, Reply(parts=(Notice(level="info", text=text),)))
            return
        meant = Meant(
            number=_counted(heard.said),
            author=heard.actor,
            name=heard.said.from_user.full_name if heard.said.from_user else "",
            text=heard.typed.text,
        )
        members = self._here.swarm.members
        language = members.directory.set_at(heard.place).get("language", "")
        if heard.private and not language:
            language = members.me(heard.actor).wishes.get("language", "")
        await self._lists.put(whole(heard.place), meant, language)

    def _interrupted(self, actor: Actor, line: str) -> Reply:
        text = self._here.say_to(actor)("connection.interrupted", line=line)
        return Reply(parts=(Notice(level="warn", text=text),), private=True)

    def _hello(self, actor: Actor) -> Reply:
        """The first words of somebody, from the button that Telegram shows them."""
        say = self._here.say_to(actor)
        if not actor.roles:
            text = say("connection.stranger", account=actor.person)
            return Reply(parts=(Notice(level="info", text=text),))
        told = Notice(level="info", text=say("connection.welcome"))
        return Reply(parts=(told, examples(say)))

    async def _say(self, heard: Heard, reply: Reply) -> None:
        desk = self._here.desk(heard.actor, heard.place)
        await self._saying.say(desk, reply, heard.channel, self._sender(heard))

    def _sender(self, heard: Heard) -> Send:
        async def send(n: int, message: Outgoing) -> str:
            answers = self._hearing.answers(heard) if n == 0 else None
            return await self._here.way.post(heard.channel, message, reply_to=answers)

        return send


def _counted(said: Message) -> int:
    """Grows with each message of a chat, also when it becomes another, where numbers begin anew;
    those of updates do so after a quiet week."""
    return int(said.date.timestamp()) * 10**6 + said.message_id % 10**6


def _started(said: Message) -> bool:
    return (said.text or "").lstrip().startswith(_START)


def _lacking(typed: Typed) -> str:
    """A command line with blanks that are to be asked for; '' for any other."""
    if not typed.command:
        return ""
    try:
        return typed.text if blanks(parse_line(typed.text)) else ""
    except WaggleError:
        return ""
