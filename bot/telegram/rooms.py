"""What was said in a group before somebody asked there.

A bot on Telegram sees no history: only what it was sent since it is there, which with privacy mode
is little more than what was said to it. So that is what is kept, for as long as this process lives,
and what was changed there is so here. What was deleted nobody is told; it goes with its age.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta

from telegram import Message, User

from bot.sections.telegram import Telegram
from bot.telegram.channels import SURFACE
from bot.telegram.places import place_of
from swarm_core import SWARM, Overheard, Place, Swarm, to_micros

KEPT = 100
"""Messages of a channel: as many as may be asked for."""
MOST_CHANNELS = 256
OLD = timedelta(days=1)
MOST_FILES = 5


class Rooms:
    """Follows the groups the bot is in."""

    def __init__(self, swarm: Swarm, me: User) -> None:
        self._swarm = swarm
        self.me = me
        self._said: OrderedDict[str, dict[int, Overheard]] = OrderedDict()

    def saw(self, channel: str, said: Message) -> None:
        """A message was posted in a group, or changed."""
        known = self._said.setdefault(channel, {})
        self._said.move_to_end(channel)
        while len(self._said) > MOST_CHANNELS:
            self._said.popitem(last=False)
        if overheard := self.overheard(channel, said):
            known[said.message_id] = overheard
        else:
            known.pop(said.message_id, None)
        while len(known) > KEPT:
            del known[min(known)]

    def before(
        self, channel: str, message: int, asker: str, about: Overheard | None
    ) -> tuple[Overheard, ...]:
        """The last messages before `message`, oldest first, as many as the settings say there.
        What is asked `about` stands at the end."""
        most, now = self._most(channel), to_micros(self._swarm.store.clock.now() - OLD)
        known = self._said.get(channel, {})
        found = [
            said
            for number, said in sorted(known.items())
            if number < message and said.at > now and said != about
        ]
        room = tuple(found[-most:]) if most else ()
        if all(said.speaker == asker for said in room):
            room = ()  # that is the conversation, which is known anyway
        return (*room, about) if about else room

    def _most(self, channel: str) -> int:
        chat = channel.partition(":")[0]
        around = [
            place_of(channel, private=False),
            place_of(chat, private=False),
            Place(surface=SURFACE, space=chat),
        ]
        value = self._swarm.members.directory.set_for("context", around)
        return self._swarm.settings.of(Telegram).context if value is None else int(value)

    def overheard(self, channel: str, said: Message) -> Overheard | None:
        """A message as material; None for what is no talk."""
        text, author = said.text or said.caption or "", said.from_user
        files = [each for each in (said.document, said.audio, said.video, said.voice) if each]
        names = [f"[{getattr(each, 'file_name', None) or 'file'}]" for each in files[:MOST_FILES]]
        if said.photo:
            names.append("[photo]")
        whole = "\n".join(part for part in (text, *names) if part)
        if not whole.strip():
            return None
        chat = channel.partition(":")[0]
        own = author is not None and author.id == self.me.id
        number = author.id if author else said.sender_chat.id if said.sender_chat else 0
        name = author.full_name if author else said.author_signature or ""
        return Overheard(
            speaker=SWARM.key if own else f"{SURFACE}/{chat}/{number}",
            name=name,
            text=whole,
            at=to_micros(said.date),
        )

    def forwarded(self, said: Message) -> Overheard | None:
        """The words of somebody else that were passed on to us; None when it is no such."""
        origin = said.forward_origin
        if origin is None:
            return None
        found = self.overheard("dm", said)
        author = getattr(origin, "sender_user", None)
        chat = getattr(origin, "sender_chat", None) or getattr(origin, "chat", None)
        name = (
            author.full_name
            if author
            else getattr(origin, "sender_user_name", None) or (chat.title if chat else None)
        )
        number = author.id if author else chat.id if chat else 0
        if found is None or (said.from_user and author and author.id == said.from_user.id):
            return None
        return Overheard(
            speaker=f"{SURFACE}/dm/{number}",
            name=name or "?",
            text=found.text,
            at=to_micros(origin.date),
        )
