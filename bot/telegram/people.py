"""Who an event on Telegram comes from."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from telegram import Chat, User

from bot.chat.places import DIRECT
from bot.chat.saying import Saying
from bot.telegram.channels import SURFACE
from bot.telegram.chats import Chats
from bot.telegram.lookups import Lookups
from bot.telegram.places import PRIVATE
from swarm_core import Actor, WaggleError

log = logging.getLogger(__name__)

BELIEVED = 300.0
"""Seconds for which it is believed what somebody is in a group."""
MOST = 1000


class People:
    """Knows people by what events say of them."""

    def __init__(self, saying: Saying, chats: Chats, lookups: Lookups) -> None:
        self._saying, self._chats, self._lookups = saying, chats, lookups
        self._standing: OrderedDict[tuple[str, int], tuple[float, str]] = OrderedDict()

    async def actor(self, chat: Chat, person: User) -> Actor:
        """Who it is, with the roles they hold there. A stranger who writes directly is nobody."""
        number, private = self._chats.number(chat.id), chat.type == PRIVATE
        standing = "" if private else await self._stands(number, chat.id, person.id)
        return await self._saying.arrived(
            DIRECT if private else number,
            str(person.id),
            person.username or person.full_name,
            roles=[standing] if standing else [],
            language=person.language_code or "",
            member=self._chats.lets_in(number, str(person.id), private=private),
        )

    def changed(self, chat: Chat, person: int) -> None:
        """What somebody is in a group is another thing now."""
        self._standing.pop((self._chats.number(chat.id), person), None)

    async def _stands(self, number: str, chat: int, person: int) -> str:
        """What somebody is in a group (`creator`, `administrator`, `member`), asked only where an
        owner has said what that means here."""
        mapped = self._saying.here.swarm.members.directory.mapped
        if not any(each.scope == f"{SURFACE}/{number}" for each in mapped):
            return ""
        now = asyncio.get_running_loop().time()
        at, known = self._standing.get((number, person), (0.0, ""))
        if known and now - at < BELIEVED:
            return known
        try:
            found = str((await self._lookups.member(str(chat), str(person))).status)
        except WaggleError as error:
            log.warning("what somebody is in %s cannot be asked: %s", number, error)
            return ""
        self._standing[number, person] = (now, found)
        while len(self._standing) > MOST:
            self._standing.popitem(last=False)
        return found
