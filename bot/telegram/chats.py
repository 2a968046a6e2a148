"""The chats the bot is in, and which of them it serves.

What can go wrong: anybody finds a bot by its name, writes to it or adds it to a group of theirs,
and spends somebody else's money. So a group is served when the settings name it, or when somebody
who keeps the swarm has brought it there or speaks to it there; and somebody who writes directly is
a member when they were met in a group that is served, or are one person with an account elsewhere.
A group becomes a supergroup with another number: it stays the place it was, known by its first
number.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from bot.sections.telegram import Telegram
from bot.telegram.channels import SURFACE
from swarm_core import Action, Actor, Resource, Swarm

if TYPE_CHECKING:
    from telegram import Chat

log = logging.getLogger(__name__)

NOTED, MOVED = "chat/", "moved/"
BARE = " bare"
"""Stands behind the later number of a chat until its cards stand there anew."""
GONE = ("left", "kicked")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A chat as it is noted. `member` is what the bot is there; `served`: somebody who keeps the
    swarm wants it there; `told`: that it is not served was said there; `greeted`: so was hello."""

    title: str = ""
    kind: str = ""
    member: str = ""
    served: bool = False
    told: bool = False
    greeted: bool = False

    @property
    def gone(self) -> bool:
        return self.member in GONE


class Chats:
    """Knows them by the number each was first known by."""

    def __init__(self, swarm: Swarm) -> None:
        self._swarm = swarm
        self._known: dict[str, Known] = {}
        self._first: dict[str, str] = {}
        """The first number of a chat by its later one."""
        self.bare: set[str] = set()
        """Those that became another one, and whose cards do not stand there yet."""

    async def load(self) -> None:
        """Know what a former process knew."""
        posts = self._swarm.posts
        for number, value in (await posts.named(SURFACE, NOTED)).items():
            self._known[number] = msgspec.json.decode(value, type=Known)
        for old, new in (await posts.named(SURFACE, MOVED)).items():
            self._first[new.removesuffix(BARE)] = old
            if new.endswith(BARE):
                self.bare.add(old)

    @property
    def _chosen(self) -> frozenset[str]:
        """Those the settings name, as they are now."""
        return frozenset(self._swarm.settings.of(Telegram).chats)

    def number(self, chat: int) -> str:
        """What a chat is known by."""
        return self._first.get(str(chat), str(chat))

    def known(self, number: str) -> Known:
        return self._known.get(number, Known())

    @property
    def moves(self) -> dict[str, str]:
        """Chats that became others: the later number by the first."""
        return {first: later for later, first in self._first.items()}

    async def saw(self, chat: Chat, **more: object) -> Known:
        """Something came from a chat; `more` is what has changed of what is known of it."""
        number, before = self.number(chat.id), self._known.get(self.number(chat.id))
        title = chat.title or chat.full_name or chat.username or ""
        now = msgspec.structs.replace(
            before or Known(member="member"), title=title, kind=str(chat.type), **more
        )
        if "member" not in more and now.gone:
            now = msgspec.structs.replace(now, member="member")  # it speaks to us, so we are there
        if now != before:
            self._known[number] = now
            value = msgspec.json.encode(now).decode()
            await self._swarm.posts.note(SURFACE, f"{NOTED}{number}", value)
        return now

    async def moved(self, old: str, new: str) -> bool:
        """A group became a supergroup, where no card stands yet. False when that was known."""
        first = self._first.get(old, old)
        if self._first.get(new) == first or first == new:
            return False
        self._first[new] = first
        log.info("the group %s is the supergroup %s now", first, new)
        self.bare.add(first)
        await self._swarm.posts.note(SURFACE, f"{MOVED}{first}", f"{new}{BARE}")
        return True

    async def clad(self, first: str) -> None:
        """The cards of a chat that became another one stand there."""
        self.bare.discard(first)
        await self._swarm.posts.note(SURFACE, f"{MOVED}{first}", self.moves[first])

    def serves(self, number: str) -> bool:
        """Whether people in this group are answered."""
        if self._chosen:
            return bool(self._chosen & {number, self.moves.get(number)})
        return self.known(number).served

    def lets_in(self, number: str, account: str, *, private: bool) -> bool:
        """Whether somebody who writes there is a member by that alone."""
        if not private:
            return self.serves(number)
        if number in self._chosen:
            return True
        directory = self._swarm.members.directory
        person = directory.person(directory.number(SURFACE, account))
        spaces = (each.partition("/") for each in (person.spaces if person else ()))
        # Who is one person with somebody elsewhere was let in there.
        return any(where != SURFACE or self.serves(space) for where, _, space in spaces)

    def keeps(self, actor: Actor) -> bool:
        """Whether somebody may say where the bot is to be."""
        return self._swarm.policy.allows(actor, Action.SET_CHANNEL, Resource("channel"))
