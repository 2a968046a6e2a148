"""Which messages are meant for us, and what they are about."""

from __future__ import annotations

from typing import NamedTuple

from telegram import Message

from bot.telegram.channels import SURFACE
from bot.telegram.here import Here
from bot.telegram.people import People
from bot.telegram.places import PRIVATE, place_of
from bot.telegram.rooms import Rooms
from bot.telegram.typed import Typed, read
from swarm_core import Actor, Overheard, Place, Task


class Heard(NamedTuple):
    """A message that is meant for us. `parts` are the messages of its album, or it alone."""

    update: int
    said: Message
    parts: list[Message]
    channel: str
    typed: Typed
    about: Task | None
    actor: Actor

    @property
    def private(self) -> bool:
        return bool(self.said.chat.type == PRIVATE)

    @property
    def place(self) -> Place:
        return place_of(self.channel, private=self.private, root=self.said.message_id)


class Hearing:
    """Understands messages."""

    def __init__(self, here: Here, people: People, rooms: Rooms) -> None:
        self._here, self._people, self._rooms = here, people, rooms

    def served(self, heard: Heard) -> bool:
        """Whether people are answered there."""
        chats = self._here.chats
        return heard.private or chats.serves(chats.number(heard.said.chat.id))

    async def meant(
        self, update: int, said: Message, parts: list[Message], channel: str
    ) -> Heard | None:
        """What is meant for us; None for other talk."""
        here, private = self._here, said.chat.type == PRIVATE
        text = said.text or said.caption or ""
        typed = read(text, here.me.username or "", alone=private)
        if self._rooms.forwarded(said) is not None:
            # What somebody else wrote commands nothing, whoever passes it on.
            typed = Typed("") if private else None
        assert said.from_user is not None
        ours = self._ours(said)
        if typed is None or not (private or typed.command or typed.named or ours):
            return None
        about = await self._about(said, channel) if ours else None
        actor = await self._people.actor(said.chat, said.from_user)
        heard = Heard(update, said, parts, channel, typed, about, actor)
        if not private and here.chats.keeps(actor):
            # Whoever keeps the swarm and speaks to it here wants it here.
            await here.chats.saw(said.chat, served=True)
        return heard

    def _ours(self, said: Message) -> bool:
        """Whether it replies to a message of ours; everything in a topic replies to the message
        that opened it, whoever that was."""
        replied = said.reply_to_message
        return (
            replied is not None
            and replied.from_user is not None
            and replied.from_user.id == self._here.me.id
            and replied.forum_topic_created is None
        )

    async def _about(self, said: Message, channel: str) -> Task | None:
        """The task of the message of ours that this one replies to."""
        assert said.reply_to_message is not None
        number = self.number(channel, said.reply_to_message)
        task = await self._here.swarm.posts.about(SURFACE, channel, number)
        return (await self._here.swarm.views.task(task)).task if task else None

    def pointed(self, heard: Heard) -> Overheard | None:
        """What somebody else said, which this passes on or replies to."""
        said, rooms = heard.said, self._rooms
        if said.forward_origin is not None:
            return rooms.forwarded(said)
        replied = said.reply_to_message
        if replied is None or self._ours(said) or replied.forum_topic_created is not None:
            return None
        if replied.from_user and said.from_user and replied.from_user.id == said.from_user.id:
            return None
        return rooms.overheard(heard.channel, replied)

    def event(self, said: Message) -> str:
        """What tells a message from every other: numbers begin anew in a chat that has become
        another."""
        chat = said.chat.id
        known = self._here.chats.number(chat) == str(chat)
        return f"m{said.message_id}" if known else f"m{chat}:{said.message_id}"

    def answers(self, heard: Heard) -> str | None:
        """What an answer is a reply to: in a group it has to be seen what it belongs to."""
        said = heard.said
        return None if heard.private else self.number(heard.channel, said)

    def number(self, channel: str, message: Message) -> str:
        return self._here.way.number(channel, message.chat.id, message.message_id)
