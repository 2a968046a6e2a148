"""What was said in a channel before somebody asked there.

What can go wrong: somebody is told by way of the swarm what they may not read themselves, or what
was taken back. So only the channel itself is read, only for who may read its history, and what is
edited or deleted there is so here. A channel's history is fetched when somebody asks there for the
first time; from then on it is followed by the gateway's events, and no question waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
import discord
import msgspec

from bot.chat.places import DIRECT
from bot.discord.places import SURFACE, place_of
from bot.sections.discord import Discord
from swarm_core import SWARM, Overheard, Place, Swarm, to_micros

log = logging.getLogger(__name__)

TALK = (discord.MessageType.default, discord.MessageType.reply)
"""What people say. All else Discord says in their name: that they came, renamed a thread."""
KEPT = 100
"""Messages of a channel that are followed: as many as may be asked for."""
MOST_CHANNELS = 64
PATIENCE = 1.5
"""Seconds a question waits for a channel's history; then it is asked without."""
MOST_FILES = 5
_SMALL = re.compile(r"^-# .*$", re.MULTILINE)
"""How our own answers say what they cost."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when somebody asks, and whether they may read what was said there."""

    channel: Any
    event: int
    """Its id, which tells what came before."""
    asker: str
    may: bool
    said: discord.Message | None = None
    """The message, where it is one."""
    about: Overheard | None = None
    """What somebody else said, where that is asked about."""


class _Channel:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.filled = False
        self.said: dict[int, Overheard] = {}

    def put(self, number: int, said: Overheard | None) -> None:
        if said is None:
            self.said.pop(number, None)
            return
        self.said[number] = said
        while len(self.said) > KEPT:
            del self.said[min(self.said)]


class Rooms:
    """Follows the channels in which somebody asks."""

    def __init__(self, swarm: Swarm, me: int, patience: float = PATIENCE) -> None:
        self._swarm = swarm
        self.me = me
        self._patience = patience
        self._channels: OrderedDict[int, _Channel] = OrderedDict()

    def saw(self, said: discord.Message) -> None:
        """A message was posted, or changed."""
        if known := self._channels.get(said.channel.id):
            known.put(said.id, self._overheard(said))

    def gone(self, channel: int, messages: Iterable[int]) -> None:
        """Messages were deleted."""
        if known := self._channels.get(channel):
            for number in messages:
                known.put(number, None)

    def forget(self) -> None:
        """Events may have been missed: begin anew everywhere."""
        self._channels.clear()

    async def before(self, asked: Asked) -> tuple[Overheard, ...]:
        """The last messages before `asked`, oldest first, as many as the settings say there. What
        is asked about stands at the end, wherever it was said."""
        before = await self._before(asked)
        about = asked.about
        if about is None:
            return before
        return (
            *(each for each in before if (each.speaker, each.at) != (about.speaker, about.at)),
            about,
        )

    async def _before(self, asked: Asked) -> tuple[Overheard, ...]:
        guild = getattr(asked.channel, "guild", None)
        if guild is None or not asked.may:
            return ()
        most = self._most(guild.id, asked.channel)
        if not most:
            return ()
        number = asked.channel.id
        known = self._channels.setdefault(number, _Channel())
        self._channels.move_to_end(number)
        if asked.said:
            self.saw(asked.said)
        while len(self._channels) > MOST_CHANNELS:
            self._channels.popitem(last=False)
        await self._fill(known, asked.channel)
        found = [said for n, said in sorted(known.said.items()) if n < asked.event]
        room = found[-most:]
        ours = isinstance(asked.channel, discord.Thread) and asked.channel.owner_id == self.me
        if ours and all(said.speaker in (asked.asker, SWARM.key) for said in room):
            return ()  # that is the conversation, which is known anyway
        return tuple(room)

    def _most(self, guild: int, channel: Any) -> int:
        around = [place_of(guild, channel.id)]
        if isinstance(channel, discord.Thread):
            around.append(place_of(guild, channel.parent_id))
        around.append(Place(surface=SURFACE, space=str(guild)))
        value = self._swarm.members.directory.set_for("context", around)
        return self._swarm.settings.of(Discord).context if value is None else int(value)

    async def _fill(self, known: _Channel, channel: Any) -> None:
        async with known.lock:
            if known.filled:
                return
            try:
                async with asyncio.timeout(self._patience):
                    async for said in channel.history(limit=KEPT):
                        known.put(said.id, self._overheard(said))
                known.filled = True
            except (discord.Forbidden, discord.NotFound) as error:
                log.info("what was said in channel %s is not ours to read: %s", channel.id, error)
                known.filled = True
            except (TimeoutError, OSError, aiohttp.ClientError, discord.DiscordException) as error:
                problem = str(error) or type(error).__name__
                log.warning("what was said in channel %s cannot be read: %s", channel.id, problem)

    def _overheard(self, said: discord.Message) -> Overheard | None:
        """None for what is no talk: what Discord itself says, our receipts and cards."""
        if said.type not in TALK:
            return None
        own = said.author.id == self.me
        if own and (said.embeds or said.reference or said.interaction_metadata):
            return None
        files = (f"[{file.filename}]" for file in said.attachments[:MOST_FILES])
        words = _SMALL.sub("", said.clean_content) if own else said.clean_content
        text = "\n".join(part for part in (words, *files) if part)
        if not text.strip() or said.guild is None:
            return None
        return Overheard(
            speaker=SWARM.key if own else f"{SURFACE}/{said.guild.id}/{said.author.id}",
            name=said.author.display_name,
            text=text,
            at=to_micros(said.created_at),
        )


def asked_by(said: discord.Message, asker: str) -> Asked:
    """By a message. Whose permissions are not known may read nothing."""
    author, may = said.author, False
    if isinstance(author, discord.Member):
        try:
            found = said.channel.permissions_for(author)
        except discord.ClientException:  # a thread whose channel nobody has shown us
            found = discord.Permissions.none()
        may = _reads(found)
    return Asked(channel=said.channel, event=said.id, asker=asker, may=may, said=said)


def asked_with(event: discord.Interaction, asker: str, about: Overheard | None = None) -> Asked:
    """With a command, a button, or the menu of a message that is asked `about`."""
    may = _reads(event.permissions)
    return Asked(channel=event.channel, event=event.id, asker=asker, may=may, about=about)


def pointed_at(event: discord.Interaction, target: Mapping[str, Any], me: int) -> Overheard | None:
    """The message of a menu as material; None for one that whoever asks has said themselves."""
    author = target["author"]
    number = int(author["id"])
    if number == event.user.id:
        return None
    files = (f"[{file['filename']}]" for file in target.get("attachments", ())[:MOST_FILES])
    key = f"{SURFACE}/{event.guild_id or DIRECT}/{number}"
    return Overheard(
        speaker=SWARM.key if number == me else key,
        name=author.get("global_name") or author["username"],
        text="\n".join(part for part in (target.get("content"), *files) if part) or "…",
        at=to_micros(discord.utils.snowflake_time(int(target["id"]))),
    )


def _reads(found: discord.Permissions) -> bool:
    return found.view_channel and found.read_message_history
